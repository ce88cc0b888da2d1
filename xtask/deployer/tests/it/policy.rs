//! What the deployer has to be allowed.

use crate::play::Play;
use crate::stand_in::World;
use deployer::calls::{ALL, By};
use expect_test::expect;

#[tokio::test]
async fn the_policy_is_made_from_what_is_called_and_calls_nothing() {
    let mut play = Play::new(World::new()).await;
    expect![[r#"
        {
          "Statement": [
            {
              "Action": [
                "lambda:GetAccountSettings",
                "sts:GetCallerIdentity"
              ],
              "Effect": "Allow",
              "Resource": [
                "*"
              ]
            },
            {
              "Action": [
                "cloudformation:CancelUpdateStack",
                "cloudformation:ContinueUpdateRollback",
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DeleteStack",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeEvents",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStacks",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:GetTemplate",
                "cloudformation:ListChangeSets",
                "cloudformation:ListStackResources",
                "cloudformation:RollbackStack"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:cloudformation:us-east-1:*:stack/herald-dev/*"
              ]
            },
            {
              "Action": [
                "s3:ListBucket"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:s3:::herald-assets-*-us-east-1"
              ]
            },
            {
              "Action": [
                "s3:GetObject",
                "s3:PutObject"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:s3:::herald-assets-*-us-east-1/*"
              ]
            },
            {
              "Action": [
                "lambda:GetFunctionConfiguration",
                "lambda:UpdateFunctionCode"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:lambda:us-east-1:*:function:herald-dev-*"
              ]
            },
            {
              "Action": [
                "logs:FilterLogEvents"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:logs:us-east-1:*:log-group:*"
              ]
            },
            {
              "Action": [
                "apigateway:GET"
              ],
              "Effect": "Allow",
              "Resource": [
                "arn:aws:apigateway:us-east-1::/account"
              ]
            }
          ],
          "Version": "2012-10-17"
        }
        CloudFormation makes the resources in the name of whoever deploys: what they need comes on top
        exit 0
        after 0 s: no change
    "#]]
    .assert_eq(&play.run("deploy --policy").await);
    assert!(play.stand_in.world().calls.is_empty());
}

#[test]
fn every_operation_is_listed_once_and_has_somebody_who_calls_it() {
    let mut names: Vec<_> =
        ALL.iter().map(|call| (call.operation.service.name, call.operation.name)).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "one is there twice");
    assert!(ALL.iter().all(|call| !call.by.is_empty()));
    assert!(ALL.iter().any(|call| call.by.contains(&By::Deploy)));
}
