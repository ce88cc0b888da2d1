//! What happens to each resource: what its own change means, and what follows from others'.

use super::compare::{self, Difference, differences};
use super::{Action, EntryChange, PropertyChange, Replaces, ResourceChange, data};
use crate::names::name_property;
use crate::parsed::{Parsed, Resource};
use crate::path::Path;
use crate::references::{Reference, Target, references};
use crate::shape::{ResourceType, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// What stands for another value than before although it is called the same, besides resources.
pub(super) struct Moved {
    parameters: BTreeSet<String>,
    conditions: BTreeSet<String>,
    mappings: BTreeSet<String>,
}

impl Moved {
    pub(super) fn new(
        parameters: &[EntryChange],
        conditions: &[EntryChange],
        other: &[EntryChange],
    ) -> Self {
        let both = |change: &&EntryChange| change.old.is_some() && change.new.is_some();
        let default = |change: &&EntryChange| {
            let [old, new] =
                [&change.old, &change.new].map(|node| node.as_ref()?.get("Default").cloned());
            old != new
        };
        let id = |change: &EntryChange| change.id.clone();
        Self {
            parameters: parameters.iter().filter(both).filter(default).map(id).collect(),
            conditions: conditions.iter().filter(both).map(id).collect(),
            mappings: other
                .iter()
                .filter_map(|change| change.id.strip_prefix("Mappings.").map(str::to_owned))
                .collect(),
        }
    }
}

/// Attributes that change with a property of their resource.
const VOLATILE: &[(&str, &str, &str)] = &[
    ("AWS::DynamoDB::GlobalTable", "StreamArn", "StreamSpecification"),
    ("AWS::DynamoDB::Table", "StreamArn", "StreamSpecification"),
];

/// All resources that change, by id.
pub(super) fn changes(old: &Parsed, new: &Parsed, moved: &Moved) -> Vec<ResourceChange> {
    let ids: BTreeSet<&str> = old.resources().chain(new.resources()).map(|r| r.id).collect();
    let mut own = BTreeMap::new();
    for id in ids {
        if let Some(change) = own_change(old.resource(id), new.resource(id)) {
            own.insert(id.to_owned(), change);
        }
    }
    let mut all = own.clone();
    // What follows may be followed in turn. An action only ever becomes a stronger one, of three.
    for _ in 0..=2 * new.resources().count() {
        let next = follow(&own, &all, new, moved);
        let settled = next.len() == all.len()
            && next.iter().zip(&all).all(|((_, a), (_, b))| a.action == b.action);
        all = next;
        if settled {
            break;
        }
    }
    let mut changes: Vec<_> = all.into_values().collect();
    for change in &mut changes {
        let (before, after) = (old.resource(&change.id), new.resource(&change.id));
        change.data = data::of(change.action, before, after, &change.properties);
        notes(change, after);
    }
    renames(&mut changes, old, new);
    changes
}

/// The change of a resource as it stands in both templates.
fn own_change(old: Option<Resource<'_>>, new: Option<Resource<'_>>) -> Option<ResourceChange> {
    let resource = new.or(old)?;
    let mut change = ResourceChange {
        id: resource.id.to_owned(),
        type_name: resource.type_name.to_owned(),
        old_type: None,
        action: Action::Update,
        because: Vec::new(),
        properties: Vec::new(),
        data: None,
        notes: Vec::new(),
    };
    let known = resource.known();
    match (old, new) {
        (None, _) => {
            change.action = Action::Add;
            change.properties = whole(resource, false);
        }
        (_, None) => {
            change.action = Action::Remove;
            change.properties = whole(resource, true);
        }
        (Some(old), Some(new)) => {
            change.properties = properties(old, new, known);
            if old.type_name != new.type_name {
                change.action = Action::Replace;
                change.old_type = Some(old.type_name.to_owned());
                change.because = vec![Path::new(["Type"])];
            } else if change.properties.is_empty() {
                return None;
            } else {
                settle(&mut change, known);
            }
        }
    }
    Some(change)
}

/// Everything about a resource that is new or goes.
fn whole(resource: Resource<'_>, gone: bool) -> Vec<PropertyChange> {
    let at = Path::new(["Properties"]);
    let properties = resource.properties().iter().map(|(name, value)| (at.key(name), value));
    let beside = resource.body.pairs().iter();
    let beside = beside
        .filter(|(key, _)| key != "Type" && key != "Properties")
        .map(|(key, value)| (Path::new([key.as_ref()]), value));
    properties
        .chain(beside)
        .map(|(path, value)| {
            let value = Some(value.clone());
            let (old, new) = if gone { (value, None) } else { (None, value) };
            PropertyChange { path, old, new, replaces: Replaces::No, follows: None }
        })
        .collect()
}

fn properties(
    old: Resource<'_>,
    new: Resource<'_>,
    known: Option<&ResourceType>,
) -> Vec<PropertyChange> {
    let keys: BTreeSet<&str> =
        old.body.pairs().iter().chain(new.body.pairs()).map(|(key, _)| key.as_ref()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let at = Path::new([key]);
        let (a, b) = (old.body.get(key), new.body.get(key));
        let found = match key {
            "Type" => Vec::new(),
            // Without properties is with none of them.
            "Properties" => {
                let none = crate::node::Node::Map(Vec::new());
                let shape: Option<Shape> = known.map(|known| known.shape);
                differences(a.or(Some(&none)), b.or(Some(&none)), shape, &at)
            }
            "DependsOn" if same_set(old, new) => Vec::new(),
            _ => differences(a, b, None, &at),
        };
        changes.extend(found.into_iter().map(|Difference { path, old, new }| PropertyChange {
            replaces: replaces(&path, known),
            path,
            old,
            new,
            follows: None,
        }));
    }
    changes
}

fn same_set(old: Resource<'_>, new: Resource<'_>) -> bool {
    let [old, new] = [old, new].map(|r| r.depends_on().into_iter().collect::<BTreeSet<_>>());
    old == new
}

/// Whether a change at this place replaces the resource.
fn replaces(path: &Path, known: Option<&ResourceType>) -> Replaces {
    if path.steps().first() != Path::new(["Properties"]).steps().first() {
        return Replaces::No;
    }
    // What a change of an unknown type means, only AWS knows.
    let Some(known) = known else { return Replaces::Maybe };
    let pointer = path.skip(1).pointer();
    let among = |facts: &[&str]| {
        let below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
        facts.iter().any(|fact| {
            *fact == pointer
                || below(&pointer, fact)
                || (below(fact, &pointer) && !fact.contains('*'))
        })
    };
    match () {
        () if among(known.create_only) => Replaces::Yes,
        () if among(known.conditional_create_only) => Replaces::Maybe,
        () => Replaces::No,
    }
}

/// The action that the properties ask for, and why.
fn settle(change: &mut ResourceChange, known: Option<&ResourceType>) {
    let strongest = change.properties.iter().map(|p| p.replaces).max().unwrap_or(Replaces::No);
    change.action = match strongest {
        Replaces::Yes => Action::Replace,
        Replaces::Maybe => Action::MayReplace,
        Replaces::No => Action::Update,
    };
    let causes = change.properties.iter().filter(|p| p.replaces == strongest);
    change.because = match strongest {
        Replaces::No => Vec::new(),
        // All of them, or none: nothing is known of any.
        Replaces::Maybe if known.is_none() => Vec::new(),
        _ => causes.map(|p| p.path.clone()).collect(),
    };
}

/// Adds what follows from the changes so far.
fn follow(
    own: &BTreeMap<String, ResourceChange>,
    all: &BTreeMap<String, ResourceChange>,
    new: &Parsed,
    moved: &Moved,
) -> BTreeMap<String, ResourceChange> {
    let mut next = own.clone();
    for resource in new.resources() {
        let mut change = match own.get(resource.id) {
            Some(change) if change.old_type.is_some() || change.action == Action::Add => continue,
            Some(change) => change.clone(),
            None => ResourceChange {
                id: resource.id.to_owned(),
                type_name: resource.type_name.to_owned(),
                old_type: None,
                action: Action::Update,
                because: Vec::new(),
                properties: Vec::new(),
                data: None,
                notes: Vec::new(),
            },
        };
        let before = change.properties.len();
        let known = resource.known();
        let properties = resource.body.get("Properties").map_or_else(Vec::new, references);
        for reference in properties {
            if let Some((cause, certain)) = cause(&reference, all, moved) {
                let path = Path::new(["Properties"]).below(&reference.at);
                let replaces = match (replaces(&path, known), certain) {
                    (Replaces::Yes, false) => Replaces::Maybe,
                    (replaces, _) => replaces,
                };
                note_following(&mut change, resource, path, replaces, cause);
            }
        }
        let condition = resource.body.get("Condition").and_then(crate::node::Node::as_text);
        if let Some(id) = condition.filter(|id| moved.conditions.contains(*id)) {
            let path = Path::new(["Condition"]);
            note_following(&mut change, resource, path, Replaces::No, format!("Conditions.{id}"));
        }
        if change.properties.len() > before {
            settle(&mut change, known);
        }
        if !change.properties.is_empty() {
            next.insert(resource.id.to_owned(), change);
        }
    }
    next
}

/// What makes a reference stand for another value, and whether it is sure to.
fn cause(
    reference: &Reference,
    all: &BTreeMap<String, ResourceChange>,
    moved: &Moved,
) -> Option<(String, bool)> {
    match &reference.target {
        Target::Ref(id) if moved.parameters.contains(id) => {
            Some((format!("Parameters.{id}"), false))
        }
        Target::Condition(id) if moved.conditions.contains(id) => {
            Some((format!("Conditions.{id}"), false))
        }
        Target::Mapping(id) if moved.mappings.contains(id) => {
            Some((format!("Mappings.{id}"), false))
        }
        Target::Ref(id) | Target::Attribute(id, _) => {
            let change = all.get(id)?;
            match change.action {
                Action::Replace => Some((id.clone(), true)),
                Action::MayReplace => Some((id.clone(), false)),
                Action::Update if is_volatile(&reference.target, change) => {
                    Some((id.clone(), false))
                }
                Action::Add | Action::Update | Action::Remove => None,
            }
        }
        Target::Condition(_) | Target::Mapping(_) => None,
    }
}

fn is_volatile(target: &Target, change: &ResourceChange) -> bool {
    let Target::Attribute(_, attribute) = target else { return false };
    VOLATILE.iter().any(|(type_name, name, property)| {
        let at = Path::new(["Properties", property]);
        change.type_name == *type_name
            && attribute == name
            && change.properties.iter().any(|p| p.path.steps().starts_with(at.steps()))
    })
}

/// Notes a property that says the same of something else, unless its own change is noted already.
fn note_following(
    change: &mut ResourceChange,
    resource: Resource<'_>,
    path: Path,
    replaces: Replaces,
    follows: String,
) {
    let value = resource.body.at(&path).cloned();
    let path = compare::named(resource.body, &path);
    let own = |p: &&mut PropertyChange| path.steps().starts_with(p.path.steps());
    if let Some(noted) = change.properties.iter_mut().find(own) {
        // Two causes: the stronger one counts.
        if noted.follows.is_some() && noted.replaces < replaces {
            (noted.replaces, noted.follows) = (replaces, Some(follows));
        }
        return;
    }
    change.properties.push(PropertyChange {
        path,
        old: value.clone(),
        new: value,
        replaces,
        follows: Some(follows),
    });
}

/// What a reviewer should know besides.
fn notes(change: &mut ResourceChange, new: Option<Resource<'_>>) {
    let replaced = matches!(change.action, Action::Replace | Action::MayReplace);
    if change.action == Action::MayReplace && change.because.is_empty() {
        change.notes.push(format!(
            "which properties of {} replace it is not known here; AWS's template reference says",
            change.type_name
        ));
    }
    if change.old_type.is_some() {
        let note = "CloudFormation refuses another type under the same id; give it another id";
        change.notes.push(note.to_owned());
    }
    if let Some(name) = new.filter(|_| replaced && change.old_type.is_none())
        && let Some(property) = name_property(name.type_name)
        && name.property(property).is_some()
        && !change.because.contains(&Path::new(["Properties", property]))
    {
        change.notes.push(format!(
            "AWS refuses to replace a resource that keeps its name; change {property}, too"
        ));
    }
    if change.type_name == "AWS::ApiGatewayV2::Api" && (replaced || change.action == Action::Remove)
    {
        change.notes.push("clients and backends know the URL that goes with it".to_owned());
    }
}

/// A resource that goes while its like comes under another id.
fn renames(changes: &mut [ResourceChange], old: &Parsed, new: &Parsed) {
    let of = |action: Action, changes: &[ResourceChange]| -> Vec<String> {
        changes.iter().filter(|c| c.action == action).map(|c| c.id.clone()).collect()
    };
    let (gone, mut come) = (of(Action::Remove, changes), of(Action::Add, changes));
    for id in gone {
        let Some(before) = old.resource(&id) else { continue };
        let like = come.iter().position(|other| {
            new.resource(other).is_some_and(|after| compare::same(before.body, after.body))
        });
        let Some(twin) = like.map(|index| come.swap_remove(index)) else { continue };
        for change in changes.iter_mut() {
            if change.id == id {
                change.notes.push(format!(
                    "{twin} is the same under another id: CloudFormation deletes this one and makes that one"
                ));
            } else if change.id == twin {
                change.notes.push(format!("the same as {id}, which is deleted"));
            }
        }
    }
}
