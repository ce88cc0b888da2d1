//! `socket`: the function behind the routes of the WebSocket API.

use anyhow::Context as _;
use anyhow::Error;
use herald_contract::functions::Socket as Spec;
use herald_contract::{Spec as _, env};
use herald_lambda::{
    Clients, Connections, DynamoDb, LambdaEnv, Metrics, OsChance, Socket, SystemClock, run,
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
    let origins = env.allowed_origins.map(|list| list.parse()).transpose();
    let callback_url = env.callback_url.map(|url| url.parse()).transpose();
    let chance = OsChance::new()?;
    let socket = Socket {
        table: DynamoDb::new(&aws, env.table_name, chance.clone()),
        sender: Clients::new(&lambda, aws.transport()),
        closer: Connections::new(&aws),
        clock: SystemClock,
        chance,
        origins: origins.context("`ALLOWED_ORIGINS`")?.unwrap_or_default(),
        callback_url: callback_url.context("`CALLBACK_URL`")?,
        metrics: Metrics::new(Spec::FUNCTION, env.stage),
    };
    if let Some(url) = &socket.callback_url {
        socket.sender.warm(url);
    }
    lambda_runtime::run(service_fn(|event| socket.handle(event))).await.map_err(Error::from_boxed)
}
