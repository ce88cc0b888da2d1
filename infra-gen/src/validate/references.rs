//! References that lead nowhere or in a circle, and entries that none leads to.
//!
//! A template with a macro is passed over: the macro may add what is referred to.

use super::codes::{
    CIRCLE, DANGLING, DANGLING_ATTRIBUTE, DANGLING_CONDITION, DANGLING_DEPENDENCY,
    DANGLING_MAPPING, UNKNOWN_ATTRIBUTE, UNUSED_CONDITION, UNUSED_PARAMETER,
};
use super::{Findings, did_you_mean, listed};
use crate::node::Node;
use crate::parsed::Parsed;
use crate::path::Path;
use crate::references::{PSEUDO_PARAMETERS, Reference, Target, circle, references};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(template: &Parsed, findings: &mut Findings) {
    if template.root().get("Transform").is_some() {
        return;
    }
    let mut all = Vec::new();
    // What stands in `Metadata` and the like refers to nothing.
    for section in ["Conditions", "Resources", "Outputs", "Rules"] {
        for (id, node) in template.section(section) {
            let at = Path::new([section, id]);
            all.extend(references(node).into_iter().map(|reference| Reference {
                at: at.below(&reference.at),
                target: reference.target,
            }));
            if section != "Resources" && section != "Outputs" {
                conditions(node, &at, &mut all);
            }
        }
    }
    for section in ["Resources", "Outputs"] {
        for (id, node) in template.section(section) {
            if let Some(condition) = node.get("Condition").and_then(Node::as_text) {
                let at = Path::new([section, id, "Condition"]);
                all.push(Reference { at, target: Target::Condition(condition.to_owned()) });
            }
        }
    }
    for reference in &all {
        dangling(template, reference, findings);
    }
    dependencies(template, findings);
    circles(template, findings);
    unused(template, &all, findings);
}

/// `{"Condition": "IsProd"}` inside of conditions.
fn conditions(node: &Node, at: &Path, found: &mut Vec<Reference>) {
    match node {
        Node::Map(pairs) => {
            for (key, value) in pairs {
                if let ("Condition", Node::Text(id)) = (key.as_ref(), value) {
                    let target = Target::Condition(id.clone());
                    found.push(Reference { at: at.clone(), target });
                }
                conditions(value, &at.key(key), found);
            }
        }
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                conditions(item, &at.item(index), found);
            }
        }
        _ => {}
    }
}

fn ids<'t>(template: &'t Parsed, sections: &[&'static str]) -> Vec<&'t str> {
    sections.iter().flat_map(|s| template.section(s)).map(|(id, _)| id.as_ref()).collect()
}

fn dangling(template: &Parsed, reference: &Reference, findings: &mut Findings) {
    let at = || reference.at.clone();
    match &reference.target {
        Target::Ref(id) => {
            let mut known = ids(template, &["Parameters", "Resources"]);
            known.extend(PSEUDO_PARAMETERS);
            if !known.contains(&id.as_str()) {
                let message = format!("refers to {id}, which this template does not have");
                findings.report(&DANGLING, at(), message, did_you_mean(id, known));
            }
        }
        Target::Attribute(id, name) => match template.resource(id) {
            None => {
                let message = format!("takes an attribute of {id}, which is no resource here");
                let help = did_you_mean(id, ids(template, &["Resources"]));
                findings.report(&DANGLING_ATTRIBUTE, at(), message, help);
            }
            Some(resource) => {
                let Some(known) = resource.known().filter(|_| !name.is_empty()) else { return };
                let part = |attribute: &&str| {
                    *attribute == name
                        || attribute.strip_prefix(name.as_str()).is_some_and(|r| r.starts_with('.'))
                };
                if !known.attributes.iter().any(part) {
                    let message =
                        format!("takes {name} of {id}, an attribute that {} lacks", known.name);
                    let help = match known.attributes {
                        [] => "it has no attributes; Ref gives its name or ID".to_owned(),
                        known => format!("it has {}", listed(known.iter().copied())),
                    };
                    findings.report(&UNKNOWN_ATTRIBUTE, at(), message, help);
                }
            }
        },
        Target::Condition(id) if !template.has("Conditions", id) => {
            let message = format!("asks for the condition {id}, which this template does not have");
            let help = did_you_mean(id, ids(template, &["Conditions"]));
            findings.report(&DANGLING_CONDITION, at(), message, help);
        }
        Target::Mapping(id) if !template.has("Mappings", id) => {
            let message = format!("looks into the mapping {id}, which this template does not have");
            let help = did_you_mean(id, ids(template, &["Mappings"]));
            findings.report(&DANGLING_MAPPING, at(), message, help);
        }
        Target::Condition(_) | Target::Mapping(_) => {}
    }
}

fn dependencies(template: &Parsed, findings: &mut Findings) {
    for resource in template.resources() {
        for id in resource.depends_on() {
            if template.resource(id).is_none() {
                let at = Path::new(["Resources", resource.id, "DependsOn"]);
                let message = format!("names {id}, which is no resource here");
                let help = did_you_mean(id, ids(template, &["Resources"]));
                findings.report(&DANGLING_DEPENDENCY, at, message, help);
            }
        }
    }
}

fn circles(template: &Parsed, findings: &mut Findings) {
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for resource in template.resources() {
        let found = references(resource.body);
        let targets = found.iter().filter_map(|reference| reference.target.id());
        let targets = targets.chain(resource.depends_on()).map(str::to_owned).collect();
        edges.insert(resource.id, targets);
    }
    if let Some(path) = circle(&edges) {
        let at = Path::new(["Resources", &path[0]]);
        let help = "write a name where an attribute was taken, or take a part out";
        findings.report(&CIRCLE, at, format!("depends on itself: {}", path.join(" → ")), help);
    }
}

fn unused(template: &Parsed, all: &[Reference], findings: &mut Findings) {
    for (id, _) in template.section("Parameters") {
        if !all.iter().any(|reference| reference.target == Target::Ref(id.to_string())) {
            let at = Path::new(["Parameters", id]);
            findings.report(&UNUSED_PARAMETER, at, "is referred to by nothing", "delete it");
        }
    }
    for (id, _) in template.section("Conditions") {
        if !all.iter().any(|reference| reference.target == Target::Condition(id.to_string())) {
            let at = Path::new(["Conditions", id]);
            findings.report(&UNUSED_CONDITION, at, "is asked for by nothing", "delete it");
        }
    }
}
