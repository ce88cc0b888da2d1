//! What is wrong with a template as a whole.
//!
//! Works on nodes, so that a reference inside untyped JSON counts as well.

use super::Template;
use crate::limits::{DESCRIPTION_BYTES_MOST, OUTPUTS_MOST, PARAMETERS_MOST, RESOURCES_MOST};
use crate::lower::{Lower, Problem};
use crate::node::Node;
use crate::references::{self, Target, circle};
use crate::resource::LogicalId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(template: &Template) -> Vec<Problem> {
    let mut problems = template.reported.clone();
    ids(template, &mut problems);
    limits(template, &mut problems);
    for entry in &template.resources {
        let mut lower = Lower::new(entry.id.as_str());
        entry.resource.properties(&mut lower);
        problems.extend(lower.into_problems());
    }
    references(template, &mut problems);
    problems
}

fn problem(at: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem { at: at.into(), message: message.into() }
}

fn ids(template: &Template, problems: &mut Vec<Problem>) {
    let resources = template.resources.iter().map(|entry| &entry.id);
    let parameters = template.parameters.iter().map(|(id, _)| id);
    // Both are what `Ref` refers to, so they share one space of names.
    unique("resource or parameter", parameters.chain(resources), problems);
    unique("condition", template.conditions.iter().map(|(id, _)| id), problems);
    unique("output", template.outputs.iter().map(|(id, _)| id), problems);
}

fn unique<'t>(what: &str, ids: impl Iterator<Item = &'t LogicalId>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !id.is_valid() {
            let message = format!("is no id of a {what}; write 1 to 255 letters and digits");
            problems.push(problem(format!("{:?}", id.as_str()), message));
        }
        if !seen.insert(id) {
            problems.push(problem(id.as_str(), format!("is the id of more than one {what}")));
        }
    }
}

fn limits(template: &Template, problems: &mut Vec<Problem>) {
    for (section, count, most) in [
        ("Resources", template.resources.len(), RESOURCES_MOST),
        ("Parameters", template.parameters.len(), PARAMETERS_MOST),
        ("Outputs", template.outputs.len(), OUTPUTS_MOST),
    ] {
        if count > most {
            problems.push(problem(section, format!("has {count} entries; the most is {most}")));
        }
    }
    if template.resources.is_empty() {
        problems.push(problem("Resources", "is empty; a template has at least one resource"));
    }
    let bytes = template.description.len();
    if bytes > DESCRIPTION_BYTES_MOST {
        let message = format!("has {bytes} bytes; the most is {DESCRIPTION_BYTES_MOST}");
        problems.push(problem("Description", message));
    }
}

fn references(template: &Template, problems: &mut Vec<Problem>) {
    let resources: BTreeSet<&str> = template.resources.iter().map(|e| e.id.as_str()).collect();
    let parameters: BTreeSet<&str> =
        template.parameters.iter().map(|(id, _)| id.as_str()).collect();
    let conditions: BTreeSet<&str> =
        template.conditions.iter().map(|(id, _)| id.as_str()).collect();
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let check = |at: &str, found: &References, problems: &mut Vec<Problem>| {
        for id in &found.refs {
            if !resources.contains(id.as_str()) && !parameters.contains(id.as_str()) {
                let message = format!("refers to {id}, which this template does not have");
                problems.push(problem(at, message));
            }
        }
        for id in found.attributes.iter().filter(|id| !resources.contains(id.as_str())) {
            let message =
                format!("takes an attribute of {id}, a resource this template does not have");
            problems.push(problem(at, message));
        }
        for id in found.conditions.iter().filter(|id| !conditions.contains(id.as_str())) {
            let message =
                format!("depends on the condition {id}, which this template does not have");
            problems.push(problem(at, message));
        }
    };
    for entry in &template.resources {
        let mut found = References::of(&entry.node());
        for id in &entry.options.depends_on {
            found.attributes.insert(id.as_str().to_owned());
        }
        found.conditions.extend(entry.options.condition.iter().map(|c| c.as_str().to_owned()));
        check(entry.id.as_str(), &found, problems);
        let targets = found.refs.into_iter().chain(found.attributes);
        edges.insert(
            entry.id.as_str(),
            targets.filter(|id| resources.contains(id.as_str())).collect(),
        );
    }
    let sections = [("Outputs", &template.outputs), ("Conditions", &template.conditions)];
    for (section, entries) in sections {
        for (id, node) in entries {
            let mut found = References::of(node);
            // Here the key says which condition is meant; among properties it is just a name.
            found
                .conditions
                .extend(node.get("Condition").and_then(Node::as_text).map(str::to_owned));
            check(&format!("{section}.{id}"), &found, problems);
        }
    }
    problems.extend(
        circle(&edges).map(|path| {
            problem(path[0].clone(), format!("depends on itself: {}", path.join(" → ")))
        }),
    );
}

/// What one entry refers to, by kind.
#[derive(Default)]
struct References {
    refs: BTreeSet<String>,
    attributes: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl References {
    fn of(node: &Node) -> Self {
        let mut found = Self::default();
        for reference in references::references(node) {
            match reference.target {
                Target::Ref(id) => found.refs.insert(id),
                Target::Attribute(id, _) => found.attributes.insert(id),
                Target::Condition(id) => found.conditions.insert(id),
                // A typed template has no mappings.
                Target::Mapping(_) => false,
            };
        }
        found
    }
}
