//! What can be called, as data: a list of these is also the list of what a caller may have to be
//! allowed.

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service {
    /// What requests are signed for, for example `dynamodb`.
    pub name: &'static str,
    /// The first part of its host name; `None` where host and Region are the same for all.
    pub host: &'static str,
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

/// One thing that a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// Whose.
    pub service: Service,
    /// As the service calls it.
    pub name: &'static str,
    /// The action of IAM that allows it; the name of the operation is not always it.
    pub action: &'static str,
    /// Whether it may be sent once more though nobody knows if it was done: it reads, or a token
    /// makes the second one do nothing.
    pub is_idempotent: bool,
}

impl Operation {
    /// One that reads, or that a token makes safe to repeat.
    pub const fn idempotent(service: Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action, is_idempotent: true }
    }

    /// One that is sent again only where it was certainly not done.
    pub const fn once(service: Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action, is_idempotent: false }
    }
}

impl Service {
    /// The URL of its endpoint in a Region, without a slash at the end.
    pub(crate) fn endpoint(&self, region: &str) -> String {
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        match self.is_global {
            true => format!("https://{}.{suffix}", self.host),
            false => format!("https://{}.{region}.{suffix}", self.host),
        }
    }

    /// The Region that requests are signed for.
    pub(crate) fn signing_region<'a>(&self, region: &'a str) -> &'a str {
        if self.is_global && !region.starts_with("cn-") { "us-east-1" } else { region }
    }
}
