//! What surrounds deployments: stacks looked at, tidied and destroyed.

use crate::play::{KEY, Play, check, template};
use crate::stand_in::{World, stack, step};
use expect_test::expect;
use serde_json::json;

fn deployed() -> World {
    let mut world = World::new().with_stack("UPDATE_COMPLETE", &template().to_string());
    let state = world.stack.as_mut().unwrap();
    state.parameters.insert("SocketCode".to_owned(), KEY.to_owned());
    world
}

#[tokio::test]
async fn a_stage_is_destroyed_once_it_is_clear_what_goes() {
    let mut template = template();
    let log = json!({"Type": "AWS::Logs::LogGroup"});
    let table = json!({"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"});
    template["Resources"]["Log"] = log;
    template["Resources"]["Table"] = table;
    let world = World::new()
        .with_stack("UPDATE_COMPLETE", &template.to_string())
        .with_script(&[
            step(0, "Log", "AWS::Logs::LogGroup", "CREATE_COMPLETE", ""),
            step(0, "Table", "AWS::DynamoDB::Table", "CREATE_COMPLETE", ""),
            stack(0, "UPDATE_COMPLETE", ""),
        ])
        .with_script(&[
            stack(0, "DELETE_IN_PROGRESS", ""),
            step(2, "Log", "AWS::Logs::LogGroup", "DELETE_COMPLETE", ""),
            step(2, "Table", "AWS::DynamoDB::Table", "DELETE_SKIPPED", ""),
            stack(3, "DELETE_COMPLETE", ""),
        ]);
    let mut world = world;
    world.begin();
    let mut play = Play::new(world).await;
    expect![[r#"
        herald-dev in us-east-1: 2 resources, UPDATE_COMPLETE
        DATA LOSS
          ! Log (AWS::Logs::LogGroup) herald-dev-Log-1A2B: its log events are lost
            Table (AWS::DynamoDB::Table) herald-dev-Table-1A2B: stays, with its items
        error: there is no terminal to ask at, and nobody has agreed
        hint: cargo xtask destroy --stage dev --yes
        exit 3
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("destroy").await);
    let mut play = play.typing(&["y"]);
    expect![[r#"
        herald-dev in us-east-1: 2 resources, UPDATE_COMPLETE
        DATA LOSS
          ! Log (AWS::Logs::LogGroup) herald-dev-Log-1A2B: its log events are lost
            Table (AWS::DynamoDB::Table) herald-dev-Table-1A2B: stays, with its items
        Delete all of this? [y/N] 
        12:00:00 stack DELETE_IN_PROGRESS
        12:00:02 DELETE_COMPLETE    Log (AWS::Logs::LogGroup)
        12:00:02 DELETE_SKIPPED     Table (AWS::DynamoDB::Table)
        12:00:03 stack DELETE_COMPLETE
        herald-dev is gone
        exit 0
        after 3 s: DeleteStack
    "#]]
    .assert_eq(&play.run("destroy").await);
    expect![[r#"
        nothing is deployed in us-east-1
        exit 0
        after 3 s: no change
    "#]]
    .assert_eq(&play.run("destroy").await);
}

#[tokio::test]
async fn a_protected_stack_is_not_destroyed() {
    let mut world = deployed();
    world.stack.as_mut().unwrap().is_protected = true;
    check(world, "destroy --yes", expect![[r#"
        error: herald-dev is protected against being deleted
        hint: aws cloudformation update-termination-protection --no-enable-termination-protection --region us-east-1 --stack-name herald-dev
        exit 1
        after 0 s: no change
    "#]]).await;
}

#[tokio::test]
async fn what_cannot_be_deleted_is_told_with_its_reason() {
    let world = deployed().with_script(&[
        stack(0, "DELETE_IN_PROGRESS", ""),
        step(
            1,
            "Role",
            "AWS::IAM::Role",
            "DELETE_FAILED",
            "Cannot delete entity, must detach all policies first.",
        ),
        stack(2, "DELETE_FAILED", "The following resource(s) failed to delete: [Role]. "),
    ]);
    let mut play = Play::new(world).await;
    expect![[r#"
        herald-dev in us-east-1: 0 resources, UPDATE_COMPLETE
        12:00:00 stack DELETE_IN_PROGRESS
        12:00:01 DELETE_FAILED      Role (AWS::IAM::Role): Cannot delete entity, must detach all policies first.
        12:00:02 stack DELETE_FAILED: The following resource(s) failed to delete: [Role]. 
        error: herald-dev is not deleted: DELETE_FAILED
          The following resource(s) failed to delete: [Role]. 
          Role (AWS::IAM::Role): Cannot delete entity, must detach all policies first.
        hint: remove what is in the way, then: cargo xtask destroy --stage dev
        exit 6
        after 2 s: DeleteStack
    "#]].assert_eq(&play.run("destroy --yes").await);
    expect![[r#"
        herald-dev in us-east-1: DELETE_FAILED since 2026-01-01T12:00:00.000Z, 1 resource
          The following resource(s) failed to delete: [Role]. 
          Role DELETE_FAILED: Cannot delete entity, must detach all policies first.
          next: cargo xtask destroy --stage dev
        exit 6
        after 2 s: no change
    "#]]
    .assert_eq(&play.run("status").await);
}

#[tokio::test]
async fn a_deletion_goes_on_without_us_and_is_watched_again() {
    let world = deployed().with_script(&[
        stack(0, "DELETE_IN_PROGRESS", ""),
        step(1, "Role", "AWS::IAM::Role", "DELETE_IN_PROGRESS", ""),
        stack(60, "DELETE_COMPLETE", ""),
    ]);
    let mut play = Play::new(world).await.interrupted_at("DELETE_IN_PROGRESS Role");
    expect![[r#"
        herald-dev in us-east-1: 0 resources, UPDATE_COMPLETE
        12:00:00 stack DELETE_IN_PROGRESS
        12:00:01 DELETE_IN_PROGRESS Role (AWS::IAM::Role)
        error: detached; CloudFormation goes on
        hint: cargo xtask destroy --stage dev
        exit 130
        after 2 s: DeleteStack
    "#]]
    .assert_eq(&play.run("destroy --yes").await);
    let mut play = play.interrupted_at("never");
    expect![[r#"
        herald-dev in us-east-1: 1 resource, DELETE_IN_PROGRESS
        12:00:00 stack DELETE_IN_PROGRESS
        12:00:01 DELETE_IN_PROGRESS Role (AWS::IAM::Role)
        12:01:00 stack DELETE_COMPLETE
        herald-dev is gone
        exit 0
        after 62 s: no change
    "#]]
    .assert_eq(&play.run("destroy").await);
}

#[tokio::test]
async fn what_is_deployed_is_one_document() {
    let mut world = deployed();
    world.objects.insert(KEY.to_owned(), "sum".to_owned());
    check(world, "deployed --drift", expect![[r#"
        looking for drift in herald-dev
        {
          "stacks": [
            {
              "name": "herald-dev",
              "template": "{\"Outputs\":{\"WebSocketUrl\":{\"Value\":\"wss://api/dev\"}},\"Parameters\":{\"AssetBucket\":{\"Type\":\"String\"},\"SocketCode\":{\"Type\":\"String\"}},\"Resources\":{\"Role\":{\"Properties\":{\"AssumeRolePolicyDocument\":{\"Statement\":[{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"}}]}},\"Type\":\"AWS::IAM::Role\"},\"Socket\":{\"Properties\":{\"Code\":{\"S3Bucket\":{\"Ref\":\"AssetBucket\"},\"S3Key\":{\"Ref\":\"SocketCode\"}},\"Role\":{\"Fn::GetAtt\":[\"Role\",\"Arn\"]},\"Timeout\":10},\"Type\":\"AWS::Lambda::Function\"},\"Stage\":{\"Properties\":{\"AccessLogSettings\":{\"Format\":\"$context.requestId\"},\"StageName\":\"dev\"},\"Type\":\"AWS::ApiGatewayV2::Stage\"}}}",
              "code": {
                "SocketCode": {
                  "key": "socket/c0de.zip",
                  "bytes": null
                }
              },
              "drift": [
                {
                  "id": "Socket",
                  "type": "AWS::Lambda::Function",
                  "status": "MODIFIED",
                  "properties": [
                    {
                      "path": "/Timeout",
                      "expected": "10",
                      "actual": "20"
                    }
                  ]
                }
              ]
            }
          ]
        }
        exit 0
        after 9 s: DetectStackDrift
    "#]]).await;
    check(
        World::new(),
        "deployed",
        expect![[r#"
        {
          "stacks": [
            {
              "name": "herald-dev",
              "template": null,
              "code": {},
              "drift": []
            }
          ]
        }
        exit 0
        after 0 s: no change
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_no_stack_refers_to_is_deleted() {
    let mut world = deployed();
    for key in [KEY, "socket/a.zip", "socket/b.zip", "templates/t.json"] {
        world.objects.insert(key.to_owned(), "sum".to_owned());
    }
    let mut play = Play::new(world).await;
    expect![[r#"
        - socket/b.zip (5 B, 2025-12-30T12:00:00.000Z)
        1 of 4 objects in herald-assets-123456789012-us-east-1 to delete, 5 B
        error: there is no terminal to ask at, and nobody has agreed
        hint: cargo xtask gc --stage dev --keep 1 --yes
        exit 3
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("gc --keep 1").await);
    expect![[r#"
        - socket/b.zip (5 B, 2025-12-30T12:00:00.000Z)
        1 of 4 objects in herald-assets-123456789012-us-east-1 to delete, 5 B
        deleted 1
        exit 0
        after 0 s: DeleteObject
    "#]]
    .assert_eq(&play.run("gc --keep 1 --yes").await);
    expect![[r#"
        0 of 3 objects in herald-assets-123456789012-us-east-1 to delete, 0 B
        exit 0
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("gc --keep 1").await);
}

#[tokio::test]
async fn outputs_and_status_of_what_is_not_there() {
    check(
        World::new(),
        "outputs",
        expect![[r#"
        error: there is no stack herald-dev in us-east-1
        hint: cargo xtask deploy --stage dev
        exit 1
        after 0 s: no change
    "#]],
    )
    .await;
    check(
        World::new(),
        "status --format json",
        expect![[r#"
        {
          "region": "us-east-1",
          "stacks": [
            {
              "name": "herald-dev",
              "status": "NOT_DEPLOYED",
              "reason": null,
              "since": null,
              "isProtected": false,
              "resources": 0,
              "failed": [],
              "next": "cargo xtask deploy --stage dev"
            }
          ]
        }
        exit 0
        after 0 s: no change
    "#]],
    )
    .await;
}

#[tokio::test]
async fn lines_are_shown_until_somebody_has_seen_enough() {
    let mut world = deployed().with_script(&[
        step(0, "SocketLog", "AWS::Logs::LogGroup", "CREATE_COMPLETE", ""),
        stack(0, "UPDATE_COMPLETE", ""),
    ]);
    world.begin();
    world.log_lines = vec![
        r#"{"level":"INFO","message":"hello","connectionId":"oazVOU1wArJytAs="}"#,
        r#"{"level":"WARN","message":"who is there"}"#,
    ];
    let mut play = Play::new(world).await;
    expect![[r#"
        00:00:00.000 Socket INFO  oazVOU1wArJytAs= hello
        exit 0
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("logs --connection oazVOU1wArJytAs=").await);
    let mut play = play.interrupted_at("who is there");
    expect![[r#"
        {"timestamp":0,"source":"Socket","level":"INFO","connectionId":"oazVOU1wArJytAs=","message":"hello"}
        {"timestamp":0,"source":"Socket","level":"WARN","message":"who is there"}
        exit 130
        after 2 s: no change
    "#]].assert_eq(&play.run("logs --follow --format json").await);
    expect![[r#"
        error: --since soon is no time: write 30s, 10m, 2h or 7d
        exit 2
        after 2 s: no change
    "#]]
    .assert_eq(&play.run("logs --since soon").await);
}
