//! An event on its bus, and the JSON it is to patterns and targets.

use super::{Config, Rule};
use crate::Time;
use serde_json::{Value, json};

/// What a sender says of an event; account, Region and the rest are the bus's.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) source: String,
    pub(super) detail_type: String,
    pub(super) detail: Value,
    pub(super) resources: Vec<String>,
    pub(super) time: Time,
}

impl Event {
    /// What a schedule sends.
    pub(super) fn scheduled(time: Time, rule_arn: &str) -> Self {
        Self {
            source: "aws.events".into(),
            detail_type: "Scheduled Event".into(),
            detail: json!({}),
            resources: vec![rule_arn.to_owned()],
            time,
        }
    }

    /// What Lambda says of an asynchronous invocation that has come to its end.
    pub(super) fn invocation_result(time: Time, record: Value, destination: &str) -> Self {
        let context = &record["requestContext"];
        let result = if context["condition"] == "Success" { "Success" } else { "Failure" };
        let function = context["functionArn"].as_str().unwrap_or_default().to_owned();
        Self {
            source: "lambda".into(),
            detail_type: format!("Lambda Function Invocation Result - {result}"),
            resources: vec![function, destination.to_owned()],
            detail: record,
            time,
        }
    }

    pub(super) fn into_json(self, id: &str, config: &Config) -> Value {
        json!({
            "version": "0",
            "id": id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": config.account_id,
            "time": self.time.iso8601_seconds(),
            "region": config.region,
            "resources": self.resources,
            "detail": self.detail,
        })
    }
}

pub(super) fn rule_arn(config: &Config, rule: &Rule) -> String {
    let Config { region, account_id, buses: _, rules: _ } = config;
    let bus = if rule.bus == super::DEFAULT_BUS { String::new() } else { format!("{}/", rule.bus) };
    format!("arn:aws:events:{region}:{account_id}:rule/{bus}{}", rule.name)
}
