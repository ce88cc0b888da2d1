//! Time and faults in the hands of a test or a person: what can be asked for, and how it is written.
//!
//! A command is JSON, such as `{"do": "refuseConnect", "count": 2, "status": 503}`. A fault that was
//! asked for and has not happened yet is told in the same words, so a list of faults can be sent
//! again. Which part a fault befalls, [`crate::cloud`] knows; each part keeps its own.

use crate::http::Reply;
use crate::time::{parse_duration, show_duration};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

/// The furthest that time is moved at once: longer than anything here lasts.
const ADVANCE_MAX: Duration = Duration::from_secs(31 * 24 * 3600);
const ONE: NonZeroU32 = NonZeroU32::MIN;

/// Something to do at once, or to go wrong later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// Nothing: only the answer is wanted, which lists the faults.
    List,
    /// Takes back every fault that has not happened yet.
    Clear,
    /// Moves the clock: the shell has moved its own when the core gets this. Everything that is due
    /// happens at once, and signers keep the real time.
    Advance {
        #[serde(with = "span")]
        by: Duration,
    },
    /// Cuts a connection without a close frame.
    Drop { connection: String },
    /// `$disconnect` does not run: for this connection, or for the next ones that end.
    LoseDisconnect {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connection: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<NonZeroU32>,
    },
    /// The next upgrades are refused before anything is asked.
    RefuseConnect {
        #[serde(default = "one")]
        count: NonZeroU32,
        #[serde(default = "unavailable")]
        status: u16,
    },
    /// The next upgrades, messages and calls of `@connections` are throttled: so many, or for so long.
    Throttle {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<NonZeroU32>,
        #[serde(
            default,
            rename = "for",
            with = "maybe_span",
            skip_serializing_if = "Option::is_none"
        )]
        duration: Option<Duration>,
    },
    /// The next post to a connection is answered 410, though it is open.
    Gone { connection: String },
    /// A connection counts as one whose client takes nothing in, until it is released.
    Slow { connection: String },
    /// Ends what `slow` began.
    Release { connection: String },
    /// The next batch of an event source mapping that succeeds is delivered once more.
    DuplicateBatch {
        mapping: String,
        #[serde(default = "one")]
        count: NonZeroU32,
    },
    /// The next batch of an event source mapping waits.
    DelayBatch {
        mapping: String,
        #[serde(with = "span")]
        by: Duration,
    },
    /// The process that handles an event of this function ends; if none does, the one that gets the
    /// next.
    KillEnvironment { function: String },
    /// The same, by the function's time-out.
    TimeOut { function: String },
}

fn one() -> NonZeroU32 {
    ONE
}

fn unavailable() -> u16 {
    503
}

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// What is wrong with it, in words for its author.
    ///
    /// ```
    /// use gateway_core::control::Command;
    /// use std::time::Duration;
    ///
    /// let command = Command::parse(br#"{"do": "advance", "by": "10m"}"#)?;
    /// assert_eq!(command, Command::Advance { by: Duration::from_secs(600) });
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let command: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match &command {
            Self::Advance { by } if *by > ADVANCE_MAX => {
                Err(format!("by is more than {}", show_duration(ADVANCE_MAX)))
            }
            Self::RefuseConnect { status, .. } if !(400..600).contains(status) => {
                Err(format!("status {status} refuses nobody; give one from 400 to 599"))
            }
            Self::LoseDisconnect { connection: Some(_), count: Some(_) } => {
                Err("give either connection or count".into())
            }
            Self::Throttle { count: Some(_), duration: Some(_) } => {
                Err("give either count or for".into())
            }
            _ => Ok(command),
        }
    }
}

/// As it is written.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// Why a command cannot be carried out: there is no such thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotFound(pub(crate) String);

/// The answer to what is not a command.
pub fn malformed(why: &str) -> Reply {
    reply(400, &json!({ "message": format!("not a command: {why}") }))
}

pub(crate) fn not_found(why: &NotFound) -> Reply {
    reply(404, &json!({ "message": why.0 }))
}

