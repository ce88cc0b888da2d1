//! How a request becomes what the backend gets, and how its answer becomes what the client gets.
//!
//! A proxy integration passes both on; the others have templates, chosen by selection expressions.

use super::answer::Answer;
use super::event::{Event, lookup};
use super::integration::{Call, Failure};
use crate::lambda::Outcome;
use crate::selection::{self, Scope, Selection};
use crate::topology::{Backend, ContentHandling, Integration, Passthrough};
use crate::vtl;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A key that is taken when no other is.
const DEFAULT: &str = "$default";

/// A request as its integration needs it.
#[derive(Debug)]
pub(super) enum Prepared {
    /// The event itself, for a proxy integration with a function.
    Event { payload: Bytes, context: Option<Box<Value>> },
    /// The parts templates look at, for the others.
    Parts(Box<Parts>),
}

#[derive(Debug)]
pub(super) struct Parts {
    body: String,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    context: Value,
    stage_variables: BTreeMap<String, String>,
}

impl Prepared {
    pub(super) fn new(
        integration: Option<&Integration>,
        event: &Event<'_>,
        headers: &[(String, String)],
        query: &[(String, String)],
        wants_log: bool,
    ) -> Self {
        let proxies =
            integration.is_none_or(|i| matches!(i.backend, Backend::FunctionProxy { .. }));
        if proxies {
            // Strings, numbers and maps with string keys always serialize.
            let payload = serde_json::to_vec(event).unwrap_or_default().into();
            let context = wants_log.then(|| Box::new(event.request_context.to_value()));
            return Self::Event { payload, context };
        }
        Self::Parts(Box::new(Parts {
            body: event.body.unwrap_or_default().to_owned(),
            headers: headers.to_vec(),
            query: query.to_vec(),
            context: event.request_context.to_value(),
            stage_variables: event.stage_variables.clone(),
        }))
    }

    pub(super) fn context(&self) -> Option<&Value> {
        match self {
            Self::Event { context, .. } => context.as_deref(),
            Self::Parts(parts) => Some(&parts.context),
        }
    }
}

impl Parts {
    fn select(
        &self,
        selection: Option<&Selection>,
        body: &str,
        status: Option<&str>,
    ) -> Option<String> {
        let body: Option<Value> = serde_json::from_str(body).ok();
        let context = |name: &str| lookup(&self.context, name);
        let scope = Scope {
            body: body.as_ref(),
            headers: &self.headers,
            query: &self.query,
            context: Some(&context),
            stage_variables: Some(&self.stage_variables),
            integration_status: status,
        };
        selection?.select(&scope)
    }

    fn render(&self, template: &str, body: &str) -> Result<String, Failure> {
        let map = |pairs: &[(String, String)]| -> Map<String, Value> {
            pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
        };
        let params =
            json!({ "path": {}, "querystring": map(&self.query), "header": map(&self.headers) });
        let scope = vtl::Scope {
            body,
            context: &self.context,
            stage_variables: &json!(self.stage_variables),
            params: &params,
        };
        let rendered = vtl::Template::parse(template).and_then(|template| template.render(&scope));
        rendered.map_err(|error| Failure::Misconfigured(format!("mapping template: {error}")))
    }
}

/// What is sent to the backend.
pub(super) fn payload(integration: &Integration, prepared: &Prepared) -> Result<Bytes, Failure> {
    let parts = match prepared {
        Prepared::Event { payload, .. } => return Ok(payload.clone()),
        Prepared::Parts(parts) => parts,
    };
    let text = match integration.backend {
        Backend::HttpProxy { .. } => parts.body.clone(),
        _ => request(integration, parts)?,
    };
    match integration.content {
        Some(ContentHandling::ToBinary) => {
            let binary = STANDARD.decode(&text).map_err(|error| {
                let why =
                    format!("CONVERT_TO_BINARY: what goes to the backend is not base64: {error}");
                Failure::Misconfigured(why)
            })?;
            Ok(binary.into())
        }
        // A message is text already.
        Some(ContentHandling::ToText) | None => Ok(text.into()),
    }
}

