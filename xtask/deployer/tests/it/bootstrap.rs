//! An account made ready for deployments.

use crate::play::{Play, check};
use crate::stand_in::{At, Fault, World};
use expect_test::expect;
use serde_json::json;

fn bare() -> World {
    let mut world = World::new();
    (world.has_bucket, world.has_log_role) = (false, false);
    world
}

#[tokio::test]
async fn an_empty_account_is_told_what_it_lacks() {
    check(bare(), "bootstrap", expect![[r#"
        account 123456789012, Region us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        + bucket herald-assets-123456789012-us-east-1
        + bucket herald-assets-123456789012-us-east-1: closed to the public
        + bucket herald-assets-123456789012-us-east-1: encrypted
        + bucket herald-assets-123456789012-us-east-1: versioned
        + bucket herald-assets-123456789012-us-east-1: old versions deleted after 30 days
        + bucket herald-assets-123456789012-us-east-1: reached by TLS only
        + role herald-api-gateway-logs, by which API Gateway writes the logs of stages in this account
        error: there is no terminal to ask at, and nobody has agreed
        hint: cargo xtask bootstrap --stage dev --yes
        exit 3
        after 0 s: no change
    "#]]).await;
}

/// IAM tells API Gateway of a new role only after a while.
#[tokio::test]
async fn an_empty_account_gets_bucket_and_role_once() {
    let young = Fault {
        operation: "UpdateAccount",
        at: At::Between(0, 12),
        answer: Some((400, "BadRequestException", "The role ARN is not well known")),
    };
    let mut play = Play::new(bare().with_fault(young)).await;
    expect![[r#"
        account 123456789012, Region us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        + bucket herald-assets-123456789012-us-east-1
        + bucket herald-assets-123456789012-us-east-1: closed to the public
        + bucket herald-assets-123456789012-us-east-1: encrypted
        + bucket herald-assets-123456789012-us-east-1: versioned
        + bucket herald-assets-123456789012-us-east-1: old versions deleted after 30 days
        + bucket herald-assets-123456789012-us-east-1: reached by TLS only
        + role herald-api-gateway-logs, by which API Gateway writes the logs of stages in this account
        done; next: cargo xtask deploy --stage dev
        exit 0
        after 15 s: CreateBucket PutBucketSetting PutBucketSetting PutBucketSetting PutBucketSetting PutBucketSetting CreateRole AttachRolePolicy UpdateAccount
    "#]].assert_eq(&play.run("bootstrap --yes").await);
    expect![[r#"
        account 123456789012, Region us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        everything is there already
        exit 0
        after 15 s: no change
    "#]].assert_eq(&play.run("bootstrap").await);
    let policy = play.stand_in.world().bucket_settings["policy="].clone();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let bucket = "arn:aws:s3:::herald-assets-123456789012-us-east-1";
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Resource"], json!([bucket, format!("{bucket}/*")]));
    assert_eq!(statement["Condition"]["Bool"]["aws:SecureTransport"], "false");
}

#[tokio::test]
async fn what_is_missing_of_a_bucket_is_added_and_the_rest_is_let_be() {
    let mut world = World::new();
    for (name, body) in [
        ("publicAccessBlock=", "<RestrictPublicBuckets>true</RestrictPublicBuckets>"),
        ("encryption=", "<SSEAlgorithm>aws:kms</SSEAlgorithm>"),
        ("versioning=", "<Status>Suspended</Status>"),
        ("lifecycle=", "<Rule/>"),
        ("policy=", "aws:SecureTransport"),
    ] {
        world.bucket_settings.insert(name.to_owned(), body.to_owned());
    }
    check(world, "bootstrap --yes", expect![[r#"
        account 123456789012, Region us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        + bucket herald-assets-123456789012-us-east-1: versioned
        done; next: cargo xtask deploy --stage dev
        exit 0
        after 0 s: PutBucketSetting
    "#]]).await;
}

#[tokio::test]
async fn a_bucket_of_somebody_else_is_not_used() {
    let mut world = World::new();
    world.bucket_owner = "999999999999".to_owned();
    check(world, "bootstrap --yes", expect![[r#"
        account 123456789012, Region us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        error: the bucket herald-assets-123456789012-us-east-1 is not ours to use
          HeadBucket: HTTP 403: no message
        hint: `aws s3api head-bucket --bucket herald-assets-123456789012-us-east-1 --expected-bucket-owner 123456789012` fails, too, if another account has taken that name
        exit 1
        after 0 s: no change
    "#]]).await;
}
