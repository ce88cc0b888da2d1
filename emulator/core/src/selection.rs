//! Selection expressions: how a request chooses a route, a model or a template.
//!
//! `$request.body.action`, `${request.body.a}-${request.body.b}`, plain text, `\$default`.
//! Evaluated once: what a value holds is never evaluated again.

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A parsed selection expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    parts: Vec<Part>,
    /// Written without braces: a missing value then selects nothing, not the empty key.
    bare: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Variable {
    Body(Vec<Step>),
    Header(String),
    Query(String),
    Context(String),
    Stage(String),
    IntegrationStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Finds a value by its name.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What an expression may look at.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The message, if it is JSON.
    pub body: Option<&'a Value>,
    /// Headers of the handshake.
    pub headers: &'a [(String, String)],
    /// Decoded query parameters of the handshake.
    pub query: &'a [(String, String)],
    /// `$context` by name.
    pub context: Option<Lookup<'a>>,
    /// Stage variables.
    pub stage_variables: Option<&'a BTreeMap<String, String>>,
    /// Status of the integration's answer.
    pub integration_status: Option<&'a str>,
}

/// Deeper paths than this cannot match anything: JSON nested deeper is not read.
const STEPS_MAX: usize = 128;

impl Selection {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(bare) = text.strip_prefix('$')
            && !bare.starts_with('{')
        {
            if bare == "default" {
                return Ok(Self { parts: vec![Part::Text(text.into())], bare: false });
            }
            return Ok(Self { parts: vec![Part::Variable(Variable::parse(bare)?)], bare: true });
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(tail) = rest.strip_prefix("${") {
                let Some((variable, after)) = tail.split_once('}') else {
                    return Err(format!("`{text}`: `${{` without its `}}`"));
                };
                if !literal.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut literal)));
                }
                parts.push(Part::Variable(Variable::parse(variable.trim_start_matches('$'))?));
                rest = after;
            } else if let Some(tail) = rest.strip_prefix("\\$") {
                literal.push('$');
                rest = tail;
            } else {
                literal.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts, bare: false })
    }

    /// The key this request selects; `None` when the one value asked for is not there.
    pub fn select(&self, scope: &Scope<'_>) -> Option<String> {
        let mut key = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => key.push_str(text),
                Part::Variable(variable) => match variable.value(scope) {
                    Some(value) => key.push_str(&value),
                    None if self.bare => return None,
                    None => {}
                },
            }
        }
        Some(key)
    }

    /// Whether only the message decides, as a route selection must.
    pub fn looks_at_body_only(&self) -> bool {
        self.parts
            .iter()
            .all(|part| matches!(part, Part::Text(_) | Part::Variable(Variable::Body(_))))
    }
}

impl Variable {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("request.body") {
            return Ok(Self::Body(
                parse_path(path).ok_or_else(|| format!("`{text}` is not a path"))?,
            ));
        }
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty());
        if let Some(name) = named("request.header.") {
            return Ok(Self::Header(name.into()));
        }
        if let Some(name) = named("request.querystring.") {
            return Ok(Self::Query(name.into()));
        }
        if let Some(name) = named("context.") {
            return Ok(Self::Context(name.into()));
        }
        if let Some(name) = named("stageVariables.") {
            return Ok(Self::Stage(name.into()));
        }
        if text == "integration.response.statuscode" {
            return Ok(Self::IntegrationStatus);
        }
        Err(format!("`${text}` is not known; write for example `$request.body.action`"))
    }

    fn value<'a>(&self, scope: &Scope<'a>) -> Option<Cow<'a, str>> {
        match self {
            Self::Body(path) => lookup(scope.body?, path).map(stringify),
            Self::Header(name) => {
                let found =
                    scope.headers.iter().rev().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
                Some(Cow::Borrowed(&found.1))
            }
            Self::Query(name) => {
                let found = scope.query.iter().rev().find(|(n, _)| n == name)?;
                Some(Cow::Borrowed(&found.1))
            }
            Self::Context(name) => (scope.context?)(name).map(Cow::Owned),
            Self::Stage(name) => Some(Cow::Borrowed(scope.stage_variables?.get(name)?.as_str())),
            Self::IntegrationStatus => scope.integration_status.map(Cow::Borrowed),
        }
    }
}

/// The value at a path like `.a.b[0]`; the outer `None` when that is no path.
pub(crate) fn at_path<'a>(value: &'a Value, path: &str) -> Option<Option<&'a Value>> {
    parse_path(path).map(|steps| lookup(value, &steps))
}

/// `.a.b[0]['c']`; `None` when it is not of that form.
fn parse_path(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if steps.len() == STEPS_MAX {
            return None;
        }
        if let Some(tail) = rest.strip_prefix('.') {
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Key(tail[..end].into()));
            rest = &tail[end..];
        } else {
            let tail = rest.strip_prefix('[')?;
            let quoted = tail.chars().next().filter(|c| matches!(c, '\'' | '"'));
            if let Some(quote) = quoted {
                let (key, after) = tail[1..].split_once(quote)?;
                steps.push(Step::Key(key.into()));
                rest = after.strip_prefix(']')?;
            } else {
                let (index, after) = tail.split_once(']')?;
                steps.push(Step::Index(index.parse().ok()?));
                rest = after;
            }
        }
    }
    Some(steps)
}

fn lookup<'a>(value: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// A value as part of a key: text as it is, lists as `[a, b]`.
fn stringify(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(stringify).collect();
            Cow::Owned(format!("[{}]", items.join(", ")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Cow::Owned(value.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, message: &str, expected: Option<&str>) {
        let body = serde_json::from_str(message).ok();
        let scope = Scope { body: body.as_ref(), ..Scope::default() };
        let selection = Selection::parse(expression).unwrap();
        assert_eq!(selection.select(&scope).as_deref(), expected, "{expression} on {message}");
    }

    #[test]
    fn the_value_at_a_path_is_the_key() {
        check("$request.body.action", r#"{"action":"join"}"#, Some("join"));
        check("$request.body.a.b", r#"{"a":{"b":"deep"}}"#, Some("deep"));
        check("$request.body.a[1]", r#"{"a":["x","y"]}"#, Some("y"));
        check("$request.body['a b']", r#"{"a b":"spaced"}"#, Some("spaced"));
    }

    #[test]
    fn a_missing_value_selects_nothing() {
        check("$request.body.action", "{}", None);
        check("$request.body.action", "not json", None);
        check("$request.body.a.b", r#"{"a":5}"#, None);
    }

    #[test]
    fn other_values_become_text() {
        check("$request.body.action", r#"{"action":5}"#, Some("5"));
        check("$request.body.action", r#"{"action":true}"#, Some("true"));
        check("$request.body.action", r#"{"action":["item1","item2"]}"#, Some("[item1, item2]"));
    }

    #[test]
    fn composites_join_values_and_text() {
        let both = "${request.body.a}/${request.body.b}";
        check(both, r#"{"a":"x","b":"y"}"#, Some("x/y"));
        check(
            "${request.body.action}-${request.body.topic}",
            r#"{"action":"join"}"#,
            Some("join-"),
        );
        check("static", "{}", Some("static"));
        check("\\$default", "{}", Some("$default"));
    }

    #[test]
    fn values_are_not_evaluated_again() {
        check("$request.body.a", r#"{"a":"${request.body.b}","b":"x"}"#, Some("${request.body.b}"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["$request.path.x", "${request.body.a", "$request.body..a", "$request.body[x]"]
        {
            assert!(Selection::parse(text).is_err(), "{text}");
        }
    }
}
