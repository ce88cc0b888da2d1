//! An operation that is running already: of somebody else, or our own from which we were cut off.

use crate::play::{Play, additions, check, template};
use crate::stand_in::{ChangeSetWill, World, stack, step};
use expect_test::expect;

const FUNCTION: &str = "AWS::Lambda::Function";
const UNCHANGED: &str = "No updates are to be performed.";

/// An update that began a moment ago.
fn running() -> World {
    let mut world =
        World::new().with_stack("UPDATE_COMPLETE", &template().to_string()).with_script(&[
            stack(0, "UPDATE_IN_PROGRESS", "User Initiated"),
            step(0, "Socket", FUNCTION, "UPDATE_IN_PROGRESS", ""),
            step(8, "Socket", FUNCTION, "UPDATE_COMPLETE", ""),
            stack(9, "UPDATE_COMPLETE", ""),
        ]);
    world.begin();
    world.change_set_will = ChangeSetWill::Fail(UNCHANGED, String::new());
    world
}

#[tokio::test]
async fn what_is_running_is_followed_to_its_end_and_then_it_is_deployed() {
    check(
        running(),
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        herald-dev is in UPDATE_IN_PROGRESS; following what is going on before anything else
        12:00:00 stack UPDATE_IN_PROGRESS: User Initiated
        12:00:00 UPDATE_IN_PROGRESS Socket (AWS::Lambda::Function)
        12:00:08 UPDATE_COMPLETE    Socket (AWS::Lambda::Function)
        12:00:09 stack UPDATE_COMPLETE
        uploaded socket, 5 B
        herald-dev is as it should be
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 11 s: PutObject CreateChangeSet DeleteChangeSet
    "#]],
    )
    .await;
}

#[tokio::test]
async fn ctrl_c_detaches_and_the_same_command_takes_it_up_again() {
    let mut world = World::new().with_changes(&additions()).with_script(&[
        stack(0, "CREATE_IN_PROGRESS", ""),
        step(1, "Role", "AWS::IAM::Role", "CREATE_IN_PROGRESS", ""),
        step(30, "Role", "AWS::IAM::Role", "CREATE_COMPLETE", ""),
        stack(40, "CREATE_COMPLETE", ""),
    ]);
    world.interrupt = Some(10);
    let mut play = Play::new(world).await;
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

        12:00:02 stack CREATE_IN_PROGRESS
        12:00:03 CREATE_IN_PROGRESS Role (AWS::IAM::Role)
        error: detached; CloudFormation goes on
        hint: cargo xtask deploy --stage dev  # takes it up again
        hint: cargo xtask deploy --stage dev --cancel  # undoes it
        exit 130
        after 10 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
    {
        let mut world = play.stand_in.world();
        world.interrupt = None;
        world.change_set_will = ChangeSetWill::Fail(UNCHANGED, String::new());
    }
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        herald-dev is in CREATE_IN_PROGRESS; following what is going on before anything else
        12:00:02 stack CREATE_IN_PROGRESS
        12:00:03 CREATE_IN_PROGRESS Role (AWS::IAM::Role)
        12:00:32 CREATE_COMPLETE    Role (AWS::IAM::Role)
        12:00:42 stack CREATE_COMPLETE
        herald-dev is as it should be
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 46 s: CreateChangeSet DeleteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn ctrl_c_before_anything_began_leaves_nothing_behind() {
    let mut world = World::new().with_changes(&additions());
    world.change_set_takes = 60;
    world.interrupt = Some(5);
    let mut play = Play::new(world).await;
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        error: interrupted; nothing was changed
        exit 130
        after 5 s: PutObject CreateChangeSet DeleteChangeSet DeleteStack
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
    let world = play.stand_in.world();
    assert!(world.stack.is_none() && world.change_sets.is_empty(), "all is as it was");
}

#[tokio::test]
async fn ctrl_c_at_the_question_is_no() {
    let world = World::new().with_changes(&additions());
    let mut play = Play::new(world).await.typing(&[]).interrupted_at("[y/N]");
    let told = play.run("deploy").await;
    assert!(told.contains("nothing was changed") && told.contains("exit 130"), "{told}");
    assert!(play.stand_in.world().stack.is_none(), "all is as it was");
}

#[tokio::test]
async fn cancel_deletes_what_is_being_made() {
    let mut world = World::new()
        .with_stack("CREATE_IN_PROGRESS", "")
        .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(60, "CREATE_COMPLETE", "")]);
    world.begin();
    let deletion = [stack(0, "DELETE_IN_PROGRESS", ""), stack(2, "DELETE_COMPLETE", "")];
    let told = Play::new(world.with_script(&deletion)).await.run("deploy --cancel").await;
    assert!(told.contains("herald-dev is in DELETE_COMPLETE\nexit 0"), "{told}");
}

#[tokio::test]
async fn cancel_undoes_a_running_update() {
    let world = running().with_script(&[
        stack(0, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated"),
        step(3, "Socket", FUNCTION, "UPDATE_COMPLETE", ""),
        stack(4, "UPDATE_ROLLBACK_COMPLETE", ""),
    ]);
    check(
        world,
        "deploy --cancel",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        12:00:00 stack UPDATE_IN_PROGRESS: User Initiated
        12:00:00 UPDATE_IN_PROGRESS Socket (AWS::Lambda::Function)
        12:00:00 stack UPDATE_ROLLBACK_IN_PROGRESS: User Initiated
        12:00:03 UPDATE_COMPLETE    Socket (AWS::Lambda::Function)
        12:00:04 stack UPDATE_ROLLBACK_COMPLETE
        herald-dev is in UPDATE_ROLLBACK_COMPLETE
        exit 0
        after 4 s: CancelUpdateStack
    "#]],
    )
    .await;
}

#[tokio::test]
async fn there_is_nothing_to_cancel_where_nothing_is_running() {
    let world = World::new().with_stack("UPDATE_COMPLETE", &template().to_string());
    check(
        world,
        "deploy --cancel",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        nothing is going on in herald-dev
        exit 0
        after 0 s: no change
    "#]],
    )
    .await;
}
