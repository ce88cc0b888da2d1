//! Attributes as DynamoDB writes them: `{"S": "text"}`, and back.
//!
//! The stream writes them in the same way.

use herald_contract::table::{Key, PK, SK};
use herald_core::table::{Attribute, Item};
use serde_json::{Map, Value, json};

pub(super) fn of(attribute: Attribute) -> Value {
    match attribute {
        Attribute::S(text) => json!({ "S": text }),
        Attribute::N(number) => json!({ "N": number.to_string() }),
        Attribute::Bool(value) => json!({ "BOOL": value }),
        Attribute::Null => json!({ "NULL": true }),
        Attribute::L(list) => json!({ "L": list.into_iter().map(of).collect::<Vec<_>>() }),
        Attribute::M(map) => json!({ "M": of_map(map) }),
    }
}

fn of_map(map: Item) -> Map<String, Value> {
    map.into_iter().map(|(name, value)| (name, of(value))).collect()
}

pub(super) fn of_key(key: &Key) -> Value {
    json!({ PK: { "S": key.pk }, SK: { "S": key.sk } })
}

pub(super) fn of_row(key: &Key, item: Item) -> Value {
    let mut row = of_map(item);
    row.insert(PK.to_owned(), json!({ "S": key.pk }));
    row.insert(SK.to_owned(), json!({ "S": key.sk }));
    row.into()
}

/// The attributes of an item, without its key.
pub(crate) fn to_item(mut map: Map<String, Value>) -> Result<Item, String> {
    map.remove(PK);
    map.remove(SK);
    to_map(map).map_err(|what| format!("an item has {what}, which is not ours"))
}

/// Takes the key out of an item.
pub(crate) fn to_key(map: &mut Map<String, Value>) -> Result<Key, String> {
    Ok(Key { pk: take_text(map, PK)?, sk: take_text(map, SK)? })
}

/// Takes a text out of an item.
pub(super) fn take_text(map: &mut Map<String, Value>, name: &str) -> Result<String, String> {
    match map.remove(name).map(to_attribute) {
        Some(Ok(Attribute::S(text))) => Ok(text),
        _ => Err(format!("attribute `{name}` of an item is missing or no text")),
    }
}

fn to_map(map: Map<String, Value>) -> Result<Item, String> {
    map.into_iter()
        .map(|(name, value)| match to_attribute(value) {
            Ok(value) => Ok((name, value)),
            Err(what) => Err(format!("`{name}`: {what}")),
        })
        .collect()
}

/// What it is instead where it is nothing that we write.
fn to_attribute(value: Value) -> Result<Attribute, String> {
    let Value::Object(value) = value else {
        return Err("no type".to_owned());
    };
    let mut entries = value.into_iter();
    let (Some((kind, value)), None) = (entries.next(), entries.next()) else {
        return Err("several types".to_owned());
    };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => Ok(Attribute::S(text)),
        ("N", Value::String(number)) => {
            number.parse().map(Attribute::N).map_err(|_| format!("the number {number}"))
        }
        ("BOOL", Value::Bool(value)) => Ok(Attribute::Bool(value)),
        ("NULL", _) => Ok(Attribute::Null),
        ("L", Value::Array(list)) => {
            list.into_iter().map(to_attribute).collect::<Result<_, _>>().map(Attribute::L)
        }
        ("M", Value::Object(map)) => to_map(map).map(Attribute::M),
        (kind, _) => Err(format!("type {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(item: &str, want: Expect) {
        let text = match to_item(serde_json::from_str(item).unwrap()) {
            Ok(item) => format!("{}\n", Value::from(of_map(item))),
            Err(why) => format!("error: {why}\n"),
        };
        want.assert_eq(&text);
    }

    #[test]
    fn what_we_write_comes_back_without_the_key() {
        check(
            r#"{"PK":{"S":"C#a"},"SK":{"S":"C"},"n":{"N":"-7"},"b":{"BOOL":false},"z":{"NULL":true},"l":{"L":[{"M":{"s":{"S":""}}}]}}"#,
            expect![[r#"
                {"b":{"BOOL":false},"l":{"L":[{"M":{"s":{"S":""}}}]},"n":{"N":"-7"},"z":{"NULL":true}}
            "#]],
        );
    }

    #[test]
    fn what_others_wrote_is_named() {
        check(
            r#"{"set":{"SS":["a"]}}"#,
            expect![[r#"
            error: an item has `set`: type SS, which is not ours
        "#]],
        );
        check(
            r#"{"half":{"N":"0.5"}}"#,
            expect![[r#"
            error: an item has `half`: the number 0.5, which is not ours
        "#]],
        );
        check(
            r#"{"m":{"M":{"b":{"B":"AA=="}}}}"#,
            expect![[r#"
            error: an item has `m`: `b`: type B, which is not ours
        "#]],
        );
        check(
            r#"{"two":{"S":"a","N":"1"}}"#,
            expect![[r#"
            error: an item has `two`: several types, which is not ours
        "#]],
        );
        check(
            r#"{"raw":"a"}"#,
            expect![[r#"
            error: an item has `raw`: no type, which is not ours
        "#]],
        );
    }
}
