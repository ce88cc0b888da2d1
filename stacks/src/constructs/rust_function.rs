//! A function written in Rust: with a log group and a role of its own.

use crate::Stage;
use herald_contract::Function;
use infra_gen::aws::iam::{Role, role};
use infra_gen::aws::ids::BucketName;
use infra_gen::aws::lambda;
use infra_gen::aws::lambda::function::{
    Architecture, Code, Environment, LogFormat, LoggingConfig, Runtime,
};
use infra_gen::aws::logs::LogGroup;
use infra_gen::iam::{Policy, Service, Statement, Trust, logs};
use infra_gen::{DeletionPolicy, Handle, Json, Map, Options, Parameter, Template, Val, some};

/// What differs from one function to the next.
#[derive(Debug)]
pub struct RustFunction<'s> {
    /// Which one: gives the ids of all its resources.
    pub function: Function,
    /// Memory, time-out, architecture, retention of its log.
    pub stage: &'s Stage,
    /// The bucket that holds the zips.
    pub asset_bucket: Val<BucketName>,
    /// Its variables.
    pub environment: Map<Json>,
    /// What it may do besides writing its log.
    pub statements: Vec<Statement>,
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
            log_options(),
        );
        // The group is there before the function, so the function never needs to make one.
        let own_log =
            Statement::allow([logs::CREATE_LOG_STREAM, logs::PUT_LOG_EVENTS], log_group.arn());
        let statements = [own_log].into_iter().chain(self.statements);
        let rights = role::Policy::new(Policy::new(statements), id);
        let role = template.add(
            format!("{id}Role"),
            Role { policies: some([rights]), ..Role::new(Trust::service(Service::Lambda)) },
        );
        let code = Code { s3_bucket: Some(self.asset_bucket), s3_key: Some(code), ..Code::new() };
        let environment = (!self.environment.0.is_empty())
            .then(|| Environment { variables: some(self.environment) });
        let function = template.add(
            id,
            lambda::Function {
                architectures: some([match self.stage.architecture {
                    crate::Architecture::Arm64 => Architecture::Arm64,
                    crate::Architecture::X86 => Architecture::X86_64,
                }]),
                environment: environment.map(Val::from),
                // The name every binary has in the zip of an OS-only runtime.
                handler: some("bootstrap"),
                logging_config: some(LoggingConfig {
                    log_format: some(LogFormat::Json),
                    log_group: some(&log_group),
                    ..LoggingConfig::new()
                }),
                memory_size: some(self.stage.memory_mb),
                runtime: some(Runtime::ProvidedAl2023),
                timeout: some(self.stage.timeout_seconds),
                ..lambda::Function::new(code, role.arn())
            },
        );
        FunctionParts { function, role, log_group }
    }
}

/// A log is worth as much as what wrote it: it goes with the stack.
pub(super) fn log_options() -> Options {
    Options {
        deletion_policy: Some(DeletionPolicy::Delete),
        update_replace_policy: Some(DeletionPolicy::Delete),
        ..Options::default()
    }
}
