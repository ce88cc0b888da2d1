//! `authorizer`: the function that says who may connect.

use anyhow::Context as _;
use anyhow::Error;
use herald_contract::functions::Authorizer as Spec;
use herald_contract::{Spec as _, env};
use herald_core::auth::KeyCache;
use herald_lambda::{
    Authorizer, DynamoDb, Jwks, LambdaEnv, OsChance, Ring, SystemClock, policy, run,
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
    let policy = policy(&env)?;
    let key_set = env.jwks_url.as_deref().filter(|url| !url.is_empty());
    let authorizer = Authorizer {
        table: DynamoDb::new(&aws, env.table_name, OsChance::new()?),
        policy,
        keys: KeyCache::default(),
        source: Jwks::new(aws.transport(), key_set).context("`JWKS_URL`")?,
        verifier: Ring,
        clock: SystemClock,
    };
    lambda_runtime::run(service_fn(|event| authorizer.handle(event)))
        .await
        .map_err(Error::from_boxed)
}
