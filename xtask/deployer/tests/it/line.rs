//! The line between us and AWS: too many calls, dead for a while, dead for good, credentials that
//! end.

use crate::play::{Play, additions, check};
use crate::stand_in::{At, Fault, World, stack};
use expect_test::expect;

/// A deployment of a minute.
fn minute() -> World {
    World::new()
        .with_changes(&additions())
        .with_script(&[stack(0, "CREATE_IN_PROGRESS", ""), stack(60, "CREATE_COMPLETE", "")])
}

fn events(at: At, answer: Option<(u16, &'static str, &'static str)>) -> Fault {
    Fault { operation: "DescribeStackEvents", at, answer }
}

const THROTTLED: (u16, &str, &str) = (400, "Throttling", "Rate exceeded");
const EXPIRED: (u16, &str, &str) =
    (403, "ExpiredToken", "The security token included in the request is expired");

#[tokio::test]
async fn who_asks_too_often_asks_less() {
    let world = minute().with_fault(events(At::Between(5, 15), Some(THROTTLED)));
    check(
        world,
        "deploy --yes",
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
            AWS is asked too often (DescribeStackEvents: Throttling: Rate exceeded); asking less
            AWS answers again
            12:01:02 stack CREATE_COMPLETE
            herald-dev is deployed, in 1:02
            WebSocketUrl  wss://api/dev
            stage dev is deployed
            exit 0
            after 64 s: PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_single_refusal_is_not_worth_a_word() {
    let world = minute().with_fault(events(At::Times(1), Some(THROTTLED)));
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("exit 0") && !told.contains("too often"), "{told}");
}

#[tokio::test]
async fn a_line_that_comes_back_is_waited_for() {
    let world = minute().with_fault(Fault { operation: "*", at: At::Between(5, 40), answer: None });
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

        12:00:02 stack CREATE_IN_PROGRESS
        DescribeStackEvents: no answer from aws: client error (SendRequest): connection closed before message completed; trying again
        12:01:02 stack CREATE_COMPLETE
        AWS answers again
        herald-dev is deployed, in 1:02
        WebSocketUrl  wss://api/dev
        stage dev is deployed
        exit 0
        after 64 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn a_line_that_does_not_come_back_is_given_up_and_the_deployment_is_not() {
    let world =
        minute().with_fault(Fault { operation: "*", at: At::Between(5, 10_000), answer: None });
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

        12:00:02 stack CREATE_IN_PROGRESS
        DescribeStackEvents: no answer from aws: client error (SendRequest): connection closed before message completed; trying again
        error: lost sight of the stack; CloudFormation goes on
          DescribeStackEvents: no answer from aws: client error (SendRequest): connection closed before message completed
        hint: look at the network, the Region and --endpoint-url
        hint: cargo xtask deploy --stage dev  # takes it up again
        hint: cargo xtask deploy --stage dev --cancel  # undoes it
        exit 130
        after 604 s: PutObject CreateChangeSet ExecuteChangeSet
    "#]]).await;
}

#[tokio::test]
async fn credentials_that_end_midway_are_renewed_by_the_user_and_the_command_goes_on() {
    let at = At::Between(5, 100);
    let world = minute().with_fault(Fault { operation: "*", at, answer: Some(EXPIRED) });
    check(
        world,
        "deploy --yes",
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
            error: lost sight of the stack; CloudFormation goes on
              DescribeStackEvents: ExpiredToken: The security token included in the request is expired
            hint: renew the credentials, for example with `aws sso login`, and run it again
            hint: cargo xtask deploy --stage dev  # takes it up again
            hint: cargo xtask deploy --stage dev --cancel  # undoes it
            exit 130
            after 6 s: PutObject CreateChangeSet ExecuteChangeSet
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_change_set_is_made_once_though_the_answer_was_lost() {
    let at = At::Times(1);
    let world = minute().with_fault(Fault { operation: "ExecuteChangeSet", at, answer: None });
    let told = Play::new(world).await.run("deploy --yes").await;
    assert!(told.contains("exit 0"), "{told}");
}
