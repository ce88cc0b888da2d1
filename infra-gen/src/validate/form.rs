//! The form of a template: sections, entries, limits.

use super::codes::{FORM, ID, LIMIT, NULL, UPLOAD};
use super::{Findings, did_you_mean, listed};
use crate::limits;
use crate::node::Node;
use crate::parsed::Parsed;
use crate::path::Path;
use serde_json::Value;

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// What a resource may have beside `Type`.
const RESOURCE_KEYS: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

const POLICIES: [(&str, &[&str]); 2] = [
    ("DeletionPolicy", &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"]),
    ("UpdateReplacePolicy", &["Delete", "Retain", "Snapshot"]),
];

pub(super) fn check(value: &Value, template: &Parsed, bytes: usize, findings: &mut Findings) {
    nulls(value, &Path::default(), findings);
    sizes(template, bytes, findings);
    for (name, _) in template.root().pairs() {
        // A macro may have sections of its own, as SAM has Globals.
        let by_macro = template.root().get("Transform").is_some();
        if !SECTIONS.contains(&name.as_ref()) && !by_macro {
            let help = did_you_mean(name, SECTIONS);
            findings.report(&FORM, Path::new([name.as_ref()]), "is no section of a template", help);
        }
    }
    resources(template, findings);
    for (section, key) in [("Parameters", "Type"), ("Outputs", "Value")] {
        for (id, body) in template.section(section) {
            if body.get(key).is_none() && !id.starts_with("Fn::") {
                let message = format!("has no {key}, which is required");
                findings.report(&FORM, Path::new([section, id]), message, "");
            }
        }
    }
    ids(template, findings);
}

fn nulls(value: &Value, at: &Path, findings: &mut Findings) {
    match value {
        Value::Null => findings.report(&NULL, at.clone(), "is null", "leave the key out"),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| nulls(item, &at.item(i), findings));
        }
        Value::Object(pairs) => {
            pairs.iter().for_each(|(key, value)| nulls(value, &at.key(key), findings));
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn sizes(template: &Parsed, bytes: usize, findings: &mut Findings) {
    if bytes > limits::BYTES_MOST {
        let message = format!("has {bytes} bytes; the most is {}", limits::BYTES_MOST);
        findings.report(&LIMIT, Path::default(), message, "split the stack");
    } else if bytes > limits::INLINE_BYTES_MOST {
        let message =
            format!("has {bytes} bytes; more than {} must be uploaded", limits::INLINE_BYTES_MOST);
        findings.report(&UPLOAD, Path::default(), message, "");
    }
    for (section, most) in [
        ("Resources", limits::RESOURCES_MOST),
        ("Parameters", limits::PARAMETERS_MOST),
        ("Mappings", limits::MAPPINGS_MOST),
        ("Outputs", limits::OUTPUTS_MOST),
    ] {
        let count = template.section(section).len();
        if count > most {
            let message = format!("has {count} entries; the most is {most}");
            findings.report(&LIMIT, Path::new([section]), message, "split the stack");
        }
    }
    let description = template.root().get("Description").and_then(Node::as_text);
    let bytes = description.map_or(0, str::len);
    if bytes > limits::DESCRIPTION_BYTES_MOST {
        let message = format!("has {bytes} bytes; the most is {}", limits::DESCRIPTION_BYTES_MOST);
        findings.report(&LIMIT, Path::new(["Description"]), message, "");
    }
}

fn resources(template: &Parsed, findings: &mut Findings) {
    let section = template.section("Resources");
    if section.is_empty() {
        let help = "a template has at least one resource";
        findings.report(&FORM, Path::new(["Resources"]), "is missing or empty", help);
    }
    for (id, body) in section.iter().filter(|(id, _)| !id.starts_with("Fn::")) {
        let at = Path::new(["Resources", id]);
        if body.get("Type").and_then(Node::as_text).is_none() {
            let help = "give its Type, such as AWS::Lambda::Function";
            findings.report(&FORM, at.clone(), "is no resource: it has no Type", help);
        }
        for (key, value) in body.pairs() {
            if !RESOURCE_KEYS.contains(&key.as_ref()) && !key.starts_with("Fn::") {
                let help = match did_you_mean(key, RESOURCE_KEYS) {
                    help if help.is_empty() => format!("known are {}", listed(RESOURCE_KEYS)),
                    help => help,
                };
                findings.report(&FORM, at.key(key), "is nothing that a resource has", help);
            }
            let known = POLICIES.iter().find(|(name, _)| name == key);
            if let (Some((_, known)), Node::Text(text)) = (known, value)
                && !known.contains(&text.as_str())
            {
                let help = format!("known are {}", listed(known.iter().copied()));
                findings.report(&FORM, at.key(key), format!("is {text:?}"), help);
            }
        }
    }
}

fn ids(template: &Parsed, findings: &mut Findings) {
    for section in ["Parameters", "Conditions", "Resources", "Outputs"] {
        for (id, _) in template.section(section) {
            let at = Path::new([section, id]);
            let valid = (1..=255).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !valid && !id.starts_with("Fn::") {
                let help = "write 1 to 255 letters and digits";
                findings.report(&ID, at.clone(), "is no logical ID", help);
            }
            if section == "Resources" && template.has("Parameters", id) {
                findings.report(&ID, at, "is the ID of a parameter, too", "rename one of them");
            }
        }
    }
}
