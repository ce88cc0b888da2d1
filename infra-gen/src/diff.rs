//! What changes between two templates, for people who review and for programs that deploy.
//!
//! Pure: who has the templates, and how the result is shown, is `xtask`'s business. What AWS will
//! do is told from the resource schemas; where they do not say, neither do we.
//!
//! ```
//! use infra_gen::{diff, template_file::parse};
//!
//! let old = parse("Resources: {Log: {Type: AWS::Logs::LogGroup}}").unwrap();
//! let new = parse("Resources: {}").unwrap();
//! let diff = diff::diff("my-stack", &old, &new);
//! assert_eq!(diff.resources[0].action, diff::Action::Remove);
//! assert_eq!(diff.losses().count(), 1);
//! ```

mod compare;
mod data;
mod digest;
mod iam;
mod resources;

pub use crate::grants::Grant;
pub use data::{Data, Fate, holds};
pub use iam::{IamChange, IamChanges, Sign};

use crate::node::Node;
use crate::parsed::Parsed;
use crate::path::Path;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The form of the JSON; documented in `docs/diff-schema.md`.
pub const VERSION: u32 = 1;

/// All that changes in one stack.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The stack's name.
    pub stack: String,
    /// Stands for exactly this: the stack, the new template, what is destroyed, who may do more.
    pub digest: String,
    /// By id.
    pub parameters: Vec<EntryChange>,
    /// By id.
    pub conditions: Vec<EntryChange>,
    /// By id.
    pub resources: Vec<ResourceChange>,
    /// By id.
    pub outputs: Vec<EntryChange>,
    /// Whatever else stands in a template: `Mappings.X`, `Description`.
    pub other: Vec<EntryChange>,
    /// Who may do what.
    pub iam: IamChanges,
}

impl Diff {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        let entries = [&self.parameters, &self.conditions, &self.outputs, &self.other];
        self.resources.is_empty() && entries.iter().all(|entries| entries.is_empty())
    }

    /// Resources whose data is lost, or may be.
    pub fn losses(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resources
            .iter()
            .filter(|resource| resource.data.as_ref().is_some_and(|data| data.fate == Fate::Lost))
    }

    /// How many resources have this done to them.
    pub fn count(&self, action: Action) -> usize {
        self.resources.iter().filter(|resource| resource.action == action).count()
    }
}

/// A parameter, condition, output or the like that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryChange {
    /// Its id.
    pub id: String,
    /// As it was; none, if it is new.
    pub old: Option<Node>,
    /// As it will be; none, if it goes.
    pub new: Option<Node>,
    /// Says the same as before, yet of something that changes: this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is made.
    Add,
    /// It stays the same resource, with other properties.
    Update,
    /// Updated or replaced: AWS decides.
    MayReplace,
    /// A new one is made, and the old one deleted.
    Replace,
    /// It is deleted.
    Remove,
}

/// A resource that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceChange {
    /// Its logical id.
    pub id: String,
    /// `AWS::DynamoDB::Table`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The type it had, where that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_type: Option<String>,
    /// What happens to it.
    pub action: Action,
    /// What makes a replacement of it.
    pub because: Vec<Path>,
    /// What differs.
    pub properties: Vec<PropertyChange>,
    /// What becomes of the data it holds, where that is in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// What else a reviewer should know, a sentence each.
    pub notes: Vec<String>,
}

/// Whether a changed property replaces its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Replaces {
    /// It does not.
    No,
    /// AWS decides.
    Maybe,
    /// It does.
    Yes,
}

/// A property, or something beside the properties, that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PropertyChange {
    /// Below the resource: `Properties.Timeout`, `DeletionPolicy`.
    pub path: Path,
    /// As it was; none, if it was not given.
    pub old: Option<Node>,
    /// As it will be; none, if it will not be given.
    pub new: Option<Node>,
    /// Whether that replaces the resource.
    pub replaces: Replaces,
    /// Says the same as before, yet of something that changes: this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

/// Compares two templates of a stack.
pub fn diff(stack: &str, old: &Value, new: &Value) -> Diff {
    let (old, new) = (Parsed::new(old), Parsed::new(new));
    let parameters = entries(&old, &new, "Parameters");
    let conditions = entries(&old, &new, "Conditions");
    let other = other(&old, &new);
    let moved = resources::Moved::new(&parameters, &conditions, &other);
    let resources = resources::changes(&old, &new, &moved);
    let mut outputs = entries(&old, &new, "Outputs");
    outputs.extend(following(&new, &outputs, &resources));
    outputs.sort_by(|a, b| a.id.cmp(&b.id));
    let iam = iam::changes(&old, &new);
    let digest = digest::digest(stack, &new, &resources, &iam);
    let stack = stack.to_owned();
    Diff { stack, digest, parameters, conditions, resources, outputs, other, iam }
}

/// Sections with lists of their own.
const LISTED: [&str; 4] = ["Conditions", "Outputs", "Parameters", "Resources"];

fn entries(old: &Parsed, new: &Parsed, section: &str) -> Vec<EntryChange> {
    let keys = |template: &Parsed| -> BTreeSet<String> {
        template.section(section).iter().map(|(key, _)| key.to_string()).collect()
    };
    let value = |template: &Parsed, id: &str| {
        let path = Path::new([section, id]);
        template.root().at(&path).cloned()
    };
    let ids = &keys(old) | &keys(new);
    ids.into_iter().filter_map(|id| entry(value(old, &id), value(new, &id), id)).collect()
}

fn entry(old: Option<Node>, new: Option<Node>, id: String) -> Option<EntryChange> {
    let same = match (&old, &new) {
        (Some(old), Some(new)) => compare::same(old, new),
        (None, None) => true,
        _ => false,
    };
    (!same).then_some(EntryChange { id, old, new, follows: None })
}

/// Sections without a list of their own: maps by their keys, anything else as a whole.
fn other(old: &Parsed, new: &Parsed) -> Vec<EntryChange> {
    let sections: BTreeSet<&str> = [old, new]
        .iter()
        .flat_map(|template| template.root().pairs())
        .map(|(name, _)| name.as_ref())
        .filter(|name| !LISTED.contains(name))
        .collect();
    let mut changes = Vec::new();
    for section in sections {
        let [before, after] = [old, new].map(|template| template.root().get(section));
        let maps = [before, after].into_iter().flatten().all(|node| matches!(node, Node::Map(_)));
        if maps {
            let named = |change: EntryChange| EntryChange {
                id: format!("{section}.{}", change.id),
                ..change
            };
            changes.extend(entries(old, new, section).into_iter().map(named));
        } else {
            changes.extend(entry(before.cloned(), after.cloned(), section.to_owned()));
        }
    }
    changes
}

/// Outputs that stay as they are and say something else: of a resource that is replaced.
fn following(
    new: &Parsed,
    changed: &[EntryChange],
    resources: &[ResourceChange],
) -> Vec<EntryChange> {
    let replaced = |id: &str| {
        let change = resources.iter().find(|resource| resource.id == id);
        change.is_some_and(|c| matches!(c.action, Action::Replace | Action::MayReplace))
    };
    let unchanged =
        new.section("Outputs").iter().filter(|(id, _)| changed.iter().all(|c| c.id != *id));
    unchanged
        .filter_map(|(id, node)| {
            let references = crate::references::references(node);
            let cause = references.iter().filter_map(|r| r.target.id()).find(|id| replaced(id))?;
            Some(EntryChange {
                id: id.to_string(),
                old: Some(node.clone()),
                new: Some(node.clone()),
                follows: Some(cause.to_owned()),
            })
        })
        .collect()
}
