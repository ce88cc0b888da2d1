//! Every operation of AWS that the operator uses, with the action that allows it.

use aws_wire::{Operation, Protocol, Service};

const CLOUDFORMATION: Service = Service {
    name: "cloudformation",
    host: "cloudformation",
    is_global: false,
    variable: "CLOUDFORMATION",
    protocol: Protocol::Query { version: "2010-05-15" },
};
const DYNAMODB: Service = Service {
    name: "dynamodb",
    host: "dynamodb",
    is_global: false,
    variable: "DYNAMODB",
    protocol: Protocol::Json { target: "DynamoDB_20120810", version: "1.0" },
};
const LAMBDA: Service = Service {
    name: "lambda",
    host: "lambda",
    is_global: false,
    variable: "LAMBDA",
    protocol: Protocol::Rest,
};
/// Its endpoint is the callback URL of a stage.
const MANAGEMENT: Service = Service {
    name: "execute-api",
    host: "execute-api",
    is_global: false,
    variable: "APIGATEWAYMANAGEMENTAPI",
    protocol: Protocol::Rest,
};

const CONNECTIONS: &str = "execute-api:ManageConnections";

pub(crate) const DESCRIBE_STACKS: Operation =
    Operation::idempotent(CLOUDFORMATION, "DescribeStacks", "cloudformation:DescribeStacks");
pub(crate) const GET_ITEM: Operation =
    Operation::idempotent(DYNAMODB, "GetItem", "dynamodb:GetItem");
pub(crate) const BATCH_GET_ITEM: Operation =
    Operation::idempotent(DYNAMODB, "BatchGetItem", "dynamodb:BatchGetItem");
pub(crate) const QUERY: Operation = Operation::idempotent(DYNAMODB, "Query", "dynamodb:Query");
pub(crate) const GET_FUNCTION_CONFIGURATION: Operation =
    Operation::idempotent(LAMBDA, "GetFunctionConfiguration", "lambda:GetFunctionConfiguration");
pub(crate) const GET_CONNECTION: Operation =
    Operation::idempotent(MANAGEMENT, "GetConnection", CONNECTIONS);
pub(crate) const POST_TO_CONNECTION: Operation =
    Operation::once(MANAGEMENT, "PostToConnection", CONNECTIONS);
pub(crate) const DELETE_CONNECTION: Operation =
    Operation::idempotent(MANAGEMENT, "DeleteConnection", CONNECTIONS);
