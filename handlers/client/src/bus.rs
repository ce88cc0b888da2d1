//! Commands by event bus: sent when the bus has them, done soon after.

use crate::{Command, SendError};
use aws_wire::{Client, Operation, Service};
use herald_contract::command::DETAIL_TYPE;
use serde::{Deserialize, Serialize};

const PUT_EVENTS: Operation = Operation::once(Service::EVENTS, "PutEvents", "events:PutEvents");

/// Sends commands as events of type `herald.notification` to an event bus whose rule invokes
/// function `publish`. Nobody answers; what cannot be done is in its log and, after some attempts,
/// in the queue of what was given up.
///
/// ```
/// use herald_client::{Command, EventBus, Publish, Target};
///
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/stand_in.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let answer = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e-1"}]}"#;
/// # let client = StandIn::answering(200, &[], answer).client();
/// let bus = EventBus::new(client, "com.example.billing");
/// let news = Publish::new(Target::Topic("news".parse()?), "Prices have changed");
/// let event_id = bus.send(&Command::Publish(news)).await?;
/// # assert_eq!(event_id, "e-1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EventBus {
    client: Client,
    source: String,
    bus: String,
}

impl EventBus {
    /// The default bus of the account, to which the rule of the stack listens. `source` is who you
    /// are, for example `com.example.billing`; what begins with `aws.` is refused.
    pub fn new(client: Client, source: impl Into<String>) -> Self {
        Self { client, source: source.into(), bus: "default".to_owned() }
    }

    /// Another bus, by name or ARN: one that hands its events on.
    #[must_use]
    pub fn on(self, bus: impl Into<String>) -> Self {
        Self { bus: bus.into(), ..self }
    }

    /// Puts a command on the bus; gives the ID of its event. Buses deliver at least once, so a
    /// command without an idempotency key may be done twice.
    ///
    /// # Errors
    /// Where the bus does not take it, or nobody knows.
    pub async fn send(&self, command: &Command) -> Result<String, SendError> {
        let what = || format!("event bus `{}`", self.bus);
        let detail =
            serde_json::to_string(command).map_err(|e| SendError::Command(e.to_string()))?;
        let entry = Entry {
            source: &self.source,
            detail_type: DETAIL_TYPE,
            detail,
            event_bus_name: &self.bus,
        };
        let answer = self.client.json(&PUT_EVENTS, &PutEvents { entries: [entry] }).await;
        let Put { entries } = answer.map_err(|error| SendError::Call { what: what(), error })?;
        match entries.into_iter().next() {
            Some(PutEntry { event_id: Some(id), .. }) => Ok(id),
            Some(PutEntry { error_code: Some(code), error_message, .. }) => {
                // `InternalFailure` and `ThrottlingException` pass; the rest is said of the event.
                let passes = matches!(code.as_str(), "InternalFailure" | "ThrottlingException");
                let code = if passes { "unavailable" } else { "badRequest" }.to_owned();
                let why = error_message.unwrap_or_else(|| code.clone());
                Err(SendError::Refused { code, message: format!("{}: {why}", what()) })
            }
            _ => Err(SendError::Answer { what: what(), why: "it lists no event".to_owned() }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents<'a> {
    entries: [Entry<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry<'a> {
    source: &'a str,
    detail_type: &'a str,
    detail: String,
    event_bus_name: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    #[serde(default)]
    entries: Vec<PutEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEntry {
    event_id: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}
