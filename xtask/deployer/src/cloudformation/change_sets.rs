//! Change sets: made, looked at, executed, thrown away.

use super::{Form, call, form, is_missing, members};
use crate::calls;
use crate::parameters::{Parameters, Value};
use aws_wire::{CallError, Client};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a change set makes of its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetType {
    /// A stack that is not there.
    Create,
    /// Another version of one that is.
    Update,
}

/// What a change set is made of.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// The stack.
    pub stack_name: &'a str,
    /// Its own name, which also makes a second call do nothing.
    pub name: &'a str,
    /// What it makes of the stack.
    pub kind: ChangeSetType,
    /// The template's text, or where it lies.
    pub template: Template<'a>,
    /// Values.
    pub parameters: &'a Parameters,
    /// What the user has to know the template may do.
    pub capabilities: &'a [&'a str],
    /// On the stack and all in it.
    pub tags: &'a BTreeMap<String, String>,
}

/// A template, or where it lies.
#[derive(Clone, Debug)]
pub enum Template<'a> {
    /// Its text.
    Body(&'a str),
    /// Its URL in the asset bucket.
    Url(String),
}

/// A change set as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeSet {
    /// Its ARN.
    pub change_set_id: String,
    /// The ARN of its stack.
    pub stack_id: String,
    /// `CREATE_COMPLETE`, `FAILED` and the like.
    pub status: String,
    /// Why, where there is something to say.
    #[serde(default)]
    pub status_reason: Option<String>,
    /// Whether it can be executed: `AVAILABLE`.
    #[serde(default)]
    pub execution_status: Option<String>,
    /// What it does.
    #[serde(default, deserialize_with = "members")]
    pub changes: Vec<Change>,
    #[serde(default)]
    next_token: Option<String>,
}

/// What is done to a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// The resource.
    #[serde(default)]
    pub resource_change: Option<ResourceChange>,
}

