//! API Gateway's settings of the account, where a deployment depends on them.

use crate::calls;
use aws_wire::{CallError, Client, Method, Request};
use serde::Deserialize;

/// The role under which API Gateway writes logs; none, where the account has none, and stages
/// with logging are refused.
///
/// # Errors
/// When the call fails.
pub async fn log_role(client: &Client) -> Result<Option<String>, CallError> {
    #[derive(Default, Deserialize)]
    struct Account {
        #[serde(rename = "cloudwatchRoleArn")]
        role: Option<String>,
    }
    let answer = client.call(&calls::GET_ACCOUNT, Request::new(Method::GET, "/account")).await?;
    let account: Account = serde_json::from_slice(&answer.body).map_err(|e| CallError::Answer {
        operation: calls::GET_ACCOUNT.name,
        why: e.to_string(),
    })?;
    Ok(account.role.filter(|role| !role.is_empty()))
}

/// Tells API Gateway under which role to write logs.
///
/// # Errors
/// When the call fails; `BadRequestException`, while the role is too new to be known.
pub async fn set_log_role(client: &Client, role: &str) -> Result<(), CallError> {
    let body = serde_json::json!({
        "patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}],
    });
    let headers = vec![("content-type", "application/json".to_owned())];
    let body = body.to_string().into();
    let request = Request { headers, body, ..Request::new(Method::PATCH, "/account") };
    client.call(&calls::UPDATE_ACCOUNT, request).await.map(drop)
}
