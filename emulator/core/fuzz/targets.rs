//! What each fuzz target does with its bytes. `cargo fuzz` runs these without end, and `tests/fuzz.rs`
//! runs them on the corpus and on damaged copies of it under plain `cargo test`.
//!
//! A target survives every input, and asserts what must hold of each.

use gateway_core::lambda::RuntimeEvent;
use gateway_core::permissions::Iam;
use gateway_core::selection::{self, Selection};
use gateway_core::template::{Place, read};
use gateway_core::{
    CallId, Closed, Cloud, Config, Effect, EnvironmentId, Guesses, Input, Limits, SocketId, Time,
    http, json_path, vtl,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const NOW: Time = Time(1_795_594_530_000);

/// The first line is a route selection expression, the rest a message: the whole way of a text frame
/// through the gateway.
pub(crate) fn frame(data: &[u8]) {
    let Some((expression, text)) = split(data) else { return };
    let mut resources = function();
    resources["Api"] = json!({ "Type": "AWS::ApiGatewayV2::Api", "Properties": {
        "Name": "api", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": expression } });
    resources["Stage"] = json!({ "Type": "AWS::ApiGatewayV2::Stage", "Properties": {
        "ApiId": { "Ref": "Api" }, "StageName": "dev", "AutoDeploy": true } });
    resources["Integration"] = json!({ "Type": "AWS::ApiGatewayV2::Integration", "Properties": {
        "ApiId": { "Ref": "Api" }, "IntegrationType": "AWS_PROXY", "IntegrationUri": { "Fn::Sub":
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations" } } });
    resources["Route"] = json!({ "Type": "AWS::ApiGatewayV2::Route", "Properties": {
        "ApiId": { "Ref": "Api" }, "RouteKey": "echo", "Target": { "Fn::Sub": "integrations/${Integration}" } } });
    resources["Permission"] = json!({ "Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": { "Ref": "Fn" }, "Principal": "apigateway.amazonaws.com" } });
    let Some(mut cloud) = cloud(resources) else { return };
    let socket = SocketId(1);
    let request = http::Request { method: "GET".into(), path: "/dev".into(), ..Default::default() };
    cloud.handle(NOW, Input::Upgrade { socket, request });
    while cloud.poll_effect().is_some() {}

    cloud.handle(NOW, Input::Text { socket, text: text.to_owned() });
    let (mut starts, mut frames) = (0, 0);
    while let Some(effect) = cloud.poll_effect() {
        match effect {
            Effect::Start { .. } => starts += 1,
            Effect::Send { text, .. } => {
                frames += 1;
                serde_json::from_str::<Value>(&text).expect("error frames are JSON");
            }
            Effect::Close { code, .. } => assert_eq!(code, 1009, "only for its size"),
            _ => {}
        }
    }
    let is_too_big = text.len() > Limits::default().message_bytes;
    assert!(is_too_big || starts + frames == 1, "a message is handed on or refused");
}

/// The first line is a selection expression, and a JSON path; the rest is the JSON they look at.
pub(crate) fn expression(data: &[u8]) {
    let Some((expression, json)) = split(data) else { return };
    let body: Option<Value> = serde_json::from_str(json).ok();
    if let Ok(selection) = Selection::parse(expression) {
        let scope = || selection::Scope { body: body.as_ref(), ..Default::default() };
        assert_eq!(selection.select(&scope()), selection.select(&scope()), "always the same");
    }
    if let (Ok(path), Some(body)) = (json_path::Path::parse(expression), &body) {
        drop(path.evaluate(body));
    }
}

/// A mapping template, a line `----`, and the body it looks at.
pub(crate) fn mapping_template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (template, body) = text.split_once("\n----\n").unwrap_or((text, "{}"));
    let context =
        json!({ "connectionId": "abc=", "requestTimeEpoch": 1, "authorizer": { "a": "b" } });
    let params = json!({ "path": {}, "querystring": { "q": "1" }, "header": { "Host": "x" } });
    let scope = vtl::Scope {
        body,
        context: &context,
        stage_variables: &json!({ "stage": "dev" }),
        params: &params,
    };
    if let Ok(template) = vtl::Template::parse(template) {
        let rendered = template.render(&scope);
        assert!(rendered.as_ref().map_or(0, String::len) <= vtl::OUTPUT_BYTES_MAX, "bounded");
        assert_eq!(rendered, template.render(&scope), "always the same");
    }
}

/// Each byte is something a caller or a process does next, in any order.
pub(crate) fn runtime_api(data: &[u8]) {
    let Some(mut cloud) = cloud(function()) else { return };
    let mut world = Runtimes::default();
    let mut now = NOW;
    for byte in data.iter().take(512) {
        match world.input(*byte) {
            Some(input) => cloud.handle(now, input),
            None => {
                now = now + Duration::from_millis(1 << (byte % 20));
                cloud.handle_timeout(now);
            }
        }
        world.carry_out(&mut cloud);
    }
    // Everything ends: processes that are told to, and those that wait for nothing.
    for _ in 0..1000 {
        for environment in world.killed() {
            let event = RuntimeEvent::Exited { status: "end".into() };
            world.alive.remove(&environment);
            cloud.handle(now, Input::Runtime { environment, event });
            world.carry_out(&mut cloud);
        }
        let Some(due) = cloud.poll_timeout() else { break };
        now = due.max(now);
        cloud.handle_timeout(now);
        world.carry_out(&mut cloud);
    }
    assert!(world.calls.is_empty(), "calls without an answer: {:?}", world.calls);
    assert_eq!(world.replies, 0, "requests to the Runtime API without an answer");
}

/// Callers and processes, as far as the Runtime API knows them.
#[derive(Default)]
struct Runtimes {
    calls: BTreeSet<CallId>,
    last_call: u64,
    /// What each process has been given and has not answered.
    alive: BTreeMap<EnvironmentId, (Option<String>, bool)>,
    replies: usize,
}

impl Runtimes {
    /// The high bits choose the process, the low bits what it does; `None`: time passes.
    fn input(&mut self, byte: u8) -> Option<Input> {
        let (which, what) = (usize::from(byte >> 4), byte & 15);
        if what < 3 {
            self.last_call += 1;
            let call = CallId(self.last_call);
            self.calls.insert(call);
            let mut request = http::Request { body: "{}".into(), ..Default::default() };
            let kind = ["RequestResponse", "Event", "DryRun"][usize::from(what)];
            request.headers.push(("X-Amz-Invocation-Type".into(), kind.into()));
            return Some(Input::Invoke { call, function: "fn".into(), request });
        }
        let environment = *self.alive.keys().nth(which)?;
        let (current, _) = self.alive.get_mut(&environment)?;
        let known = current.clone().unwrap_or_else(|| "unknown".into());
        let event = match what {
            3..6 => RuntimeEvent::Next,
            6..9 => RuntimeEvent::Response { request_id: known, body: "null".into() },
            9 => RuntimeEvent::Response { request_id: "other".into(), body: "null".into() },
            10 => RuntimeEvent::Error { request_id: known, error_type: None, body: "?".into() },
            11 => RuntimeEvent::InitError { error_type: None, body: "{}".into() },
            12 => {
                self.alive.remove(&environment);
                RuntimeEvent::Exited { status: "exit status: 1".into() }
            }
            _ => return None,
        };
        self.replies +=
            usize::from(!matches!(event, RuntimeEvent::Next | RuntimeEvent::Exited { .. }));
        Some(Input::Runtime { environment, event })
    }

    fn carry_out(&mut self, cloud: &mut Cloud) {
        while let Some(effect) = cloud.poll_effect() {
            match effect {
                Effect::Start { environment, .. } => {
                    self.alive.insert(environment, (None, false));
                }
                Effect::Deliver { environment, invocation } => {
                    let process = self.alive.get_mut(&environment).expect("it lives");
                    process.0 = Some(invocation.request_id);
                }
                Effect::Kill { environment } => {
                    let process = self.alive.get_mut(&environment).expect("it lives");
                    assert!(!std::mem::replace(&mut process.1, true), "killed twice");
                }
                Effect::Reply { call, .. } => {
                    assert!(self.calls.remove(&call), "answered twice");
                }
                Effect::RuntimeReply { environment, .. } => {
                    assert!(self.alive.contains_key(&environment), "nobody hears it");
                    self.replies -= 1;
                }
                _ => {}
            }
        }
        let usage = cloud.usage();
        assert!(usage.environments_of_one <= Limits::default().environments_per_function);
    }

    fn killed(&self) -> Vec<EnvironmentId> {
        let killed = self.alive.iter().filter(|(_, (_, killed))| *killed);
        killed.map(|(environment, _)| *environment).collect()
    }
}

/// The first line and the rest, if both are text.
fn split(data: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(data).ok()?.split_once('\n')
}

fn function() -> Value {
    json!({ "Fn": { "Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": "fn", "Runtime": "provided.al2023", "Handler": "bootstrap",
        "Role": "arn:aws:iam::123456789012:role/any", "Code": { "ZipFile": "" } } } })
}

/// `None`: AWS would not create this.
fn cloud(resources: Value) -> Option<Cloud> {
    let place = Place {
        account_id: "123456789012".into(),
        region: "eu-west-1".into(),
        stack_name: "fuzz".into(),
        tags: Default::default(),
        parameters: BTreeMap::new(),
    };
    let config = Config {
        domain_name: "local".into(),
        seed: 1,
        limits: Limits::default(),
        guesses: Guesses::default(),
        iam: Iam::Off,
        topology: read(&json!({ "Resources": resources }), &place).ok()?,
        checkpoints: BTreeMap::new(),
    };
    let mut cloud = Cloud::new(NOW, config);
    while cloud.poll_effect().is_some() {}
    // A closed socket that nobody knows is no news.
    cloud.handle(NOW, Input::Closed { socket: SocketId(9), how: Closed::Abrupt });
    Some(cloud)
}
