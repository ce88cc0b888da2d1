//! The stack that a template would be deployed as, for those who ask CloudFormation about it.

use std::collections::BTreeMap;

/// A stack.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// `AWS::StackName`.
    pub name: String,
    /// `AWS::StackId`.
    pub id: String,
    /// The template's `Description`.
    pub description: Option<String>,
    /// Parameters in the order of their names; the value of one with `NoEcho` is not here.
    pub parameters: Vec<(String, String)>,
    /// The template's outputs, resolved.
    pub outputs: Vec<Output>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// Its resources in the order of their logical IDs.
    pub resources: Vec<StackResource>,
    /// The template as JSON.
    pub template: String,
}

/// One output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub key: String,
    /// `Value`, resolved.
    pub value: String,
    /// `Description`.
    pub description: Option<String>,
    /// `Export.Name`.
    pub export: Option<String>,
}

/// One resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// What `Ref` yields.
    pub physical_id: String,
    /// `Type`.
    pub kind: String,
}
