//! Policies.

use expect_test::expect;
use infra_gen::aws::ids::{LogGroupArn, TableArn};
use infra_gen::iam::{Policy, Statement, dynamodb, logs, xray};
use infra_gen::{Node, Val};

fn json(policy: Policy) -> String {
    serde_json::to_string_pretty(&Val::from(policy)).unwrap()
}

#[test]
fn a_statement_allows_actions_on_a_resource() {
    let log = LogGroupArn::new("arn:aws:logs:us-east-1:123456789012:log-group:l:*");
    let table = TableArn::new("arn:aws:dynamodb:us-east-1:123456789012:table/t");
    let policy = Policy::new([
        Statement::allow([logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS], log),
        Statement::deny([dynamodb::DELETE_ITEM], table),
    ]);
    expect![[r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Action": [
                "logs:CreateLogStream",
                "logs:PutLogEvents"
              ],
              "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:l:*"
            },
            {
              "Effect": "Deny",
              "Action": [
                "dynamodb:DeleteItem"
              ],
              "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/t"
            }
          ]
        }"#]]
    .assert_eq(&json(policy));
}

#[test]
fn everywhere_is_only_for_actions_that_know_no_resource() {
    let policy = Policy::new([Statement::allow_everywhere([xray::PUT_TRACE_SEGMENTS])]);
    expect![[r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Action": [
                "xray:PutTraceSegments"
              ],
              "Resource": "*"
            }
          ]
        }"#]]
    .assert_eq(&json(policy));
}

#[test]
fn the_resources_of_a_statement_can_be_asked_for() {
    let statement = Statement::allow([dynamodb::QUERY], TableArn::new("arn"));
    assert_eq!(statement.actions(), ["dynamodb:Query"]);
    assert_eq!(statement.resources()[0].node(), Node::text("arn"));
}
