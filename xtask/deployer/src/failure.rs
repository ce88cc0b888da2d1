//! How a command ends, and how a failure is told: what, why, and what to type next.

use aws_wire::CallError;
use std::fmt::Write as _;

/// The exit code of the process; `cargo xtask --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// It could not be done.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Nobody has approved it.
    ApprovalNeeded = 3,
    /// Something differs, and that was asked for.
    NeedsUpdate = 4,
    /// The stack needs recovery.
    NeedsRecovery = 6,
    /// Ctrl-C, or the line to AWS broke; what AWS has begun goes on.
    Detached = 130,
}

/// Why a command could not do its work.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// Lines that belong to it: a list, the words of AWS.
    pub details: Vec<String>,
    /// Commands that can be pasted, or one sentence of advice each.
    pub hints: Vec<String>,
}

/// What a command gives.
pub type Result<T = Exit> = std::result::Result<T, Failure>;

impl Failure {
    /// One that ends with exit code 1.
    pub fn new(message: impl Into<String>) -> Self {
        let (details, hints) = (Vec::new(), Vec::new());
        Self { exit: Exit::Failed, message: message.into(), details, hints }
    }

    /// With another exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// With one more line.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// With one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// As people read it; the same shape for every failure.
    pub fn to_text(&self) -> String {
        // Writing to a string does not fail.
        let mut text = format!("error: {}\n", self.message);
        for line in self.details.iter().flat_map(|detail| detail.lines()) {
            _ = writeln!(text, "  {line}");
        }
        for hint in &self.hints {
            _ = writeln!(text, "hint: {hint}");
        }
        text
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let hint = hint(&error);
        let failure = Self::new(error.to_string());
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// What helps against failures that any call may have.
fn hint(error: &CallError) -> Option<&'static str> {
    const DENIED: [&str; 3] = ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"];
    const UNKNOWN: [&str; 4] = [
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    const SKEWED: [&str; 3] = ["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"];
    if error.code().is_some_and(|code| SKEWED.contains(&code))
        || error.message().contains("Signature expired")
        || error.message().contains("Signature not yet current")
    {
        return Some("set the clock of this machine: AWS takes requests of the last minutes only");
    }
    if error.is_expired() {
        return Some("renew the credentials, for example with `aws sso login`, and run it again");
    }
    match error {
        CallError::Credentials { .. } => Some(
            "say who you are: `aws configure sso`, or AWS_PROFILE=…, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        CallError::NoAnswer { .. } => Some("look at the network, the Region and --endpoint-url"),
        _ if error.code().is_some_and(|code| DENIED.contains(&code)) => {
            Some("`cargo xtask deploy --policy` prints what the deployer has to be allowed")
        }
        _ if error.code().is_some_and(|code| UNKNOWN.contains(&code)) => {
            Some("`aws sts get-caller-identity` says whether the credentials are any good")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_wire::Bytes;

    #[track_caller]
    fn check(code: &str, message: &str, want: &str) {
        let error = CallError::Service {
            operation: "Ask",
            status: 403,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: String::new(),
            body: Bytes::new(),
        };
        let told = Failure::from(error).to_text();
        assert!(told.starts_with("error: Ask: ") && told.contains(want), "{told}");
    }

    #[test]
    fn what_any_call_may_fail_for_has_a_hint() {
        check("ExpiredToken", "The security token is expired", "aws sso login");
        check("SignatureDoesNotMatch", "Signature expired: 2026 is now earlier", "set the clock");
        check("SignatureDoesNotMatch", "The signature does not match", "aws sts");
        check("RequestTimeTooSkewed", "The difference is too large", "set the clock");
        check("AccessDenied", "not authorized to perform: s3:PutObject", "deploy --policy");
        check("InvalidClientTokenId", "The token is invalid", "aws sts get-caller-identity");
    }

    #[test]
    fn every_failure_has_the_same_shape() {
        let failure = Failure::new("it broke").detail("one\ntwo").hint("mend it");
        assert_eq!(failure.to_text(), "error: it broke\n  one\n  two\nhint: mend it\n");
    }
}