/// What has come from the backend, as text.
fn text_of(body: &[u8], content: Option<ContentHandling>) -> String {
    match content {
        Some(ContentHandling::ToText) => STANDARD.encode(body),
        // A message cannot be binary.
        Some(ContentHandling::ToBinary) => match STANDARD.decode(body) {
            Ok(binary) => String::from_utf8_lossy(&binary).into_owned(),
            Err(_) => String::from_utf8_lossy(body).into_owned(),
        },
        None => String::from_utf8_lossy(body).into_owned(),
    }
}

/// The body after its request template, or as it is when passing through is allowed.
fn request(integration: &Integration, parts: &Parts) -> Result<String, Failure> {
    let templates = &integration.request_templates;
    let key = parts.select(integration.template_selection.as_ref(), &parts.body, None);
    let template = pick(templates, key.as_deref()).or_else(|| {
        // Without a selection expression a lone template is meant.
        templates
            .values()
            .next()
            .filter(|_| integration.template_selection.is_none() && templates.len() == 1)
    });
    match (template, integration.passthrough) {
        (Some(template), _) => parts.render(template, &parts.body),
        (None, Passthrough::WhenNoMatch) => Ok(parts.body.clone()),
        (None, Passthrough::WhenNoTemplates) if templates.is_empty() => Ok(parts.body.clone()),
        (None, Passthrough::WhenNoTemplates | Passthrough::Never) => Err(Failure::Misconfigured(
            "no request template matches, and PassthroughBehavior forbids to pass the body on"
                .into(),
        )),
    }
}

/// The status a mock integration's request template decides on.
pub(super) fn mock(integration: &Integration, prepared: &Prepared) -> Result<u16, Failure> {
    let Prepared::Parts(parts) = prepared else { return Ok(200) };
    let rendered = request(integration, parts)?;
    let decided: Option<Value> = serde_json::from_str(&rendered).ok();
    let status =
        decided.as_ref().and_then(|decided| decided.get("statusCode")).and_then(Value::as_u64);
    status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| {
            Failure::Misconfigured(
                "the request template of a mock integration must yield {\"statusCode\": …}".into(),
            )
        })
}

/// The answer of a function behind templates.
pub(super) fn function_response(
    integration: &Integration,
    call: &Call,
    outcome: Outcome,
) -> Result<Answer, Failure> {
    match outcome {
        Outcome::Answer(body) => response(integration, call, 200, &body),
        Outcome::Failed { body, why } => {
            let told: Option<Value> = serde_json::from_slice(&body).ok();
            let message =
                told.as_ref().and_then(|told| told.get("errorMessage")).and_then(Value::as_str);
            // An error is an answer only if a response's pattern asks for it by its message.
            match message.and_then(|message| by_pattern(integration, message)) {
                Some(key) => mapped(integration, call, 200, key, &body),
                None => Err(Failure::Backend(why)),
            }
        }
        Outcome::Throttled | Outcome::Unknown => {
            Err(Failure::Misconfigured("the function did not run".into()))
        }
    }
}

/// The answer of a backend with a status.
pub(super) fn response(
    integration: &Integration,
    call: &Call,
    status: u16,
    body: &[u8],
) -> Result<Answer, Failure> {
    let unmapped = || Answer { status, headers: Vec::new(), body: Some(text_of(body, None)) };
    if let Backend::HttpProxy { .. } = integration.backend {
        return Ok(unmapped());
    }
    let key = by_pattern(integration, &status.to_string())
        .or_else(|| integration.responses.contains_key(DEFAULT).then_some(DEFAULT));
    match key {
        Some(key) => mapped(integration, call, status, key, body),
        None if call.route == super::handshake::CONNECT => Err(Failure::Misconfigured(format!(
            "$connect has no integration response for status {status}"
        ))),
        None => Ok(unmapped()),
    }
}

