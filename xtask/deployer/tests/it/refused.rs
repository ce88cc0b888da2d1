//! Deployments that fail, and what is said about it.

use crate::play::{Play, additions, change, check, template, with};
use crate::stand_in::{ChangeSetWill, World, stack, step};
use expect_test::expect;
use serde_json::json;

const FUNCTION: &str = "AWS::Lambda::Function";

/// An update that fails and is rolled back.
fn failing(reason: &'static str) -> World {
    World::new()
        .with_stack("UPDATE_COMPLETE", &template().to_string())
        .with_changes(&[change("Modify", "Socket", FUNCTION, "<Replacement>False</Replacement>")])
        .with_script(&[
            stack(0, "UPDATE_IN_PROGRESS", "User Initiated"),
            step(1, "Role", "AWS::IAM::Role", "UPDATE_IN_PROGRESS", ""),
            step(2, "Socket", FUNCTION, "UPDATE_IN_PROGRESS", ""),
            step(3, "Role", "AWS::IAM::Role", "UPDATE_FAILED", "Resource update cancelled"),
            step(3, "Socket", FUNCTION, "UPDATE_FAILED", reason),
            stack(
                4,
                "UPDATE_ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to update: [Role, Socket].",
            ),
            step(8, "Socket", FUNCTION, "UPDATE_COMPLETE", ""),
            stack(9, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", ""),
            stack(10, "UPDATE_ROLLBACK_COMPLETE", ""),
        ])
}

#[tokio::test]
async fn the_first_own_failure_is_the_cause_and_its_line_of_source_is_named() {
    let reason = "Resource handler returned message: \"'MemorySize' value failed to satisfy constraint\" (RequestToken: 1, HandlerErrorCode: InvalidRequest)";
    check(failing(reason), "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 1 to update

          ~ Socket  AWS::Lambda::Function

        digest <digest>

        12:00:02 stack UPDATE_IN_PROGRESS: User Initiated
        12:00:03 UPDATE_IN_PROGRESS Role (AWS::IAM::Role)
        12:00:04 UPDATE_IN_PROGRESS Socket (AWS::Lambda::Function)
        12:00:05 UPDATE_FAILED      Role (AWS::IAM::Role): Resource update cancelled
        12:00:05 UPDATE_FAILED      Socket (AWS::Lambda::Function): Resource handler returned message: "'MemorySize' value failed to satisfy constraint" (RequestToken: 1, HandlerErrorCode: InvalidRequest)
        12:00:06 stack UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to update: [Role, Socket].
        12:00:10 UPDATE_COMPLETE    Socket (AWS::Lambda::Function)
        12:00:11 stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS
        12:00:12 stack UPDATE_ROLLBACK_COMPLETE
        error: herald-dev was not deployed: Socket (AWS::Lambda::Function) failed
          AWS says: Resource handler returned message: "'MemorySize' value failed to satisfy constraint" (RequestToken: 1, HandlerErrorCode: InvalidRequest)
          source: stacks/src/push.rs:43
          the stack is in UPDATE_ROLLBACK_COMPLETE: as it was before
        hint: cargo xtask deploy --stage dev
        exit 1
        after 12 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn known_causes_have_a_hint() {
    for (reason, hint) in [
        ("CloudWatch Logs role ARN must be set in account settings to enable logging", "bootstrap"),
        ("User: ada is not authorized to perform: iam:CreateRole", "names the action"),
        ("S3 Error Code: NoSuchKey. S3 Error Message: no key", "uploads it"),
        ("herald already exists in stack arn:x", "has this name"),
        ("decreases account's UnreservedConcurrentExecution below its minimum", "L-B99A9384"),
        ("Rate exceeded (Service: Lambda, Status Code: 429)", "try again in a minute"),
        ("The role defined for the function cannot be assumed by Lambda.", "too new"),
    ] {
        let told = Play::new(failing(reason)).await.run("deploy --yes").await;
        assert!(told.contains("hint: ") && told.contains(hint), "{reason}\n{told}");
    }
}

#[tokio::test]
async fn a_failing_function_has_the_last_word() {
    let mut world = failing("the function does not start");
    let name = "herald-dev-Socket-1A2B".to_owned();
    world.functions.insert(name, "sum".to_owned());
    world.log_lines = vec!["INIT_START", "thread 'main' panicked: TABLE_NAME is not set"];
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("  its log:\n    INIT_START\n    thread 'main' panicked"), "{told}");
}

#[tokio::test]
async fn so_has_the_function_that_answers_for_a_custom_resource() {
    let steps = [
        stack(0, "UPDATE_IN_PROGRESS", ""),
        step(0, "Socket", FUNCTION, "UPDATE_COMPLETE", ""),
        step(1, "Seed", "Custom::Seed", "CREATE_FAILED", "Received response status [FAILED]"),
        stack(2, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
        stack(3, "UPDATE_ROLLBACK_COMPLETE", ""),
    ];
    let mut world = World::new()
        .with_stack("UPDATE_COMPLETE", &template().to_string())
        .with_changes(&[change("Add", "Seed", "Custom::Seed", "")])
        .with_script(&steps);
    world.functions.insert("herald-dev-Socket-1A2B".to_owned(), "sum".to_owned());
    world.log_lines = vec!["no rows"];
    let mut play = Play::new(world).await;
    let token = json!({"ServiceToken": {"Fn::GetAtt": ["Socket", "Arn"]}});
    play.synth(&with("/Resources/Seed", json!({"Type": "Custom::Seed", "Properties": token})));
    let told = play.run("deploy --yes").await;
    assert!(
        told.contains("Seed (Custom::Seed) failed") && told.contains("    no rows\n"),
        "{told}"
    );
}

#[tokio::test]
async fn a_failed_tree_keeps_the_words_of_the_failure() {
    let mut play = Play::new(failing("no memory")).await.on_terminal();
    expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 1 to update

          ~ Socket  AWS::Lambda::Function

        digest <digest>

        herald-dev UPDATE_ROLLBACK_COMPLETE 0:10
          ✓ Socket  updated   0:06  AWS::Lambda::Function
          ✗ Role    failed    0:02  Resource update cancelled
          2 of 2 done
        error: herald-dev was not deployed: Socket (AWS::Lambda::Function) failed
          AWS says: no memory
          source: stacks/src/push.rs:43
          the stack is in UPDATE_ROLLBACK_COMPLETE: as it was before
        hint: cargo xtask deploy --stage dev
        exit 1
        after 12 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]
    .assert_eq(&play.run("deploy --yes").await);
}

#[tokio::test]
async fn a_first_deployment_that_fails_says_that_the_next_begins_anew() {
    let world = World::new().with_changes(&additions()).with_script(&[
        stack(0, "CREATE_IN_PROGRESS", "User Initiated"),
        step(
            1,
            "Stage",
            "AWS::ApiGatewayV2::Stage",
            "CREATE_FAILED",
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ),
        stack(2, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Stage]."),
        stack(5, "ROLLBACK_COMPLETE", ""),
    ]);
    check(world, "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 3 to add

          + Role    AWS::IAM::Role
          + Socket  AWS::Lambda::Function
          + Stage   AWS::ApiGatewayV2::Stage

        Who may do what (! is more than before)
        ! + Allow lambda.amazonaws.com sts:AssumeRole on ${Role}

        digest <digest>

        12:00:02 stack CREATE_IN_PROGRESS: User Initiated
        12:00:03 CREATE_FAILED      Stage (AWS::ApiGatewayV2::Stage): CloudWatch Logs role ARN must be set in account settings to enable logging
        12:00:04 stack ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Stage].
        12:00:07 stack ROLLBACK_COMPLETE
        error: herald-dev was not deployed: Stage (AWS::ApiGatewayV2::Stage) failed
          AWS says: CloudWatch Logs role ARN must be set in account settings to enable logging
          the stack is in ROLLBACK_COMPLETE: nothing of it is in use; the next deployment begins anew
        hint: cargo xtask bootstrap --stage dev gives API Gateway a role for its logs
        hint: cargo xtask deploy --stage dev
        exit 1
        after 8 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn without_rollback_a_stack_is_left_as_it_failed() {
    let world = World::new().with_changes(&additions()).with_script(&[
        stack(0, "CREATE_IN_PROGRESS", "User Initiated"),
        step(1, "Socket", FUNCTION, "CREATE_FAILED", "no memory"),
        stack(2, "CREATE_FAILED", "The following resource(s) failed to create: [Socket]."),
    ]);
    check(
        world,
        "deploy --yes --no-rollback",
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

            12:00:02 stack CREATE_IN_PROGRESS: User Initiated
            12:00:03 CREATE_FAILED      Socket (AWS::Lambda::Function): no memory
            12:00:04 stack CREATE_FAILED: The following resource(s) failed to create: [Socket].
            error: herald-dev was not deployed: Socket (AWS::Lambda::Function) failed
              AWS says: no memory
              source: stacks/src/push.rs:43
              the stack is in CREATE_FAILED: left as it failed
            hint: cargo xtask deploy --stage dev  # goes on from there
            hint: cargo xtask deploy --stage dev --recover  # goes back first
            exit 1
            after 4 s: PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_rollback_that_fails_needs_recovery() {
    let world = World::new()
        .with_stack("UPDATE_COMPLETE", &template().to_string())
        .with_changes(&[change("Modify", "Socket", FUNCTION, "<Replacement>False</Replacement>")])
        .with_script(&[
            stack(0, "UPDATE_IN_PROGRESS", ""),
            step(1, "Socket", FUNCTION, "UPDATE_FAILED", "no memory"),
            stack(2, "UPDATE_ROLLBACK_IN_PROGRESS", ""),
            step(3, "Socket", FUNCTION, "UPDATE_FAILED", "still no memory"),
            stack(
                4,
                "UPDATE_ROLLBACK_FAILED",
                "The following resource(s) failed to update: [Socket].",
            ),
        ]);
    check(
        world,
        "deploy --yes",
        expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B

        herald-dev in us-east-1, account 123456789012: 1 to update

          ~ Socket  AWS::Lambda::Function

        digest <digest>

        12:00:02 stack UPDATE_IN_PROGRESS
        12:00:03 UPDATE_FAILED      Socket (AWS::Lambda::Function): no memory
        12:00:04 stack UPDATE_ROLLBACK_IN_PROGRESS
        12:00:05 UPDATE_FAILED      Socket (AWS::Lambda::Function): still no memory
        12:00:06 stack UPDATE_ROLLBACK_FAILED: The following resource(s) failed to update: [Socket].
        error: herald-dev was not deployed: Socket (AWS::Lambda::Function) failed
          AWS says: no memory
          source: stacks/src/push.rs:43
          the stack is in UPDATE_ROLLBACK_FAILED: stuck
        hint: cargo xtask deploy --stage dev --recover
        exit 6
        after 6 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]],
    )
    .await;
}

#[tokio::test]
async fn early_validation_is_told_by_resource_with_its_place() {
    let events = "<member><EventId>1</EventId><EventType>VALIDATION_ERROR</EventType><LogicalResourceId>Socket</LogicalResourceId><ResourceType>AWS::Lambda::Function</ResourceType><ValidationFailureMode>FAIL</ValidationFailureMode><ValidationName>PROPERTY_VALIDATION</ValidationName><ValidationStatus>FAILED</ValidationStatus><ValidationStatusReason>#/Timeout: expected maximum 900, but found 9000</ValidationStatusReason><ValidationPath>/Resources/Socket/Properties/Timeout</ValidationPath></member>";
    let mut world = World::new();
    world.change_set_will = ChangeSetWill::Fail(
        "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.",
        events.to_owned(),
    );
    check(world, "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        error: CloudFormation refuses this change of herald-dev
          AWS says: The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.
          Socket (AWS::Lambda::Function): #/Timeout: expected maximum 900, but found 9000
            at /Resources/Socket/Properties/Timeout
            source: stacks/src/push.rs:43
        hint: cargo xtask validate --stage dev
        exit 1
        after 2 s: PutObject CreateChangeSet DeleteChangeSet DeleteStack
    "#]]).await;
}

#[tokio::test]
async fn a_missing_capability_is_told_in_the_words_of_aws() {
    let mut world = World::new();
    world.change_set_will = ChangeSetWill::Refuse(
        "InsufficientCapabilitiesException",
        "Requires capabilities : [CAPABILITY_AUTO_EXPAND]",
    );
    check(world, "deploy --yes", expect![[r#"
        account 123456789012, us-east-1, as arn:aws:sts::123456789012:assumed-role/Deployer/ada
        uploaded socket, 5 B
        error: CreateChangeSet: InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_AUTO_EXPAND]
        hint: a macro makes more of the template than stands in it; deploy such a stack by other means
        exit 1
        after 0 s: PutObject CreateChangeSet DeleteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn machines_learn_of_a_failure_as_the_last_document() {
    let told = Play::new(failing("no memory")).await.run("deploy --yes --events ndjson").await;
    let last = told.lines().rfind(|line| line.starts_with('{')).unwrap().to_owned();
    expect![[r#"
        {"version":1,"time":"2026-01-01T12:00:12Z","stack":"herald-dev","event":"result","exit":1,"message":"herald-dev was not deployed: Socket (AWS::Lambda::Function) failed","details":["AWS says: no memory","source: stacks/src/push.rs:43","the stack is in UPDATE_ROLLBACK_COMPLETE: as it was before"],"hints":["cargo xtask deploy --stage dev"]}
    "#]].assert_eq(&(last + "\n"));
}

#[tokio::test]
async fn machines_learn_that_approval_is_needed() {
    let told = Play::new(failing("")).await.run("deploy --events ndjson").await;
    let last = told.lines().rfind(|line| line.starts_with('{')).unwrap().to_owned();
    assert!(last.contains("\"exit\":3") && last.contains("--approve"), "{last}");
}
