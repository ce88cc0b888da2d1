//! What the push stack promises, whatever else changes in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod delivery;
mod domain;
mod functions;
mod gateway;
mod handover;
mod rights;
mod sources;
mod watching;

use infra_gen::{Template, Val, Value, template_file};
use serde_json::Value as Json;
use stacks::{Settings, Stage, push};

/// A stage called `live` with these settings.
fn stage(settings: &str) -> Stage {
    let text = format!("stages: {{live: {{region: eu-west-1{settings}}}}}");
    Settings::parse(&text, "stages.yaml").unwrap().stage("live").unwrap().clone()
}

fn template(settings: &str) -> Template {
    let template = push::template(&stage(settings));
    assert_eq!(template.check(), []);
    template
}

fn json(template: &Template) -> Json {
    template_file::parse(&template.to_json()).unwrap()
}

/// The properties of a resource.
fn properties(settings: &str, id: &str) -> Json {
    let properties = &json(&template(settings))["Resources"][id]["Properties"];
    assert!(properties.is_object(), "there is no {id}");
    properties.clone()
}

fn text<T: Value>(value: &Option<Val<T>>) -> String {
    serde_json::to_string(value).unwrap()
}

/// Every setting that adds or takes away resources, each way.
const EVERY_SHAPE: &[&str] = &[
    "",
    ", auth: none",
    ", auth: optional",
    ", auth: jwt, jwt: {issuer: 'https://id.example', audience: app, jwks_url: 'https://id.example/jwks'}",
    ", auth: optional, jwt: {issuer: 'https://id.example', audience: app, jwks_url: 'https://id.example/jwks'}",
    ", deployment: hashed",
    ", tracing: false",
    ", metrics: false",
    ", alarms: false",
    ", alarm_topic: 'arn:aws:sns:eu-west-1:123456789012:alarms'",
    ", retain_data: false, sender_concurrency: 4",
    domain::MAPPED,
    domain::WITH_RECORD,
];
