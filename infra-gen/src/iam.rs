//! IAM documents, typed: which action goes with which ARN is for the compiler to say.
//!
//! An [`Action`] names the kind of ARN it acts on, so `dynamodb::GET_RECORDS` (a stream's) on a
//! table's ARN does not compile. `*` is no action that can be written, and as resource only where
//! AWS has nothing narrower.

mod actions;

pub use actions::{
    Action, ArnPattern, ConnectionsArn, Unscoped, cloudwatch, dynamodb, events, execute_api,
    lambda, logs, sqs, sts, xray,
};

use crate::aws::ids::{OidcProviderArn, RoleArn};
use crate::expr::Expr;
use crate::lower::{Lower, Value};
use crate::node::Node;
use crate::shape::Shape;
use crate::text::Arn;
use crate::value::Val;
use std::borrow::Cow;

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
#[derive(Clone, Debug, PartialEq)]
pub struct Trust(Principal);

#[derive(Clone, Debug, PartialEq)]
enum Principal {
    Service(Service),
    WebIdentity { provider: Expr, claims: Vec<(String, String)> },
}

impl Trust {
    /// One service of AWS.
    pub fn service(service: Service) -> Self {
        Self(Principal::Service(service))
    }

    /// Whoever an identity provider says all of this of. A claim is named with its issuer:
    /// `token.actions.githubusercontent.com:sub`.
    pub fn web_identity(
        provider: impl Into<Val<OidcProviderArn>>,
        claims: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let provider = Expr::of(provider.into().text());
        Self(Principal::WebIdentity { provider, claims: claims.into_iter().collect() })
    }

    fn statement(&self) -> Node {
        let allow = |action: Action<RoleArn>, kind, principal, more: Option<Node>| {
            let entries = [
                ("Effect", Node::text("Allow")),
                ("Principal", Node::map([(kind, principal)])),
                ("Action", Node::List(vec![Node::text(action.name())])),
            ];
            Node::map(entries.into_iter().chain(more.map(|node| ("Condition", node))))
        };
        match &self.0 {
            Principal::Service(service) => {
                allow(sts::ASSUME_ROLE, "Service", Node::text(service.principal()), None)
            }
            Principal::WebIdentity { provider, claims } => {
                let claims = claims
                    .iter()
                    .map(|(name, value)| (Cow::Owned(name.clone()), Node::Text(value.clone())));
                let equal = Node::map([("StringEquals", Node::Map(claims.collect()))]);
                allow(sts::ASSUME_ROLE_WITH_WEB_IDENTITY, "Federated", provider.node(), Some(equal))
            }
        }
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
        document(vec![self.statement()])
    }
}

fn document(statements: Vec<Node>) -> Node {
    Node::map([("Version", Node::text(VERSION)), ("Statement", Node::List(statements))])
}
