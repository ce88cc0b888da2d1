//! The push stack: a WebSocket API, the functions behind it, and the table they share.
//!
//! Top-down, one module a part. What a function is given, and what it may do, stands in its
//! specification in `herald-contract`; here it becomes variables and a policy.

mod alarms;
mod asynchronous;
mod dashboard;
mod domain;
mod events;
mod functions;
mod gateway;
mod mapping;
mod outputs;
mod queue;
mod rights;
mod table;
mod tickets;

use crate::Stage;
use crate::constructs::RustFunction;
use herald_contract::Function;
use infra_gen::assembly::FunctionEntry;
use infra_gen::aws::apigatewayv2::Api;
use infra_gen::aws::dynamodb::Table;
use infra_gen::aws::sqs::Queue;
use infra_gen::{Handle, Parameter, Template};

/// The parameter that names the bucket of the functions' zips.
pub const ASSET_BUCKET: &str = "AssetBucket";

/// What functions are given rights to: it is there before any of them.
struct Base<'s> {
    stage: &'s Stage,
    table: Handle<Table>,
    dead_letters: Handle<Queue>,
    api: Handle<Api>,
}

/// The template for a stage.
pub fn template(stage: &Stage) -> Template {
    let mut template =
        Template::new("Herald: a WebSocket API that pushes notifications to browsers");
    let asset_bucket = template.parameter(
        ASSET_BUCKET,
        Parameter {
            description: "Bucket that holds the zips of the functions".to_owned(),
            ..Parameter::new()
        },
    );
    let base = Base {
        stage,
        table: table::add(&mut template, stage),
        dead_letters: queue::add(&mut template),
        api: gateway::add_api(&mut template),
    };
    let functions = functions::add(&mut template, &base, asset_bucket);
    mapping::add(&mut template, &base, &functions.dispatcher);
    asynchronous::add(&mut template, &base, &functions);
    events::add(&mut template, &functions);
    let stage_resource = gateway::add(&mut template, &base, &functions);
    let domain =
        stage.domain.as_ref().map(|d| domain::add(&mut template, &base, d, &stage_resource));
    if stage.alarms {
        alarms::add(&mut template, &base, &functions);
    }
    dashboard::add(&mut template, &base, &functions);
    outputs::add(&mut template, &base, &functions, domain.as_ref());
    template
}

/// The functions whose code the template awaits.
pub fn functions(stage: &Stage) -> Vec<FunctionEntry> {
    let entry = |function: &Function| FunctionEntry {
        name: function.name().to_owned(),
        logical_id: function.logical_id().to_owned(),
        code_parameter: RustFunction::code_parameter(*function),
        architecture: stage.architecture.as_str().to_owned(),
    };
    let is_there =
        |function: &&Function| stage.has_authorizer() || **function != Function::Authorizer;
    Function::ALL.iter().filter(is_there).map(entry).collect()
}

/// The parameters whose value is random, made once and kept.
pub fn secrets(stage: &Stage) -> Vec<String> {
    stage.takes_tickets().then(|| tickets::SECRET.to_owned()).into_iter().collect()
}
