//! What Lambda would set, and what follows from it.

use aws_wire::Client;
use herald_lambda::LambdaEnv;

pub(crate) const SECRET: &str = "a-secret-key";

pub(crate) fn lambda() -> LambdaEnv {
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", "a-token"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_LAMBDA_FUNCTION_NAME", "a-function"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ];
    LambdaEnv::read(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap()
}

/// The client of a function with these variables beside Lambda's own.
pub(crate) fn client(variables: &[(&str, &str)]) -> Client {
    let variables: Vec<_> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    lambda().client(&variables)
}
