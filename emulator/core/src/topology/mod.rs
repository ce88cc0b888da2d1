//! What a template asks for, resolved: APIs, stages, routes, integrations, functions.
//!
//! Plain data. [`crate::template`] fills it; the gateway and the functions read it.

mod data;
mod permission;
mod stack;

pub use data::{
    Asynchronous, EventSource, Messaging, Polled, STREAM_LABEL, StartingPosition, Table,
};
pub use permission::Permission;
pub use stack::{Output, Stack, StackResource};

use crate::access_log::Format;
use crate::iam::Policy;
use crate::model::Model;
use crate::selection::Selection;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Everything the emulator runs of one template.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// The account everything is thought to be in.
    pub account_id: String,
    /// The Region everything is thought to be in.
    pub region: String,
    /// WebSocket APIs by their id.
    pub apis: BTreeMap<String, Api>,
    /// Custom domain names by name, in lower case.
    pub domains: BTreeMap<String, Domain>,
    /// Functions by the name they have at run time.
    pub functions: BTreeMap<String, Function>,
    /// Roles by their ARN.
    pub roles: BTreeMap<String, Role>,
    /// `DynamoDB` tables by name.
    pub tables: BTreeMap<String, Table>,
    /// Event source mappings.
    pub event_sources: Vec<EventSource>,
    /// Queues, buses and rules.
    pub messaging: Messaging,
    /// Values accepted where an API key is required.
    pub api_keys: Vec<String>,
    /// Log groups the template declares, and `RetentionInDays` of each.
    pub log_groups: BTreeMap<String, Option<u64>>,
    /// What CloudFormation would tell.
    pub stack: Stack,
    /// Resources that are not emulated: logical ID and type.
    pub not_emulated: Vec<(String, String)>,
    /// What AWS accepts and then fails at.
    pub warnings: Vec<String>,
}

/// A WebSocket API.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// The id, as in the host name.
    pub id: String,
    /// The logical ID in the template.
    pub logical_id: String,
    /// `Name`.
    pub name: String,
    /// `RouteSelectionExpression`.
    pub route_selection: Selection,
    /// `ApiKeySelectionExpression`.
    pub api_key_source: ApiKeySource,
    /// `DisableExecuteApiEndpoint`: only a custom domain reaches the API.
    pub default_endpoint_disabled: bool,
    /// Routes by `RouteKey`.
    pub routes: BTreeMap<String, Route>,
    /// Stages by name.
    pub stages: BTreeMap<String, Stage>,
}

/// Where an API key is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiKeySource {
    /// `$request.header.x-api-key`.
    #[default]
    Header,
    /// `$context.authorizer.usageIdentifierKey`.
    Authorizer,
}

/// A stage of an API.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// `StageName`.
    pub name: String,
    /// Whether anything is deployed to it: `AutoDeploy`, or a `DeploymentId`.
    pub deployed: bool,
    /// `StageVariables`.
    pub variables: BTreeMap<String, String>,
    /// `DefaultRouteSettings`.
    pub default_throttle: Throttle,
    /// `RouteSettings` by route key.
    pub throttles: BTreeMap<String, Throttle>,
    /// Of `DefaultRouteSettings`.
    pub default_execution_log: ExecutionLog,
    /// Of `RouteSettings`, by route key.
    pub execution_logs: BTreeMap<String, ExecutionLog>,
    /// `AccessLogSettings.Format`.
    pub access_log_format: Option<Arc<Format>>,
    /// The log group of `AccessLogSettings.DestinationArn`.
    pub access_log_group: Option<String>,
}

impl Stage {
    /// What the execution log shows of a route.
    pub fn execution_log(&self, route: &str) -> ExecutionLog {
        self.execution_logs.get(route).copied().unwrap_or(self.default_execution_log)
    }

    /// Whether any route has an execution log.
    pub fn has_execution_log(&self) -> bool {
        let mut logs = self.execution_logs.values().chain([&self.default_execution_log]);
        logs.any(|log| log.level != LogLevel::Off)
    }
}

