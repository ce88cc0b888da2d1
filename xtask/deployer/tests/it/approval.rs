//! Who has to agree, and how that is said.

use crate::play::{Play, additions, because, change, check, template, with};
use crate::stand_in::{At, Fault, World, stack};
use expect_test::expect;
use serde_json::json;

fn creation() -> World {
    let steps = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    World::new().with_changes(&additions()).with_script(&steps)
}

/// The table gets another key, and so loses what it holds.
fn replacement() -> (World, serde_json::Value) {
    let table = |key: &str| {
        json!({"Type": "AWS::DynamoDB::Table", "Properties": {
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        }})
    };
    let rest = format!(
        "<Replacement>True</Replacement><PolicyAction>ReplaceAndDelete</PolicyAction>{}",
        because("KeySchema", "Always")
    );
    let steps = [stack(0, "UPDATE_IN_PROGRESS", ""), stack(5, "UPDATE_COMPLETE", "")];
    let world = World::new()
        .with_stack("UPDATE_COMPLETE", &with("/Resources/Table", table("old")).to_string())
        .with_changes(&[change("Modify", "Table", "AWS::DynamoDB::Table", &rest)])
        .with_script(&steps);
    (world, with("/Resources/Table", table("new")))
}

#[tokio::test]
async fn without_a_terminal_and_without_a_flag_the_flag_is_named() {
    check(
        creation(),
        "deploy",
        expect![[r#"
            account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
            uploaded socket, 5 B

            herald-dev in us-east-1, account 123456789012: 3 to add

              + Role    AWS::IAM::Role
              + Socket  AWS::Lambda::Function
              + Stage   AWS::ApiGatewayV2::Stage

            Who may do what (! is more than before)
            ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

            digest <digest>

            error: nobody has approved the change of herald-dev
            hint: cargo xtask deploy --stage dev --approve <digest>
            exit 3
            after 2 s: PutObject CreateChangeSet DeleteChangeSet DeleteStack
        "#]],
    )
    .await;
}

#[tokio::test]
async fn no_is_no_and_leaves_nothing_behind() {
    let mut play = Play::new(creation()).await.typing(&["n"]);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 3 to add

          + Role    AWS::IAM::Role
          + Socket  AWS::Lambda::Function
          + Stage   AWS::ApiGatewayV2::Stage

        Who may do what (! is more than before)
        ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

        digest <digest>

        Deploy this to herald-dev? [y/N] 
        error: herald-dev was not deployed: you said no
        exit 3
        after 2 s: PutObject CreateChangeSet DeleteChangeSet DeleteStack
    "#]]
    .assert_eq(&play.run("deploy").await);
    assert!(play.stand_in.world().stack.is_none(), "the empty stack is gone");
}

#[tokio::test]
async fn the_digest_that_diff_prints_approves() {
    let nothing = json!({});
    let digest = infra_gen::diff::diff("herald-dev", &nothing, &template()).digest;
    let mut play = Play::new(creation()).await;
    let told = play.run(&format!("deploy --approve {digest}")).await;
    assert!(told.contains("exit 0") && told.contains("ExecuteChangeSet"), "{told}");
}

#[tokio::test]
async fn the_digest_of_another_change_does_not() {
    check(
        creation(),
        "deploy --approve 0123abcd",
        expect![[r#"
            account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
            uploaded socket, 5 B

            herald-dev in us-east-1, account 123456789012: 3 to add

              + Role    AWS::IAM::Role
              + Socket  AWS::Lambda::Function
              + Stage   AWS::ApiGatewayV2::Stage

            Who may do what (! is more than before)
            ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

            digest <digest>

            error: another change of herald-dev was approved
              approved: 0123abcd
              this one: <digest>
            hint: cargo xtask diff --stage dev --against deployed
            exit 3
            after 2 s: PutObject CreateChangeSet DeleteChangeSet DeleteStack
        "#]],
    )
    .await;
}

#[tokio::test]
async fn data_is_not_lost_by_saying_yes() {
    let (world, template) = replacement();
    let mut play = Play::new(world).await;
    play.synth(&template);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 1 to replace

          ! Table  AWS::DynamoDB::Table  replaced for KeySchema
              KeySchema[new]: (none) → {"AttributeName":"new","KeyType":"HASH"}
              KeySchema[old]: {"AttributeName":"old","KeyType":"HASH"} → (none)

        ┌─ DATA LOSS ─────────────────────────────────────┐
        │ Table (AWS::DynamoDB::Table): items are deleted │
        └─────────────────────────────────────────────────┘

        digest <digest>

        error: data of Table would be lost, and nobody has allowed that
          Table (AWS::DynamoDB::Table): items
        hint: cargo xtask deploy --stage dev --approve <digest> --allow-replace Table
        exit 3
        after 2 s: PutObject CreateChangeSet DeleteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn data_is_lost_by_naming_what_holds_it() {
    let (world, template) = replacement();
    let mut play = Play::new(world).await;
    play.synth(&template);
    let told = play.run("deploy --yes --allow-replace Table").await;
    assert!(told.contains("exit 0") && told.contains("ExecuteChangeSet"), "{told}");
}

#[tokio::test]
async fn what_aws_updates_in_place_loses_nothing() {
    let queue = |name: &str| json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}});
    let rest = format!("<Replacement>False</Replacement>{}", because("QueueName", "Never"));
    let steps = [stack(0, "UPDATE_IN_PROGRESS", ""), stack(5, "UPDATE_COMPLETE", "")];
    let world = World::new()
        .with_stack("UPDATE_COMPLETE", &with("/Resources/Queue", queue("a")).to_string())
        .with_changes(&[change("Modify", "Queue", "AWS::SQS::Queue", &rest)])
        .with_script(&steps);
    let mut play = Play::new(world).await;
    play.synth(&with("/Resources/Queue", queue("b")));
    let told = play.run("deploy --yes").await;
    assert!(told.contains("exit 0") && !told.contains("DATA LOSS"), "{told}");
}

#[tokio::test]
async fn nothing_is_replaced_without_a_rollback() {
    let (world, template) = replacement();
    let mut play = Play::new(world).await;
    play.synth(&template);
    let told = play.run("deploy --yes --allow-replace Table --no-rollback").await;
    assert!(told.contains("--no-rollback cannot replace anything, and Table is"), "{told}");
    assert!(told.contains("exit 1") && !told.contains("ExecuteChangeSet"), "{told}");
}

#[tokio::test]
async fn who_comes_second_is_told_and_leaves_nothing_behind() {
    let answer = Some((400, "InvalidChangeSetStatus", "ChangeSet is in OBSOLETE state"));
    let fault = Fault { operation: "ExecuteChangeSet", at: At::Times(1), answer };
    let mut play = Play::new(creation().with_fault(fault)).await;
    let told = play.run("deploy --yes").await;
    assert!(told.contains("somebody else has deployed herald-dev in the meantime"), "{told}");
    assert!(play.stand_in.world().change_sets.is_empty(), "{told}");
}
