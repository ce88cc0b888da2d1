//! A function written in Rust: with a log group and a role of its own.

use super::disposable;
use crate::Stage;
use herald_contract::Function;
use infra_gen::aws::iam::{Role, role};
use infra_gen::aws::ids::BucketName;
use infra_gen::aws::lambda;
use infra_gen::aws::lambda::function::{
    Architecture, Code, Environment, LogFormat, LoggingConfig, Mode, RecursiveLoop, Runtime,
    TracingConfig,
};
use infra_gen::aws::logs::LogGroup;
use infra_gen::iam::{Policy, Service, Statement, Trust, logs, xray};
use infra_gen::{Handle, Json, Map, Parameter, Template, Val, some};

/// What differs from one function to the next.
#[derive(Debug)]
pub struct RustFunction<'s> {
    /// Which one: gives the ids of all its resources.
    pub function: Function,
    /// Architecture, tracing, retention of its log.
    pub stage: &'s Stage,
    /// What it may take.
    pub size: Size,
    /// The bucket that holds the zips.
    pub asset_bucket: Val<BucketName>,
    /// Its variables.
    pub environment: Map<Json>,
    /// What it may do besides writing its log and its traces.
    pub statements: Vec<Statement>,
    /// Whether it hands work on to itself. Otherwise Lambda takes that for a mistake and stops it
    /// after some sixteen times (Use Lambda recursive loop detection).
    pub invokes_itself: bool,
}

/// What a function may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Memory, and processor time in proportion.
    pub memory_mb: u32,
    /// Time of one invocation.
    pub timeout_seconds: u32,
    /// Executions at the same time, kept for it alone; unlimited if not given.
    pub concurrency: Option<u32>,
}

/// What was added.
#[derive(Debug)]
pub struct FunctionParts {
    /// The function.
    pub function: Handle<lambda::Function>,
    /// The role it runs under.
    pub role: Handle<Role>,
    /// Where it logs.
    pub log_group: Handle<LogGroup>,
}

impl RustFunction<'_> {
    /// The parameter that takes the key of the function's zip.
    pub fn code_parameter(function: Function) -> String {
        format!("{}Code", function.logical_id())
    }

    /// Adds parameter, log group, role and function.
    #[track_caller]
    pub fn add_to(self, template: &mut Template) -> FunctionParts {
        let id = self.function.logical_id();
        let code = template.parameter(
            Self::code_parameter(self.function),
            Parameter {
                description: format!("Key of the zip of {} in AssetBucket", self.function),
                ..Parameter::new()
            },
        );
        let log_group = template.add_with(
            format!("{id}Log"),
            LogGroup { retention_in_days: some(self.stage.log_retention_days), ..LogGroup::new() },
            disposable(),
        );
        // The group is there before the function, so the function never needs to make one.
        let own_log =
            Statement::allow([logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS], log_group.arn());
        // X-Ray knows no resource that these could be narrowed to.
        let own_traces = self.stage.tracing.then(|| {
            Statement::allow_everywhere([xray::PUT_TELEMETRY_RECORDS, xray::PUT_TRACE_SEGMENTS])
        });
        let statements = [own_log].into_iter().chain(own_traces).chain(self.statements);
        let rights = role::Policy::new(Policy::new(statements), id);
        let role = template.add(
            format!("{id}Role"),
            Role { policies: some([rights]), ..Role::new(Trust::service(Service::Lambda)) },
        );
        let code = Code { s3_bucket: Some(self.asset_bucket), s3_key: Some(code), ..Code::new() };
        let function = template.add(
            id,
            lambda::Function {
                architectures: some([match self.stage.architecture {
                    crate::Architecture::Arm64 => Architecture::Arm64,
                    crate::Architecture::X86 => Architecture::X86_64,
                }]),
                environment: some(Environment { variables: some(self.environment) }),
                // The name every binary has in the zip of an OS-only runtime.
                handler: some("bootstrap"),
                logging_config: some(LoggingConfig {
                    log_format: some(LogFormat::Json),
                    log_group: some(&log_group),
                    ..LoggingConfig::new()
                }),
                memory_size: some(self.size.memory_mb),
                recursive_loop: self.invokes_itself.then(|| RecursiveLoop::Allow.into()),
                reserved_concurrent_executions: self.size.concurrency.map(Val::from),
                runtime: some(Runtime::ProvidedAl2023),
                timeout: some(self.size.timeout_seconds),
                tracing_config: self
                    .stage
                    .tracing
                    .then(|| TracingConfig { mode: some(Mode::Active) }.into()),
                ..lambda::Function::new(code, role.arn())
            },
        );
        FunctionParts { function, role, log_group }
    }
}
