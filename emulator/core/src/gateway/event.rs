//! The events a proxy integration gets, key by key in AWS's order.
//!
//! Structs, not JSON maps: the order of their fields is the order on the wire.

use super::connection::Connection;
use super::{Id, Time};
use crate::http::Request;
use percent_encoding::percent_decode_str;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What an authorizer leaves for the later events of its connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AuthorizerContext {
    pub(super) principal_id: String,
    pub(super) values: BTreeMap<String, String>,
    pub(super) usage_identifier_key: Option<String>,
}

/// Pairs written as an object in their own order.
#[derive(Debug)]
pub(super) struct Pairs<K, V>(pub(super) Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Pairs<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A whole event.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) headers: Option<Pairs<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) multi_value_headers: Option<Pairs<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query_string_parameters: Option<Pairs<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) multi_value_query_string_parameters: Option<Pairs<String, Vec<String>>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) stage_variables: &'a BTreeMap<String, String>,
    pub(super) request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<&'a str>,
    pub(super) is_base64_encoded: bool,
}

/// The event of an authorizer.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthorizerEvent<'a> {
    pub(super) r#type: &'static str,
    pub(super) method_arn: &'a str,
    pub(super) headers: Pairs<String, String>,
    pub(super) multi_value_headers: Pairs<String, Vec<String>>,
    pub(super) query_string_parameters: Pairs<String, String>,
    pub(super) multi_value_query_string_parameters: Pairs<String, Vec<String>>,
    pub(super) stage_variables: &'a BTreeMap<String, String>,
    pub(super) request_context: Context<'a>,
}

/// `requestContext`.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context<'a> {
    route_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorizer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_status_code: Option<u16>,
    /// At the end of the connection, the authorizer stands here.
    #[serde(rename = "authorizer", skip_serializing_if = "Option::is_none")]
    authorizer_at_end: Option<Authorizer<'a>>,
    event_type: &'static str,
    extended_request_id: String,
    request_time: String,
    message_direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    disconnect_reason: Option<&'a str>,
    stage: &'a str,
    connected_at: u64,
    request_time_epoch: u64,
    identity: Identity<'a>,
    request_id: String,
    domain_name: &'a str,
    connection_id: String,
    api_id: &'a str,
}

#[derive(Debug)]
struct Authorizer<'a> {
    context: &'a AuthorizerContext,
    latency: Option<Duration>,
}

impl Serialize for Authorizer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in &self.context.values {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry("principalId", &self.context.principal_id)?;
        if let Some(latency) = self.latency {
            map.serialize_entry("integrationLatency", &latency.as_millis())?;
        }
        map.end()
    }
}

#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    source_ip: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Who signed the upgrade is told in the fields REST APIs have for it, in their order; that
    /// WebSocket APIs do the same is a guess.
    fn of(connection: &'a Connection) -> Self {
        let signer = connection.signer.as_deref();
        Self {
            user_arn: signer.map(|signer| signer.arn.as_str()),
            user_agent: connection.user_agent.as_deref(),
            account_id: signer.map(|signer| signer.account_id.as_str()),
            caller: signer.map(|signer| signer.user_id.as_str()),
            source_ip: &connection.source_ip,
            access_key: signer.map(|signer| signer.access_key_id.as_str()),
            user: signer.map(|signer| signer.user_id.as_str()),
        }
    }
}

/// What an event tells besides the connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind<'a> {
    Connect { authorizer_latency: Option<Duration> },
    Message { message: Id },
    Disconnect { code: u16, reason: &'a str },
}

impl<'a> Context<'a> {
    pub(super) fn new(
        now: Time,
        connection: &'a Connection,
        route_key: &'a str,
        request: Id,
        kind: Kind<'a>,
    ) -> Self {
        let authorizer = connection.authorizer.as_deref();
        let (event_type, message_id, end) = match kind {
            Kind::Connect { .. } => ("CONNECT", None, None),
            Kind::Message { message } => ("MESSAGE", Some(message.to_string()), None),
            Kind::Disconnect { code, reason } => ("DISCONNECT", None, Some((code, reason))),
        };
        let latency = match kind {
            Kind::Connect { authorizer_latency } => authorizer_latency,
            Kind::Message { .. } | Kind::Disconnect { .. } => None,
        };
        let authorizer = authorizer.map(|context| Authorizer { context, latency });
        let (authorizer, authorizer_at_end) =
            if end.is_some() { (None, authorizer) } else { (authorizer, None) };
        let request_id = request.to_string();
        Self {
            route_key,
            authorizer,
            message_id,
            disconnect_status_code: end.map(|(code, _)| code),
            authorizer_at_end,
            event_type,
            extended_request_id: request_id.clone(),
            request_time: now.common_log(),
            message_direction: "IN",
            disconnect_reason: end.map(|(_, reason)| reason),
            stage: &connection.stage,
            connected_at: connection.connected_at.0,
            request_time_epoch: now.0,
            identity: Identity::of(connection),
            request_id,
            domain_name: &connection.domain,
            connection_id: connection.id.to_string(),
            api_id: &connection.api,
        }
    }
}

impl Context<'_> {
    /// As templates and access logs see it.
    pub(super) fn to_value(&self) -> Value {
        // Plain data always serializes.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// The value at a dotted path of a context, as text.
pub(super) fn lookup(context: &Value, path: &str) -> Option<String> {
    let value = path.split('.').try_fold(context, |value, key| value.get(key))?;
    Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

/// Headers of the hop between client and gateway; an authorizer sees them, an integration does not.
const HOP_BY_HOP: [&str; 3] = ["connection", "upgrade", "content-length"];

/// The headers of a handshake: the client's, and those of AWS's own front end, by name.
pub(super) fn handshake_headers(request: &Request, trace_id: &str) -> Vec<(String, String)> {
    let own = [
        ("X-Amzn-Trace-Id", trace_id),
        ("X-Forwarded-For", &request.source_ip),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
        ("content-length", "0"),
    ];
    let is_own = |name: &str| own.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut headers: Vec<(String, String)> = request
        .headers
        .iter()
        .filter(|(name, _)| !is_own(name))
        .cloned()
        .chain(own.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    headers
}

/// Those headers of a handshake that an integration sees.
pub(super) fn integration_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let is_hop = |name: &str| HOP_BY_HOP.iter().any(|hop| hop.eq_ignore_ascii_case(name));
    headers.iter().filter(|(name, _)| !is_hop(name)).cloned().collect()
}

/// The four headers of a `$disconnect` event, all but one empty.
pub(super) fn disconnect_headers(domain: &str) -> Vec<(String, String)> {
    [("Host", domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// Of a repeated name, the last value.
pub(super) fn single(pairs: &[(String, String)]) -> Pairs<String, String> {
    let mut out: Vec<(String, String)> = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        match out.iter_mut().find(|(known, _)| known == name) {
            Some((_, last)) => last.clone_from(value),
            None => out.push((name.clone(), value.clone())),
        }
    }
    Pairs(out)
}

/// Of a repeated name, all values.
pub(super) fn multi(pairs: &[(String, String)]) -> Pairs<String, Vec<String>> {
    let mut out: Vec<(String, Vec<String>)> = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        match out.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.clone()),
            None => out.push((name.clone(), vec![value.clone()])),
        }
    }
    Pairs(out)
}

/// The decoded parameters of a query, in their order.
pub(super) fn query(query: Option<&str>) -> Vec<(String, String)> {
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
