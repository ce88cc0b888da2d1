//! An invocation of `socket`: an event in, a reply and one line of the log out.

use crate::{GatewayEvent, GatewayEventError};
use herald_contract::CallbackUrl;
use herald_core::{Outcome, Reply, Sender, SocketError};
use lambda_runtime::{Diagnostic, LambdaEvent};
use std::time::{SystemTime, UNIX_EPOCH};

/// Handles the events of `socket`.
#[derive(Debug)]
pub struct Socket<S> {
    /// The way to clients.
    pub sender: S,
    /// The setting that replaces what events say about where clients are reached.
    pub callback_url: Option<CallbackUrl>,
    /// What time it is.
    pub clock: fn() -> SystemTime,
}

/// Why an invocation fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    /// This is no event of a WebSocket API.
    #[error(transparent)]
    Event(#[from] GatewayEventError),
    /// The route could not do what it does.
    #[error(transparent)]
    Socket(#[from] SocketError),
}

impl InvocationError {
    /// Whether the same event may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Event(_) => false,
            Self::Socket(e) => e.is_retryable(),
        }
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let error_type = match error {
            InvocationError::Event(_) => "MalformedEvent",
            InvocationError::Socket(SocketError::UnknownRoute { .. }) => "UnknownRoute",
            InvocationError::Socket(SocketError::NotSent { .. }) => "NotSent",
            InvocationError::Socket(SocketError::NotClosed(_)) => "NotClosed",
            InvocationError::Socket(SocketError::Store(_)) => "Table",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

impl<S: Sender> Socket<S> {
    /// Answers one event.
    ///
    /// # Errors
    /// What Lambda should count as an error of the function.
    pub async fn handle(&self, event: LambdaEvent<GatewayEvent>) -> Result<Reply, InvocationError> {
        let LambdaEvent { payload, context } = event;
        let result = self.outcome(&payload).await;
        self.log(&payload, &context.request_id, &result);
        Ok(result?.reply())
    }

    async fn outcome(&self, event: &GatewayEvent) -> Result<Outcome, InvocationError> {
        let event = event.parse(self.callback_url.as_ref())?;
        Ok(herald_core::socket::exchange(&event, &self.sender).await?)
    }

    /// `requestId` is Lambda's, as in the lines of the platform; `gatewayRequestId` is what the
    /// client reads in error messages. `latencyMs` counts from the gateway, so it has the start of
    /// the environment in it.
    fn log(
        &self,
        event: &GatewayEvent,
        request_id: &str,
        result: &Result<Outcome, InvocationError>,
    ) {
        let context = &event.request_context;
        macro_rules! line {
            ($level:ident, $($field:tt)*) => {
                tracing::$level!(
                    target: "herald",
                    routeKey = context.route_key,
                    connectionId = context.connection_id,
                    requestId = request_id,
                    gatewayRequestId = context.request_id,
                    messageId = context.message_id,
                    disconnectCode = context.disconnect_status_code,
                    latencyMs = self.milliseconds_since(context.request_time_epoch),
                    $($field)*
                )
            };
        }
        match result {
            Ok(Outcome::Slow) => line!(warn, outcome = "slow", "the client takes no more"),
            Ok(outcome) => line!(info, outcome = outcome.as_str(), "handled"),
            Err(e) => {
                let retryable = e.is_retryable();
                line!(error, error = e.to_string(), retryable, "not handled");
            }
        }
    }

    fn milliseconds_since(&self, epoch_milliseconds: i64) -> u64 {
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let then = u128::try_from(epoch_milliseconds).unwrap_or_default();
        // The clocks of gateway and function may differ; less than no time is no time.
        now.saturating_sub(then).try_into().unwrap_or(u64::MAX)
    }
}
