//! `@connections` without an SDK.

use super::{ATTEMPT_TIMEOUT, ATTEMPTS, BACKOFF, delivery};
use aws_wire::{CallError, Client, Limits, Method, Operation, Request, Retries, Service};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::ports::{Closer, PortError};
use herald_core::{Delivery, Sender};
use std::time::Duration;

const ACTION: &str = "execute-api:ManageConnections";
/// A message may arrive twice: clients drop repeats.
const POST: Operation = Operation::idempotent(Service::CONNECTIONS, "PostToConnection", ACTION);
const DELETE: Operation = Operation::idempotent(Service::CONNECTIONS, "DeleteConnection", ACTION);

/// An answer has nothing in it but, now and then, an error.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The connections of every stage whose callback URL is known.
#[derive(Clone, Debug)]
pub struct Connections(Client);

impl Connections {
    /// Signs as `client` does, over its sockets.
    pub fn new(client: &Client) -> Self {
        let limits = Limits {
            connect: Duration::from_secs(2),
            attempt: ATTEMPT_TIMEOUT,
            body: ANSWER_BYTES_MAX,
        };
        let retries = Retries { attempts: ATTEMPTS, pause: BACKOFF, pause_max: BACKOFF };
        Self(client.with(limits, retries))
    }

    async fn ask(
        &self,
        operation: &Operation,
        method: Method,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Result<(), CallError> {
        // An id holds `=` and is one segment, whatever else it may hold.
        let path = format!("/@connections/{}", aws_wire::segment(connection_id.as_str()));
        let request = Request {
            headers: vec![("content-type", "application/octet-stream".to_owned())],
            body: payload.into(),
            ..Request::new(method, path)
        };
        self.0.call_at(operation, callback_url.as_str(), request).await.map(|_| ())
    }
}

impl Sender for Connections {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        match self.ask(&POST, Method::POST, callback_url, connection_id, payload).await {
            Ok(()) => Delivery::Sent,
            Err(CallError::Service { status, code, message, .. }) => {
                delivery::of_status(status, Some(&code), Some(&message))
            }
            Err(e) => Delivery::Failed { why: e.to_string(), retryable: e.is_retryable() },
        }
    }
}

impl Closer for Connections {
    async fn close(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
    ) -> Result<(), PortError> {
        let closed =
            self.ask(&DELETE, Method::DELETE, callback_url, connection_id, String::new()).await;
        let error = match closed {
            Ok(()) => return Ok(()),
            Err(e) if e.status() == Some(410) => return Ok(()),
            Err(e) => e,
        };
        let why = match &error {
            CallError::Service { status, code, message, .. } => {
                delivery::refusal(*status, Some(code), Some(message))
            }
            other => other.to_string(),
        };
        let retryable = error.is_retryable();
        Err(PortError { what: format!("close connection {connection_id}"), why, retryable })
    }
}