/// What is done to a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceChange {
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic`, `SyncWithActual`.
    pub action: String,
    /// Its id in the template.
    pub logical_resource_id: String,
    /// What AWS calls it.
    #[serde(default)]
    pub physical_resource_id: Option<String>,
    /// `AWS::Lambda::Function`.
    pub resource_type: String,
    /// `True`, `False`, `Conditional`.
    #[serde(default)]
    pub replacement: Option<String>,
    /// `Delete`, `Retain`, `ReplaceAndDelete` …
    #[serde(default)]
    pub policy_action: Option<String>,
    /// Why.
    #[serde(default, deserialize_with = "members")]
    pub details: Vec<Detail>,
}

/// A reason for a change.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Detail {
    /// What changes.
    #[serde(default)]
    pub target: Option<ChangeTarget>,
    /// The parameter, resource or attribute that makes it change.
    #[serde(default)]
    pub causing_entity: Option<String>,
}

/// What changes of a resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ChangeTarget {
    /// `Properties`, `Tags`, `DeletionPolicy` …
    pub attribute: String,
    /// The property.
    #[serde(default)]
    pub name: Option<String>,
    /// `Never`, `Conditionally`, `Always`.
    #[serde(default)]
    pub requires_recreation: Option<String>,
}

/// Begins to make a change set; gives its ARN and that of the stack.
///
/// # Errors
/// When the call fails.
pub async fn create_change_set(
    client: &Client,
    creation: &Creation<'_>,
) -> Result<(String, String), CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        id: String,
        stack_id: String,
    }
    let answer: Answer = client.query(&calls::CREATE_CHANGE_SET, &creation.form()).await?;
    Ok((answer.id, answer.stack_id))
}

impl Creation<'_> {
    fn form(&self) -> Form {
        let kind = match self.kind {
            ChangeSetType::Create => "CREATE",
            ChangeSetType::Update => "UPDATE",
        };
        let mut form = form([
            ("StackName", self.stack_name),
            ("ChangeSetName", self.name),
            ("ClientToken", self.name),
            ("ChangeSetType", kind),
        ]);
        let (field, value) = match &self.template {
            Template::Body(text) => ("TemplateBody", (*text).to_owned()),
            Template::Url(url) => ("TemplateURL", url.clone()),
        };
        form.push((field.to_owned(), value));
        for (index, (name, value)) in (1..).zip(self.parameters) {
            let field = |field: &str| format!("Parameters.member.{index}.{field}");
            form.push((field("ParameterKey"), name.clone()));
            form.push(match value {
                Value::Text(value) | Value::Secret(value) => {
                    (field("ParameterValue"), value.clone())
                }
                Value::Previous => (field("UsePreviousValue"), "true".to_owned()),
            });
        }
        for (index, capability) in (1..).zip(self.capabilities) {
            form.push((format!("Capabilities.member.{index}"), (*capability).to_owned()));
        }
        for (index, (key, value)) in (1..).zip(self.tags) {
            form.push((format!("Tags.member.{index}.Key"), key.clone()));
            form.push((format!("Tags.member.{index}.Value"), value.clone()));
        }
        form
    }
}

/// Pages of a change set, at most: a stack has no more resources than they show.
const PAGES: usize = 20;

/// A change set with all its changes; none, if it is not there.
///
/// # Errors
/// When a call fails.
pub async fn describe_change_set(
    client: &Client,
    stack: &str,
    name: &str,
) -> Result<Option<ChangeSet>, CallError> {
    let mut all: Option<ChangeSet> = None;
    for _ in 0..PAGES {
        let mut form = form([("StackName", stack), ("ChangeSetName", name)]);
        let next = all.as_mut().and_then(|set| set.next_token.take());
        form.extend(next.map(|token| ("NextToken".to_owned(), token)));
        let page: ChangeSet = match client.query(&calls::DESCRIBE_CHANGE_SET, &form).await {
            Ok(page) => page,
            Err(error) if error.code() == Some("ChangeSetNotFound") => return Ok(None),
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        match &mut all {
            None => all = Some(page),
            Some(set) => {
                set.changes.extend(page.changes);
                set.next_token = page.next_token;
            }
        }
        let token = all.as_ref().and_then(|set| set.next_token.as_deref());
        if token.is_none_or(str::is_empty) {
            break;
        }
    }
    Ok(all)
}

/// A change set, as a list tells of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Summary {
    /// Its ARN.
    pub change_set_id: String,
    /// Its name.
    pub change_set_name: String,
    /// When it was made.
    #[serde(default)]
    pub creation_time: String,
}

/// The change sets of a stack. The first page: what is left behind is never so many.
///
/// # Errors
/// When the call fails.
pub async fn list_change_sets(client: &Client, stack: &str) -> Result<Vec<Summary>, CallError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default, deserialize_with = "members")]
        summaries: Vec<Summary>,
    }
    let form = form([("StackName", stack)]);
    let answer: Answer = client.query(&calls::LIST_CHANGE_SETS, &form).await?;
    Ok(answer.summaries)
}

/// Throws a change set away; one that is not there is thrown away already.
///
/// # Errors
/// When the call fails.
pub async fn delete_change_set(client: &Client, stack: &str, name: &str) -> Result<(), CallError> {
    let form = form([("StackName", stack), ("ChangeSetName", name)]);
    match call(client, &calls::DELETE_CHANGE_SET, &form).await {
        Err(error) if is_missing(&error) || error.code() == Some("ChangeSetNotFound") => Ok(()),
        done => done,
    }
}

/// Begins to execute a change set; its ARN makes a second call do nothing.
///
/// # Errors
/// When the call fails.
pub async fn execute_change_set(
    client: &Client,
    stack: &str,
    name: &str,
    token: &str,
    disable_rollback: bool,
) -> Result<(), CallError> {
    let mut form =
        form([("StackName", stack), ("ChangeSetName", name), ("ClientRequestToken", token)]);
    if disable_rollback {
        form.push(("DisableRollback".to_owned(), "true".to_owned()));
    }
    call(client, &calls::EXECUTE_CHANGE_SET, &form).await
}
