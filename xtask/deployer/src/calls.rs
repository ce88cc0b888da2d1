//! Every operation that is called here, in one list: what is not in it cannot be called, and
//! `deploy --policy` is made from it.

use aws_wire::{Operation, Service};

/// Which command calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// `deploy`.
    Deploy,
    /// `bootstrap`.
    Bootstrap,
    /// `destroy`.
    Destroy,
    /// `outputs`, `status`, `logs`, `diff`.
    Look,
    /// `gc`.
    Gc,
}

/// What it is called on; IAM allows it there and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// IAM knows no resource for it.
    Anything,
    /// The stacks of the stage.
    Stacks,
    /// The asset bucket.
    Bucket,
    /// What lies in the asset bucket.
    Objects,
    /// The functions of the stacks.
    Functions,
    /// The log groups of the account: their names are CloudFormation's to choose.
    LogGroups,
    /// API Gateway's settings of the account.
    ApiGatewayAccount,
    /// The role by which API Gateway writes logs.
    LogRole,
}

/// An operation, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The operation.
    pub operation: Operation,
    /// What it is called on.
    pub on: On,
    /// Who calls it.
    pub by: &'static [By],
}

macro_rules! calls {
    ($($id:ident: $how:ident $service:ident $name:literal $action:literal $on:ident $by:expr;)*) => {
        $(
            /// The operation of this name.
            pub const $id: Operation = Operation::$how(Service::$service, $name, $action);
        )*
        /// All of them.
        pub const ALL: &[Call] = &[$(Call { operation: $id, on: On::$on, by: &$by },)*];
    };
}

use By::{Bootstrap, Deploy, Destroy, Gc, Look};

