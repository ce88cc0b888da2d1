//! The services that are called, and how each is spoken to.

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    /// What requests are signed for, and what its host name begins with: `dynamodb`.
    pub name: &'static str,
    /// Whether it has one endpoint for all Regions, signed for `us-east-1`: IAM.
    pub is_global: bool,
    /// The name that its variable of the environment ends with: `AWS_ENDPOINT_URL_…`.
    pub variable: &'static str,
    /// How it is spoken to.
    pub protocol: Protocol,
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// JSON in and out; the operation in `X-Amz-Target`.
    Json {
        /// What comes before the operation's name: `DynamoDB_20120810`.
        target: &'static str,
        /// `1.0` or `1.1`.
        version: &'static str,
    },
    /// A form in, XML out.
    Query {
        /// `Version` of the interface: `2010-05-15`.
        version: &'static str,
    },
    /// Method and path; JSON in and out.
    Rest,
    /// Method and path; XML out; payloads are hashed, paths are not normalized.
    S3,
}

impl Service {
    /// API Gateway: accounts and APIs.
    pub const API_GATEWAY: Self = Self::regional("apigateway", "API_GATEWAY", Protocol::Rest);
    /// `@connections` of a WebSocket API; its endpoint is the callback URL of a stage.
    pub const CONNECTIONS: Self =
        Self::regional("execute-api", "APIGATEWAYMANAGEMENTAPI", Protocol::Rest);
    /// CloudFormation.
    pub const CLOUDFORMATION: Self = Self::regional(
        "cloudformation",
        "CLOUDFORMATION",
        Protocol::Query { version: "2010-05-15" },
    );
    /// DynamoDB.
    pub const DYNAMODB: Self = Self::regional(
        "dynamodb",
        "DYNAMODB",
        Protocol::Json { target: "DynamoDB_20120810", version: "1.0" },
    );
    /// EventBridge.
    pub const EVENTS: Self = Self::regional(
        "events",
        "EVENTBRIDGE",
        Protocol::Json { target: "AWSEvents", version: "1.1" },
    );
    /// Identity and Access Management, which is one for all Regions.
    pub const IAM: Self = Self {
        is_global: true,
        ..Self::regional("iam", "IAM", Protocol::Query { version: "2010-05-08" })
    };
    /// Lambda.
    pub const LAMBDA: Self = Self::regional("lambda", "LAMBDA", Protocol::Rest);
    /// CloudWatch Logs.
    pub const LOGS: Self = Self::regional(
        "logs",
        "CLOUDWATCH_LOGS",
        Protocol::Json { target: "Logs_20140328", version: "1.1" },
    );
    /// S3.
    pub const S3: Self = Self::regional("s3", "S3", Protocol::S3);
    /// SQS.
    pub const SQS: Self =
        Self::regional("sqs", "SQS", Protocol::Json { target: "AmazonSQS", version: "1.0" });
    /// Security Token Service.
    pub const STS: Self = Self::regional("sts", "STS", Protocol::Query { version: "2011-06-15" });

    /// One with an endpoint in each Region.
    pub const fn regional(name: &'static str, variable: &'static str, protocol: Protocol) -> Self {
        Self { name, is_global: false, variable, protocol }
    }

    /// The URL of its endpoint in a Region, without a slash at the end.
    pub(crate) fn endpoint(&self, region: &str) -> String {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        match self.is_global {
            true => format!("https://{}.{suffix}", self.name),
            false => format!("https://{}.{region}.{suffix}", self.name),
        }
    }

    /// The Region that requests are signed for.
    pub(crate) fn signing_region<'a>(&self, region: &'a str) -> &'a str {
        if self.is_global && !region.starts_with("cn-") { "us-east-1" } else { region }
    }
}
