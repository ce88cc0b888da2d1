//! `dispatcher`: the function behind the table's stream.

use anyhow::Error;
use herald_contract::functions::Dispatcher as Spec;
use herald_contract::{Function, Spec as _, env};
use herald_lambda::{
    Connections, Dispatcher, DynamoDb, Functions, LambdaEnv, Metrics, OsChance, Queue, SystemClock,
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
    let invoked =
        [(Function::Worker, env.worker_function), (Function::Sender, env.sender_function)];
    let dispatcher = Dispatcher {
        table: DynamoDb::new(&aws, env.table_name, OsChance::new()?),
        sender: Connections::new(&aws),
        invoker: Functions::new(&aws, invoked),
        dead_letters: Queue::new(&aws, env.dead_letters_url),
        clock: SystemClock,
        metrics: Metrics::new(Spec::FUNCTION, env.stage),
    };
    lambda_runtime::run(service_fn(|event| dispatcher.handle(event)))
        .await
        .map_err(Error::from_boxed)
}
