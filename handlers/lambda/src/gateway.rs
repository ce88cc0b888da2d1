//! Events of a WebSocket API, from JSON to what `herald-core` knows.
//!
//! Of the headers two are read, of the query string nothing: what is never held is never logged.

use crate::trace::traceparent;
use crate::upgrade::UpgradeHeaders;
use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequestContext as RequestContext;
use herald_contract::{CallbackUrl, CallbackUrlError, ConnectionId, Millis, Route};
use herald_core::Event;
use herald_core::auth::{ContextError, Principal};
use herald_core::socket::Invocation;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

/// An event as API Gateway makes it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayEvent {
    /// What the gateway says about the request.
    pub request_context: RequestContext,
    #[serde(default)]
    headers: UpgradeHeaders,
    body: Option<String>,
}

/// Neither a message nor a token shows.
impl fmt::Debug for GatewayEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = &self.request_context;
        f.debug_struct("GatewayEvent")
            .field("route_key", &context.route_key)
            .finish_non_exhaustive()
    }
}

impl GatewayEvent {
    /// The event in the terms of the domain.
    ///
    /// `callback_url` is the setting that replaces domain name and stage of the event; `trace` is
    /// what Lambda calls the trace.
    ///
    /// # Errors
    /// The first field that is missing or cannot be what it should be, by its name.
    pub fn parse(
        self,
        callback_url: Option<&CallbackUrl>,
        trace: Option<&str>,
    ) -> Result<Invocation, GatewayEventError> {
        let Self { request_context: context, headers, body } = self;
        let connection_id = ConnectionId::try_from(
            field(context.connection_id.as_deref(), "connectionId")?.to_owned(),
        )
        .map_err(|_| GatewayEventError::Missing { field: "connectionId" })?;
        let callback_url = match callback_url {
            Some(url) => url.clone(),
            None => CallbackUrl::of_stage(
                field(context.domain_name.as_deref(), "domainName")?,
                field(context.stage.as_deref(), "stage")?,
            )?,
        };
        let route = Route::from(field(context.route_key.as_deref(), "routeKey")?);
        let principal =
            Principal::from_context(|name| match context.authorizer.fields.get(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Null => None,
                other => Some(other.to_string()),
            })?;
        Ok(Invocation {
            event: Event { route, connection_id, callback_url },
            body,
            principal,
            connected_at: Millis::new(context.connected_at.try_into().unwrap_or_default()),
            origin: headers.origin,
            protocols: headers.protocols,
            request_id: context.request_id.unwrap_or_default(),
            traceparent: traceparent(trace),
        })
    }
}

fn field<'a>(value: Option<&'a str>, field: &'static str) -> Result<&'a str, GatewayEventError> {
    value.ok_or(GatewayEventError::Missing { field })
}

/// Why an event is not one of a WebSocket API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayEventError {
    /// A field is missing.
    #[error("the event has no `requestContext.{field}`; it is not from a route of a WebSocket API")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// Domain name and stage make no URL.
    #[error("the event's `requestContext` names no callback URL: {0}")]
    CallbackUrl(#[from] CallbackUrlError),
    /// What the authorizer said cannot be read.
    #[error(transparent)]
    Authorizer(#[from] ContextError),
}
