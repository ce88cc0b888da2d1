//! Roles and their policies, parsed once: what IAM calls malformed is refused here.

use super::eval::Evaluator;
use super::properties::Properties;
use super::stand_in;
use crate::iam::Policy;
use crate::permissions::{identity_policy, managed_policy};
use crate::topology::{Role, Topology};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Policies of the template that have an ARN, by it.
type Managed = BTreeMap<String, Policy>;

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    let managed = managed(evaluator);
    for id in evaluator.of_kind("AWS::IAM::Role") {
        role(evaluator, topology, &id, &managed);
    }
    for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"] {
        for id in evaluator.of_kind(kind) {
            attached(evaluator, topology, &id);
        }
    }
    let unknown: BTreeSet<&String> = topology
        .functions
        .values()
        .map(|function| &function.role)
        .filter(|role| !role.is_empty() && !topology.roles.contains_key(*role))
        .collect();
    for role in unknown {
        evaluator.warnings.push(format!(
            "role {role} is not in the template, so its functions may call nothing; `--iam off` lets them"
        ));
    }
}

fn managed(evaluator: &mut Evaluator<'_>) -> Managed {
    let mut managed = Managed::new();
    for id in evaluator.of_kind("AWS::IAM::ManagedPolicy") {
        let mut properties = Properties::of(evaluator, &id);
        // Problems are noted when it is attached.
        if let Some(policy) = document(&mut properties, "PolicyDocument") {
            managed.insert(stand_in::reference(evaluator, &id), policy);
        }
    }
    managed
}

fn role(evaluator: &mut Evaluator<'_>, topology: &mut Topology, id: &str, managed: &Managed) {
    let name = stand_in::name(evaluator, id);
    let arn = format!("arn:aws:iam::{}:role/{name}", evaluator.place.account_id);
    let mut properties = Properties::of(evaluator, id);
    let services = match properties.value("AssumeRolePolicyDocument") {
        Some(document) => trusted(document),
        None => {
            properties.problem("", "AssumeRolePolicyDocument is required");
            Vec::new()
        }
    };
    let mut policies: Vec<Policy> = properties
        .items("Policies")
        .iter_mut()
        .filter_map(|inline| {
            let policy = document(inline, "PolicyDocument");
            properties.problems.append(&mut inline.problems);
            policy
        })
        .collect();
    let mut find = |arn: &str| {
        let found = managed.get(arn).or_else(|| managed_policy(arn)).cloned();
        if found.is_none() {
            evaluator.warnings.push(format!(
                "managed policy {arn} of role {id} is not known here, so it allows nothing; repeat what is needed under Policies"
            ));
        }
        found
    };
    let arns = properties.texts("ManagedPolicyArns");
    let attached: Vec<Policy> = arns.iter().filter_map(|arn| find(arn)).collect();
    let has_unknown_policies = attached.len() < arns.len();
    policies.extend(attached);
    let boundary = properties.text("PermissionsBoundary").map(|arn| find(&arn).unwrap_or_default());
    evaluator.problems.append(&mut properties.problems);
    let role_id = stand_in::attribute(evaluator, id, "RoleId").unwrap_or_default();
    let role = Role { name, id: role_id, policies, boundary, services, has_unknown_policies };
    topology.roles.insert(arn, role);
}

/// Names of services that a trust policy lets in.
fn trusted(document: &Value) -> Vec<String> {
    let list = |value: Option<&Value>| match value {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let statements = list(document.get("Statement")).into_iter();
    let allowing = statements.filter(|statement| statement["Effect"] == "Allow");
    let services = allowing.flat_map(|s| list(s.get("Principal").and_then(|p| p.get("Service"))));
    services.filter_map(|service| service.as_str().map(ToOwned::to_owned)).collect()
}

/// A policy of its own, attached to roles by their names.
fn attached(evaluator: &mut Evaluator<'_>, topology: &mut Topology, id: &str) {
    let mut properties = Properties::of(evaluator, id);
    let policy = document(&mut properties, "PolicyDocument");
    let mut names = properties.texts("Roles");
    names.extend(properties.text("RoleName"));
    evaluator.problems.append(&mut properties.problems);
    let Some(policy) = policy else { return };
    for role in topology.roles.values_mut().filter(|role| names.contains(&role.name)) {
        role.policies.push(policy.clone());
    }
}

fn document(properties: &mut Properties, name: &str) -> Option<Policy> {
    let Some(document) = properties.value(name) else {
        properties.problem("", format!("{name} is required"));
        return None;
    };
    match identity_policy(document) {
        Ok(policy) => Some(policy),
        Err(why) => {
            properties.problem(name, format!("MalformedPolicyDocument: {why}"));
            None
        }
    }
}
