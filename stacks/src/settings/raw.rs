//! A stage as it is written, its defaults, and the ranges it is held to.

use super::{Architecture, Deployment, Domain, Jwt, Stage, Throttle, Worker};
use herald_contract::CallbackUrl;
use herald_contract::functions::AuthMode;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) stages: BTreeMap<String, RawStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    region: String,
    #[serde(default)]
    architecture: Architecture,
    #[serde(default = "defaults::memory_mb")]
    memory_mb: u32,
    #[serde(default = "defaults::timeout_seconds")]
    timeout_seconds: u32,
    #[serde(default)]
    worker: Worker,
    #[serde(default)]
    sender_concurrency: Option<u32>,
    #[serde(default = "defaults::log_retention_days")]
    log_retention_days: u32,
    #[serde(default = "defaults::throttle")]
    throttle: Throttle,
    #[serde(default)]
    deployment: Deployment,
    #[serde(default)]
    callback_url: Option<String>,
    #[serde(default)]
    domain: Option<Domain>,
    #[serde(default)]
    auth: AuthMode,
    #[serde(default)]
    allowed_origins: Vec<String>,
    #[serde(default)]
    jwt: Option<Jwt>,
    #[serde(default = "defaults::yes")]
    retain_data: bool,
    #[serde(default = "defaults::yes")]
    tracing: bool,
    #[serde(default = "defaults::yes")]
    metrics: bool,
    #[serde(default = "defaults::yes")]
    alarms: bool,
    #[serde(default)]
    alarm_topic: Option<String>,
}

mod defaults {
    pub(super) fn memory_mb() -> u32 {
        128
    }
    pub(super) fn timeout_seconds() -> u32 {
        10
    }
    pub(super) fn log_retention_days() -> u32 {
        30
    }
    pub(super) fn throttle() -> super::Throttle {
        super::Throttle { rate: 100.0, burst: 200 }
    }
    pub(super) fn yes() -> bool {
        true
    }
}

impl Default for Worker {
    fn default() -> Self {
        Self { memory_mb: 512, timeout_seconds: 300 }
    }
}

/// The retention times CloudWatch Logs accepts, in days (API reference, `PutRetentionPolicy`).
const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The longest text of all origins: environment variables have 4 KB together.
const ORIGINS_BYTES_MAX: usize = 2048;

/// The longest issuer, audience or URL, for the same reason.
const JWT_BYTES_MAX: usize = 256;

impl RawStage {
    pub(super) fn check(self, name: &str) -> Result<Stage, String> {
        let at = |key: &str| format!("stages.{name}.{key}");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(format!(
                "stages.{name}: a stage name is 1 to 64 letters, digits, `_` or `-`, since it is the path of the API's URL"
            ));
        }
        within(&at("memory_mb"), self.memory_mb, 128, 10240, "MB")?;
        within(&at("timeout_seconds"), self.timeout_seconds, 1, 29, "seconds")?;
        within(&at("worker.memory_mb"), self.worker.memory_mb, 128, 10240, "MB")?;
        // A worker stops two seconds before its end; below ten there is no job to speak of.
        within(&at("worker.timeout_seconds"), self.worker.timeout_seconds, 10, 900, "seconds")?;
        if let Some(executions) = self.sender_concurrency {
            let unit = "executions; leave it out for no limit";
            within(&at("sender_concurrency"), executions, 1, 1000, unit)?;
        }
        retention(&at("log_retention_days"), self.log_retention_days)?;
        if !(self.throttle.rate.is_finite() && self.throttle.rate > 0.0) || self.throttle.burst == 0
        {
            return Err(format!(
                "{}: rate and burst must be more than 0, or the stage answers 429 to everything",
                at("throttle")
            ));
        }
        if !is_region(&self.region) {
            return Err(format!(
                "{} is `{}`; write a Region such as eu-central-1",
                at("region"),
                self.region
            ));
        }
        let callback_url = match (self.callback_url.as_deref(), &self.domain) {
            (None, None) => None,
            (Some(url), None) => Some(
                url.parse::<CallbackUrl>().map_err(|e| format!("{}: {e}", at("callback_url")))?,
            ),
            (None, Some(domain)) => Some(domain.check(&at("domain"), &self.region)?),
            (Some(_), Some(_)) => {
                return Err(format!(
                    "{} stands beside `domain`, from which it follows; leave it out",
                    at("callback_url")
                ));
            }
        };
        origins(&at("allowed_origins"), &self.allowed_origins)?;
        jwt(&at("jwt"), self.auth, self.jwt.as_ref())?;
        alarm_topic(&at("alarm_topic"), self.alarms, self.alarm_topic.as_deref())?;
        Ok(Stage {
            name: name.to_owned(),
            region: self.region,
            architecture: self.architecture,
            memory_mb: self.memory_mb,
            timeout_seconds: self.timeout_seconds,
            worker: self.worker,
            sender_concurrency: self.sender_concurrency,
            log_retention_days: self.log_retention_days,
            throttle: self.throttle,
            deployment: self.deployment,
            callback_url,
            domain: self.domain,
            auth: self.auth,
            allowed_origins: self.allowed_origins,
            jwt: self.jwt,
            retain_data: self.retain_data,
            tracing: self.tracing,
            metrics: self.metrics,
            alarms: self.alarms,
            alarm_topic: self.alarm_topic,
        })
    }
}

