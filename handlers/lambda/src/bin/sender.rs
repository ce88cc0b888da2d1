//! `sender`: the function that sends to many.

use anyhow::Error;
use herald_contract::functions::Sender as Spec;
use herald_contract::{Spec as _, env};
use herald_lambda::{
    Connections, DynamoDb, Functions, LambdaEnv, Metrics, OsChance, Sender, SystemClock, run,
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
    let itself = [(Spec::FUNCTION, lambda.aws_lambda_function_name)];
    let sender = Sender {
        table: DynamoDb::new(&aws, env.table_name, OsChance::new()?),
        sender: Connections::new(&aws),
        invoker: Functions::new(&aws, itself),
        clock: SystemClock,
        metrics: Metrics::new(Spec::FUNCTION, env.stage),
    };
    lambda_runtime::run(service_fn(|event| sender.handle(event))).await.map_err(Error::from_boxed)
}
