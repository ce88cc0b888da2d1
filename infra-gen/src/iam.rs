//! IAM documents, typed: which action goes with which ARN is for the compiler to say.
//!
//! An [`Action`] names the kind of ARN it acts on, so `dynamodb::GET_RECORDS` (a stream's) on a
//! table's ARN does not compile. `*` is no action that can be written, and as resource only where
//! AWS has nothing narrower.

mod actions;

pub use actions::{
    Action, ConnectionsArn, Unscoped, cloudwatch, dynamodb, events, execute_api, lambda, logs, sqs,
    sts, xray,
};

use crate::expr::Expr;
use crate::lower::{Lower, Value};
use crate::node::Node;
use crate::shape::Shape;
use crate::text::Arn;
use crate::value::Val;

/// The version of the policy language; the older one has no variables.
const VERSION: &str = "2012-10-17";

/// What a principal may do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// All of them apply; a denial wins.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// With these statements.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { statements: statements.into_iter().collect() }
    }
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is.
    Allow,
    /// It is not, whatever else says so.
    Deny,
}

/// One rule of a policy: actions of one kind of ARN, and the resources.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    effect: Effect,
    actions: Vec<&'static str>,
    /// Empty: `*`.
    resources: Vec<Expr>,
}

impl Statement {
    /// Allows actions on one resource.
    pub fn allow<K: Arn>(
        actions: impl IntoIterator<Item = Action<K>>,
        resource: impl Into<Val<K>>,
    ) -> Self {
        Self::new(Effect::Allow, actions, resource.into())
    }

    /// Denies actions on one resource.
    pub fn deny<K: Arn>(
        actions: impl IntoIterator<Item = Action<K>>,
        resource: impl Into<Val<K>>,
    ) -> Self {
        Self::new(Effect::Deny, actions, resource.into())
    }

    /// Allows actions that AWS cannot narrow to a resource: the only way to the resource `*`.
    pub fn allow_everywhere(actions: impl IntoIterator<Item = Action<Unscoped>>) -> Self {
        let actions = actions.into_iter().map(Action::name).collect();
        Self { effect: Effect::Allow, actions, resources: Vec::new() }
    }

    fn new<K: Arn>(
        effect: Effect,
        actions: impl IntoIterator<Item = Action<K>>,
        resource: Val<K>,
    ) -> Self {
        let actions = actions.into_iter().map(Action::name).collect();
        Self { effect, actions, resources: vec![Expr::of(resource.text())] }
    }

    /// Names of its actions.
    pub fn actions(&self) -> &[&'static str] {
        &self.actions
    }

    /// Its resources; none stands for `*`.
    pub fn resources(&self) -> &[Expr] {
        &self.resources
    }

    fn node(&self) -> Node {
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let resource = match &self.resources[..] {
            [] => Node::text("*"),
            [one] => one.node(),
            many => Node::List(many.iter().map(Expr::node).collect()),
        };
        Node::map([
            ("Effect", Node::text(effect)),
            ("Action", Node::List(self.actions.iter().copied().map(Node::text).collect())),
            ("Resource", resource),
        ])
    }
}

impl Value for Policy {
    const SHAPE: Shape = Shape::Any;

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        document(self.statements.iter().map(Statement::node).collect())
    }
}

/// Who may take on a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    services: Vec<Service>,
}

impl Trust {
    /// One service of AWS.
    pub fn service(service: Service) -> Self {
        Self { services: vec![service] }
    }
}

/// A service of AWS as principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `apigateway.amazonaws.com`.
    ApiGateway,
    /// `events.amazonaws.com`.
    Events,
    /// `lambda.amazonaws.com`.
    Lambda,
    /// `scheduler.amazonaws.com`.
    Scheduler,
}

impl Service {
    /// The name of the principal.
    pub fn principal(self) -> &'static str {
        match self {
            Self::ApiGateway => "apigateway.amazonaws.com",
            Self::Events => "events.amazonaws.com",
            Self::Lambda => "lambda.amazonaws.com",
            Self::Scheduler => "scheduler.amazonaws.com",
        }
    }
}

impl Value for Trust {
    const SHAPE: Shape = Shape::Any;

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        let statement = |service: &Service| {
            Node::map([
                ("Effect", Node::text("Allow")),
                ("Principal", Node::map([("Service", Node::text(service.principal()))])),
                ("Action", Node::List(vec![Node::text(sts::ASSUME_ROLE.name())])),
            ])
        };
        document(self.services.iter().map(statement).collect())
    }
}

fn document(statements: Vec<Node>) -> Node {
    Node::map([("Version", Node::text(VERSION)), ("Statement", Node::List(statements))])
}
