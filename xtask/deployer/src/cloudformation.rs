//! CloudFormation's stacks: requests as forms, answers as types. What an answer means for a
//! deployment is for others to say.

mod change_sets;
mod drift;
mod events;

pub use change_sets::{
    Change, ChangeSet, ChangeSetType, ChangeTarget, Creation, Detail, ResourceChange, Template,
    create_change_set, delete_change_set, describe_change_set, execute_change_set,
    list_change_sets,
};
pub use drift::{
    Detection, PropertyDifference, ResourceDrift, detect_drift, drift_detection, resource_drifts,
};
pub use events::{Event, OperationEvent, failed_events, stack_events};

use crate::calls;
use aws_wire::{CallError, Client, Operation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// A stack as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stack {
    /// Its ARN: another one for each life of a stack of the same name.
    pub stack_id: String,
    /// Its name.
    pub stack_name: String,
    /// When it was made.
    pub creation_time: String,
    /// When it was last updated, if ever.
    pub last_updated_time: Option<String>,
    /// `UPDATE_COMPLETE` and the like.
    pub stack_status: String,
    /// Why, where there is something to say.
    pub stack_status_reason: Option<String>,
    /// Whether it refuses to be deleted.
    #[serde(default)]
    pub enable_termination_protection: bool,
    /// The values of its parameters.
    #[serde(default, deserialize_with = "members")]
    pub parameters: Vec<Parameter>,
    /// What it tells.
    #[serde(default, deserialize_with = "members")]
    pub outputs: Vec<Output>,
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    /// Its name.
    pub parameter_key: String,
    /// Its value; `****` where the template says `NoEcho`.
    #[serde(default)]
    pub parameter_value: String,
}

/// What a stack tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "PascalCase"))]
pub struct Output {
    /// Its name.
    #[serde(rename(serialize = "name"))]
    pub output_key: String,
    /// Its value.
    #[serde(rename(serialize = "value"))]
    pub output_value: String,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StackResource {
    /// Its id in the template.
    pub logical_resource_id: String,
    /// What AWS calls it; none before it is made.
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    /// `AWS::Lambda::Function`.
    pub resource_type: String,
    /// `CREATE_COMPLETE` and the like.
    pub resource_status: String,
    /// Why, where there is something to say.
    #[serde(default)]
    pub resource_status_reason: Option<String>,
}

impl Stack {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|parameter| parameter.parameter_key == name);
        found.map(|parameter| parameter.parameter_value.as_str())
    }
}

/// The stack of a name or an ARN; none, if there is none. One that was deleted is found by its ARN.
///
/// # Errors
/// When the call fails.
pub async fn describe_stack(client: &Client, name: &str) -> Result<Option<Stack>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default, deserialize_with = "members")]
        stacks: Vec<Stack>,
    }
    let form = form([("StackName", name)]);
    match client.query::<Answer>(&calls::DESCRIBE_STACKS, &form).await {
        Ok(answer) => Ok(answer.stacks.into_iter().next()),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Pages of a list, at most: an account may have 2,000 stacks in a Region, and ask for more.
const PAGES: usize = 100;

/// All stacks of the Region.
///
/// # Errors
/// When a call fails, or there are more than anybody has.
pub async fn all_stacks(client: &Client) -> Result<Vec<Stack>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Page {
        #[serde(default, deserialize_with = "members")]
        stacks: Vec<Stack>,
        #[serde(default)]
        next_token: Option<String>,
    }
    let mut stacks = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..PAGES {
        let form: Form = next.map(|token| ("NextToken".to_owned(), token)).into_iter().collect();
        let page: Page = client.query(&calls::DESCRIBE_STACKS, &form).await?;
        stacks.extend(page.stacks);
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(stacks);
        }
    }
    let why = format!("there are more than {} stacks", stacks.len());
    Err(CallError::Answer { operation: calls::DESCRIBE_STACKS.name, why })
}

