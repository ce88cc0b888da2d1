//! Every operation of AWS that the operator uses, with the action that allows it.

use aws_wire::{Operation, Service};

const CONNECTIONS: &str = "execute-api:ManageConnections";

pub(crate) const DESCRIBE_STACKS: Operation = Operation::idempotent(
    Service::CLOUDFORMATION,
    "DescribeStacks",
    "cloudformation:DescribeStacks",
);
pub(crate) const GET_ITEM: Operation =
    Operation::idempotent(Service::DYNAMODB, "GetItem", "dynamodb:GetItem");
pub(crate) const BATCH_GET_ITEM: Operation =
    Operation::idempotent(Service::DYNAMODB, "BatchGetItem", "dynamodb:BatchGetItem");
pub(crate) const QUERY: Operation =
    Operation::idempotent(Service::DYNAMODB, "Query", "dynamodb:Query");
pub(crate) const GET_FUNCTION_CONFIGURATION: Operation = Operation::idempotent(
    Service::LAMBDA,
    "GetFunctionConfiguration",
    "lambda:GetFunctionConfiguration",
);
pub(crate) const GET_CONNECTION: Operation =
    Operation::idempotent(Service::CONNECTIONS, "GetConnection", CONNECTIONS);
pub(crate) const POST_TO_CONNECTION: Operation =
    Operation::once(Service::CONNECTIONS, "PostToConnection", CONNECTIONS);
pub(crate) const DELETE_CONNECTION: Operation =
    Operation::idempotent(Service::CONNECTIONS, "DeleteConnection", CONNECTIONS);
