//! Actions of the services we use, each with the kind of ARN it acts on (Service Authorization
//! Reference).

use crate::aws::ids::{
    EventBusArn, FunctionArn, LogGroupArn, QueueArn, RoleArn, StreamArn, TableArn,
};
use crate::text::arn;
use std::marker::PhantomData;

/// An action on resources whose ARN is of the kind `K`.
#[derive(Debug)]
pub struct Action<K> {
    name: &'static str,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for Action<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Action<K> {}

impl<K> Action<K> {
    /// An action that is not listed below; a constant of it does not compile if the name is not
    /// of the form `service:Action`, or has a wildcard.
    ///
    /// # Panics
    /// If the name is malformed: give it in a `const`, where that is a compile error.
    pub const fn new(name: &'static str) -> Self {
        assert!(is_action(name.as_bytes()), "an action is service:Action, without wildcards");
        Self { name, kind: PhantomData }
    }

    /// As IAM spells it.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

const fn is_action(name: &[u8]) -> bool {
    let mut colons = 0;
    let mut i = 0;
    while i < name.len() {
        match name[i] {
            b':' if i > 0 && i + 1 < name.len() => colons += 1,
            b'-' if colons == 0 => {}
            c if c.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        i += 1;
    }
    colons == 1
}

/// The kind of an action that AWS cannot narrow to a resource.
#[derive(Debug)]
pub enum Unscoped {}

arn!(ConnectionsArn);
// Resources that are in no template, or not yet: by the beginning of their names.
arn!(ArnPattern);

/// API Gateway at run time.
pub mod execute_api {
    use super::{Action, ConnectionsArn};

    /// Post to, inspect and close connections.
    pub const MANAGE_CONNECTIONS: Action<ConnectionsArn> =
        Action::new("execute-api:ManageConnections");
}

/// CloudWatch Logs.
pub mod logs {
    use super::{Action, LogGroupArn};

    /// Begin a stream in the group.
    pub const CREATE_LOG_STREAM: Action<LogGroupArn> = Action::new("logs:CreateLogStream");
    /// Write to the group's streams.
    pub const PUT_LOG_EVENTS: Action<LogGroupArn> = Action::new("logs:PutLogEvents");
}

/// DynamoDB tables and streams.
pub mod dynamodb {
    use super::{Action, StreamArn, TableArn};

    /// `BatchGetItem`.
    pub const BATCH_GET_ITEM: Action<TableArn> = Action::new("dynamodb:BatchGetItem");
    /// `BatchWriteItem`.
    pub const BATCH_WRITE_ITEM: Action<TableArn> = Action::new("dynamodb:BatchWriteItem");
    /// A check inside a transaction.
    pub const CONDITION_CHECK_ITEM: Action<TableArn> = Action::new("dynamodb:ConditionCheckItem");
    /// `DeleteItem`.
    pub const DELETE_ITEM: Action<TableArn> = Action::new("dynamodb:DeleteItem");
    /// `GetItem`.
    pub const GET_ITEM: Action<TableArn> = Action::new("dynamodb:GetItem");
    /// `PutItem`.
    pub const PUT_ITEM: Action<TableArn> = Action::new("dynamodb:PutItem");
    /// `Query`.
    pub const QUERY: Action<TableArn> = Action::new("dynamodb:Query");
    /// `UpdateItem`.
    pub const UPDATE_ITEM: Action<TableArn> = Action::new("dynamodb:UpdateItem");

    /// `DescribeStream`.
    pub const DESCRIBE_STREAM: Action<StreamArn> = Action::new("dynamodb:DescribeStream");
    /// `GetRecords`.
    pub const GET_RECORDS: Action<StreamArn> = Action::new("dynamodb:GetRecords");
    /// `GetShardIterator`.
    pub const GET_SHARD_ITERATOR: Action<StreamArn> = Action::new("dynamodb:GetShardIterator");
    /// `ListStreams`.
    pub const LIST_STREAMS: Action<StreamArn> = Action::new("dynamodb:ListStreams");
}

/// SQS.
pub mod sqs {
    use super::{Action, QueueArn};

    /// `DeleteMessage`.
    pub const DELETE_MESSAGE: Action<QueueArn> = Action::new("sqs:DeleteMessage");
    /// `GetQueueAttributes`.
    pub const GET_QUEUE_ATTRIBUTES: Action<QueueArn> = Action::new("sqs:GetQueueAttributes");
    /// `ReceiveMessage`.
    pub const RECEIVE_MESSAGE: Action<QueueArn> = Action::new("sqs:ReceiveMessage");
    /// `SendMessage`.
    pub const SEND_MESSAGE: Action<QueueArn> = Action::new("sqs:SendMessage");
}

/// Lambda.
pub mod lambda {
    use super::{Action, FunctionArn};

    /// Run a function.
    pub const INVOKE_FUNCTION: Action<FunctionArn> = Action::new("lambda:InvokeFunction");
}

/// EventBridge.
pub mod events {
    use super::{Action, EventBusArn};

    /// Put events on a bus.
    pub const PUT_EVENTS: Action<EventBusArn> = Action::new("events:PutEvents");
}

/// X-Ray: none of its actions for traces knows a resource.
pub mod xray {
    use super::{Action, Unscoped};

    /// `PutTelemetryRecords`.
    pub const PUT_TELEMETRY_RECORDS: Action<Unscoped> = Action::new("xray:PutTelemetryRecords");
    /// `PutTraceSegments`.
    pub const PUT_TRACE_SEGMENTS: Action<Unscoped> = Action::new("xray:PutTraceSegments");
}

/// CloudWatch metrics: writing them knows no resource.
pub mod cloudwatch {
    use super::{Action, Unscoped};

    /// `PutMetricData`.
    pub const PUT_METRIC_DATA: Action<Unscoped> = Action::new("cloudwatch:PutMetricData");
}

/// Security tokens.
pub mod sts {
    use super::{Action, RoleArn};

    /// Take on a role.
    pub const ASSUME_ROLE: Action<RoleArn> = Action::new("sts:AssumeRole");
    /// The same by the word of an identity provider.
    pub const ASSUME_ROLE_WITH_WEB_IDENTITY: Action<RoleArn> =
        Action::new("sts:AssumeRoleWithWebIdentity");
}