fn within(at: &str, value: u32, least: u32, most: u32, unit: &str) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("{at} is {value}; it goes from {least} to {most} {unit}"))
}

fn retention(at: &str, days: u32) -> Result<(), String> {
    if RETENTION_DAYS.contains(&days) {
        return Ok(());
    }
    let nearest = RETENTION_DAYS.iter().min_by_key(|d| d.abs_diff(days)).copied().unwrap_or(30);
    Err(format!(
        "{at} is {days}, which CloudWatch Logs does not accept; the nearest it does is {nearest}"
    ))
}

/// `us-east-1`, `us-gov-west-1`: words and a number, joined by `-`.
fn is_region(text: &str) -> bool {
    let mut parts: Vec<_> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    parts.len() >= 2
        && number.parse::<u8>().is_ok()
        && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase()))
}

/// Scheme and host, as the header `Origin` has them: no path, and no wildcard, which would let in
/// whoever gets hold of any name below.
fn origins(at: &str, origins: &[String]) -> Result<(), String> {
    let is_origin = |origin: &&String| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|h| !h.is_empty() && h.chars().all(|c| c.is_ascii_graphic()))
            && !origin.replacen("://", "", 1).contains(['/', '?', '#', '@', '*', ',', '\\'])
    };
    if let Some(wrong) = origins.iter().find(|origin| !is_origin(origin)) {
        return Err(format!(
            "{at}: `{wrong}` is no origin; write for example https://app.example.com, without a path"
        ));
    }
    let bytes: usize = origins.iter().map(|origin| origin.len() + 1).sum();
    if bytes > ORIGINS_BYTES_MAX {
        return Err(format!(
            "{at} has {bytes} bytes; the most is {ORIGINS_BYTES_MAX}, since the variables of a function have 4 KB together"
        ));
    }
    Ok(())
}

/// Tokens and what says how to read them come together or not at all.
fn jwt(at: &str, auth: AuthMode, jwt: Option<&Jwt>) -> Result<(), String> {
    let jwt = match (auth, jwt) {
        (AuthMode::Jwt, None) => {
            return Err(format!(
                "{at} is missing, and `auth: jwt` cannot do without; add jwt: {{issuer: …, audience: …, jwks_url: …}}"
            ));
        }
        (AuthMode::None | AuthMode::Ticket, Some(_)) => {
            let mode = if auth == AuthMode::None { "none" } else { "ticket" };
            return Err(format!(
                "{at} stands beside `auth: {mode}`, which takes no tokens; write `auth: jwt` or `auth: optional`, or leave it out"
            ));
        }
        (_, None) => return Ok(()),
        (_, Some(jwt)) => jwt,
    };
    let is_https = jwt.jwks_url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    if !is_https || jwt.jwks_url.contains(char::is_whitespace) {
        return Err(format!(
            "{at}.jwks_url is `{}`; write the https URL of the issuer's JSON Web Key Set",
            jwt.jwks_url
        ));
    }
    let texts = [("issuer", &jwt.issuer), ("audience", &jwt.audience), ("jwks_url", &jwt.jwks_url)];
    for (key, text) in texts {
        let length = text.len();
        if length == 0 || length > JWT_BYTES_MAX {
            return Err(format!(
                "{at}.{key} has {length} characters; it goes from 1 to {JWT_BYTES_MAX}"
            ));
        }
    }
    Ok(())
}

fn alarm_topic(at: &str, alarms: bool, topic: Option<&str>) -> Result<(), String> {
    let Some(topic) = topic else { return Ok(()) };
    if !alarms {
        return Err(format!("{at} stands beside `alarms: false`; leave one of the two out"));
    }
    let parts: Vec<_> = topic.split(':').collect();
    match parts[..] {
        ["arn", _, "sns", _, _, name] if !name.is_empty() => Ok(()),
        _ => Err(format!(
            "{at} is `{topic}`; write the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME"
        )),
    }
}
