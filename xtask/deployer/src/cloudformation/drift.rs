//! Drift: what is not as the template says, because somebody changed it past CloudFormation.

use super::{form, members};
use crate::calls;
use aws_wire::{CallError, Client};
use serde::Deserialize;

/// Where a detection stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Detection {
    /// `DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE` or `DETECTION_FAILED`.
    pub detection_status: String,
    /// Why it failed.
    #[serde(default)]
    pub detection_status_reason: Option<String>,
}

/// A resource that is not as its template says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceDrift {
    /// Its id in the template.
    pub logical_resource_id: String,
    /// `AWS::Lambda::Function`.
    pub resource_type: String,
    /// `MODIFIED` or `DELETED`.
    pub stack_resource_drift_status: String,
    /// What differs.
    #[serde(default, deserialize_with = "members")]
    pub property_differences: Vec<PropertyDifference>,
}

/// A property that differs.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyDifference {
    /// `/MemorySize`.
    pub property_path: String,
    /// As the template says; empty, where it says nothing.
    #[serde(default)]
    pub expected_value: String,
    /// As it is; empty, where it is not there.
    #[serde(default)]
    pub actual_value: String,
}

/// Begins to look for drift; gives the id of the detection.
///
/// # Errors
/// When the call fails.
pub async fn detect_drift(client: &Client, stack: &str) -> Result<String, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        stack_drift_detection_id: String,
    }
    let answer: Answer =
        client.query(&calls::DETECT_STACK_DRIFT, &form([("StackName", stack)])).await?;
    Ok(answer.stack_drift_detection_id)
}

/// Where a detection stands.
///
/// # Errors
/// When the call fails.
pub async fn drift_detection(client: &Client, id: &str) -> Result<Detection, CallError> {
    let form = form([("StackDriftDetectionId", id)]);
    client.query(&calls::DESCRIBE_STACK_DRIFT_DETECTION_STATUS, &form).await
}

/// Pages of drifted resources, at most: a stack has no more.
const PAGES: usize = 20;

/// The resources that differ, as the last detection found them.
///
/// # Errors
/// When a call fails.
pub async fn resource_drifts(
    client: &Client,
    stack: &str,
) -> Result<Vec<ResourceDrift>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        #[serde(default, deserialize_with = "members")]
        stack_resource_drifts: Vec<ResourceDrift>,
        #[serde(default)]
        next_token: Option<String>,
    }
    let mut drifts = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let mut form = form([
            ("StackName", stack),
            ("StackResourceDriftStatusFilters.member.1", "MODIFIED"),
            ("StackResourceDriftStatusFilters.member.2", "DELETED"),
        ]);
        form.extend(next.map(|token| ("NextToken".to_owned(), token)));
        let page: Page = client.query(&calls::DESCRIBE_STACK_RESOURCE_DRIFTS, &form).await?;
        drifts.extend(page.stack_resource_drifts);
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(drifts)
}
