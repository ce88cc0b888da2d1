//! `DynamoDB` expressions, read as far as condition keys need: which top-level attributes they name,
//! and what they compare a key with. The expressions' own meaning is `DynamoDB`'s.

use serde_json::Value;
use std::collections::BTreeSet;

/// Words of the expression languages; attributes of these names go by a placeholder.
const WORDS: [&str; 10] =
    ["ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET", "SELECT"];

/// The names and values of a request, under their placeholders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placeholders<'v> {
    names: Option<&'v Value>,
    values: Option<&'v Value>,
}

impl<'v> Placeholders<'v> {
    pub(super) fn of(request: &'v Value) -> Self {
        Self {
            names: request.get("ExpressionAttributeNames"),
            values: request.get("ExpressionAttributeValues"),
        }
    }

    fn name(self, token: &str) -> String {
        let name = self.names.and_then(|names| names.get(token)).and_then(Value::as_str);
        name.unwrap_or(token).to_owned()
    }

    /// The top-level attributes an expression names.
    pub(super) fn attributes(self, expression: &str, found: &mut BTreeSet<String>) {
        let tokens = tokens(expression);
        for (n, token) in tokens.iter().enumerate() {
            let before = n.checked_sub(1).and_then(|n| tokens.get(n));
            let is_nested = before == Some(&".") || before == Some(&"[");
            let is_function = tokens.get(n + 1) == Some(&"(");
            let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(token));
            let names_something =
                token.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '#'));
            if names_something && !is_nested && !(is_function || is_word) {
                found.insert(self.name(token));
            }
        }
    }

    /// The value that an expression wants this attribute to equal.
    pub(super) fn equal_to(self, expression: &str, attribute: &str) -> Option<&'v Value> {
        let tokens = tokens(expression);
        tokens.windows(3).find_map(|three| match three {
            [name, "=", value] | [value, "=", name] if self.name(name) == attribute => {
                self.values?.get(value)
            }
            _ => None,
        })
    }
}

/// Names, placeholders and numbers; everything else is one character.
fn tokens(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '#' | ':');
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match rest.find(|c: char| !is_part(c)) {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(expression: &str, expected: &[&str]) {
        let request = json!({ "ExpressionAttributeNames": { "#s": "status", "#k": "my.key" } });
        let mut found = BTreeSet::new();
        Placeholders::of(&request).attributes(expression, &mut found);
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{expression}");
    }

    #[test]
    fn top_level_attributes_are_found() {
        check("pk, #s, a.b[3].c, d[0]", &["a", "d", "pk", "status"]);
        check(
            "attribute_not_exists(pk) AND begins_with ( sk, :p ) or NOT #k.x IN (:a, :b)",
            &["my.key", "pk", "sk"],
        );
        check(
            "SET a = if_not_exists(b, :zero) + :one REMOVE c.d ADD #s :v",
            &["a", "b", "c", "status"],
        );
        check("size(über) >= :n", &["über"]);
        check("", &[]);
    }

    #[test]
    fn the_value_of_a_key_is_found_on_either_side() {
        let request = json!({
            "ExpressionAttributeNames": { "#p": "pk" },
            "ExpressionAttributeValues": { ":p": { "S": "U#ada" }, ":s": { "S": "x" } },
        });
        let placeholders = Placeholders::of(&request);
        for expression in ["pk = :p", "#p=:p AND begins_with(sk, :s)", "sk = :s AND :p = #p"] {
            assert_eq!(
                placeholders.equal_to(expression, "pk"),
                Some(&json!({ "S": "U#ada" })),
                "{expression}"
            );
        }
        assert_eq!(placeholders.equal_to("pk < :p", "pk"), None);
    }
}
