//! Code past CloudFormation: swapped, and put back.

use crate::play::{KEY, Play, template};
use crate::stand_in::{ChangeSetWill, World, stack, step};
use expect_test::expect;

const NAME: &str = "herald-dev-Socket-1A2B";

/// A stack whose function runs `code`, and of which nothing changes.
fn deployed(code: &str) -> World {
    let mut world =
        World::new().with_stack("UPDATE_COMPLETE", &template().to_string()).with_script(&[
            step(0, "Socket", "AWS::Lambda::Function", "CREATE_COMPLETE", ""),
            stack(0, "UPDATE_COMPLETE", ""),
        ]);
    world.begin();
    world.stack.as_mut().unwrap().parameters.insert("SocketCode".into(), KEY.into());
    world.functions.insert(NAME.to_owned(), code.to_owned());
    world.change_set_will = ChangeSetWill::Fail("No updates are to be performed.", String::new());
    world
}

#[tokio::test]
async fn code_only_swaps_what_differs() {
    let mut play = Play::new(deployed("old")).await;
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        Socket has its new code
        1 function runs other code than its stack knows of, until the next deployment
        exit 0
        after 0 s: PutObject UpdateFunctionCode
    "#]]
    .assert_eq(&play.run("deploy --code-only --yes").await);
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        all functions run the code that is bundled
        exit 0
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --code-only --yes").await);
}

#[tokio::test]
async fn code_only_asks_too() {
    let mut play = Play::new(deployed("old")).await;
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        error: nobody has approved new code for Socket
        hint: cargo xtask deploy --stage dev --code-only --yes
        exit 3
        after 0 s: PutObject
    "#]]
    .assert_eq(&play.run("deploy --code-only").await);
}

#[tokio::test]
async fn code_only_needs_a_stack() {
    let mut play = Play::new(World::new()).await;
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev is not deployed, or not in a state to be changed
        hint: cargo xtask deploy --stage dev
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --code-only --yes").await);
}

#[tokio::test]
async fn the_next_deployment_puts_back_what_was_swapped() {
    let mut play = Play::new(deployed("swapped")).await;
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: code of 1 to put back

          Socket: its code was changed past CloudFormation and is put back

        digest <digest>

        Socket has its new code
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 2 s: PutObject CreateChangeSet DeleteChangeSet UpdateFunctionCode
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
    let told = play.run("deploy --yes").await;
    assert!(!told.contains("UpdateFunctionCode"), "once is enough: {told}");
}
