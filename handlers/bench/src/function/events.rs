//! Events of a WebSocket API, as API Gateway makes them.

use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A browser asks to connect.
pub(super) fn connect(address: SocketAddr, number: u32) -> String {
    let headers = [
        ("Host", "127.0.0.1"),
        ("Origin", "https://app.example.com"),
        ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ("Sec-WebSocket-Key", "SGVyYWxkIHRlc3Qga2V5IQ=="),
        ("Sec-WebSocket-Version", "13"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        ("X-Amzn-Trace-Id", "Root=1-6924a000-0123456789abcdef01234567"),
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ];
    let one: Value =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let many: Value =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    json!({
        "headers": one,
        "multiValueHeaders": many,
        "requestContext": context(address, number, "$connect", "CONNECT"),
        "isBase64Encoded": false,
    })
    .to_string()
}

/// It says something that no route is made for: the exchange of addresses.
pub(super) fn message(address: SocketAddr, number: u32) -> String {
    let mut context = context(address, number, "$default", "MESSAGE");
    context["messageId"] = json!("Hh1mEssAgeIdM01=");
    json!({
        "requestContext": context,
        "body": r#"{"action":"whoami","text":"who am I, and where can I be reached?"}"#,
        "isBase64Encoded": false,
    })
    .to_string()
}

fn context(address: SocketAddr, number: u32, route: &str, kind: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let now = u64::try_from(now).unwrap_or(u64::MAX);
    json!({
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": "Hh1c0nEctIdMAbc=",
        "requestTime": "24/Nov/2026:10:00:00 +0000",
        "messageDirection": "IN",
        "stage": "dev",
        "connectedAt": now,
        "requestTimeEpoch": now,
        "identity": {"userAgent": "Mozilla/5.0", "sourceIp": "203.0.113.7"},
        "requestId": "Hh1c0nEctIdMAbc=",
        "domainName": address.to_string(),
        "connectionId": format!("Hh1b{number:08}MC_Qw="),
        "apiId": "abc123defg",
    })
}
