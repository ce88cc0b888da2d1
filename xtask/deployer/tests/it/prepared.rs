//! `--prepare` in one job, `--plan` in another.

use crate::play::{Play, additions};
use crate::stand_in::{World, stack};
use expect_test::expect;

fn creation() -> World {
    let steps = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    World::new().with_changes(&additions()).with_script(&steps)
}

#[tokio::test]
async fn what_was_prepared_is_executed_later() {
    let mut play = Play::new(creation()).await;
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

        prepared; `cargo xtask deploy --stage dev --plan DIR/plan.json` deploys it
        exit 0
        after 2 s: PutObject CreateChangeSet
    "#]]
    .assert_eq(&play.run("deploy --prepare DIR/plan.json").await);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada

        herald-dev in us-east-1, account 123456789012: 3 to add

          + Role    AWS::IAM::Role
          + Socket  AWS::Lambda::Function
          + Stage   AWS::ApiGatewayV2::Stage

        Who may do what (! is more than before)
        ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

        digest <digest>

        12:00:02 stack CREATE_IN_PROGRESS
        12:00:07 stack CREATE_COMPLETE
        herald-dev is deployed, in 0:06
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 8 s: ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --plan DIR/plan.json").await);
}

#[tokio::test]
async fn a_plan_of_a_stack_that_has_changed_since_is_not_executed() {
    let mut play = Play::new(creation()).await;
    play.run("deploy --prepare DIR/plan.json").await;
    "UPDATE_COMPLETE".clone_into(&mut play.stand_in.world().stack.as_mut().unwrap().status);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev has changed since the plan was made
          then it was in REVIEW_IN_PROGRESS, of 2026-01-01T00:00:00.000Z; now it is UPDATE_COMPLETE
        hint: cargo xtask deploy --stage dev --prepare FILE
        exit 1
        after 2 s: no change
    "#]]
    .assert_eq(&play.run("deploy --plan DIR/plan.json").await);
}

#[tokio::test]
async fn a_plan_whose_change_set_is_gone_is_not_executed() {
    let mut play = Play::new(creation()).await;
    play.run("deploy --prepare DIR/plan.json").await;
    play.stand_in.world().change_sets.clear();
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: the change set of herald-dev is gone or was executed
        hint: cargo xtask deploy --stage dev --prepare FILE
        exit 1
        after 2 s: no change
    "#]]
    .assert_eq(&play.run("deploy --plan DIR/plan.json").await);
}

#[tokio::test]
async fn a_plan_of_another_account_is_not_executed() {
    let mut play = Play::new(creation()).await;
    play.run("deploy --prepare DIR/plan.json").await;
    let file = play.dir.join("plan.json");
    let text = std::fs::read_to_string(&file).unwrap().replace("123456789012", "999999999999");
    std::fs::write(&file, text).unwrap();
    let told = play.run("deploy --plan DIR/plan.json").await;
    assert!(
        told.contains("the plan is for account 999999999999") && told.contains("exit 1"),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_no_plan_is_not_taken_for_one() {
    let mut play = Play::new(creation()).await;
    std::fs::write(play.dir.join("plan.json"), "{}").unwrap();
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: DIR/plan.json: it is no plan of `deploy --prepare`: missing field `version` at line 1 column 2
        exit 1
        after 0 s: no change
    "#]].assert_eq(&play.run("deploy --plan DIR/plan.json").await);
}