calls! {
    GET_ACCOUNT: idempotent API_GATEWAY "GetAccount" "apigateway:GET" ApiGatewayAccount [Deploy, Bootstrap];
    CANCEL_UPDATE_STACK: idempotent CLOUDFORMATION "CancelUpdateStack" "cloudformation:CancelUpdateStack" Stacks [Deploy];
    CONTINUE_UPDATE_ROLLBACK: idempotent CLOUDFORMATION "ContinueUpdateRollback" "cloudformation:ContinueUpdateRollback" Stacks [Deploy];
    CREATE_CHANGE_SET: idempotent CLOUDFORMATION "CreateChangeSet" "cloudformation:CreateChangeSet" Stacks [Deploy];
    DELETE_CHANGE_SET: idempotent CLOUDFORMATION "DeleteChangeSet" "cloudformation:DeleteChangeSet" Stacks [Deploy];
    DELETE_STACK: idempotent CLOUDFORMATION "DeleteStack" "cloudformation:DeleteStack" Stacks [Deploy, Destroy];
    DESCRIBE_CHANGE_SET: idempotent CLOUDFORMATION "DescribeChangeSet" "cloudformation:DescribeChangeSet" Stacks [Deploy];
    DESCRIBE_EVENTS: idempotent CLOUDFORMATION "DescribeEvents" "cloudformation:DescribeEvents" Stacks [Deploy];
    DESCRIBE_STACK_EVENTS: idempotent CLOUDFORMATION "DescribeStackEvents" "cloudformation:DescribeStackEvents" Stacks [Deploy, Destroy];
    DESCRIBE_STACKS: idempotent CLOUDFORMATION "DescribeStacks" "cloudformation:DescribeStacks" Stacks [Deploy, Destroy, Look, Gc];
    EXECUTE_CHANGE_SET: idempotent CLOUDFORMATION "ExecuteChangeSet" "cloudformation:ExecuteChangeSet" Stacks [Deploy];
    GET_TEMPLATE: idempotent CLOUDFORMATION "GetTemplate" "cloudformation:GetTemplate" Stacks [Deploy, Look, Gc];
    LIST_CHANGE_SETS: idempotent CLOUDFORMATION "ListChangeSets" "cloudformation:ListChangeSets" Stacks [Deploy];
    LIST_STACK_RESOURCES: idempotent CLOUDFORMATION "ListStackResources" "cloudformation:ListStackResources" Stacks [Deploy, Destroy, Look];
    ROLLBACK_STACK: idempotent CLOUDFORMATION "RollbackStack" "cloudformation:RollbackStack" Stacks [Deploy];
    GET_ACCOUNT_SETTINGS: idempotent LAMBDA "GetAccountSettings" "lambda:GetAccountSettings" Anything [Deploy];
    GET_FUNCTION_CONFIGURATION: idempotent LAMBDA "GetFunctionConfiguration" "lambda:GetFunctionConfiguration" Functions [Deploy, Look];
    UPDATE_FUNCTION_CODE: idempotent LAMBDA "UpdateFunctionCode" "lambda:UpdateFunctionCode" Functions [Deploy];
    FILTER_LOG_EVENTS: idempotent LOGS "FilterLogEvents" "logs:FilterLogEvents" LogGroups [Deploy, Look];
    HEAD_BUCKET: idempotent S3 "HeadBucket" "s3:ListBucket" Bucket [Deploy, Bootstrap, Gc];
    HEAD_OBJECT: idempotent S3 "HeadObject" "s3:GetObject" Objects [Deploy];
    PUT_OBJECT: idempotent S3 "PutObject" "s3:PutObject" Objects [Deploy];
    ATTACH_ROLE_POLICY: idempotent IAM "AttachRolePolicy" "iam:AttachRolePolicy" LogRole [Bootstrap];
    CREATE_BUCKET: idempotent S3 "CreateBucket" "s3:CreateBucket" Bucket [Bootstrap];
    CREATE_ROLE: idempotent IAM "CreateRole" "iam:CreateRole" LogRole [Bootstrap];
    DELETE_OBJECT: idempotent S3 "DeleteObject" "s3:DeleteObject" Objects [Gc];
    DESCRIBE_STACK_DRIFT_DETECTION_STATUS: idempotent CLOUDFORMATION "DescribeStackDriftDetectionStatus" "cloudformation:DescribeStackDriftDetectionStatus" Anything [Look];
    DESCRIBE_STACK_RESOURCE_DRIFTS: idempotent CLOUDFORMATION "DescribeStackResourceDrifts" "cloudformation:DescribeStackResourceDrifts" Stacks [Look];
    DETECT_STACK_DRIFT: idempotent CLOUDFORMATION "DetectStackDrift" "cloudformation:DetectStackDrift" Stacks [Look];
    GET_BUCKET_ENCRYPTION: idempotent S3 "GetBucketEncryption" "s3:GetEncryptionConfiguration" Bucket [Bootstrap];
    GET_BUCKET_LIFECYCLE: idempotent S3 "GetBucketLifecycleConfiguration" "s3:GetLifecycleConfiguration" Bucket [Bootstrap];
    GET_BUCKET_POLICY: idempotent S3 "GetBucketPolicy" "s3:GetBucketPolicy" Bucket [Bootstrap];
    GET_BUCKET_VERSIONING: idempotent S3 "GetBucketVersioning" "s3:GetBucketVersioning" Bucket [Bootstrap];
    GET_PUBLIC_ACCESS_BLOCK: idempotent S3 "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock" Bucket [Bootstrap];
    LIST_OBJECTS: idempotent S3 "ListObjectsV2" "s3:ListBucket" Bucket [Gc];
    PUT_BUCKET_ENCRYPTION: idempotent S3 "PutBucketEncryption" "s3:PutEncryptionConfiguration" Bucket [Bootstrap];
    PUT_BUCKET_LIFECYCLE: idempotent S3 "PutBucketLifecycleConfiguration" "s3:PutLifecycleConfiguration" Bucket [Bootstrap];
    PUT_BUCKET_POLICY: idempotent S3 "PutBucketPolicy" "s3:PutBucketPolicy" Bucket [Bootstrap];
    PUT_BUCKET_VERSIONING: idempotent S3 "PutBucketVersioning" "s3:PutBucketVersioning" Bucket [Bootstrap];
    PUT_PUBLIC_ACCESS_BLOCK: idempotent S3 "PutPublicAccessBlock" "s3:PutBucketPublicAccessBlock" Bucket [Bootstrap];
    UPDATE_ACCOUNT: idempotent API_GATEWAY "UpdateAccount" "apigateway:PATCH" ApiGatewayAccount [Bootstrap];
    GET_CALLER_IDENTITY: idempotent STS "GetCallerIdentity" "sts:GetCallerIdentity" Anything [Deploy, Bootstrap, Destroy, Look, Gc];
}
