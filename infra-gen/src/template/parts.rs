//! What a template has besides properties: parameters, conditions, options, outputs.

use crate::expr::Expr;
use crate::lower::Value;
use crate::node::Node;
use crate::resource::LogicalId;
use crate::text::Text;
use crate::value::{List, Val};
use std::marker::PhantomData;

/// A type a parameter can have.
pub trait ParameterType {
    /// As CloudFormation spells it.
    const TYPE: &'static str;
}

impl ParameterType for String {
    const TYPE: &'static str = "String";
}

impl ParameterType for i64 {
    const TYPE: &'static str = "Number";
}

impl ParameterType for f64 {
    const TYPE: &'static str = "Number";
}

impl ParameterType for List<String> {
    const TYPE: &'static str = "CommaDelimitedList";
}

impl<T: Text> ParameterType for T {
    const TYPE: &'static str = "String";
}

/// A parameter: `Parameter { description: "…".into(), ..Parameter::new() }`.
#[derive(Clone, Debug)]
pub struct Parameter<T> {
    /// For people; may be empty.
    pub description: String,
    /// Taken when none is given.
    pub default: Option<String>,
    /// The only values it can have; any, if empty.
    pub allowed_values: Vec<String>,
    /// A regular expression its value matches.
    pub allowed_pattern: Option<String>,
    /// The fewest characters it has.
    pub min_length: Option<u32>,
    /// Whether its value is hidden.
    pub no_echo: bool,
    /// The type; nothing else to say.
    pub kind: PhantomData<fn() -> T>,
}

impl<T: ParameterType> Default for Parameter<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ParameterType> Parameter<T> {
    /// One that must be given.
    pub fn new() -> Self {
        Self {
            description: String::new(),
            default: None,
            allowed_values: Vec::new(),
            allowed_pattern: None,
            min_length: None,
            no_echo: false,
            kind: PhantomData,
        }
    }

    pub(super) fn node(self) -> Node {
        let mut pairs = vec![("Type", Node::text(T::TYPE))];
        if !self.description.is_empty() {
            pairs.push(("Description", Node::Text(self.description)));
        }
        pairs.extend(self.default.map(|text| ("Default", Node::Text(text))));
        if !self.allowed_values.is_empty() {
            let values = self.allowed_values.into_iter().map(Node::Text).collect();
            pairs.push(("AllowedValues", Node::List(values)));
        }
        pairs.extend(self.allowed_pattern.map(|text| ("AllowedPattern", Node::Text(text))));
        pairs.extend(self.min_length.map(|length| ("MinLength", Node::Int(length.into()))));
        if self.no_echo {
            pairs.push(("NoEcho", Node::Bool(true)));
        }
        Node::map(pairs)
    }
}

/// A condition of a template, to refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionId(LogicalId);

impl ConditionId {
    pub(super) fn new(id: LogicalId) -> Self {
        Self(id)
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// When something holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// `Fn::Equals`.
    Equals(Expr, Expr),
    /// `Fn::And`.
    And(Vec<Self>),
    /// `Fn::Or`.
    Or(Vec<Self>),
    /// `Fn::Not`.
    Not(Box<Self>),
    /// Another condition.
    Is(ConditionId),
}

impl Condition {
    /// Both are the same.
    pub fn equals<T: Value>(left: Val<T>, right: impl Into<Val<T>>) -> Self {
        Self::Equals(Expr::of(left), Expr::of(right.into()))
    }

    pub(super) fn node(&self) -> Node {
        let all = |conditions: &[Self]| Node::List(conditions.iter().map(Self::node).collect());
        match self {
            Self::Equals(left, right) => {
                Node::function("Fn::Equals", Node::List(vec![left.node(), right.node()]))
            }
            Self::And(conditions) => Node::function("Fn::And", all(conditions)),
            Self::Or(conditions) => Node::function("Fn::Or", all(conditions)),
            Self::Not(condition) => Node::function("Fn::Not", Node::List(vec![condition.node()])),
            Self::Is(id) => Node::map([("Condition", Node::text(id.as_str()))]),
        }
    }
}

/// What becomes of the real thing when it leaves the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionPolicy {
    /// It is deleted.
    Delete,
    /// It stays.
    Retain,
    /// It stays, unless its own creation was rolled back.
    RetainExceptOnCreate,
    /// It is deleted after a snapshot, where its type has one.
    Snapshot,
}

impl DeletionPolicy {
    fn node(self) -> Node {
        Node::text(match self {
            Self::Delete => "Delete",
            Self::Retain => "Retain",
            Self::RetainExceptOnCreate => "RetainExceptOnCreate",
            Self::Snapshot => "Snapshot",
        })
    }
}

/// What stands beside a resource's properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Only created under this condition.
    pub condition: Option<ConditionId>,
    /// Created after these, though nothing refers to them.
    pub depends_on: Vec<LogicalId>,
    /// On deletion of the resource or stack.
    pub deletion_policy: Option<DeletionPolicy>,
    /// On replacement.
    pub update_replace_policy: Option<DeletionPolicy>,
    /// For tools and people.
    pub metadata: Option<Node>,
}

impl Options {
    pub(super) fn push_to(&self, pairs: &mut Vec<(&'static str, Node)>) {
        pairs.extend(self.condition.as_ref().map(|c| ("Condition", Node::text(c.as_str()))));
        if !self.depends_on.is_empty() {
            let ids = self.depends_on.iter().map(|id| Node::text(id.as_str())).collect();
            pairs.push(("DependsOn", Node::List(ids)));
        }
        pairs.extend(self.deletion_policy.map(|policy| ("DeletionPolicy", policy.node())));
        pairs.extend(self.update_replace_policy.map(|p| ("UpdateReplacePolicy", p.node())));
        pairs.extend(self.metadata.clone().map(|metadata| ("Metadata", metadata)));
    }
}

/// An output: `Output { description: "…".into(), ..Output::new(url) }`.
#[derive(Clone, Debug)]
pub struct Output {
    /// For people; may be empty.
    pub description: String,
    /// What it says.
    pub value: Expr,
    /// The name other stacks import it by.
    pub export: Option<Val<String>>,
    /// Only given under this condition.
    pub condition: Option<ConditionId>,
}

impl Output {
    /// One that says this.
    pub fn new<T: Value>(value: Val<T>) -> Self {
        Self { description: String::new(), value: Expr::of(value), export: None, condition: None }
    }

    pub(super) fn node(self) -> Node {
        let mut pairs = Vec::new();
        if !self.description.is_empty() {
            pairs.push(("Description", Node::Text(self.description)));
        }
        pairs.extend(self.condition.map(|c| ("Condition", Node::text(c.as_str()))));
        pairs.push(("Value", self.value.node()));
        pairs.extend(
            self.export.map(|name| ("Export", Node::map([("Name", Expr::of(name).node())]))),
        );
        Node::map(pairs)
    }
}
