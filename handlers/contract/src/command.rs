//! What back ends ask of function `publish`, by invoking it or through an event bus.
//!
//! Unlike messages of clients, a command with a key that nobody knows is refused: whoever writes a
//! back end wants to be told of a slip of the pen.

use crate::wire::{JobState, Level, Seq};
use crate::{BroadcastId, Device, IdempotencyKey, JobId, Millis, Topic, TraceParent, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The `detail-type` of events that are for `publish`, on the default bus; `detail` is a command.
pub const DETAIL_TYPE: &str = "herald.notification";

/// A command. `op` is the variant; without it, it is [`Self::Publish`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "camelCase")]
pub enum Command {
    /// Notifies a user, the members of a topic, or everyone.
    Publish(Publish),
    /// Submits a job for a user.
    #[serde(rename = "job.submit")]
    SubmitJob(SubmitJob),
    /// Asks for the end of a job.
    #[serde(rename = "job.cancel")]
    CancelJob(CancelJob),
    /// Closes every connection of a user.
    SignOut(OfUser),
    /// Asks whether a user is there.
    Presence(OfUser),
}

/// See [`Command::Publish`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publish {
    /// Who is told.
    pub to: Target,
    /// How loud.
    #[serde(default)]
    pub level: Level,
    /// One line.
    pub title: String,
    /// The rest.
    #[serde(default)]
    pub body: String,
    /// What makes the same command twice one notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<IdempotencyKey>,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
}

/// Who is told: `{"user": "ada"}`, `{"topic": "news"}` or `"everyone"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// One user, on all devices, now or later.
    User(UserId),
    /// Those who have joined a topic.
    Topic(Topic),
    /// Every connection.
    Everyone,
}

/// See [`Command::SubmitJob`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitJob {
    /// Whose job it is, and who is told of its end.
    pub user: UserId,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub input: Value,
    /// What makes the same command twice one job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<IdempotencyKey>,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
}

/// See [`Command::CancelJob`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelJob {
    /// Whose job it is.
    pub user: UserId,
    /// Which.
    pub job_id: JobId,
}

/// A command that needs to know the user and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfUser {
    /// Which.
    pub user: UserId,
}

impl Publish {
    /// One line, good to know, and nothing else.
    pub fn new(to: Target, title: impl Into<String>) -> Self {
        let (level, body) = (Level::default(), String::new());
        Self { to, level, title: title.into(), body, idempotency_key: None, traceparent: None }
    }
}

impl SubmitJob {
    /// A job of its own each time it is asked for.
    pub fn new(user: UserId, kind: impl Into<String>, input: Value) -> Self {
        Self { user, kind: kind.into(), input, idempotency_key: None, traceparent: None }
    }
}

impl Command {
    /// Reads a command, or an event of an event bus with a command as its `detail`.
    ///
    /// # Errors
    /// What is wrong with it, in words for whoever wrote it.
    pub fn parse(value: Value) -> Result<Self, CommandError> {
        let Value::Object(mut object) = value else {
            return Err(CommandError::NoObject);
        };
        if object.contains_key("detail-type")
            && let Some(detail) = object.remove("detail")
        {
            return Self::parse(detail);
        }
        let op = match object.remove("op") {
            None => "publish".to_owned(),
            Some(Value::String(op)) => op,
            Some(_) => return Err(CommandError::NoOp),
        };
        let rest = Value::Object(object);
        let parsed = match op.as_str() {
            "publish" => serde_json::from_value(rest).map(Self::Publish),
            "job.submit" => serde_json::from_value(rest).map(Self::SubmitJob),
            "job.cancel" => serde_json::from_value(rest).map(Self::CancelJob),
            "signOut" => serde_json::from_value(rest).map(Self::SignOut),
            "presence" => serde_json::from_value(rest).map(Self::Presence),
            _ => return Err(CommandError::UnknownOp { op: op.chars().take(64).collect() }),
        };
        parsed.map_err(|e| CommandError::Shape {
            op,
            message: e.to_string().chars().take(200).collect(),
        })
    }
}

/// Why something is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// It has no keys.
    #[error("a command is a JSON object, for example {EXAMPLE}")]
    NoObject,
    /// `op` is no text.
    #[error("`op` is the name of a command: publish, job.submit, job.cancel, signOut or presence")]
    NoOp,
    /// `op` names nothing.
    #[error(
        "there is no command `{op}`; there is publish, job.submit, job.cancel, signOut and presence"
    )]
    UnknownOp {
        /// What it names.
        op: String,
    },
    /// A key is missing, unknown, or its value of another kind.
    #[error("`{op}`: {message}")]
    Shape {
        /// Which command.
        op: String,
        /// What is wrong.
        message: String,
    },
}

