//! An invocation of `socket`.

use crate::log::user_hash;
use crate::{Counted, Failure, GatewayEvent, Metrics};
use herald_contract::CallbackUrl;
use herald_contract::metric::Metric;
use herald_core::auth::Origins;
use herald_core::kinds::KINDS;
use herald_core::ports::{Chance, Clock, Closer};
use herald_core::socket::{Invocation, handle};
use herald_core::table::Table;
use herald_core::{Outcome, Reply, Sender, socket};
use lambda_runtime::LambdaEvent;

/// Handles the events of `socket`.
#[derive(Debug)]
pub struct Socket<T, S, L, C, H> {
    /// The table.
    pub table: T,
    /// The way to clients.
    pub sender: S,
    /// For connections that must end.
    pub closer: L,
    /// Time.
    pub clock: C,
    /// For names and jitter.
    pub chance: H,
    /// Whose pages may connect.
    pub origins: Origins,
    /// The setting that replaces what events say about where clients are reached.
    pub callback_url: Option<CallbackUrl>,
    /// Its metrics.
    pub metrics: Metrics,
}

impl<T: Table, S: Sender, L: Closer, C: Clock, H: Chance> Socket<T, S, L, C, H> {
    /// Answers one event.
    ///
    /// # Errors
    /// What Lambda should count as an error of the function.
    pub async fn handle(&self, event: LambdaEvent<GatewayEvent>) -> Result<Reply, Failure> {
        let LambdaEvent { payload, context } = event;
        let request = payload.request_context.clone();
        let trace = context.xray_trace_id.as_deref();
        let invocation = payload.parse(self.callback_url.as_ref(), trace);
        let invocation = invocation.map_err(Failure::malformed);
        let sender = Counted::new(&self.sender);
        let result = match &invocation {
            Ok(invocation) => self.answer(&sender, invocation).await,
            Err(failure) => Err(failure.clone()),
        };
        let now = self.clock.now();

        // `requestId` is Lambda's, as in the lines of the platform; `gatewayRequestId` is what the
        // client reads in error messages. `latencyMs` counts from the gateway, so it has the start
        // of the environment in it.
        let received = u64::try_from(request.request_time_epoch).unwrap_or_default();
        let principal = invocation.as_ref().ok().and_then(|i| i.principal.as_ref());
        let traceparent = invocation.as_ref().ok().and_then(|i| i.traceparent.as_ref());
        macro_rules! line {
            ($level:ident, $($field:tt)*) => {
                tracing::$level!(
                    target: "herald",
                    routeKey = request.route_key,
                    connectionId = request.connection_id,
                    userHash = principal.map(|p| user_hash(&p.user)),
                    requestId = context.request_id,
                    gatewayRequestId = request.request_id,
                    messageId = request.message_id,
                    disconnectCode = request.disconnect_status_code,
                    traceparent = traceparent.map(|t| t.as_str()),
                    latencyMs = now.get().saturating_sub(received),
                    $($field)*
                )
            };
        }
        match &result {
            Ok(Outcome::Slow) => line!(warn, outcome = "slow", "the client takes no more"),
            Ok(outcome) => line!(info, outcome = outcome.as_str(), "handled"),
            Err(Failure { message, retryable, .. }) => {
                line!(error, error = message, retryable, "not handled");
            }
        }
        let mut values = sender.values();
        match result {
            Ok(Outcome::Slow) => values.push((Metric::Slow, vec![1])),
            Ok(Outcome::Replayed(n)) => {
                values.push((Metric::ReplayDepth, vec![n.try_into().unwrap_or(u64::MAX)]));
            }
            _ => {}
        }
        self.metrics.write(now, &context.request_id, values);
        Ok(result?.reply())
    }

    async fn answer(
        &self,
        sender: &Counted<'_, S>,
        invocation: &Invocation,
    ) -> Result<Outcome, Failure> {
        let socket = socket::Socket {
            table: &self.table,
            sender,
            closer: &self.closer,
            chance: &self.chance,
            origins: &self.origins,
            kinds: KINDS,
        };
        Ok(handle(&socket, invocation, self.clock.now()).await?)
    }
}