/// What an execution log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExecutionLog {
    /// `LoggingLevel`.
    pub level: LogLevel,
    /// `DataTraceEnabled`: payloads as well.
    pub trace: bool,
}

/// How much an execution log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// `OFF`.
    #[default]
    Off,
    /// `ERROR`.
    Error,
    /// `INFO`.
    Info,
}

/// What is done to a payload that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentHandling {
    /// `CONVERT_TO_BINARY`: from base64.
    ToBinary,
    /// `CONVERT_TO_TEXT`: to base64.
    ToText,
}

/// A token bucket; what is not given is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Throttle {
    /// `ThrottlingRateLimit`: requests per second.
    pub rate: Option<f64>,
    /// `ThrottlingBurstLimit`: requests at once.
    pub burst: Option<u32>,
}

/// A route of an API.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// `RouteKey`.
    pub key: String,
    /// What `Target` names; a route without one fails when it is selected.
    pub integration: Option<Arc<Integration>>,
    /// `AuthorizationType`, looked at on `$connect` only.
    pub authorization: Authorization,
    /// `ApiKeyRequired`, looked at on `$connect` only.
    pub api_key_required: bool,
    /// Whether the integration's answer is sent to the client: the route selects route responses
    /// and has the one named `$default`.
    pub replies: bool,
    /// `ModelSelectionExpression`.
    pub model_selection: Option<Selection>,
    /// Schemas by the key the selection yields.
    pub models: BTreeMap<String, Arc<Model>>,
}

/// Who may connect.
#[derive(Clone, Debug, Default)]
pub enum Authorization {
    /// Everyone.
    #[default]
    None,
    /// Who signs with credentials that allow it.
    Iam,
    /// Whom a function lets in.
    Custom(Arc<Authorizer>),
}

/// A Lambda `REQUEST` authorizer.
#[derive(Clone, Debug, Default)]
pub struct Authorizer {
    /// The id, as in its invocation permission's source ARN.
    pub id: String,
    /// `Name`.
    pub name: String,
    /// `AuthorizerUri`.
    pub uri: String,
    /// `AuthorizerCredentialsArn`: the role to invoke it in, in place of a resource-based permission.
    pub credentials: Option<String>,
    /// `IdentitySource`: all must be present.
    pub identity_sources: Vec<IdentitySource>,
}

/// A value a client must bring along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// `route.request.header.…`
    Header(String),
    /// `route.request.querystring.…`
    Query(String),
    /// `context.…`
    Context(String),
    /// `stageVariables.…`
    StageVariable(String),
}

/// What stands behind a route.
#[derive(Clone, Debug, Default)]
pub struct Integration {
    /// The id.
    pub id: String,
    /// `IntegrationType` and what it needs.
    pub backend: Backend,
    /// `CredentialsArn`: the role to call the backend in.
    pub credentials: Option<String>,
    /// `TimeoutInMillis`.
    pub timeout: Option<Duration>,
    /// `RequestParameters`.
    pub request_parameters: BTreeMap<String, String>,
    /// `TemplateSelectionExpression`.
    pub template_selection: Option<Selection>,
    /// `RequestTemplates`.
    pub request_templates: BTreeMap<String, String>,
    /// `ContentHandlingStrategy`: of what goes to the backend.
    pub content: Option<ContentHandling>,
    /// `PassthroughBehavior`.
    pub passthrough: Passthrough,
    /// Integration responses by key.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

/// The kind of backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// `AWS_PROXY`: the event goes to a function, its answer has a status and a body.
    FunctionProxy {
        /// `IntegrationUri`.
        uri: String,
    },
    /// `AWS` with a function: a template makes the payload.
    Function {
        /// `IntegrationUri`.
        uri: String,
    },
    /// `HTTP_PROXY`.
    HttpProxy {
        /// `IntegrationMethod`.
        method: String,
        /// `IntegrationUri`.
        uri: String,
    },
    /// `HTTP`: templates on both ways.
    Http {
        /// `IntegrationMethod`.
        method: String,
        /// `IntegrationUri`.
        uri: String,
    },
    /// `MOCK`: nothing is called.
    #[default]
    Mock,
    /// `AWS` with a service that is here.
    Service {
        /// `IntegrationUri`.
        uri: String,
    },
    /// `AWS` with another service; called, it fails and says so.
    Unsupported {
        /// `IntegrationUri`.
        uri: String,
    },
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::FunctionProxy { uri } | Self::Function { uri } => {
                // The name of the function says more than the ARN around it.
                let name =
                    uri.split(":function:").nth(1).and_then(|rest| rest.split(['/', ':']).next());
                f.write_str(name.unwrap_or(uri))
            }
            Self::HttpProxy { method, uri } | Self::Http { method, uri } => {
                write!(f, "{method} {uri}")
            }
            Self::Mock => f.write_str("mock"),
            Self::Service { uri } | Self::Unsupported { uri } => {
                // What follows the Region says all.
                f.write_str(uri.splitn(5, ':').nth(4).unwrap_or(uri))
            }
        }
    }
}

