//! The role of GitHub's workflows may do what the deployer does.

use crate::cli::{check_refused, xtask};
use expect_test::expect;
use serde_json::Value;
use stacks::Settings;
use stacks::oidc::Github;
use std::collections::BTreeSet;

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap();
    let of = |statement: &Value| statement["Action"].as_array().unwrap().clone();
    statements.iter().flat_map(of).map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_deployer_calls_the_role_may_call() {
    let output = xtask(&["deploy", "--policy"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let called = actions(&serde_json::from_slice(&output.stdout).unwrap());
    let settings = Settings::parse("stages: {live: {region: eu-west-1}}", "stages.yaml").unwrap();
    let stage = settings.stage("live").unwrap();
    let template = Github { stage, repository: "o/r", provider_exists: false }.template();
    let template: Value = serde_json::from_str(&template.to_json()).unwrap();
    let policies = template["Resources"]["Role"]["Properties"]["Policies"].as_array().unwrap();
    let of = |policy: &Value| actions(&policy["PolicyDocument"]);
    let allowed: BTreeSet<_> = policies.iter().flat_map(of).collect();
    let missing: Vec<_> = called.difference(&allowed).collect();
    assert!(missing.is_empty() && called.len() > 10, "stacks/src/oidc/rights.rs lacks {missing:?}");
    // And the other way round, that it has nothing that the deployer does not need.
    let deployer = of(&policies[0]);
    let idle: Vec<_> = deployer.difference(&called).collect();
    assert!(idle.is_empty(), "the deployer never calls {idle:?}");
}

#[test]
fn a_pattern_is_no_repository() {
    check_refused(
        &["deploy", "--github", "octo-org/*"],
        expect![[r#"
            exit 2
            error: invalid value 'octo-org/*' for '--github <OWNER/NAME>': a repository is owner/name

            For more information, try '--help'.
        "#]],
    );
}
