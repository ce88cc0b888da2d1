//! `@connections` of API Gateway as the port of `herald-core`.
//!
//! One SDK client per callback URL, kept for the life of the process: a new client costs a new
//! connection and with it a TLS handshake. No profile, metadata service or endpoint variable is
//! asked: a function has its keys in its environment, and the endpoint is the callback URL.

mod delivery;

use crate::LambdaEnv;
use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::config::{Config, Region, SharedHttpClient};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A stage has one callback URL, or one more for each custom domain; more than this is not met,
/// and would only mean that the oldest client is made anew.
const MAX_CLIENTS: usize = 8;

/// The same region answers in milliseconds. Two attempts end well before the 29 s after which the
/// gateway gives up, and before the 10 s that a function has by default.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(7);

/// One retry, soon: idle sockets do not survive the time an environment is frozen.
const ATTEMPTS: u32 = 2;
const BACKOFF: Duration = Duration::from_millis(50);

/// As whom requests are signed, and for which region.
#[derive(Clone, Debug)]
pub struct Identity {
    credentials: Credentials,
    region: Region,
}

impl From<LambdaEnv> for Identity {
    fn from(env: LambdaEnv) -> Self {
        Self {
            credentials: Credentials::from_keys(
                env.aws_access_key_id,
                env.aws_secret_access_key,
                env.aws_session_token,
            ),
            region: Region::new(env.aws_region),
        }
    }
}

/// The clients of this process, one for each callback URL.
#[derive(Debug)]
pub struct Clients {
    identity: Identity,
    /// Oldest first, at most [`MAX_CLIENTS`].
    by_url: Mutex<Vec<(CallbackUrl, Client)>>,
}

impl Clients {
    /// No client yet.
    pub fn new(identity: Identity) -> Self {
        Self { identity, by_url: Mutex::default() }
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
        let client = Client::from_conf(config(&self.identity, callback_url));
        by_url.push((callback_url.clone(), client.clone()));
        client
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
            Err(e) => delivery::of_error(&e),
        }
    }
}

fn config(identity: &Identity, callback_url: &CallbackUrl) -> Config {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(BACKOFF);
    Config::builder()
        .endpoint_url(callback_url.as_str())
        .region(identity.region.clone())
        .credentials_provider(identity.credentials.clone())
        .timeout_config(timeouts)
        .retry_config(retries)
        .http_client(http_client(callback_url))
        .build()
}

/// The roots of the system are read for https only: it takes longer than all the rest of a start,
/// and a machine that talks to itself may have none.
fn http_client(callback_url: &CallbackUrl) -> SharedHttpClient {
    let roots = if callback_url.is_https() { TrustStore::default() } else { TrustStore::empty() };
    let builder = Builder::new().tls_provider(Provider::rustls(CryptoMode::Ring));
    match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(name: &str) -> CallbackUrl {
        CallbackUrl::of_stage("127.0.0.1:1", name).unwrap()
    }

    /// Makes the clients of these stages in turn; the stages whose clients are kept.
    fn check(stages: impl IntoIterator<Item = usize>, expected: &str) {
        let clients = Clients::new(Identity {
            credentials: Credentials::from_keys("ASIAEXAMPLE", "a-secret-key", None),
            region: Region::new("us-east-1"),
        });
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
