mod inputs;
mod publishing;
mod scheduling;

use super::*;
use crate::{Time, http};
use serde_json::{Value, json};

const NOW: Time = Time(1_795_594_530_125);

/// `id-1`, `id-2`, …
fn ids() -> impl FnMut() -> String {
    let mut last = 0;
    move || {
        last += 1;
        format!("id-{last}")
    }
}

fn rule(name: &str, pattern: &str, input: TargetInput) -> Rule {
    Rule {
        name: name.into(),
        bus: DEFAULT_BUS.into(),
        enabled: true,
        pattern: Pattern::parse(pattern).ok(),
        schedule: Schedule::parse(pattern).ok(),
        targets: vec![Target {
            id: "t".into(),
            arn: format!("arn:{name}"),
            input,
            ..Target::default()
        }],
    }
}

fn config(rules: Vec<Rule>) -> Config {
    Config {
        account_id: "123456789012".into(),
        region: "eu-west-1".into(),
        buses: vec!["orders".into()],
        rules,
    }
}

fn put(buses: &Buses, entries: Value) -> Published {
    request(buses, "AWSEvents.PutEvents", &json!({"Entries": entries}).to_string())
}

fn request(buses: &Buses, target: &str, body: &str) -> Published {
    let request = http::Request {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![("X-Amz-Target".into(), target.into())],
        body: body.to_owned().into(),
        ..http::Request::default()
    };
    buses.handle(NOW, &request, &mut ids())
}

/// `rule → ARN: payload`, a line each.
fn show(deliveries: &[Delivery]) -> String {
    let line = |delivery: &Delivery| {
        let payload = String::from_utf8_lossy(&delivery.payload);
        format!("{} → {}: {payload}\n", delivery.rule, delivery.arn)
    };
    deliveries.iter().map(line).collect()
}
