//! AWS-managed policies that templates attach to the roles of functions.
//!
//! Their statements about services that this local cloud has, and a few around them; the rest of the
//! longer ones is left out, since nothing here would ask for it.

use crate::iam::Policy;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Documents by the last part of their ARN.
const DOCUMENTS: &str = include_str!("managed.json");

static POLICIES: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(|| {
    let documents: BTreeMap<String, Value> = serde_json::from_str(DOCUMENTS).unwrap_or_default();
    let parsed =
        documents.iter().filter_map(|(name, d)| Some((name.clone(), Policy::parse(d).ok()?)));
    parsed.collect()
});

/// The policy of this ARN, if it is known here.
pub(crate) fn managed_policy(arn: &str) -> Option<&'static Policy> {
    let path = arn.strip_prefix("arn:aws:iam::aws:policy/")?;
    POLICIES.get(path.rsplit('/').next()?)
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENTS, managed_policy};
    use crate::iam::{Decision, Request, evaluate};
    use crate::permissions::identity_policy;
    use serde_json::Value;
    use std::collections::BTreeMap;

    #[test]
    fn all_documents_are_well_formed() {
        let documents: BTreeMap<String, Value> = serde_json::from_str(DOCUMENTS).unwrap();
        for (name, document) in documents {
            identity_policy(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    #[test]
    fn policies_are_found_by_their_arn_with_or_without_path() {
        let allows = |arn: &str, action: &str| {
            let policy = managed_policy(arn).unwrap();
            let request = Request { action, resource: "arn:aws:x:::y", ..Request::default() };
            evaluate([policy], &request) == Decision::Allowed
        };
        let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert!(allows(basic, "logs:PutLogEvents"));
        assert!(!allows(basic, "dynamodb:GetItem"));
        assert!(allows("arn:aws:iam::aws:policy/AdministratorAccess", "any:Thing"));
        assert!(!allows("arn:aws:iam::aws:policy/PowerUserAccess", "iam:CreateRole"));
        assert!(allows("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess", "dynamodb:Query"));
        assert!(!allows(
            "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",
            "dynamodb:PutItem"
        ));
        assert!(managed_policy("arn:aws:iam::aws:policy/NoSuchPolicy").is_none());
        assert!(managed_policy("arn:aws:iam::123456789012:policy/AdministratorAccess").is_none());
    }
}
