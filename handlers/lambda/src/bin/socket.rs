//! `socket`: the function behind the routes of the WebSocket API.

use anyhow::Context as _;
use herald_contract::functions::Socket as Spec;
use herald_contract::{Spec as _, env};
use herald_lambda::{Clients, LambdaEnv, Socket, run};
use lambda_runtime::service_fn;
use std::process::ExitCode;
use std::time::SystemTime;

const _: () = assert!(
    Spec::FUNCTION.is_named(env!("CARGO_BIN_NAME")),
    "a binary is called like the function it is"
);

fn main() -> ExitCode {
    run(std::env::vars_os(), serve)
}

async fn serve(variables: Vec<(String, String)>) -> anyhow::Result<()> {
    let lambda = LambdaEnv::read(variables.clone())?;
    let callback_url = env::read::<Spec>(variables)?.callback_url;
    let callback_url = callback_url.map(|url| url.parse()).transpose().context("`CALLBACK_URL`")?;
    let sender = Clients::new(lambda.into());
    if let Some(url) = &callback_url {
        sender.warm(url);
    }
    let socket = Socket { sender, callback_url, clock: SystemTime::now };
    let handler = service_fn(|event| socket.handle(event));
    lambda_runtime::run(handler).await.map_err(anyhow::Error::from_boxed)
}
