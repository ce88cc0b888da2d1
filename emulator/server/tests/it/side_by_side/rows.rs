//! What is done, and what AWS does then.

/// One row of the page.
pub(super) struct Row {
    pub(super) what: &'static str,
    /// See `play`.
    pub(super) script: &'static [&'static str],
    /// What comes of it on AWS.
    pub(super) aws: &'static str,
    /// Why ministack differs, as far as its source tells; empty if it does not.
    pub(super) why: &'static str,
}

const fn row(
    what: &'static str,
    script: &'static [&'static str],
    aws: &'static str,
    why: &'static str,
) -> Row {
    Row { what, script, aws, why }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "A template with a route response is created",
        &["create"],
        "created",
        "its CloudFormation does not know `AWS::ApiGatewayV2::RouteResponse`; the rows below leave it out there",
    ),
    row("`$connect` answers 200", &["connect dev"], "connected", ""),
    row(
        "`$connect` answers 401",
        &["connect dev?do=refuse"],
        "refused 401",
        "every refusal is a 403",
    ),
    row("`$connect` raises", &["connect dev?do=crash"], "refused 502", "every refusal is a 403"),
    row("There is no `$connect`", &["connect strict"], "connected", ""),
    row(
        "The stage does not exist",
        &["connect nosuch"],
        "refused 403",
        "the stage in the URL is not looked at",
    ),
    row(
        "`$connect` names one of two sub-protocols",
        &["connect dev?do=protocol offering chat.v1, chat.v2"],
        "connected, protocol chat.v2",
        "headers of the answer are dropped; a browser fails here",
    ),
    row(
        "The connection id",
        &["connect dev", "event CONNECT requestContext.connectionId"],
        r#""{id}""#,
        "16 hexadecimal digits, which never need to be encoded in a URL",
    ),
    row(
        "A header in the CONNECT event",
        &["connect dev", "event CONNECT headers.Sec-WebSocket-Version"],
        r#""13""#,
        "names are in lower case",
    ),
    row(
        "Direction in the CONNECT event",
        &["connect dev", "event CONNECT requestContext.messageDirection"],
        r#""IN""#,
        "not in its events",
    ),
    row(
        "A message on a route with a response",
        &["connect dev", "send hello", "hear"],
        "hello",
        "",
    ),
    row(
        "A message on a route without one",
        &["connect dev", r#"send {"action":"oneWay"}"#, "hear"],
        "nothing",
        "answers are sent on every route",
    ),
    row(
        "No route takes the message, and there is no `$default`",
        &["connect strict", r#"send {"action":"other"}"#, "hear"],
        r#"{"message": "Forbidden", "connectionId":"{id}", "requestId":"{id}"}"#,
        "the message is dropped in silence",
    ),
    row(
        "A message names `$connect`",
        &["connect dev", r#"send {"action":"$connect"}"#, "event MESSAGE requestContext.routeKey"],
        r#""$default""#,
        "the handler of `$connect` is invoked with the client's message",
    ),
    row(
        "The value that selects the route is no text",
        &["connect dev", r#"send {"action":true}"#, "event MESSAGE requestContext.routeKey"],
        r#""true""#,
        "Python's spelling, `True`, matches no route",
    ),
    row(
        "The function raises",
        &["connect dev", "send boom", "hear"],
        r#"{"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}"#,
        "the text of the exception reaches the client",
    ),
    row(
        "Time of connecting in later events",
        &["connect dev", "send x", "event MESSAGE requestContext.connectedAt as in CONNECT"],
        "the same",
        "it is the time of the message",
    ),
    row(
        "A binary message",
        &["connect dev", "send binary", "hear"],
        "closed 1003",
        "taken as text",
    ),
    row(
        "A frame of 40,000 bytes",
        &["connect dev", "send 1 of 40000", "hear"],
        "closed 1009",
        "no limits",
    ),
    row(
        "A message of 100,000 bytes in four frames",
        &["connect dev", "send 4 of 25000", "hear"],
        "100000 bytes",
        "",
    ),
    row(
        "A message of 150,000 bytes in six frames",
        &["connect dev", "send 6 of 25000", "hear"],
        "closed 1009",
        "no limits",
    ),
    row("A ping", &["connect dev", "ping"], "pong", ""),
    row("A post", &["connect dev", "POST {} from outside", "hear"], "200; from outside", ""),
    row(
        "An unsigned post",
        &["connect dev", "unsigned POST {} x"],
        "403 MissingAuthenticationTokenException",
        "signatures are not looked at unless `AUTH=true`",
    ),
    row(
        "A post of 131,073 bytes",
        &["connect dev", "POST {} 131073 bytes"],
        "413 PayloadTooLargeException",
        "no limits",
    ),
    row(
        "A post to an id that cannot be one",
        &["connect dev", "POST nonsense x"],
        "400 BadRequestException",
        "the form of an id is not looked at",
    ),
    row(
        "A look at a connection",
        &["connect dev", "GET {}"],
        "200 {connectedAt: text, identity: {sourceIp: text, userAgent: text}, lastActiveAt: text}",
        "names and times in a form that no SDK reads",
    ),
    row(
        "A connection is deleted",
        &["connect dev", "DELETE {}", "hear", "POST {} late"],
        "204; closed 1000; 410 GoneException",
        "",
    ),
    row(
        "The client closes with a code and a reason",
        &["connect dev", "close 4001 bye", DISCONNECT_CODE, DISCONNECT_REASON],
        r#"4001; "bye""#,
        "its web server does not tell",
    ),
    row(
        "The client closes without a code",
        &["connect dev", "close", DISCONNECT_CODE, DISCONNECT_REASON],
        r#"1005; "Client-side close frame status not set""#,
        "its web server does not tell",
    ),
    row(
        "The client is lost",
        &["connect dev", "vanish", DISCONNECT_CODE, DISCONNECT_REASON],
        r#"1006; """#,
        "",
    ),
    row(
        "Headers in the DISCONNECT event",
        &["connect dev", "close 1000", "event DISCONNECT headers.x-api-key"],
        r#""""#,
        "not in its events",
    ),
];

const DISCONNECT_CODE: &str = "event DISCONNECT requestContext.disconnectStatusCode";
const DISCONNECT_REASON: &str = "event DISCONNECT requestContext.disconnectReason";
