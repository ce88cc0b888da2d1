//! What happens to a stack, as CloudFormation tells it.

use super::{form, is_missing, members};
use crate::calls;
use aws_wire::{CallError, Client};
use serde::Deserialize;

/// Something that happened to a resource, or to the stack itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    /// Its own id.
    pub event_id: String,
    /// The ARN of the stack.
    pub stack_id: String,
    /// The id in the template; the stack's name, if it is about the stack.
    pub logical_resource_id: String,
    /// What AWS calls it; the stack's ARN, if it is about the stack.
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    /// `AWS::Lambda::Function`; `AWS::CloudFormation::Stack`.
    pub resource_type: String,
    /// When, as text of ISO 8601.
    pub timestamp: String,
    /// `CREATE_IN_PROGRESS` and the like.
    pub resource_status: String,
    /// Why, where there is something to say.
    #[serde(default)]
    pub resource_status_reason: Option<String>,
}

impl Event {
    /// Whether it is about the stack as a whole.
    pub fn is_of_stack(&self) -> bool {
        self.physical_resource_id.as_deref() == Some(self.stack_id.as_str())
    }
}

/// Pages of events, at most: more than any one operation has.
const PAGES: usize = 50;

/// The events of a stack, the newest first, as long as `until` says no of them. The first that it
/// says yes of is not given.
///
/// # Errors
/// When a call fails.
pub async fn stack_events(
    client: &Client,
    stack: &str,
    mut until: impl FnMut(&Event) -> bool,
) -> Result<Vec<Event>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default, deserialize_with = "members")]
        stack_events: Vec<Event>,
        next_token: Option<String>,
    }
    let mut events = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let mut form = form([("StackName", stack)]);
        form.extend(next.map(|token| ("NextToken".to_owned(), token)));
        let answer: Answer = match client.query(&calls::DESCRIBE_STACK_EVENTS, &form).await {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) => break,
            Err(error) => return Err(error),
        };
        for event in answer.stack_events {
            if until(&event) {
                return Ok(events);
            }
            events.push(event);
        }
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(events)
}

/// What `DescribeEvents` tells of a failure: before anything is touched, too.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OperationEvent {
    /// `VALIDATION_ERROR`, `PROVISIONING_ERROR`, `HOOK_INVOCATION_ERROR` …
    pub event_type: String,
    /// The id in the template.
    #[serde(default)]
    pub logical_resource_id: Option<String>,
    /// `AWS::Lambda::Function`.
    #[serde(default)]
    pub resource_type: Option<String>,
    /// `NAME_CONFLICT_VALIDATION` and the like.
    #[serde(default)]
    pub validation_name: Option<String>,
    /// Where in the template.
    #[serde(default)]
    pub validation_path: Option<String>,
    /// What is wrong.
    #[serde(default)]
    pub validation_status_reason: Option<String>,
    /// What is wrong, of a hook.
    #[serde(default)]
    pub hook_status_reason: Option<String>,
    /// What is wrong, of a resource.
    #[serde(default)]
    pub resource_status_reason: Option<String>,
}

/// The failures of a change set. The first page: who has more than it shows, has enough to do.
///
/// # Errors
/// When the call fails.
pub async fn failed_events(
    client: &Client,
    change_set_id: &str,
) -> Result<Vec<OperationEvent>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default, deserialize_with = "members")]
        operation_events: Vec<OperationEvent>,
    }
    let form = form([("ChangeSetName", change_set_id), ("Filters.FailedEvents", "true")]);
    let answer: Answer = client.query(&calls::DESCRIBE_EVENTS, &form).await?;
    Ok(answer.operation_events)
}
