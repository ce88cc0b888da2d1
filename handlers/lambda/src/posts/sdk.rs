//! `@connections` by the SDK of its service.
//!
//! One SDK client per callback URL, kept for the life of the process: a new client costs five posts.
//! All of them share the connections of the function's other calls. No profile, metadata service or
//! endpoint variable is asked: a function has its keys in its environment, and the endpoint is the
//! callback URL.

mod connector;

use super::{ATTEMPT_TIMEOUT, ATTEMPTS, BACKOFF, delivery};
use crate::LambdaEnv;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::config::{Config, Region};
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_wire::{Credentials, Transport};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A stage has one callback URL, or one more for each custom domain; more than this is not met,
/// and would only mean that the oldest client is made anew.
const MAX_CLIENTS: usize = 8;

/// All attempts and what is between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(7);

/// The clients of this process, one for each callback URL.
#[derive(Debug)]
pub struct Clients {
    credentials: Credentials,
    region: Region,
    transport: Transport,
    /// Oldest first, at most [`MAX_CLIENTS`].
    by_url: Mutex<Vec<(CallbackUrl, Client)>>,
}

impl Clients {
    /// No client yet. What they send goes over `transport`.
    pub fn new(lambda: &LambdaEnv, transport: &Transport) -> Self {
        let region = Region::new(lambda.aws_region.clone());
        let (credentials, transport) = (lambda.credentials(), transport.clone());
        Self { credentials, region, transport, by_url: Mutex::default() }
    }

    /// Makes the client of `callback_url` ahead of its first use: before the first event a
    /// function has more of the processor than during it.
    pub fn warm(&self, callback_url: &CallbackUrl) {
        drop(self.client(callback_url));
    }

    fn client(&self, callback_url: &CallbackUrl) -> Client {
        // A panic elsewhere leaves the list as it was; there is nothing half-done in it.
        let mut by_url = self.by_url.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = by_url.iter().find(|(url, _)| url == callback_url) {
            return client.clone();
        }
        if by_url.len() == MAX_CLIENTS {
            by_url.remove(0);
        }
        let client = Client::from_conf(self.config(callback_url));
        by_url.push((callback_url.clone(), client.clone()));
        client
    }

    fn config(&self, callback_url: &CallbackUrl) -> Config {
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let retries =
            RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF);
        Config::builder()
            .endpoint_url(callback_url.as_str())
            .region(self.region.clone())
            .credentials_provider(self.credentials.clone())
            .timeout_config(timeouts)
            .retry_config(retries)
            .http_client(connector::client(&self.transport))
            .build()
    }
}

impl Sender for Clients {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        let post = self
            .client(callback_url)
            .post_to_connection()
            .connection_id(connection_id.as_str())
            .data(Blob::new(payload));
        match post.send().await {
            Ok(_) => Delivery::Sent,
            Err(e) => of_error(&e),
        }
    }
}

fn of_error(error: &SdkError<PostToConnectionError>) -> Delivery {
    let meta = error.as_service_error().map(PostToConnectionError::meta);
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(status) => {
            let (code, message) = (meta.and_then(|m| m.code()), meta.and_then(|m| m.message()));
            delivery::of_status(status, code, message)
        }
        // No answer: nobody knows whether the message arrived. A request that could not be made
        // never will be.
        None => {
            let retryable = !matches!(error, SdkError::ConstructionFailure(_));
            Delivery::Failed { why: aws_wire::chain(error), retryable }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_wire::{Limits, Roots};

    fn stage(name: &str) -> CallbackUrl {
        CallbackUrl::of_stage("127.0.0.1:1", name).unwrap()
    }

    /// Makes the clients of these stages in turn; the stages whose clients are kept.
    fn check(stages: impl IntoIterator<Item = usize>, expected: &str) {
        let clients = Clients {
            credentials: Credentials::from_keys("ASIAEXAMPLE", "a-secret-key", None),
            region: Region::new("us-east-1"),
            transport: Transport::new(&Roots::Bundled, Limits::default()),
            by_url: Mutex::default(),
        };
        for name in stages {
            clients.warm(&stage(&name.to_string()));
        }
        let by_url = clients.by_url.lock().unwrap();
        let kept = by_url.iter().map(|(url, _)| url.as_str().rsplit('/').next().unwrap());
        assert_eq!(kept.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn there_is_one_client_for_each_callback_url() {
        check([], "");
        check([1, 1, 2, 1, 2], "1 2");
    }

    #[test]
    fn the_oldest_client_makes_room() {
        check(0..10, "2 3 4 5 6 7 8 9");
    }
}
