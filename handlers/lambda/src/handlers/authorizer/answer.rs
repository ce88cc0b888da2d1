//! What API Gateway is answered: a policy, and the context of all later events.

use herald_core::auth::Principal;
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer of a Lambda authorizer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    principal_id: String,
    policy_document: Document,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    context: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: [Statement; 1],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    action: &'static str,
    effect: &'static str,
    resource: String,
}

impl Answer {
    /// It may connect. Access logs show `principal_id`, so that it is no name.
    pub(super) fn allow(principal_id: String, method_arn: String, principal: &Principal) -> Self {
        let context = principal.to_context().into_iter().collect();
        Self { context, ..Self::new(principal_id, "Allow", method_arn) }
    }

    /// It may not.
    pub(super) fn deny(method_arn: String) -> Self {
        Self::new("nobody".to_owned(), "Deny", method_arn)
    }

    fn new(principal_id: String, effect: &'static str, resource: String) -> Self {
        let statement = [Statement { action: "execute-api:Invoke", effect, resource }];
        let policy_document = Document { version: "2012-10-17", statement };
        Self { principal_id, policy_document, context: BTreeMap::new() }
    }
}