fn mapped(
    integration: &Integration,
    call: &Call,
    status: u16,
    key: &str,
    body: &[u8],
) -> Result<Answer, Failure> {
    let response = integration.responses.get(key);
    let body = &text_of(body, response.and_then(|response| response.content));
    let (Some(response), Prepared::Parts(parts)) = (response, &call.prepared) else {
        return Ok(Answer { status, headers: Vec::new(), body: Some(body.to_owned()) });
    };
    let selected =
        parts.select(response.template_selection.as_ref(), body, Some(&status.to_string()));
    let body = match pick(&response.templates, selected.as_deref()) {
        Some(template) => parts.render(template, body)?,
        None => body.to_owned(),
    };
    Ok(Answer { status, headers: Vec::new(), body: Some(body) })
}

/// The first key of the form `/pattern/` that matches a text as a whole.
fn by_pattern<'a>(integration: &'a Integration, text: &str) -> Option<&'a str> {
    integration.responses.keys().map(String::as_str).find(|key| {
        let pattern = key.strip_prefix('/').and_then(|key| key.strip_suffix('/'));
        pattern.is_some_and(|pattern| {
            Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
        })
    })
}

fn pick<'a>(templates: &'a BTreeMap<String, String>, key: Option<&str>) -> Option<&'a String> {
    key.and_then(|key| templates.get(key)).or_else(|| templates.get(DEFAULT))
}

/// `RequestParameters`, evaluated: `header.x`, `querystring.x` or `path.x` and its value.
pub(super) fn parameters(integration: &Integration, call: &Call) -> Vec<(String, String)> {
    let Prepared::Parts(parts) = &call.prepared else { return Vec::new() };
    let values = integration.request_parameters.iter().filter_map(|(target, source)| {
        let target = target.strip_prefix("integration.request.")?;
        Some((target.to_owned(), parameter(parts, source)?))
    });
    values.collect()
}

fn parameter(parts: &Parts, source: &str) -> Option<String> {
    if let Some(text) = source.strip_prefix('\'') {
        return text.strip_suffix('\'').map(ToOwned::to_owned);
    }
    let find = |pairs: &[(String, String)], wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.clone())
    };
    if let Some(name) = source.strip_prefix("route.request.header.") {
        return find(&parts.headers, name);
    }
    if let Some(name) = source.strip_prefix("route.request.querystring.") {
        return find(&parts.query, name);
    }
    if let Some(path) = source.strip_prefix("route.request.body") {
        let body: Value = serde_json::from_str(&parts.body).ok()?;
        let value = selection::at_path(&body, path)??;
        return Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
    }
    if let Some(name) = source.strip_prefix("stageVariables.") {
        return parts.stage_variables.get(name).cloned();
    }
    lookup(&parts.context, source.strip_prefix("context.")?)
}

/// URL and headers of a request to an HTTP backend.
pub(super) fn http_request(
    integration: &Integration,
    call: &Call,
    url: String,
) -> (String, Vec<(String, String)>) {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let mut url = url;
    if let (Backend::HttpProxy { .. } | Backend::Http { .. }, Prepared::Parts(parts)) =
        (&integration.backend, &call.prepared)
    {
        // The backend has a host name of its own.
        headers.extend(
            parts.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Host")).cloned(),
        );
    }
    for (target, value) in parameters(integration, call) {
        let Some((place, name)) = target.split_once('.') else { continue };
        match place {
            "header" => {
                headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                headers.push((name.to_owned(), value));
            }
            "path" => url = url.replace(&format!("{{{name}}}"), &encode(&value)),
            "querystring" => {
                let separator = if url.contains('?') { '&' } else { '?' };
                url = format!("{url}{separator}{}={}", encode(name), encode(&value));
            }
            _ => {}
        }
    }
    (url, headers)
}

fn encode(text: &str) -> String {
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}
