//! Events of a WebSocket API, from JSON to what `herald-core` knows.
//!
//! Only the request context is read. Headers, query string and body stay unparsed: no route needs
//! them, a header in another encoding cannot fail an event, and what is never held is never logged.

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequestContext as RequestContext;
use herald_contract::{CallbackUrl, CallbackUrlError, ConnectionId, Route};
use herald_core::Event;
use serde::Deserialize;

/// An event as API Gateway makes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayEvent {
    /// What the gateway says about the request.
    pub request_context: RequestContext,
}

impl GatewayEvent {
    /// The event in the terms of the domain.
    ///
    /// `callback_url` is the setting that replaces domain name and stage of the event.
    ///
    /// # Errors
    /// The first field that is missing or cannot be what it should be, by its name.
    pub fn parse(&self, callback_url: Option<&CallbackUrl>) -> Result<Event, GatewayEventError> {
        let context = &self.request_context;
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
        Ok(Event { route, connection_id, callback_url })
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
}
