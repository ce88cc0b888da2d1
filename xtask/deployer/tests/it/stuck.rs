//! States a stack can be left in, and the way out of each.

use crate::play::{Play, additions, check, template};
use crate::stand_in::{ChangeSetWill, World, stack, step};
use expect_test::expect;

const TABLE: &str = "AWS::DynamoDB::Table";
const UNCHANGED: &str = "No updates are to be performed.";

fn stuck(status: &'static str, before: &[crate::stand_in::Step]) -> World {
    let mut world = World::new().with_stack(status, &template().to_string());
    let mut steps = before.to_vec();
    steps.push(stack(0, status, ""));
    world.scripts.push_back(steps);
    world.begin();
    world.change_set_will = ChangeSetWill::Fail(UNCHANGED, String::new());
    world
}

fn deletion(world: World) -> World {
    let creation = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    world
        .with_script(&[stack(0, "DELETE_IN_PROGRESS", ""), stack(3, "DELETE_COMPLETE", "")])
        .with_changes(&additions())
        .with_script(&creation)
}

#[tokio::test]
async fn rollback_complete_is_deleted_and_made_anew() {
    check(
        deletion(stuck("ROLLBACK_COMPLETE", &[])),
        "deploy --yes",
        expect![[r#"
            account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
            herald-dev is in ROLLBACK_COMPLETE, from where it can only be deleted; deleting it
            12:00:00 stack DELETE_IN_PROGRESS
            12:00:03 stack DELETE_COMPLETE
            uploaded socket, 5 B

            herald-dev in us-east-1, account 123456789012: 3 to add

              + Role    AWS::IAM::Role
              + Socket  AWS::Lambda::Function
              + Stage   AWS::ApiGatewayV2::Stage

            Who may do what (! is more than before)
            ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

            digest <digest>

            12:00:06 stack CREATE_IN_PROGRESS
            12:00:11 stack CREATE_COMPLETE
            herald-dev is deployed, in 0:06
            WebSocketUrl  wss://api/dev
            stage dev is deployed
            exit 0
            after 12 s: DeleteStack PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn rollback_complete_with_data_left_behind_is_not_deleted_unasked() {
    let table = step(0, "Table", TABLE, "DELETE_SKIPPED", "");
    check(
        stuck("ROLLBACK_COMPLETE", &[table]),
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev is in ROLLBACK_COMPLETE, and data would be left behind by it
          Table (AWS::DynamoDB::Table, herald-dev-Table-1A2B): items
        hint: cargo xtask deploy --stage dev --recover
        exit 6
        after 0 s: no change
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_protected_stack_is_not_deleted() {
    let mut world = stuck("ROLLBACK_COMPLETE", &[]);
    world.stack.as_mut().unwrap().is_protected = true;
    check(world, "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev is in ROLLBACK_COMPLETE and is protected from being deleted
        hint: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name herald-dev
        exit 6
        after 0 s: no change
    "#]]).await;
}

#[tokio::test]
async fn review_in_progress_is_no_hindrance() {
    let mut world = World::new()
        .with_changes(&additions())
        .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")]);
    world.new_stack("REVIEW_IN_PROGRESS");
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("exit 0") && told.contains("ExecuteChangeSet"), "{told}");
}

#[tokio::test]
async fn update_rollback_failed_says_what_is_in_the_way() {
    let failed = step(0, "Table", TABLE, "UPDATE_FAILED", "Table is being deleted");
    check(stuck("UPDATE_ROLLBACK_FAILED", &[failed]), "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev is in UPDATE_ROLLBACK_FAILED and needs recovery
          Table (AWS::DynamoDB::Table): Table is being deleted
        hint: cargo xtask deploy --stage dev --recover
        hint: cargo xtask deploy --stage dev --recover --skip Table  # leaves as it is what cannot be mended
        exit 6
        after 0 s: no change
    "#]]).await;
}

#[tokio::test]
async fn recover_goes_on_with_the_rollback_and_then_deploys() {
    let failed = step(0, "Table", TABLE, "UPDATE_FAILED", "Table is being deleted");
    let world = stuck("UPDATE_ROLLBACK_FAILED", &[failed]).with_script(&[
        stack(0, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
        stack(8, "UPDATE_ROLLBACK_COMPLETE", ""),
    ]);
    check(
        world,
        "deploy --yes --recover --skip Table",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        herald-dev: going on with its rollback, without Table
        12:00:00 stack UPDATE_ROLLBACK_IN_PROGRESS
        12:00:08 stack UPDATE_ROLLBACK_COMPLETE
        uploaded socket, 5 B
        herald-dev is as it should be
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 11 s: ContinueUpdateRollback PutObject CreateChangeSet DeleteChangeSet
    "#]],
    )
    .await;
}

#[tokio::test]
async fn recover_that_fails_says_how_to_leave_resources_out() {
    let failed = step(0, "Table", TABLE, "UPDATE_FAILED", "Table is being deleted");
    let world = stuck("UPDATE_ROLLBACK_FAILED", &[failed]).with_script(&[
        stack(0, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
        step(1, "Table", TABLE, "UPDATE_FAILED", "Table does not exist"),
        stack(2, "UPDATE_ROLLBACK_FAILED", ""),
    ]);
    check(world, "deploy --yes --recover", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        herald-dev: going on with its rollback
        12:00:00 stack UPDATE_ROLLBACK_IN_PROGRESS
        12:00:01 UPDATE_FAILED      Table (AWS::DynamoDB::Table): Table does not exist
        12:00:02 stack UPDATE_ROLLBACK_FAILED
        error: herald-dev is in UPDATE_ROLLBACK_FAILED and needs recovery
          Table (AWS::DynamoDB::Table): Table does not exist
        hint: cargo xtask deploy --stage dev --recover
        hint: cargo xtask deploy --stage dev --recover --skip Table  # leaves as it is what cannot be mended
        exit 6
        after 2 s: ContinueUpdateRollback
    "#]]).await;
}

#[tokio::test]
async fn what_cannot_be_deleted_is_tried_again_by_recover() {
    check(
        stuck("DELETE_FAILED", &[]),
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev is in DELETE_FAILED and needs recovery
        hint: cargo xtask deploy --stage dev --recover
        exit 6
        after 0 s: no change
    "#]],
    )
    .await;
    let told =
        Play::new(deletion(stuck("DELETE_FAILED", &[]))).await.run("deploy --yes --recover").await;
    assert!(told.contains("exit 0") && told.contains("DeleteStack"), "{told}");
}

#[tokio::test]
async fn what_was_left_as_it_failed_can_be_deployed_or_rolled_back() {
    let told = Play::new(stuck("UPDATE_FAILED", &[])).await.run("deploy --yes").await;
    assert!(told.contains("exit 0") && !told.contains("RollbackStack"), "{told}");
    let world = stuck("UPDATE_FAILED", &[]).with_script(&[
        stack(0, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
        stack(4, "UPDATE_ROLLBACK_COMPLETE", ""),
    ]);
    let told = Play::new(world).await.run("deploy --yes --recover").await;
    assert!(told.contains("exit 0") && told.contains("RollbackStack"), "{told}");
}

#[tokio::test]
async fn a_change_set_that_a_killed_deployment_left_is_swept_away() {
    let mut world = stuck("UPDATE_COMPLETE", &[]);
    world.change_sets.push(crate::stand_in::change_set("herald-deploy-old", world.start));
    world.change_sets.push(crate::stand_in::change_set("herald-plan-old", world.start));
    world.now += std::time::Duration::from_secs(7200);
    let mut play = Play::new(world).await;
    play.run("deploy --yes").await;
    let world = play.stand_in.world();
    let left: Vec<_> = world.change_sets.iter().map(|set| set.name.as_str()).collect();
    assert_eq!(left, ["herald-plan-old"]);
}
