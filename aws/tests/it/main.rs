//! Calls against AWS as sockets of this very process play it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod lost;
mod retries;
#[path = "../support/server.rs"]
mod server;
#[path = "../support/sigv4.rs"]
mod sigv4;

use aws_wire::{Client, Config, Credentials, Operation, Service, SharedCredentialsProvider};
use std::net::SocketAddr;

const SECRET: &str = "a-secret-key";

const GET: Operation = Operation::idempotent(Service::DYNAMODB, "GetItem", "dynamodb:GetItem");
const PUT: Operation = Operation::once(Service::DYNAMODB, "PutItem", "dynamodb:PutItem");

fn credentials() -> Credentials {
    Credentials::from_keys("ASIAEXAMPLE", SECRET, Some("a-token".to_owned()))
}

fn config(server: SocketAddr) -> Config {
    let config = Config::new("eu-central-1", SharedCredentialsProvider::new(credentials()));
    config.with_endpoints([("AWS_ENDPOINT_URL", format!("http://{server}").as_str())])
}

fn client(server: SocketAddr) -> Client {
    Client::new(config(server))
}
