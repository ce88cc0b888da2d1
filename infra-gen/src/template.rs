//! A template in the making: what is added, in the order of adding.
//!
//! Nothing here fails: what is wrong is kept and reported by [`Template::check`], all at once.

mod check;
mod parts;

pub use parts::{
    Condition, ConditionId, DeletionPolicy, Options, Output, Parameter, ParameterType,
};

use crate::expr::Expr;
use crate::lower::{Lower, Problem};
use crate::node::Node;
use crate::resource::{Handle, LogicalId, Resource};
use crate::value::Val;
use std::any::Any;
use std::fmt::Debug;
use std::panic::Location;

/// A CloudFormation template.
///
/// Resources stand in the order they were added, so that a reviewed file reads as its source does
/// and one more resource is one more block.
#[derive(Debug)]
pub struct Template {
    description: String,
    parameters: Vec<(LogicalId, Node)>,
    conditions: Vec<(LogicalId, Node)>,
    resources: Vec<Entry>,
    outputs: Vec<(LogicalId, Node)>,
    reported: Vec<Problem>,
}

#[derive(Debug)]
struct Entry {
    id: LogicalId,
    type_name: &'static str,
    resource: Box<dyn AnyResource>,
    options: Options,
    source: &'static Location<'static>,
}

/// A resource whose type is known to its handle only.
trait AnyResource: Debug {
    fn properties(&self, lower: &mut Lower<'_>) -> Node;
    fn as_any(&self) -> &dyn Any;
}

impl<R: Resource> AnyResource for R {
    fn properties(&self, lower: &mut Lower<'_>) -> Node {
        self.lower(lower)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Template {
    /// An empty one.
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            parameters: Vec::new(),
            conditions: Vec::new(),
            resources: Vec::new(),
            outputs: Vec::new(),
            reported: Vec::new(),
        }
    }

    /// Adds a resource.
    #[track_caller]
    pub fn add<R: Resource>(&mut self, id: impl Into<LogicalId>, resource: R) -> Handle<R> {
        self.add_with(id, resource, Options::default())
    }

    /// Adds a resource with what stands beside its properties.
    #[track_caller]
    pub fn add_with<R: Resource>(
        &mut self,
        id: impl Into<LogicalId>,
        resource: R,
        options: Options,
    ) -> Handle<R> {
        let id = id.into();
        self.resources.push(Entry {
            id: id.clone(),
            type_name: R::TYPE,
            resource: Box::new(resource),
            options,
            source: Location::caller(),
        });
        Handle::new(id)
    }

    /// Adds a parameter; gives its value.
    pub fn parameter<T: ParameterType>(
        &mut self,
        id: impl Into<LogicalId>,
        parameter: Parameter<T>,
    ) -> Val<T> {
        let id = id.into();
        self.parameters.push((id.clone(), parameter.node()));
        Val::Expr(Expr::Ref(id))
    }

    /// Adds a condition.
    pub fn condition(&mut self, id: impl Into<LogicalId>, condition: Condition) -> ConditionId {
        let id = id.into();
        self.conditions.push((id.clone(), condition.node()));
        ConditionId::new(id)
    }

    /// Adds an output.
    pub fn output(&mut self, id: impl Into<LogicalId>, output: Output) {
        self.outputs.push((id.into(), output.node()));
    }

    /// Keeps a problem found while building, for [`Self::check`].
    pub fn report(&mut self, problem: Problem) {
        self.reported.push(problem);
    }

    /// All resources of a type, with their ids.
    ///
    /// ```
    /// # use infra_gen::{Template, aws::logs::LogGroup};
    /// # let mut template = Template::new("");
    /// template.add("Log", LogGroup::new());
    /// assert_eq!(template.find::<LogGroup>().count(), 1);
    /// ```
    pub fn find<R: Resource>(&self) -> impl Iterator<Item = (&LogicalId, &R)> {
        self.resources
            .iter()
            .filter_map(|entry| Some((&entry.id, entry.resource.as_any().downcast_ref()?)))
    }

    /// Id, type and options of every resource, in order.
    pub fn resources(&self) -> impl Iterator<Item = (&LogicalId, &'static str, &Options)> {
        self.resources.iter().map(|entry| (&entry.id, entry.type_name, &entry.options))
    }

    /// Where in the source each resource was added: whoever reads a failure of one wants to go there.
    /// A construct that is marked `#[track_caller]` gives the place that uses it.
    pub fn sources(&self) -> impl Iterator<Item = (&LogicalId, &'static Location<'static>)> {
        self.resources.iter().map(|entry| (&entry.id, entry.source))
    }

    /// A digest of these resources as they stand now, for the id of one that must be made anew
    /// when they change: sixteen hexadecimal digits.
    pub fn fingerprint(&self, ids: &[LogicalId]) -> String {
        let shown = self.resources.iter().filter(|entry| ids.contains(&entry.id));
        let shown = Node::map(shown.map(|entry| (entry.id.as_str().to_owned(), entry.node())));
        format!("{:016x}", fnv1a(shown.to_json().as_bytes()))
    }

    /// Everything wrong that can be known now: literals AWS refuses, ids given twice, references
    /// that lead nowhere or in a circle, limits of CloudFormation.
    pub fn check(&self) -> Vec<Problem> {
        check::check(self)
    }

    /// As a tree, with long-form functions.
    pub fn node(&self) -> Node {
        let mut sections = vec![("AWSTemplateFormatVersion", Node::text("2010-09-09"))];
        if !self.description.is_empty() {
            sections.push(("Description", Node::text(&self.description)));
        }
        let named = |entries: &[(LogicalId, Node)]| {
            Node::map(entries.iter().map(|(id, node)| (id.as_str().to_owned(), node.clone())))
        };
        let resources = self.resources.iter();
        let resources = resources.map(|entry| (entry.id.as_str().to_owned(), entry.node()));
        for (name, empty, section) in [
            ("Parameters", self.parameters.is_empty(), named(&self.parameters)),
            ("Conditions", self.conditions.is_empty(), named(&self.conditions)),
            ("Resources", false, Node::map(resources)),
            ("Outputs", self.outputs.is_empty(), named(&self.outputs)),
        ] {
            if !empty {
                sections.push((name, section));
            }
        }
        Node::map(sections)
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        self.node().to_json()
    }

    /// As JSON for machines: a request to CloudFormation carries 51,200 bytes, which is half again
    /// as much of a template without its indentation.
    pub fn to_compact_json(&self) -> String {
        self.node().to_compact_json()
    }

    /// As YAML, for people.
    pub fn to_yaml(&self) -> String {
        self.node().to_yaml()
    }
}

impl Entry {
    fn node(&self) -> Node {
        let mut pairs = vec![("Type", Node::text(self.type_name))];
        self.options.push_to(&mut pairs);
        let properties = self.resource.properties(&mut Lower::new(""));
        if properties != Node::Map(Vec::new()) {
            pairs.push(("Properties", properties));
        }
        Node::map(pairs)
    }
}

/// FNV-1a, 64 bits: tells versions of one template apart, for ever in the same way. Nobody gains
/// by a collision, so nothing stronger is called for.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
