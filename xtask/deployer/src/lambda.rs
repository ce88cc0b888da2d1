//! The code of functions: what they run, and giving them another.

use crate::calls;
use aws_wire::{CallError, Client, Method, Operation, Request, segment};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A function as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    /// Base64 of the SHA-256 of its zip.
    #[serde(default)]
    pub code_sha256: String,
    /// The size of its zip.
    #[serde(default)]
    pub code_size: u64,
    /// `Successful`, `InProgress` or `Failed`.
    #[serde(default)]
    pub last_update_status: Option<String>,
    /// Why it failed.
    #[serde(default)]
    pub last_update_status_reason: Option<String>,
    /// Where it logs.
    #[serde(default)]
    pub logging_config: Logging,
    /// Its variables; none, where it has none.
    #[serde(default)]
    pub environment: Option<Environment>,
}

/// The variables of a function. Some are secret, so that `Debug` tells their names alone.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    /// Values by name.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Why they are not shown.
    #[serde(default)]
    pub error: Option<EnvironmentError>,
}

/// Why variables are not shown: their key may not be used, for example.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnvironmentError {
    /// In AWS's words.
    #[serde(default)]
    pub message: String,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.variables.keys()).finish()
    }
}

/// Where a function logs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Logging {
    /// Its log group.
    #[serde(default)]
    pub log_group: Option<String>,
}

/// A function; none, if it is not there.
///
/// # Errors
/// When the call fails.
pub async fn function(client: &Client, name: &str) -> Result<Option<Function>, CallError> {
    let path = format!("/2015-03-31/functions/{}/configuration", segment(name));
    let request = Request::new(Method::GET, path);
    match send(client, &calls::GET_FUNCTION_CONFIGURATION, request).await {
        Ok(function) => Ok(Some(function)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Begins to give a function other code; the same once more changes nothing.
///
/// # Errors
/// When the call fails.
pub async fn update_code(
    client: &Client,
    name: &str,
    bucket: &str,
    key: &str,
) -> Result<Function, CallError> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Body<'a> {
        s3_bucket: &'a str,
        s3_key: &'a str,
    }
    let path = format!("/2015-03-31/functions/{}/code", segment(name));
    let body = serde_json::to_vec(&Body { s3_bucket: bucket, s3_key: key });
    let operation = &calls::UPDATE_FUNCTION_CODE;
    let body =
        body.map_err(|e| CallError::Request { operation: operation.name, why: e.to_string() })?;
    let headers = vec![("content-type", "application/json".to_owned())];
    let request = Request { headers, body: body.into(), ..Request::new(Method::PUT, path) };
    send(client, operation, request).await
}

/// Concurrent executions that no function has reserved.
///
/// # Errors
/// When the call fails.
pub async fn unreserved_concurrency(client: &Client) -> Result<u64, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        account_limit: Limit,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Limit {
        unreserved_concurrent_executions: u64,
    }
    let request = Request::new(Method::GET, "/2016-08-19/account-settings");
    let answer: Answer = send(client, &calls::GET_ACCOUNT_SETTINGS, request).await?;
    Ok(answer.account_limit.unreserved_concurrent_executions)
}

async fn send<T: DeserializeOwned>(
    client: &Client,
    operation: &Operation,
    request: Request,
) -> Result<T, CallError> {
    let answer = client.call(operation, request).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|e| CallError::Answer { operation: operation.name, why: e.to_string() })
}
