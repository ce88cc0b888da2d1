//! The metrics that functions write into their logs (CloudWatch's embedded metric format), by name.
//!
//! Names only: `herald-lambda` writes them, `stacks` watches them. Who counts what is decided where
//! it happens.

/// The namespace of all of them.
pub const NAMESPACE: &str = "Herald";

/// The dimension that holds the stage.
pub const STAGE: &str = "stage";

/// The dimension that holds the function's name.
pub const FUNCTION: &str = "function";

/// One metric; each has both dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Attempts to post to a connection.
    Posts,
    /// Those of them whose connection was gone.
    Gone,
    /// Those of them that the gateway asked to come later.
    Throttled,
    /// Those of them whose client does not read.
    Slow,
    /// Notifications that a `hello` brought.
    ReplayDepth,
    /// From the write of a notification to its first post, in milliseconds.
    DeliveryLag,
    /// Workers that lost their lease.
    LeaseLost,
    /// From the submission of a job to its end, in milliseconds.
    JobAge,
}

impl Metric {
    /// Every metric, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Posts,
        Self::Gone,
        Self::Throttled,
        Self::Slow,
        Self::ReplayDepth,
        Self::DeliveryLag,
        Self::LeaseLost,
        Self::JobAge,
    ];

    /// As CloudWatch shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Posts => "Posts",
            Self::Gone => "Gone",
            Self::Throttled => "Throttled",
            Self::Slow => "Slow",
            Self::ReplayDepth => "ReplayDepth",
            Self::DeliveryLag => "DeliveryLag",
            Self::LeaseLost => "LeaseLost",
            Self::JobAge => "JobAge",
        }
    }
}
