//! `--limits idle=10m,frame=32768`: bounds and time-outs as people type them.

use gateway_core::Limits;
use gateway_core::time::parse_duration as duration;
use std::num::NonZero;
use std::str::FromStr;

const NAMES: &str = "idle, lifetime, integration, init, environment-idle, time-to-live-sweep (durations such as 500ms, 29s, 10m, 2h), \
                     frame, message, send-buffer (bytes), environments, crowd, waiting, connections, \
                     account-rate, account-burst, connects (numbers)";

/// AWS's limits, except for those that are named.
pub(crate) fn parse(text: &str) -> Result<Limits, String> {
    let mut limits = Limits { crowd: crowd(), ..Limits::default() };
    for setting in text.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
        let (name, value) =
            setting.split_once('=').ok_or_else(|| format!("`{setting}` is not NAME=VALUE"))?;
        match name {
            "idle" => limits.idle = duration(value)?,
            "lifetime" => limits.lifetime = duration(value)?,
            "integration" => limits.integration = duration(value)?,
            "init" => limits.init = duration(value)?,
            "environment-idle" => limits.environment_idle = duration(value)?,
            "time-to-live-sweep" => limits.time_to_live_sweep = duration(value)?,
            "frame" => limits.frame_bytes = number(value)?,
            "message" => limits.message_bytes = number(value)?,
            "send-buffer" => limits.send_buffer_bytes = number(value)?,
            "environments" => limits.environments_per_function = number(value)?,
            "crowd" => limits.crowd = number(value)?,
            "waiting" => limits.waiting_per_function = number(value)?,
            "account-rate" => limits.account_rate = number(value)?,
            "account-burst" => limits.account_burst = number(value)?,
            "connects" => limits.connects_per_second = number(value)?,
            "connections" => limits.connections = number(value)?,
            _ => return Err(format!("there is no limit `{name}`; the limits are {NAMES}")),
        }
    }
    Ok(limits)
}

/// With so many processes of a function at work, every processor has something to do and something
/// to go on with.
fn crowd() -> usize {
    2 * std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn number<N: FromStr + PartialOrd + From<u8>>(text: &str) -> Result<N, String> {
    match text.parse() {
        Ok(number) if number > N::from(0) => Ok(number),
        _ => Err(format!("`{text}` is not a number above 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn what_is_not_named_stays_as_on_aws() {
        let limits =
            parse("idle=90s, lifetime=1h,integration=250ms,environments=3,frame=100").unwrap();
        assert_eq!(limits.idle, Duration::from_secs(90));
        assert_eq!(limits.lifetime, Duration::from_secs(3600));
        assert_eq!(limits.integration, Duration::from_millis(250));
        assert_eq!((limits.environments_per_function, limits.frame_bytes), (3, 100));
        assert_eq!(limits.message_bytes, 128 * 1024);
        assert_eq!(parse("").unwrap().idle, Duration::from_secs(600));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in [
            "idle",
            "idle=",
            "idle=0s",
            "idle=10",
            "idle=1d",
            "idle=99999999999999999h",
            "frame=0",
            "frame=-1",
            "speed=3",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
