//! Documents of identity-based policies, refused where IAM refuses them.
//!
//! Adds to [`Policy::parse`] what holds for policies of roles only; a resource is not checked for
//! being an ARN, since a stand-in for an attribute of an unknown resource may not be one.

use crate::iam::Policy;
use serde_json::Value;

/// Parses the document of a policy of a role, its intrinsic functions resolved.
///
/// # Errors
/// What IAM calls malformed.
pub(crate) fn identity_policy(document: &Value) -> Result<Policy, String> {
    match document.get("Version").map(|version| version.as_str()) {
        None | Some(Some("2012-10-17" | "2008-10-17")) => {}
        Some(_) => return Err(format!("Version {} must be 2012-10-17", document["Version"])),
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    for (n, statement) in statements.iter().enumerate() {
        if let Some(key) =
            ["Principal", "NotPrincipal"].iter().find(|key| statement.get(key).is_some())
        {
            return Err(format!("Statement[{n}]: {key} has no place in a policy of a role"));
        }
        for action in ["Action", "NotAction"].iter().filter_map(|key| statement.get(key)) {
            let all = match action {
                Value::Array(list) => list.as_slice(),
                one => std::slice::from_ref(one),
            };
            let odd = all.iter().filter_map(Value::as_str).find(|a| *a != "*" && !a.contains(':'));
            if let Some(odd) = odd {
                return Err(format!(
                    "Statement[{n}]: action `{odd}` must begin with its service, as in sqs:SendMessage"
                ));
            }
        }
    }
    Policy::parse(document)
}

#[cfg(test)]
mod tests {
    use super::identity_policy;
    use serde_json::json;

    #[test]
    fn what_iam_refuses_is_named() {
        let with = |statement| json!({ "Version": "2012-10-17", "Statement": [statement] });
        for (document, said) in [
            (
                json!({ "Version": "2012-10-18", "Statement": [] }),
                "Version \"2012-10-18\" must be 2012-10-17",
            ),
            (json!({}), "no Statement"),
            (
                with(json!({ "Effect": "Allow", "Action": "SendMessage", "Resource": "*" })),
                "Statement[0]: action `SendMessage`",
            ),
            (
                with(
                    json!({ "Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Principal": "*" }),
                ),
                "Principal has no place",
            ),
            (with(json!({ "Effect": "Allow", "Action": "sqs:*" })), "Resource is missing"),
        ] {
            let error = identity_policy(&document).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
        let fine = json!({ "Statement": { "Effect": "Allow", "Action": ["sqs:*", "*"], "Resource": "*" } });
        assert!(identity_policy(&fine).is_ok());
    }
}
