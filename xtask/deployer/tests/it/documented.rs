//! What `docs/deploy.md` promises to programs.

use crate::play::{Play, additions, because, change, template};
use crate::stand_in::{ChangeSetWill, World, stack, step};
use deployer::Exit;
use serde_json::Value;
use std::collections::BTreeSet;

const DOCUMENT: &str = include_str!("../../../../docs/deploy.md");

/// Names of fields, wherever they stand; what is below `outputs` and `iam` has names of others.
fn names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                into.insert(name.clone());
                if name != "outputs" && name != "iam" {
                    names(value, into);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, into)),
        _ => {}
    }
}

#[tokio::test]
async fn every_field_and_event_of_the_json_is_documented() {
    let creation = World::new().with_changes(&additions()).with_script(&[
        stack(0, "CREATE_IN_PROGRESS", "User Initiated"),
        step(1, "Role", "AWS::IAM::Role", "CREATE_COMPLETE", ""),
        stack(2, "CREATE_COMPLETE", ""),
    ]);
    let loss = change(
        "Modify",
        "Table",
        "AWS::DynamoDB::Table",
        &format!(
            "<Replacement>True</Replacement><PolicyAction>ReplaceAndDelete</PolicyAction>{}",
            because("KeySchema", "Always")
        ),
    );
    let loss =
        World::new().with_stack("UPDATE_COMPLETE", &template().to_string()).with_changes(&[loss]);
    let mut refused = World::new();
    refused.change_set_will = ChangeSetWill::Refuse("ValidationError", "no");
    let mut found = BTreeSet::new();
    let mut events = BTreeSet::new();
    for world in [creation, loss, refused] {
        let told = Play::new(world).await.run("deploy --yes --events ndjson").await;
        for line in told.lines().filter(|line| line.starts_with('{')) {
            let value: Value = serde_json::from_str(line).unwrap();
            events.insert(value["event"].as_str().unwrap().to_owned());
            names(&value, &mut found);
        }
    }
    assert!(events.len() >= 7 && found.contains("needsPermission"), "{events:?} {found:?}");
    let missing: Vec<_> =
        found.union(&events).filter(|name| !DOCUMENT.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_exit_code_is_documented() {
    for exit in [
        Exit::Done,
        Exit::Failed,
        Exit::Usage,
        Exit::ApprovalNeeded,
        Exit::NeedsUpdate,
        Exit::NeedsRecovery,
        Exit::Detached,
    ] {
        assert!(DOCUMENT.contains(&format!("\n| {} | ", exit as u8)), "{exit:?}");
    }
}