/// What happens to a body no template matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// Passed on as it is.
    #[default]
    WhenNoMatch,
    /// Passed on only if there are no templates at all.
    WhenNoTemplates,
    /// Refused.
    Never,
}

/// How the answer of a backend becomes the message to the client.
#[derive(Clone, Debug, Default)]
pub struct IntegrationResponse {
    /// `ContentHandlingStrategy`: of what comes from the backend.
    pub content: Option<ContentHandling>,
    /// `TemplateSelectionExpression`.
    pub template_selection: Option<Selection>,
    /// `ResponseTemplates`.
    pub templates: BTreeMap<String, String>,
}

/// A custom domain name: base path → API and stage.
#[derive(Clone, Debug, Default)]
pub struct Domain {
    /// `ApiMappingKey` (empty: the root) → API id and stage name.
    pub mappings: BTreeMap<String, (String, String)>,
}

/// A role.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// The role's name.
    pub name: String,
    /// `RoleId`, as principals are named by it.
    pub id: String,
    /// Its policies: inline, attached within the template, and managed by AWS.
    pub policies: Vec<Policy>,
    /// `PermissionsBoundary`: nothing is allowed that this policy does not allow as well.
    pub boundary: Option<Policy>,
    /// Services that may act in it: `AssumeRolePolicyDocument`, whose conditions are not looked at.
    pub services: Vec<String>,
    /// Whether it has managed policies that nobody here knows: it may be allowed more than it seems.
    pub has_unknown_policies: bool,
}

/// A Lambda function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// The logical ID in the template; the shell maps it to a binary.
    pub logical_id: String,
    /// The name at run time.
    pub name: String,
    /// The ARN, without a qualifier.
    pub arn: String,
    /// `provided.al2023`, `nodejs22.x`, …
    pub runtime: String,
    /// `Handler`.
    pub handler: String,
    /// `Timeout`.
    pub timeout: Duration,
    /// `MemorySize` in MB.
    pub memory_mb: u32,
    /// `Architectures`: one.
    pub architectures: Vec<String>,
    /// `Environment.Variables`.
    pub environment: BTreeMap<String, String>,
    /// `LoggingConfig.LogFormat`: `Text` or `JSON`.
    pub log_format: Option<String>,
    /// `LoggingConfig.ApplicationLogLevel`.
    pub log_level: Option<String>,
    /// `LoggingConfig.LogGroup`, or the default group.
    pub log_group: String,
    /// `ReservedConcurrentExecutions`.
    pub reserved_concurrency: Option<usize>,
    /// Who may invoke it.
    pub permissions: Vec<Permission>,
    /// ARN of its role.
    pub role: String,
    /// What becomes of its asynchronous invocations.
    pub asynchronous: Asynchronous,
    /// `Code`, resolved.
    pub code: serde_json::Value,
}