/// `metrics` are told to who asks for a list only.
pub(crate) fn done(
    time: String,
    ahead: Duration,
    faults: &[Command],
    metrics: Option<Value>,
) -> Reply {
    let mut told = json!({ "time": time, "advanced": show_duration(ahead), "faults": faults });
    if let Some(metrics) = metrics {
        told["metrics"] = metrics;
    }
    reply(200, &told)
}

fn reply(status: u16, body: &Value) -> Reply {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Reply { status, headers, body: body.to_string().into() }
}

/// Durations as people write them: `10m`.
mod span {
    use super::{Duration, parse_duration, show_duration};
    use serde::de::{Deserialize as _, Deserializer, Error as _};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&show_duration(*span))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        parse_duration(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

mod maybe_span {
    use super::{Duration, span};
    use serde::de::Deserializer;
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(s: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        match s {
            Some(s) => span::serialize(s, to),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D>(from: D) -> Result<Option<Duration>, D::Error>
    where
        D: Deserializer<'de>,
    {
        span::deserialize(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::Command;
    use expect_test::{Expect, expect};

    /// Reads a command and writes it again; what was left out is filled in.
    #[track_caller]
    fn check(json: &str, expected: Expect) {
        expected.assert_eq(&match Command::parse(json.as_bytes()) {
            Ok(command) => command.to_string(),
            Err(why) => format!("error: {why}"),
        });
    }

    #[test]
    fn commands_are_written_as_they_are_read() {
        for json in [
            r#"{"do":"list"}"#,
            r#"{"do":"advance","by":"10m"}"#,
            r#"{"do":"drop","connection":"x"}"#,
            r#"{"do":"loseDisconnect","count":2}"#,
            r#"{"do":"loseDisconnect","connection":"x"}"#,
            r#"{"do":"throttle","for":"1500ms"}"#,
            r#"{"do":"delayBatch","mapping":"m","by":"2h"}"#,
            r#"{"do":"timeOut","function":"f"}"#,
        ] {
            let command = Command::parse(json.as_bytes()).unwrap();
            assert_eq!(command.to_string(), json);
        }
    }

    #[test]
    fn what_is_left_out_is_once_and_503() {
        check(
            r#"{"do":"refuseConnect"}"#,
            expect![[r#"{"do":"refuseConnect","count":1,"status":503}"#]],
        );
        check(
            r#"{"do":"duplicateBatch","mapping":"m"}"#,
            expect![[r#"{"do":"duplicateBatch","mapping":"m","count":1}"#]],
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        check("", expect!["error: EOF while parsing a value at line 1 column 0"]);
        check("{}", expect!["error: missing field `do` at line 1 column 2"]);
        check(
            r#"{"do":"explode"}"#,
            expect![
                "error: unknown variant `explode`, expected one of `list`, `clear`, `advance`, `drop`, `loseDisconnect`, `refuseConnect`, `throttle`, `gone`, `slow`, `release`, `duplicateBatch`, `delayBatch`, `killEnvironment`, `timeOut` at line 1 column 15"
            ],
        );
        check(r#"{"do":"drop"}"#, expect!["error: missing field `connection`"]);
        check(
            r#"{"do":"drop","conection":"x"}"#,
            expect!["error: unknown field `conection`, expected `connection`"],
        );
        check(
            r#"{"do":"advance","by":"10 minutes"}"#,
            expect!["error: `10 minutes` is not a duration such as 500ms, 29s, 10m or 2h"],
        );
        check(
            r#"{"do":"advance","by":600}"#,
            expect!["error: invalid type: integer `600`, expected a string"],
        );
        check(r#"{"do":"advance","by":"1000h"}"#, expect!["error: by is more than 744h"]);
        check(
            r#"{"do":"refuseConnect","status":200}"#,
            expect!["error: status 200 refuses nobody; give one from 400 to 599"],
        );
        check(
            r#"{"do":"refuseConnect","count":0}"#,
            expect!["error: invalid value: integer `0`, expected a nonzero u32"],
        );
        check(
            r#"{"do":"loseDisconnect","count":1,"connection":"x"}"#,
            expect!["error: give either connection or count"],
        );
        check(
            r#"{"do":"throttle","count":1,"for":"1s"}"#,
            expect!["error: give either count or for"],
        );
    }
}