const EXAMPLE: &str = r#"{"to":{"user":"ada"},"title":"Hello"}"#;

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// The notification is in the user's inbox and will be pushed.
    Notified {
        /// Where in it.
        seq: Seq,
        /// Whether the same command had put it there before.
        repeated: bool,
    },
    /// The notification is kept for the topic and will be pushed.
    Broadcast {
        /// What it is called.
        id: BroadcastId,
        /// Whether the same command had put it there before.
        repeated: bool,
    },
    /// How the job stands.
    Job {
        /// Which.
        job_id: JobId,
        /// Where it is.
        state: JobState,
    },
    /// Connections were closed.
    SignedOut {
        /// How many.
        connections: usize,
    },
    /// Who is there.
    Presence {
        /// Each connection; nobody is there where there is none.
        devices: Vec<Presence>,
    },
}

/// One connection of a user, as others may know it: by its ID it could be aimed at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// Which browser, where it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Since when.
    pub connected_at: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(json: &str, want: Expect) {
        let text = match Command::parse(serde_json::from_str(json).unwrap()) {
            Ok(command) => serde_json::to_string(&command).unwrap(),
            Err(e) => format!("error: {e}"),
        };
        want.assert_eq(&text);
    }

    #[test]
    fn without_an_op_it_is_a_notification() {
        check(
            r#"{"to":{"user":"ada"},"title":"Hello"}"#,
            expect![[
                r#"{"op":"publish","to":{"user":"ada"},"level":"info","title":"Hello","body":""}"#
            ]],
        );
        check(
            r#"{"op":"publish","to":"everyone","level":"error","title":"Down","idempotencyKey":"k"}"#,
            expect![[
                r#"{"op":"publish","to":"everyone","level":"error","title":"Down","body":"","idempotencyKey":"k"}"#
            ]],
        );
    }

    #[test]
    fn an_event_bus_has_it_as_its_detail() {
        check(
            r#"{"version":"0","detail-type":"Notify","detail":{"to":{"topic":"news"},"title":"Hi"}}"#,
            expect![[
                r#"{"op":"publish","to":{"topic":"news"},"level":"info","title":"Hi","body":""}"#
            ]],
        );
    }

    #[test]
    fn the_other_commands_say_so() {
        check(
            r#"{"op":"job.submit","user":"ada","kind":"report.csv","input":{}}"#,
            expect![[r#"{"op":"job.submit","user":"ada","kind":"report.csv","input":{}}"#]],
        );
        check(
            r#"{"op":"job.cancel","user":"ada","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#,
            expect![[r#"{"op":"job.cancel","user":"ada","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#]],
        );
        check(r#"{"op":"signOut","user":"ada"}"#, expect![[r#"{"op":"signOut","user":"ada"}"#]]);
        check(r#"{"op":"presence","user":"ada"}"#, expect![[r#"{"op":"presence","user":"ada"}"#]]);
    }

    #[test]
    fn a_slip_of_the_pen_is_refused() {
        check(
            r#"{"to":{"user":"ada"},"titel":"Hello"}"#,
            expect![
                "error: `publish`: unknown field `titel`, expected one of `to`, `level`, `title`, `body`, `idempotencyKey`, `traceparent`"
            ],
        );
        check(
            r#"{"op":"notify"}"#,
            expect![
                "error: there is no command `notify`; there is publish, job.submit, job.cancel, signOut and presence"
            ],
        );
        check(
            r#"{"op":1}"#,
            expect![
                "error: `op` is the name of a command: publish, job.submit, job.cancel, signOut or presence"
            ],
        );
        check(
            "[]",
            expect![[
                r#"error: a command is a JSON object, for example {"to":{"user":"ada"},"title":"Hello"}"#
            ]],
        );
    }

    #[test]
    fn an_answer_says_what_is_done() {
        let answer = Answer::Presence {
            devices: vec![Presence {
                device: Some("tab-1".parse().unwrap()),
                connected_at: Millis::new(5),
            }],
        };
        expect![[r#"{"done":"presence","devices":[{"device":"tab-1","connectedAt":5}]}"#]]
            .assert_eq(&serde_json::to_string(&answer).unwrap());
        let answer = Answer::Notified { seq: 7.try_into().unwrap(), repeated: false };
        expect![[r#"{"done":"notified","seq":7,"repeated":false}"#]]
            .assert_eq(&serde_json::to_string(&answer).unwrap());
    }
}
