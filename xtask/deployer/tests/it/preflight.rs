//! What is found before anything is touched.

use crate::play::{Play, additions, check, with};
use crate::stand_in::{At, Fault, World, stack};
use expect_test::expect;
use serde_json::json;

#[tokio::test]
async fn all_that_is_missing_is_said_at_once() {
    let mut world = World::new();
    world.has_bucket = false;
    world.has_log_role = false;
    let mut play = Play::new(world).await;
    play.synth(&with("/Parameters/Domain", json!({"Type": "String"})));
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev cannot be deployed yet
          parameter Domain has no value
          there is no asset bucket herald-assets-123456789012-us-east-1
          API Gateway has no role to write logs with in this account, and refuses a stage that logs
        hint: give it in `parameters` of the stack in manifest.json, or give it a default in the template
        hint: cargo xtask bootstrap --stage dev
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn a_bucket_of_another_account_is_given_nothing() {
    let mut world = World::new();
    world.bucket_owner = "999999999999".to_owned();
    check(
        world,
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev cannot be deployed yet
          bucket herald-assets-123456789012-us-east-1 may not be used, or belongs to another account
        hint: cargo xtask deploy --stage dev --policy
        exit 1
        after 0 s: no change
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_no_finding() {
    let answer = Some((403, "AccessDeniedException", "not authorized to perform: apigateway:GET"));
    let fault = Fault { operation: "GetAccount", at: At::Times(9), answer };
    let steps = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    let world = World::new().with_changes(&additions()).with_script(&steps).with_fault(fault);
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("could not be looked at") && told.contains("exit 0"), "{told}");
}

#[tokio::test]
async fn what_is_in_the_bucket_is_not_uploaded_again() {
    let steps = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    let mut world = World::new().with_changes(&additions()).with_script(&steps);
    world.objects.insert(crate::play::KEY.to_owned(), "sum".to_owned());
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("exit 0") && !told.contains("PutObject"), "{told}");
}

#[tokio::test]
async fn a_long_template_goes_through_the_bucket() {
    let steps = [stack(0, "CREATE_IN_PROGRESS", ""), stack(5, "CREATE_COMPLETE", "")];
    let world = World::new().with_changes(&additions()).with_script(&steps);
    let mut play = Play::new(world).await;
    play.synth(&with("/Description", json!("x".repeat(60_000))));
    let told = play.run("deploy --yes").await;
    assert!(told.contains("exit 0") && told.contains("uploaded template"), "{told}");
    assert!(play.stand_in.world().objects.keys().any(|key| key.starts_with("templates/")));
}

#[tokio::test]
async fn without_an_assembly_it_says_how_to_make_one() {
    let mut play = Play::new(World::new()).await;
    std::fs::remove_dir_all(&play.dir).unwrap();
    expect![[r#"
        error: DIR/manifest.json is not there; make it with `cargo xtask synth`
        exit 1
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn what_an_account_does_not_let_be_reserved_is_named() {
    let mut world = World::new();
    world.unreserved = 10;
    let mut play = Play::new(world).await;
    let reserved = "/Resources/Socket/Properties/ReservedConcurrentExecutions";
    play.synth(&with(reserved, json!(5)));
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: herald-dev cannot be deployed yet
          the functions reserve 5 concurrent executions, and there are 10 in this account and Region, some of which have to stay free
        hint: ask Service Quotas for more: quota L-B99A9384 of Lambda
        exit 1
        after 0 s: no change
    "#]].assert_eq(&play.run("deploy --yes").await);
}
