//! `sweeper`: the function that looks for what has waited too long.

use anyhow::Error;
use herald_contract::functions::Sweeper as Spec;
use herald_contract::{Function, Spec as _, env};
use herald_lambda::{
    Connections, DynamoDb, Functions, LambdaEnv, Metrics, OsChance, Queue, Sweeper, SystemClock,
    run,
};
use lambda_runtime::service_fn;
use std::process::ExitCode;

const _: () = assert!(
    Spec::FUNCTION.is_named(env!("CARGO_BIN_NAME")),
    "a binary is called like the function it is"
);

fn main() -> ExitCode {
    run(std::env::vars_os(), serve)
}

async fn serve(variables: Vec<(String, String)>) -> anyhow::Result<()> {
    let lambda = LambdaEnv::read(variables.clone())?;
    let env = env::read::<Spec>(variables.clone())?;
    let aws = lambda.client(&variables);
    let connections = Connections::new(&aws);
    let sweeper = Sweeper {
        table: DynamoDb::new(&aws, env.table_name, OsChance::new()?),
        sender: connections.clone(),
        invoker: Functions::new(&aws, [(Function::Worker, env.worker_function)]),
        closer: connections,
        dead_letters: Queue::new(&aws, env.dead_letters_url),
        clock: SystemClock,
        metrics: Metrics::new(Spec::FUNCTION, env.stage),
    };
    lambda_runtime::run(service_fn(|event| sweeper.handle(event))).await.map_err(Error::from_boxed)
}
