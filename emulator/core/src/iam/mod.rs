//! IAM policies: parsed from documents, evaluated as IAM does within one account.
//!
//! An explicit `Deny` wins, then any `Allow`, else the request is denied. Serves the roles of
//! functions and the answers of Lambda authorizers. What a request is (action, resource, context
//! keys) is the caller's to say. Conditions are in `condition`.

mod condition;

use crate::wildcard;
use condition::Condition;
use serde_json::Value;
use std::collections::BTreeMap;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    allow: bool,
    actions: Matcher,
    resources: Matcher,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq)]
enum Matcher {
    AnyOf(Vec<String>),
    NoneOf(Vec<String>),
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// For example `execute-api:ManageConnections`.
    pub action: &'a str,
    /// The ARN the action is for.
    pub resource: &'a str,
    /// Values of condition keys, the keys in lower case (`aws:sourceip`).
    pub context: BTreeMap<String, Vec<String>>,
}

/// What IAM says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allowed,
    /// A `Deny` statement applies.
    ExplicitlyDenied,
    /// No statement allows it.
    ImplicitlyDenied,
}

impl Policy {
    /// Parses a document whose intrinsic functions are resolved already.
    ///
    /// # Errors
    /// What is wrong and where, when IAM would call the document malformed.
    pub fn parse(document: &Value) -> Result<Self, String> {
        let Some(statements) = document.get("Statement") else {
            return Err("the policy document has no Statement".to_owned());
        };
        let statements = match statements {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let parse = |(n, s)| Statement::parse(s).map_err(|e| format!("Statement[{n}]: {e}"));
        Ok(Self { statements: statements.iter().enumerate().map(parse).collect::<Result<_, _>>()? })
    }
}

/// Evaluates all policies of one principal together.
pub fn evaluate<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    request: &Request<'_>,
) -> Decision {
    let mut decision = Decision::ImplicitlyDenied;
    for statement in policies.into_iter().flat_map(|p| &p.statements) {
        if statement.applies_to(request) {
            if !statement.allow {
                return Decision::ExplicitlyDenied;
            }
            decision = Decision::Allowed;
        }
    }
    decision
}

impl Statement {
    fn parse(statement: &Value) -> Result<Self, String> {
        let allow = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect must be Allow or Deny".to_owned()),
        };
        let conditions = match statement.get("Condition") {
            None | Some(Value::Null) => Vec::new(),
            Some(block) => Condition::parse_block(block)?,
        };
        Ok(Self {
            allow,
            actions: Matcher::parse(statement, "Action", "NotAction")?,
            resources: Matcher::parse(statement, "Resource", "NotResource")?,
            conditions,
        })
    }

    fn applies_to(&self, request: &Request<'_>) -> bool {
        let action = |p: &String| wildcard::matches_ignoring_case(p, request.action);
        let resource =
            |p: &String| wildcard::matches(&with_variables(p, &request.context), request.resource);
        self.actions.admits(action)
            && self.resources.admits(resource)
            && self.conditions.iter().all(|c| c.holds(&request.context))
    }
}

impl Matcher {
    fn parse(statement: &Value, key: &str, not_key: &str) -> Result<Self, String> {
        match (statement.get(key), statement.get(not_key)) {
            (Some(list), None) => {
                Ok(Self::AnyOf(strings(list).ok_or(format!("{key} must be text"))?))
            }
            (None, Some(list)) => {
                Ok(Self::NoneOf(strings(list).ok_or(format!("{not_key} must be text"))?))
            }
            (Some(_), Some(_)) => Err(format!("{key} and {not_key} exclude each other")),
            (None, None) => Err(format!("{key} is missing")),
        }
    }

    fn admits(&self, matches: impl FnMut(&String) -> bool) -> bool {
        match self {
            Self::AnyOf(patterns) => patterns.iter().any(matches),
            Self::NoneOf(patterns) => !patterns.iter().any(matches),
        }
    }
}

