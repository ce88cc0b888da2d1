//! Functions, and who may invoke them; their roles are in `roles`.

use super::eval::Evaluator;
use super::properties::Properties;
use super::stand_in;
use crate::lambda::function_name;
use crate::topology::{Asynchronous, Function, Permission, Topology};
use std::time::Duration;

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Lambda::Function") {
        let function = function(evaluator, &id);
        topology.functions.insert(function.name.clone(), function);
    }
    for id in evaluator.of_kind("AWS::Lambda::Permission") {
        permission(evaluator, topology, &id);
    }
}

fn function(evaluator: &mut Evaluator<'_>, id: &str) -> Function {
    let name = stand_in::name(evaluator, id);
    let arn = stand_in::function_arn(evaluator, id);
    let mut properties = Properties::of(evaluator, id);
    let mut logging = properties.within("LoggingConfig");
    let role = properties.required("Role");
    let timeout = properties.number("Timeout", 1, 900).unwrap_or(3);
    let memory = properties.number("MemorySize", 128, 32_768).unwrap_or(128);
    let function = Function {
        logical_id: id.into(),
        log_group: logging.text("LogGroup").unwrap_or_else(|| format!("/aws/lambda/{name}")),
        name,
        arn,
        runtime: properties.text("Runtime").unwrap_or_default(),
        handler: properties.text("Handler").unwrap_or_default(),
        timeout: Duration::from_secs(timeout),
        memory_mb: u32::try_from(memory).unwrap_or(128),
        architectures: match properties.texts("Architectures") {
            given if given.is_empty() => vec!["x86_64".into()],
            given => given,
        },
        environment: properties.within("Environment").text_map("Variables"),
        log_format: logging.choice("LogFormat", &["Text", "JSON"]),
        log_level: logging.text("ApplicationLogLevel"),
        reserved_concurrency: properties
            .number("ReservedConcurrentExecutions", 0, 1_000_000)
            .and_then(|count| usize::try_from(count).ok()),
        permissions: Vec::new(),
        role,
        asynchronous: Asynchronous::default(),
        code: properties.value("Code").cloned().unwrap_or_default(),
    };
    if !properties.has("Code") {
        properties.problem("", "Code is required");
    }
    evaluator.problems.append(&mut properties.problems);
    evaluator.problems.append(&mut logging.problems);
    function
}

fn permission(evaluator: &mut Evaluator<'_>, topology: &mut Topology, id: &str) {
    let mut properties = Properties::of(evaluator, id);
    let function = properties.required("FunctionName");
    let permission = Permission {
        principal: properties.required("Principal"),
        action: properties.required("Action"),
        source_arn: properties.text("SourceArn"),
        source_account: properties.text("SourceAccount"),
    };
    evaluator.problems.append(&mut properties.problems);
    match function_name(&function).and_then(|name| topology.functions.get_mut(name)) {
        Some(function) => function.permissions.push(permission),
        None => evaluator
            .warnings
            .push(format!("{id} is about function {function}, which is not in the template")),
    }
}
