//! The queue of what was given up.

use super::failed;
use aws_wire::{Client, Operation, Service};
use herald_core::ports::{DeadLetter, DeadLetters, PortError};
use serde_json::{Value, json};

/// People read the letters; one that is there twice harms nobody.
const SEND: Operation = Operation::idempotent(Service::SQS, "SendMessage", "sqs:SendMessage");

/// A queue of SQS.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue with this URL.
    pub fn new(client: &Client, url: String) -> Self {
        Self { client: client.clone(), url }
    }
}

impl DeadLetters for Queue {
    async fn put(&self, letter: &DeadLetter) -> Result<(), PortError> {
        let what = || format!("put job {} into the queue of what was given up", letter.job_id);
        let body = serde_json::to_string(letter).map_err(|e| PortError {
            what: what(),
            why: e.to_string(),
            retryable: false,
        })?;
        let request = json!({ "QueueUrl": self.url, "MessageBody": body });
        let sent: Result<Value, _> = self.client.json(&SEND, &request).await;
        sent.map(|_| ()).map_err(|e| failed(what(), &e))
    }
}
