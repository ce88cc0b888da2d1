//! Integrations with services of AWS: what their URI and parameters make a request to.
//!
//! `arn:aws:apigateway:{region}:{service}:action/{name}` names an action, `…:path/{path}` a path whose
//! request says the rest. Who answers, and whether the role may ask, is decided by [`crate::cloud`].

use crate::http::Request;
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The services that are here, and what the targets of those that speak JSON begin with.
const SERVICES: [(&str, Option<&str>); 3] =
    [("dynamodb", Some("DynamoDB_20120810")), ("events", Some("AWSEvents")), ("sqs", None)];

const FORM: &str = "application/x-www-form-urlencoded";

/// The parts of a URI.
struct Uri<'u> {
    target: Option<&'static str>,
    is_action: bool,
    /// The name of an action, or a path without its slash.
    rest: &'u str,
}

impl<'u> Uri<'u> {
    fn parse(uri: &'u str) -> Option<Self> {
        let (_region, rest) = uri.strip_prefix("arn:aws:apigateway:")?.split_once(':')?;
        let (service, rest) = rest.split_once(':')?;
        let (kind, rest) = rest.split_once('/')?;
        let (_, target) = SERVICES.into_iter().find(|(known, _)| *known == service)?;
        match kind {
            "action" if !rest.is_empty() => Some(Self { target, is_action: true, rest }),
            "path" => Some(Self { target, is_action: false, rest }),
            _ => None,
        }
    }
}

/// Whether a URI leads to a service that is here.
pub(crate) fn is_service(uri: &str) -> bool {
    Uri::parse(uri).is_some()
}

/// The request to the service; `parameters` are `header.x`, `querystring.x` and `path.x`.
pub(super) fn request(
    uri: &str,
    parameters: &[(String, String)],
    body: Bytes,
) -> Result<Request, String> {
    let parsed =
        Uri::parse(uri).ok_or_else(|| format!("integrations with {uri} are not emulated"))?;
    let of = |place: &str| {
        let named = parameters.iter().filter_map(|(n, value)| Some((n.split_once('.')?, value)));
        let here = named.filter(|((known, _), _)| *known == place);
        here.map(|((_, name), value)| (name.to_owned(), value.clone())).collect::<Vec<_>>()
    };
    let mut request = Request {
        method: "POST".into(),
        path: "/".into(),
        headers: of("header"),
        body,
        ..Request::default()
    };
    if !parsed.is_action {
        let mut path = parsed.rest.trim_start_matches('/').to_owned();
        for (name, value) in of("path") {
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        request.path.push_str(&path);
    }
    if request.header("X-Amz-Target").is_some() {
        return Ok(request);
    }
    match parsed.target {
        Some(target) if parsed.is_action => {
            let target = format!("{target}.{}", parsed.rest);
            request.headers.push(("X-Amz-Target".into(), target));
        }
        Some(_) => {
            return Err(format!(
                "{uri} names no action; write action/NAME, or set integration.request.header.X-Amz-Target"
            ));
        }
        None => {
            request.body = form(&parsed, &of("querystring"), &request).into();
        }
    }
    Ok(request)
}

/// Everything that says what is asked of SQS, as one form.
fn form(uri: &Uri<'_>, query: &[(String, String)], request: &Request) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut pairs: Vec<String> =
        query.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
    if uri.is_action {
        pairs.push(format!("Action={}", uri.rest));
    }
    if request.header("Content-Type").is_some_and(|kind| kind.starts_with(FORM)) {
        pairs.push(String::from_utf8_lossy(&request.body).into_owned());
    }
    pairs.join("&")
}