/// The resources of a stack.
///
/// # Errors
/// When the call fails.
pub async fn stack_resources(client: &Client, name: &str) -> Result<Vec<StackResource>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default, deserialize_with = "members")]
        stack_resource_summaries: Vec<StackResource>,
        next_token: Option<String>,
    }
    let (mut resources, mut next) = (Vec::new(), None);
    for _ in 0..PAGES {
        let mut form = form([("StackName", name)]);
        form.extend(next.map(|token| ("NextToken".to_owned(), token)));
        let answer: Answer = client.query(&calls::LIST_STACK_RESOURCES, &form).await?;
        resources.extend(answer.stack_resource_summaries);
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(resources)
}

/// The text of a stack's template as it was given; of a change set, where its name is given. None,
/// if the stack has none yet.
///
/// # Errors
/// When the call fails.
pub async fn template(
    client: &Client,
    stack: &str,
    change_set: Option<&str>,
) -> Result<Option<String>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default)]
        template_body: String,
    }
    let mut form = form([("StackName", stack), ("TemplateStage", "Original")]);
    form.extend(change_set.map(|name| ("ChangeSetName".to_owned(), name.to_owned())));
    match client.query::<Answer>(&calls::GET_TEMPLATE, &form).await {
        Ok(answer) => Ok(Some(answer.template_body).filter(|body| !body.is_empty())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Begins to delete a stack, by its ARN, so that no later one of the same name is meant.
///
/// # Errors
/// When the call fails.
pub async fn delete_stack(client: &Client, stack: &str, token: &str) -> Result<(), CallError> {
    let form = form([("StackName", stack), ("ClientRequestToken", token)]);
    call(client, &calls::DELETE_STACK, &form).await
}

/// Begins to undo the update that is running.
///
/// # Errors
/// When the call fails.
pub async fn cancel_update(client: &Client, stack: &str, token: &str) -> Result<(), CallError> {
    let form = form([("StackName", stack), ("ClientRequestToken", token)]);
    call(client, &calls::CANCEL_UPDATE_STACK, &form).await
}

/// Begins to finish a rollback that failed, without the resources in `skip`.
///
/// # Errors
/// When the call fails.
pub async fn continue_rollback(
    client: &Client,
    stack: &str,
    skip: &[String],
    token: &str,
) -> Result<(), CallError> {
    let mut form = form([("StackName", stack), ("ClientRequestToken", token)]);
    for (index, id) in skip.iter().enumerate() {
        form.push((format!("ResourcesToSkip.member.{}", index + 1), id.clone()));
    }
    call(client, &calls::CONTINUE_UPDATE_ROLLBACK, &form).await
}

/// Begins to roll back a stack that was left as it failed.
///
/// # Errors
/// When the call fails.
pub async fn rollback(client: &Client, stack: &str, token: &str) -> Result<(), CallError> {
    let form = form([("StackName", stack), ("ClientRequestToken", token)]);
    call(client, &calls::ROLLBACK_STACK, &form).await
}

/// Calls what answers with nothing.
async fn call(client: &Client, operation: &Operation, form: &Form) -> Result<(), CallError> {
    #[derive(Deserialize)]
    struct Nothing {}
    client.query(operation, form).await.map(|Nothing {}| ())
}

type Form = Vec<(String, String)>;

fn form<const N: usize>(fields: [(&str, &str); N]) -> Form {
    fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

/// The stack is not there. CloudFormation has no code for that but this sentence.
fn is_missing(error: &CallError) -> bool {
    error.code() == Some("ValidationError") && error.message().contains("does not exist")
}

/// `<member>…</member><member>…</member>`.
fn members<'de, D: Deserializer<'de>, T: DeserializeOwned>(of: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    struct Members<T> {
        #[serde(default = "Vec::new")]
        member: Vec<T>,
    }
    Members::deserialize(of).map(|members| members.member)
}
