//! What a role needs to deploy a stage, on names that begin with its stack's, `{stack}`,
//! and on its own `{domain}` in its `{zone}`.

use infra_gen::iam::{Action, ArnPattern, Unscoped};

/// Actions and where they are allowed.
pub(super) struct Right {
    pub(super) actions: &'static [Action<ArnPattern>],
    /// What comes behind `arn:PARTITION:`; none, where AWS has nothing narrower than all.
    pub(super) on: Option<&'static str>,
    pub(super) everywhere: &'static [Action<Unscoped>],
}

const fn on(on: &'static str, actions: &'static [Action<ArnPattern>]) -> Right {
    Right { actions, on: Some(on), everywhere: &[] }
}

const fn everywhere(everywhere: &'static [Action<Unscoped>]) -> Right {
    Right { actions: &[], on: None, everywhere }
}

/// A list of actions of one service; a name that is none does not compile.
macro_rules! actions {
    ($service:literal $($name:literal)*) => {
        &[$(Action::new(concat!($service, ":", $name))),*]
    };
}

/// What the deployer calls.
pub(super) const DEPLOYER: &[Right] = &[
    on(
        "cloudformation:{region}:{account}:stack/{stack}/*",
        actions!("cloudformation"
            "CancelUpdateStack" "ContinueUpdateRollback" "CreateChangeSet" "DeleteChangeSet"
            "DeleteStack" "DescribeChangeSet" "DescribeEvents" "DescribeStackEvents"
            "DescribeStacks" "ExecuteChangeSet" "GetTemplate"
            "ListChangeSets" "ListStackResources" "RollbackStack"),
    ),
    on("s3:::herald-assets-{account}-{region}", actions!("s3" "ListBucket")),
    on("s3:::herald-assets-{account}-{region}/*", actions!("s3" "GetObject" "PutObject")),
    on("logs:{region}:{account}:log-group:{stack}-*", actions!("logs" "FilterLogEvents")),
    on(
        "logs:{region}:{account}:log-group:/aws/lambda/{stack}-*",
        actions!("logs" "FilterLogEvents"),
    ),
    on("apigateway:{region}::/account", actions!("apigateway" "GET")),
    everywhere(actions!("lambda" "GetAccountSettings")),
    everywhere(actions!("sts" "GetCallerIdentity")),
];

/// What CloudFormation does in the name of whoever deploys.
pub(super) const RESOURCES: &[Right] = &[
    on("apigateway:{region}::/apis", actions!("apigateway" "GET" "POST")),
    on("apigateway:{region}::/apis/*", actions!("apigateway" "DELETE" "GET" "PATCH" "POST" "PUT")),
    on("apigateway:{region}::/tags/*", actions!("apigateway" "DELETE" "GET" "POST" "PUT")),
    on(
        "cloudwatch:{region}:{account}:alarm:{stack}-*",
        actions!("cloudwatch"
            "DeleteAlarms" "DescribeAlarms" "ListTagsForResource" "PutMetricAlarm" "TagResource"
            "UntagResource"),
    ),
    // A dashboard's name, made up by CloudFormation, need not begin with the stack's.
    on(
        "cloudwatch::{account}:dashboard/*",
        actions!("cloudwatch" "DeleteDashboards" "GetDashboard" "PutDashboard"),
    ),
    on(
        "dynamodb:{region}:{account}:table/{stack}-*",
        actions!("dynamodb"
            "CreateTable" "DeleteTable" "DescribeContinuousBackups" "DescribeContributorInsights"
            "DescribeKinesisStreamingDestination" "DescribeTable" "DescribeTimeToLive"
            "GetResourcePolicy" "ListTagsOfResource" "TagResource" "UntagResource"
            "UpdateContinuousBackups" "UpdateTable" "UpdateTimeToLive"),
    ),
    on(
        "events:{region}:{account}:rule/{stack}-*",
        actions!("events"
            "DeleteRule" "DescribeRule" "ListTargetsByRule" "PutRule" "PutTargets" "RemoveTargets"
            "TagResource" "UntagResource"),
    ),
    on(
        "iam::{account}:role/{stack}-*",
        actions!("iam"
            "CreateRole" "DeleteRole" "DeleteRolePolicy" "GetRole" "GetRolePolicy"
            "ListAttachedRolePolicies" "ListRolePolicies" "PassRole" "PutRolePolicy" "TagRole"
            "UntagRole" "UpdateAssumeRolePolicy" "UpdateRole" "UpdateRoleDescription"),
    ),
    on(
        "lambda:{region}:{account}:function:{stack}-*",
        actions!("lambda"
            "AddPermission" "CreateFunction" "DeleteFunction" "DeleteFunctionConcurrency"
            "DeleteFunctionEventInvokeConfig" "GetFunction" "GetFunctionCodeSigningConfig"
            "GetFunctionConfiguration" "GetFunctionEventInvokeConfig" "GetPolicy"
            "GetRuntimeManagementConfig" "ListTags" "PutFunctionConcurrency"
            "PutFunctionEventInvokeConfig" "RemovePermission" "TagResource" "UntagResource"
            "UpdateFunctionCode" "UpdateFunctionConfiguration" "UpdateFunctionEventInvokeConfig"),
    ),
    // A mapping's name is made up by Lambda.
    on(
        "lambda:{region}:{account}:event-source-mapping:*",
        actions!("lambda"
            "DeleteEventSourceMapping" "GetEventSourceMapping" "ListTags" "TagResource"
            "UntagResource" "UpdateEventSourceMapping"),
    ),
    everywhere(actions!("lambda" "CreateEventSourceMapping" "ListEventSourceMappings")),
    on(
        "logs:{region}:{account}:log-group:{stack}-*",
        actions!("logs"
            "CreateLogGroup" "DeleteLogGroup" "DeleteRetentionPolicy" "ListTagsForResource"
            "PutRetentionPolicy" "TagResource" "UntagResource"),
    ),
    // By which API Gateway is told where to write access logs (API Gateway Developer Guide).
    everywhere(actions!("logs"
        "CreateLogDelivery" "DeleteLogDelivery" "DescribeLogGroups" "DescribeResourcePolicies"
        "GetLogDelivery" "ListLogDeliveries" "PutResourcePolicy" "UpdateLogDelivery")),
    on(
        "sqs:{region}:{account}:{stack}-*",
        actions!("sqs"
            "CreateQueue" "DeleteQueue" "GetQueueAttributes" "ListQueueTags" "SetQueueAttributes"
            "TagQueue" "UntagQueue"),
    ),
];

/// The same for a stage with a custom domain.
pub(super) const DOMAIN: &[Right] = &[
    on("apigateway:{region}::/domainnames", actions!("apigateway" "GET" "POST")),
    on(
        "apigateway:{region}::/domainnames/{domain}",
        actions!("apigateway" "DELETE" "GET" "PATCH" "PUT"),
    ),
    on(
        "apigateway:{region}::/domainnames/{domain}/*",
        actions!("apigateway" "DELETE" "GET" "PATCH" "POST" "PUT"),
    ),
];

/// And for one whose record is ours to write.
pub(super) const RECORD: &[Right] = &[
    on(
        "route53:::hostedzone/{zone}",
        actions!("route53" "ChangeResourceRecordSets" "GetHostedZone" "ListResourceRecordSets"),
    ),
    // The number of a change is made up by Route 53.
    on("route53:::change/*", actions!("route53" "GetChange")),
];