/// One value or a list of them, as text; numbers and booleans count as their spelling.
fn strings(value: &Value) -> Option<Vec<String>> {
    let one = |v: &Value| match v {
        Value::String(s) => Some(s.clone()),
        Value::Bool(_) | Value::Number(_) => Some(v.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        v => Some(vec![one(v)?]),
    }
}

/// Replaces `${key}` by the value of that condition key; an unknown key matches nothing, which a
/// character that no ARN holds takes care of. `${*}`, `${?}` and `${$}` are those characters.
fn with_variables(pattern: &str, context: &BTreeMap<String, Vec<String>>) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, after)) = from.split_once('}') else {
            out.push_str("${");
            rest = from;
            continue;
        };
        match name {
            "*" | "?" | "$" => out.push_str(name),
            key => match context.get(&key.to_ascii_lowercase()).map(Vec::as_slice) {
                Some([value]) => out.push_str(value),
                _ => out.push('\0'),
            },
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const POST: &str = "arn:aws:execute-api:eu-central-1:1:api/dev/POST/@connections/A=";

    #[track_caller]
    fn check(statements: Value, action: &str, resource: &str, expected: Decision) {
        let policy =
            Policy::parse(&json!({ "Version": "2012-10-17", "Statement": statements })).unwrap();
        let context = BTreeMap::from([
            ("aws:sourceip".to_owned(), vec!["10.0.0.7".to_owned()]),
            ("aws:age".to_owned(), vec!["7".to_owned()]),
            ("aws:currenttime".to_owned(), vec!["2026-11-25T08:15:30.125Z".to_owned()]),
            ("aws:securetransport".to_owned(), vec!["false".to_owned()]),
            ("aws:username".to_owned(), vec!["ada".to_owned()]),
            ("dynamodb:leadingkeys".to_owned(), vec!["U#ada".to_owned(), "U#ada#x".to_owned()]),
        ]);
        let request = Request { action, resource, context };
        assert_eq!(evaluate([&policy], &request), expected);
    }

    fn statement(effect: &str, action: &str, resource: &str) -> Value {
        json!({ "Effect": effect, "Action": action, "Resource": resource })
    }

    #[test]
    fn nothing_is_allowed_unless_a_statement_says_so() {
        check(json!([]), "execute-api:ManageConnections", POST, Decision::ImplicitlyDenied);
        let other = statement("Allow", "execute-api:Invoke", "*");
        check(other, "execute-api:ManageConnections", POST, Decision::ImplicitlyDenied);
    }

    #[test]
    fn actions_match_in_any_case_and_resources_do_not() {
        let allow = |r| statement("Allow", "EXECUTE-API:manage*", r);
        let action = "execute-api:ManageConnections";
        check(
            allow("arn:aws:execute-api:*:*:api/dev/*/@connections/*"),
            action,
            POST,
            Decision::Allowed,
        );
        check(allow("arn:aws:execute-api:*:*:API/dev/*"), action, POST, Decision::ImplicitlyDenied);
        check(
            allow("arn:aws:execute-api:*:*:api/prod/*"),
            action,
            POST,
            Decision::ImplicitlyDenied,
        );
    }

    #[test]
    fn a_deny_wins_whatever_the_order() {
        let (allow, deny) = (statement("Allow", "*", "*"), statement("Deny", "execute-api:*", "*"));
        for both in [json!([allow, deny]), json!([deny, allow])] {
            check(both, "execute-api:Invoke", POST, Decision::ExplicitlyDenied);
        }
    }

    #[test]
    fn not_action_and_not_resource_are_all_others() {
        let but = json!({ "Effect": "Allow", "NotAction": "dynamodb:*", "NotResource": "arn:aws:s3:::*" });
        check(but.clone(), "execute-api:Invoke", POST, Decision::Allowed);
        check(but.clone(), "dynamodb:GetItem", POST, Decision::ImplicitlyDenied);
        check(but, "s3:GetObject", "arn:aws:s3:::b/k", Decision::ImplicitlyDenied);
    }

    #[test]
    fn a_statement_applies_only_where_its_conditions_hold() {
        let with = |condition: Value| json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
        let cases = [
            (json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }), true),
            (json!({ "IpAddress": { "aws:SourceIp": "11.0.0.0/8" } }), false),
            (json!({ "NotIpAddress": { "aws:SourceIp": ["11.0.0.0/8"] } }), true),
            (json!({ "StringEquals": { "aws:username": ["bob", "ada"] } }), true),
            (json!({ "StringNotEquals": { "aws:username": "ada" } }), false),
            (json!({ "StringLike": { "AWS:UserName": "a*" } }), true),
            (json!({ "StringEquals": { "aws:other": "x" } }), false),
            (json!({ "StringEqualsIfExists": { "aws:other": "x" } }), true),
            (json!({ "NumericLessThanEquals": { "aws:age": "7" } }), true),
            (json!({ "NumericGreaterThan": { "aws:age": 7 } }), false),
            (json!({ "DateGreaterThan": { "aws:CurrentTime": "2026-11-25" } }), true),
            (json!({ "DateLessThanEquals": { "aws:CurrentTime": "2026-11-25T08:15:29Z" } }), false),
            (json!({ "DateNotEquals": { "aws:CurrentTime": 1_795_594_530 } }), false),
            (json!({ "DateEquals": { "aws:CurrentTime": "soon" } }), false),
            (json!({ "Bool": { "aws:SecureTransport": "true" } }), false),
            (json!({ "Null": { "aws:other": "true" } }), true),
            (json!({ "Null": { "aws:username": true } }), false),
            (
                json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": "U#${aws:username}*" } }),
                true,
            ),
            (json!({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "U#ada" } }), false),
            (json!({ "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": "U#ada" } }), true),
            (json!({ "ForAnyValue:StringEquals": { "dynamodb:Attributes": "x" } }), false),
            (json!({ "ForAllValues:StringEquals": { "dynamodb:Attributes": "x" } }), true),
        ];
        for (condition, holds) in cases {
            let expected = if holds { Decision::Allowed } else { Decision::ImplicitlyDenied };
            check(with(condition), "dynamodb:GetItem", "arn", expected);
        }
    }

    #[test]
    fn variables_stand_for_context_keys_and_unknown_ones_match_nothing() {
        let allow = |r| statement("Allow", "s3:GetObject", r);
        check(
            allow("arn:aws:s3:::b/${aws:username}/*"),
            "s3:GetObject",
            "arn:aws:s3:::b/ada/k",
            Decision::Allowed,
        );
        check(
            allow("arn:aws:s3:::b/${aws:none}"),
            "s3:GetObject",
            "arn:aws:s3:::b/",
            Decision::ImplicitlyDenied,
        );
    }

    #[test]
    fn malformed_documents_are_named() {
        for (document, said) in [
            (json!({}), "no Statement"),
            (json!({ "Statement": [{ "Effect": "allow" }] }), "Effect must be Allow or Deny"),
            (json!({ "Statement": { "Effect": "Allow", "Resource": "*" } }), "Action is missing"),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": 1, "NotAction": 1, "Resource": "*" } }),
                "exclude each other",
            ),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": {}, "Resource": "*" } }),
                "Action must be text",
            ),
            (
                json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "StringIs": { "a": "b" } } } }),
                "StringIs",
            ),
        ] {
            let error = Policy::parse(&document).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
