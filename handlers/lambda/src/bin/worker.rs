//! `worker`: the function that runs jobs.

use anyhow::Error;
use herald_contract::functions::Worker as Spec;
use herald_contract::{Spec as _, env};
use herald_lambda::{
    Connections, DynamoDb, LambdaEnv, Metrics, OsChance, SystemClock, Worker, run,
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
    let chance = OsChance::new()?;
    let worker = Worker {
        table: DynamoDb::new(&aws, env.table_name, chance.clone()),
        sender: Connections::new(&aws),
        clock: SystemClock,
        chance,
        metrics: Metrics::new(Spec::FUNCTION, env.stage),
    };
    lambda_runtime::run(service_fn(|event| worker.handle(event))).await.map_err(Error::from_boxed)
}
