//! What is wrong with a template as a whole.
//!
//! Works on nodes, so that a reference inside untyped JSON counts as well.

use super::Template;
use crate::lower::{Lower, Problem};
use crate::node::Node;
use crate::resource::LogicalId;
use std::collections::{BTreeMap, BTreeSet};

/// Limits of CloudFormation ("Understand CloudFormation quotas").
const RESOURCES_MOST: usize = 500;
const PARAMETERS_MOST: usize = 200;
const OUTPUTS_MOST: usize = 200;
const DESCRIPTION_BYTES_MOST: usize = 1024;

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
        let mut found = References::default();
        found.walk(&entry.node());
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
            let mut found = References::default();
            found.walk(node);
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

#[derive(Default)]
struct References {
    refs: BTreeSet<String>,
    attributes: BTreeSet<String>,
    conditions: BTreeSet<String>,
}

impl References {
    fn walk(&mut self, node: &Node) {
        match (node.as_function(), node) {
            (Some(("Ref", Node::Text(id))), _) => self.reference(id),
            (Some(("Fn::GetAtt", Node::List(path))), _) => {
                self.attributes.extend(path.first().and_then(Node::as_text).map(str::to_owned));
            }
            (Some(("Fn::Sub", Node::Text(text))), _) => self.sub(text, &[]),
            (Some(("Fn::Sub", Node::List(arguments))), _) => {
                if let [Node::Text(text), Node::Map(variables)] = &arguments[..] {
                    let own: Vec<_> = variables.iter().map(|(name, _)| name.as_ref()).collect();
                    self.sub(text, &own);
                    variables.iter().for_each(|(_, value)| self.walk(value));
                }
            }
            (Some(("Fn::If", Node::List(arguments))), _) => {
                self.conditions
                    .extend(arguments.first().and_then(Node::as_text).map(str::to_owned));
                arguments.iter().skip(1).for_each(|argument| self.walk(argument));
            }
            (_, Node::List(items)) => items.iter().for_each(|item| self.walk(item)),
            (_, Node::Map(pairs)) => pairs.iter().for_each(|(_, value)| self.walk(value)),
            _ => {}
        }
    }

    fn reference(&mut self, id: &str) {
        if !id.starts_with("AWS::") {
            self.refs.insert(id.to_owned());
        }
    }

    fn sub(&mut self, text: &str, own: &[&str]) {
        for piece in text.split("${").skip(1) {
            let Some((name, _)) = piece.split_once('}') else { continue };
            match name.split_once('.') {
                _ if name.starts_with('!') || own.contains(&name) => {}
                Some((id, _)) => {
                    self.attributes.insert(id.to_owned());
                }
                None => self.reference(name),
            }
        }
    }
}

/// The first circle found, from some member back to it.
fn circle(edges: &BTreeMap<&str, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in edges.keys() {
        // A walk in depth, with its own stack: the next edges to follow from each step.
        let mut path: Vec<&str> = vec![start];
        let mut stack = vec![edges[start].iter()];
        while let Some(next) = stack.last_mut() {
            match next.next().and_then(|id| edges.get_key_value(id.as_str())) {
                Some((id, _)) if path.contains(id) => {
                    let from = path.iter().position(|step| step == id).unwrap_or_default();
                    let steps = path[from..].iter().chain([id]);
                    return Some(steps.map(|step| (*step).to_owned()).collect());
                }
                Some((id, targets)) if !done.contains(id) => {
                    path.push(id);
                    stack.push(targets.iter());
                }
                Some(_) => {}
                None => {
                    stack.pop();
                    done.extend(path.pop());
                }
            }
        }
    }
    None
}
