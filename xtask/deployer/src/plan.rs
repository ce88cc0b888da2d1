//! What a change set will do, in the order of gravity, with what CloudFormation does not say: whose
//! data is lost, and who may do more.
//!
//! What happens to a resource is CloudFormation's word; why, and what it means, is told by
//! `infra_gen::diff` from both templates.

use crate::cloudformation::{ChangeSet, ResourceChange};
use crate::target::Target;
use infra_gen::diff::{self, Action, Diff, Fate, IamChanges, PropertyChange};
use infra_gen::{Node, Path};
use serde::Serialize;
use serde_json::Value;

/// What will be done to a stack.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The stack's name.
    pub stack: String,
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// Whether the stack is new.
    pub is_new: bool,
    /// What approves exactly this.
    pub digest: String,
    /// The gravest first.
    pub changes: Vec<Change>,
    /// Outputs that change, of a stack that is there.
    pub outputs: Vec<String>,
    /// Data that is lost, or may be.
    pub losses: Vec<Loss>,
    /// Who may do more, and who less.
    pub iam: IamChanges,
    /// Functions whose code was changed past CloudFormation, and is put back.
    pub heals: Vec<String>,
}

/// What is done to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What.
    pub what: What,
    /// Its logical id.
    pub id: String,
    /// `AWS::Lambda::Function`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The properties that make it so.
    pub because: Vec<String>,
    /// Values in the template that change.
    pub properties: Vec<Property>,
}

/// A value in the template that changes, as a line of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Property {
    /// `Timeout`; below the resource where it is no property: `DeletionPolicy`.
    pub path: String,
    /// As it was; none, if it was not given.
    pub old: Option<String>,
    /// As it will be; none, if it will not be given.
    pub new: Option<String>,
}

/// What is done to a resource, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// It is deleted.
    Remove,
    /// A new one is made and the old one deleted.
    Replace,
    /// Updated or replaced: that shows when it is done.
    MayReplace,
    /// It is updated.
    Update,
    /// One that is there is taken into the stack.
    Import,
    /// It is made.
    Add,
}

/// Data that is lost, or may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loss {
    /// The logical id of what holds it.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// `items`, `messages`.
    pub holds: String,
    /// Whether that is sure to happen.
    pub certain: bool,
    /// Whether the resource goes or is replaced; else it keeps less than before.
    pub needs_permission: bool,
}

/// Where a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The account.
    pub account: &'a str,
    /// The Region.
    pub region: &'a str,
}

/// The plan of a change set; of none, where only code is put back.
pub fn plan(
    place: Place<'_>,
    target: &Target,
    deployed: Option<&Value>,
    change_set: Option<&ChangeSet>,
    heals: Vec<String>,
) -> Plan {
    let nothing = Value::Object(serde_json::Map::new());
    let diff = diff::diff(&target.entry.name, deployed.unwrap_or(&nothing), &target.template);
    let all = change_set.map_or(&[][..], |set| &set.changes);
    let all: Vec<_> = all.iter().filter_map(|change| change.resource_change.as_ref()).collect();
    let mut changes: Vec<_> = all.iter().map(|change| self::change(change, &diff)).collect();
    changes.sort_by(|a, b| (a.what, &a.id).cmp(&(b.what, &b.id)));
    Plan {
        stack: target.entry.name.clone(),
        account: place.account.to_owned(),
        region: place.region.to_owned(),
        is_new: deployed.is_none(),
        losses: losses(&all, &diff),
        changes,
        outputs: match deployed {
            Some(_) => diff.outputs.iter().map(|output| output.id.clone()).collect(),
            None => Vec::new(),
        },
        digest: diff.digest,
        iam: diff.iam,
        heals,
    }
}

impl Plan {
    /// How many resources have this done to them.
    pub fn count(&self, what: What) -> usize {
        self.changes.iter().filter(|change| change.what == what).count()
    }
}

fn change(change: &ResourceChange, diff: &Diff) -> Change {
    let what = match (change.action.as_str(), change.replacement.as_deref()) {
        ("Add", _) => What::Add,
        ("Remove", _) => What::Remove,
        ("Import", _) => What::Import,
        (_, Some("True")) => What::Replace,
        (_, Some("Conditional")) => What::MayReplace,
        _ => What::Update,
    };
    let replaces = matches!(what, What::Replace | What::MayReplace);
    let mut because: Vec<String> = Vec::new();
    for detail in &change.details {
        let Some(target) = &detail.target else { continue };
        let keeps = target.requires_recreation.as_deref().is_none_or(|r| r == "Never");
        if replaces && keeps {
            continue;
        }
        because.push(target.name.clone().unwrap_or_else(|| target.attribute.clone()));
    }
    let (id, type_name) = (change.logical_resource_id.clone(), change.resource_type.clone());
    if matches!(what, What::Add | What::Remove) {
        return Change { what, id, type_name, because: Vec::new(), properties: Vec::new() };
    }
    let told = diff.resources.iter().find(|resource| resource.id == id);
    // Where CloudFormation gives no reason, the templates do.
    if let Some(told) = told.filter(|_| because.is_empty() && replaces) {
        because.extend(told.because.iter().map(short));
    }
    because.sort();
    because.dedup();
    let property = |property: &PropertyChange| Property {
        path: short(&property.path),
        old: property.old.as_ref().map(Node::to_line),
        new: property.new.as_ref().map(Node::to_line),
    };
    let properties = told.map(|told| told.properties.iter().map(property).collect());
    Change { what, id, type_name, because, properties: properties.unwrap_or_default() }
}

/// `Timeout` of `Properties.Timeout`.
fn short(path: &Path) -> String {
    path.to_string().trim_start_matches("Properties.").to_owned()
}

/// What the templates say is lost, unless CloudFormation knows better; and what it says.
fn losses(changes: &[&ResourceChange], diff: &Diff) -> Vec<Loss> {
    let find = |id: &str| changes.iter().find(|change| change.logical_resource_id == id);
    let mut losses = Vec::new();
    for resource in diff.losses() {
        let Some(data) = &resource.data else { continue };
        let told = find(&resource.id);
        let in_place = told.is_some_and(|c| c.replacement.as_deref() == Some("False"));
        if in_place && matches!(resource.action, Action::MayReplace | Action::Replace) {
            continue;
        }
        let sure = told.is_some_and(|c| c.replacement.as_deref() == Some("True"));
        losses.push(Loss {
            id: resource.id.clone(),
            type_name: resource.old_type.as_ref().unwrap_or(&resource.type_name).clone(),
            holds: data.holds.to_owned(),
            certain: data.certain || sure,
            needs_permission: resource.action != Action::Update,
        });
    }
    for change in changes {
        let goes = matches!(change.policy_action.as_deref(), Some("Delete" | "ReplaceAndDelete"));
        let known = |id: &str| {
            let fate = |r: &diff::ResourceChange| r.data.as_ref().map(|data| data.fate);
            let told = diff.resources.iter().find(|r| r.id == id).and_then(fate);
            matches!(told, Some(Fate::Lost))
        };
        if let Some(holds) = diff::holds(&change.resource_type)
            && goes
            && !known(&change.logical_resource_id)
        {
            losses.push(Loss {
                id: change.logical_resource_id.clone(),
                type_name: change.resource_type.clone(),
                holds: holds.to_owned(),
                certain: change.replacement.as_deref() != Some("Conditional"),
                needs_permission: true,
            });
        }
    }
    losses.sort_by(|a, b| a.id.cmp(&b.id));
    losses
}
