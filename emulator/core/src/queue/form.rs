//! The Query protocol of SQS, turned into its JSON protocol and back.
//!
//! Nothing is decided here: what a request means, and whether it succeeds, is the same in both.

use super::error::json_reply;
use crate::http::{Reply, Request};
use crate::query::{Dialect, Form, Xml};
use serde_json::{Map, Value, json};

pub(crate) const DIALECT: Dialect =
    Dialect { namespace: "http://queue.amazonaws.com/doc/2012-11-05/" };

/// Parameters that are numbers in JSON.
const NUMBERS: [&str; 5] =
    ["DelaySeconds", "MaxNumberOfMessages", "MaxResults", "VisibilityTimeout", "WaitTimeSeconds"];

/// Lists: what begins the names of their items, and what they are called in JSON.
const LISTS: [(&str, &str); 3] = [
    ("AttributeName", "AttributeNames"),
    ("MessageAttributeName", "MessageAttributeNames"),
    ("MessageSystemAttributeName", "MessageSystemAttributeNames"),
];

/// The same for attributes.
const ATTRIBUTES: [(&str, &str); 2] = [
    ("MessageAttribute", "MessageAttributes"),
    ("MessageSystemAttribute", "MessageSystemAttributes"),
];

/// The same request in JSON: its action, and what follows from its parameters.
pub(crate) fn meant(request: &Request, form: &Form) -> (String, Request) {
    let action = form.get("Action").unwrap_or_default().to_owned();
    let parameters: Vec<(&str, &str)> = form.below("").collect();
    let mut body = object(&parameters);
    let entries = format!("{action}RequestEntry");
    if action.ends_with("Batch") {
        let entry = |parameters: Vec<(&str, &str)>| Value::Object(object(&parameters));
        let entries = numbered(&parameters, &entries).into_iter().map(entry);
        body.insert("Entries".to_owned(), entries.collect());
    }
    let path = request.path.trim_start_matches('/');
    if !path.is_empty() && !body.contains_key("QueueUrl") {
        body.insert("QueueUrl".to_owned(), format!("/{path}").into());
    }
    let mut meant = request.clone();
    meant.headers.push(("X-Amz-Target".to_owned(), format!("AmazonSQS.{action}")));
    meant.body = Value::Object(body).to_string().into();
    (action, meant)
}

fn object(parameters: &[(&str, &str)]) -> Map<String, Value> {
    let plain = parameters.iter().filter(|(name, _)| !name.contains('.'));
    let mut object: Map<String, Value> = plain
        .map(|(name, value)| {
            let number = NUMBERS.contains(name).then(|| value.parse::<i64>().ok()).flatten();
            ((*name).to_owned(), number.map_or_else(|| Value::from(*value), Value::from))
        })
        .collect();
    for (prefix, name) in LISTS {
        let items = numbered(parameters, prefix);
        let items: Vec<&str> =
            items.iter().filter_map(|item| item.first()).map(|(_, value)| *value).collect();
        if !items.is_empty() {
            object.insert(name.to_owned(), items.into());
        }
    }
    for (prefix, name) in ATTRIBUTES {
        let items = numbered(parameters, prefix);
        if !items.is_empty() {
            object
                .insert(name.to_owned(), items.iter().filter_map(|item| attribute(item)).collect());
        }
    }
    object
}

/// `Name`, and what of `Value.…` there is.
fn attribute(parameters: &[(&str, &str)]) -> Option<(String, Value)> {
    let find = |wanted: &str| parameters.iter().find(|(n, _)| *n == wanted).map(|(_, v)| *v);
    let mut value = json!({ "DataType": find("Value.DataType").unwrap_or_default() });
    for kind in ["StringValue", "BinaryValue"] {
        if let Some(given) = find(&format!("Value.{kind}")) {
            value[kind] = given.into();
        }
    }
    Some((find("Name")?.to_owned(), value))
}

/// What stands below `prefix.1`, `prefix.2` and so on, by number; of an item that is plain text, the
/// name is empty.
fn numbered<'p>(parameters: &[(&'p str, &'p str)], prefix: &str) -> Vec<Vec<(&'p str, &'p str)>> {
    let mut items = std::collections::BTreeMap::<u32, Vec<_>>::new();
    for (name, value) in parameters {
        let Some(rest) = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')) else {
            continue;
        };
        let (number, below) = rest.split_once('.').unwrap_or((rest, ""));
        if let Ok(number) = number.parse() {
            items.entry(number).or_default().push((below, *value));
        }
    }
    items.into_values().collect()
}

/// A reply of the JSON protocol, as XML.
pub(crate) fn xml(action: &str, reply: &Reply, request_id: &str) -> Reply {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if let Some((code, message)) = error(reply, &body) {
        return DIALECT.error(reply.status, &code, &message, request_id);
    }
    let entry = format!("{action}ResultEntry");
    DIALECT.answer(action, request_id, |xml| {
        for (name, value) in body.as_object().into_iter().flatten() {
            match (name.as_str(), value) {
                ("Successful", Value::Array(all)) => each(xml, &entry, all),
                ("Failed", Value::Array(all)) => each(xml, "BatchResultErrorEntry", all),
                ("Messages", Value::Array(all)) => each(xml, "Message", all),
                ("QueueUrls", Value::Array(all)) => each(xml, "QueueUrl", all),
                _ => write(xml, name, value),
            }
        }
    })
}

fn each(xml: &mut Xml, name: &str, values: &[Value]) {
    for value in values {
        write(xml, name, value);
    }
}

fn write(xml: &mut Xml, name: &str, value: &Value) {
    match (name, value) {
        ("Attributes" | "MessageAttributes", Value::Object(all)) => {
            let one = if name == "Attributes" { "Attribute" } else { "MessageAttribute" };
            for (name, value) in all {
                xml.within(one, |xml| {
                    xml.text("Name", name);
                    write(xml, "Value", value);
                });
            }
        }
        (_, Value::Object(parts)) => xml.within(name, |xml| {
            for (name, value) in parts {
                write(xml, name, value);
            }
        }),
        (_, Value::String(text)) => xml.text(name, text),
        (_, other) => xml.text(name, &other.to_string()),
    }
}

/// A reply of the JSON protocol as API Gateway's integrations get it, who ask for JSON of this shape.
pub(crate) fn json(action: &str, reply: &Reply, request_id: &str) -> Reply {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if let Some((code, message)) = error(reply, &body) {
        let error = json!({ "Code": code, "Message": message, "Type": "Sender" });
        return json_reply(reply.status, &json!({ "Error": error, "RequestId": request_id }));
    }
    let mut response = json!({ "ResponseMetadata": { "RequestId": request_id } });
    if body.as_object().is_some_and(|body| !body.is_empty()) {
        response[format!("{action}Result")] = body;
    }
    json_reply(200, &json!({ format!("{action}Response"): response }))
}

/// Code and message of a refusal, in this protocol's names.
fn error(reply: &Reply, body: &Value) -> Option<(String, String)> {
    if reply.status == 200 {
        return None;
    }
    let code = reply.headers.iter().find(|(name, _)| name == "x-amzn-query-error");
    let code = code.and_then(|(_, code)| code.split(';').next()).map(ToOwned::to_owned);
    let kind = body["__type"].as_str().and_then(|kind| kind.rsplit('#').next());
    let message = body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default();
    Some((code.or(kind.map(ToOwned::to_owned)).unwrap_or_default(), message.to_owned()))
}
