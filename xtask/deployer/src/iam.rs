//! The one role that a stack cannot bring along: API Gateway writes logs as a role of the account.

use crate::calls;
use aws_wire::{CallError, Client};
use serde::Deserialize;

/// What the role is called, and what it may do: AWS's own policy for this.
pub const LOG_ROLE: &str = "herald-api-gateway-logs";
const POLICY: &str = "service-role/AmazonAPIGatewayPushToCloudWatchLogs";

/// An answer nobody reads.
#[derive(Deserialize)]
struct Nothing {}

/// Makes the role, where it is not there yet; gives its ARN.
///
/// # Errors
/// When a call fails.
pub async fn create_log_role(
    client: &Client,
    account: &str,
    partition: &str,
) -> Result<String, CallError> {
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }],
    });
    let form = form([
        ("RoleName", LOG_ROLE),
        ("Description", "By which API Gateway writes logs, in all Regions of this account"),
        ("AssumeRolePolicyDocument", &trust.to_string()),
    ]);
    match client.query::<Nothing>(&calls::CREATE_ROLE, &form).await {
        Err(error) if error.code() == Some("EntityAlreadyExists") => {}
        other => _ = other?,
    }
    let policy = format!("arn:{partition}:iam::aws:policy/{POLICY}");
    let form = self::form([("RoleName", LOG_ROLE), ("PolicyArn", &policy)]);
    client.query::<Nothing>(&calls::ATTACH_ROLE_POLICY, &form).await?;
    Ok(format!("arn:{partition}:iam::{account}:role/{LOG_ROLE}"))
}

fn form<const N: usize>(fields: [(&str, &str); N]) -> Vec<(String, String)> {
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
