//! An invocation of `authorizer`.
//!
//! Its answer is what API Gateway documents for a Lambda authorizer: a policy that allows with the
//! context of later events, a policy that denies (403), the error `Unauthorized` (401), or any other
//! error (500).

mod answer;
mod settings;

pub use answer::Answer;
pub use settings::{SettingError, policy};

use crate::Failure;
use crate::log::user_hash;
use crate::trace::traceparent;
use crate::upgrade::UpgradeHeaders;
use herald_contract::ConnectionId;
use herald_core::auth::KeyCache;
use herald_core::authorizer::{self, Policy, Upgrade, authorize};
use herald_core::ports::{Clock, KeySource, VerifySignature};
use herald_core::table::Table;
use lambda_runtime::LambdaEvent;
use serde::Deserialize;

/// Says who may connect.
#[derive(Debug)]
pub struct Authorizer<T, K, V, C> {
    /// The table, for tickets that were used.
    pub table: T,
    /// What the stage asks for.
    pub policy: Policy,
    /// The issuer's keys as far as they are known.
    pub keys: KeyCache,
    /// Where they are fetched.
    pub source: K,
    /// Who checks signatures.
    pub verifier: V,
    /// Time.
    pub clock: C,
}

/// The event of a REQUEST authorizer. It holds credentials, hence no `Debug`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerEvent {
    method_arn: String,
    request_context: Context,
    #[serde(default)]
    headers: UpgradeHeaders,
    query_string_parameters: Option<Query>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    connection_id: ConnectionId,
    request_id: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Query {
    ticket: Option<String>,
}

impl<T: Table, K: KeySource, V: VerifySignature, C: Clock> Authorizer<T, K, V, C> {
    /// Judges one upgrade.
    ///
    /// # Errors
    /// Where there are no credentials, or nobody can say whether they hold.
    pub async fn handle(&self, event: LambdaEvent<AuthorizerEvent>) -> Result<Answer, Failure> {
        let LambdaEvent { payload: event, context } = event;
        let authorizer = authorizer::Authorizer {
            table: &self.table,
            policy: &self.policy,
            keys: &self.keys,
            source: &self.source,
            verifier: &self.verifier,
        };
        let upgrade = Upgrade {
            connection_id: &event.request_context.connection_id,
            ticket: event.query_string_parameters.as_ref().and_then(|q| q.ticket.as_deref()),
            protocols: event.headers.protocols.as_deref(),
            origin: event.headers.origin.as_deref(),
        };
        let judged = authorize(&authorizer, upgrade, self.clock.now()).await;
        let traceparent = traceparent(context.xray_trace_id.as_deref());
        macro_rules! line {
            ($level:ident, $($field:tt)*) => {
                tracing::$level!(
                    target: "herald",
                    connectionId = event.request_context.connection_id.as_str(),
                    requestId = context.request_id,
                    gatewayRequestId = event.request_context.request_id,
                    traceparent = traceparent.as_ref().map(|t| t.as_str()),
                    $($field)*
                )
            };
        }
        match judged {
            Ok(principal) => {
                let hash = user_hash(&principal.user);
                line!(info, userHash = hash, outcome = "allowed", "handled");
                Ok(Answer::allow(hash, event.method_arn, &principal))
            }
            Err(refusal) => {
                let (status, why) = (refusal.status(), refusal.to_string());
                match status {
                    401 => {
                        line!(info, outcome = "unauthorized", why, "handled");
                        // The gateway compares the text.
                        let message = "Unauthorized".to_owned();
                        Err(Failure { error_type: "Unauthorized", message, retryable: false })
                    }
                    403 => {
                        line!(info, outcome = "denied", why, "handled");
                        Ok(Answer::deny(event.method_arn))
                    }
                    _ => {
                        line!(error, error = why, "not handled");
                        Err(Failure { error_type: "Unavailable", message: why, retryable: true })
                    }
                }
            }
        }
    }
}
