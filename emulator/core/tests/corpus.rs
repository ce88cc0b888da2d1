//! Everything that reads text written by people or clients: what it makes of the files in `corpus`,
//! and that it survives thousands of damaged copies of them.
//!
//! A new file needs no code: `UPDATE_EXPECT=1 cargo test -p gateway-core --test corpus` writes what
//! comes out of it beside it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use expect_test::expect_file;
use gateway_core::access_log::Format;
use gateway_core::json_path::{Found, Path};
use gateway_core::model::Model;
use gateway_core::vtl::{Scope, Template};
use serde_json::Value;
use std::path::PathBuf;

/// Files of one folder with this ending, by name.
#[expect(clippy::disallowed_methods, reason = "the corpus is files; the crate itself reads none")]
fn corpus(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == ending));
    paths.sort();
    assert!(!paths.is_empty());
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn json(folder: &str) -> Value {
    serde_json::from_str(&corpus(folder, "json")[0].1).unwrap()
}

fn render(template: &str, body: &str, scope: &Value) -> String {
    let scope = Scope {
        body,
        context: &scope["context"],
        stage_variables: &scope["stageVariables"],
        params: &scope["params"],
    };
    match Template::parse(template).and_then(|template| template.render(&scope)) {
        Ok(text) => text,
        Err(error) => format!("error: {error}\n"),
    }
}

fn find(path: &str, document: &Value) -> String {
    match Path::parse(path).and_then(|path| path.evaluate(document)) {
        Ok(Found::One(value)) => value.map_or("nothing".to_owned(), Value::to_string),
        Ok(Found::Many(values)) => serde_json::to_string(&values).unwrap(),
        Err(error) => format!("error: {error}"),
    }
}

fn validate(case: &Value) -> String {
    let model = match Model::parse(&case["schema"]) {
        Ok(model) => model,
        Err(error) => return format!("error: {error}\n"),
    };
    let values = case["values"].as_array().into_iter().flatten();
    let line = |value| match model.check(value) {
        Ok(()) => format!("{value}\n    fits\n"),
        Err(misfit) => format!("{value}\n    {misfit}\n"),
    };
    values.map(line).collect()
}

#[test]
fn templates_render_as_recorded() {
    let scope = json("vtl");
    for (path, template) in corpus("vtl", "vtl") {
        let body = scope["body"].as_str().unwrap();
        expect_file![path.with_extension("out")].assert_eq(&render(&template, body, &scope));
    }
}

#[test]
fn paths_find_what_is_recorded() {
    let document = json("json_path");
    for (path, paths) in corpus("json_path", "txt") {
        let found: String =
            paths.lines().map(|path| format!("{path}\n    {}\n", find(path, &document))).collect();
        expect_file![path.with_extension("out")].assert_eq(&found);
    }
}

#[test]
fn models_check_as_recorded() {
    for (path, case) in corpus("model", "json") {
        let checked = validate(&serde_json::from_str(&case).unwrap());
        expect_file![path.with_extension("out")].assert_eq(&checked);
    }
}

/// Pieces that mean something to one of the readers.
const PIECES: [&str; 48] = [
    "$",
    "$!",
    "${",
    "}",
    "#",
    "##",
    "#*",
    "*#",
    "#[[",
    "]]#",
    "#set(",
    "#if(",
    "#elseif(",
    "#else",
    "#end",
    "#foreach(",
    "#define(",
    "#break",
    "#stop",
    "in",
    "(",
    ")",
    "[",
    "]",
    "{",
    ":",
    ",",
    "..",
    ".",
    "\"",
    "'",
    "\\",
    "?(",
    "@.",
    "*",
    "==",
    "&&",
    "!",
    "-1",
    "99999999999999999999",
    "1e999",
    "$context.",
    "$input.path('$",
    ".replaceAll(\"(a?){30}\",",
    "\u{0}",
    "€𝄞",
    "\n",
    "/",
];

/// A damaged copy: parts removed, doubled, moved or replaced by pieces.
fn damaged(text: &str, random: &mut fastrand::Rng) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(1..8) {
        let from = random.usize(0..=chars.len());
        let to = (from + random.usize(0..12)).min(chars.len());
        let part: Vec<char> = match random.u8(0..4) {
            0 => Vec::new(),
            1 => chars[from..to].repeat(2),
            2 => PIECES[random.usize(0..PIECES.len())].chars().collect(),
            _ => {
                let start = random.usize(0..=chars.len());
                chars[start..(start + random.usize(0..40)).min(chars.len())].to_vec()
            }
        };
        chars.splice(from..to, part);
    }
    chars.into_iter().collect()
}

/// Nothing but pieces.
fn nonsense(random: &mut fastrand::Rng) -> String {
    (0..random.usize(0..60)).map(|_| PIECES[random.usize(0..PIECES.len())]).collect()
}

/// Calls `read` with damaged copies of the texts. A panic or an endless loop is the failure; the
/// seed is the same each time, so it comes back.
#[track_caller]
fn survives(texts: &[String], copies: usize, read: impl Fn(&str)) {
    let mut random = fastrand::Rng::with_seed(0x5eed);
    for text in texts {
        for _ in 0..copies {
            read(&damaged(text, &mut random));
            read(&nonsense(&mut random));
        }
    }
}

#[test]
fn damaged_templates_and_bodies_are_survived() {
    let scope = json("vtl");
    let body = scope["body"].as_str().unwrap();
    let mut texts: Vec<_> = corpus("vtl", "vtl").into_iter().map(|(_, text)| text).collect();
    // Takes all its steps even when it is whole.
    texts.retain(|text| !text.contains("1..1000"));
    survives(&texts, 400, |template| drop(render(template, body, &scope)));
    survives(&[body.to_owned()], 1000, |body| {
        drop(render("$input.path('$').user $input.json('$..sku')", body, &scope));
    });
}

#[test]
fn damaged_paths_are_survived() {
    let document = json("json_path");
    let (_, paths) = corpus("json_path", "txt").remove(0);
    let paths: Vec<_> = paths.lines().map(str::to_owned).collect();
    survives(&paths, 150, |path| drop(find(path, &document)));
}

#[test]
fn damaged_models_are_survived() {
    let texts: Vec<_> = corpus("model", "json").into_iter().map(|(_, text)| text).collect();
    survives(&texts, 1000, |text| {
        if let Ok(case) = serde_json::from_str(text) {
            drop(validate(&case));
        }
    });
    // Damage that keeps the text JSON: values change places.
    let mut random = fastrand::Rng::with_seed(0x5eed);
    for text in &texts {
        let whole: Value = serde_json::from_str(text).unwrap();
        for _ in 0..500 {
            let mut case = whole.clone();
            let other = any_value(&whole, &mut random).clone();
            *any_value_mut(&mut case, &mut random) = other;
            drop(validate(&case));
        }
    }
}

#[test]
fn damaged_access_log_formats_are_survived() {
    let format = r#"{"id":"$context.requestId","e":$context.error.messageString} $context.a.b.c"#;
    survives(&[format.to_owned()], 2000, |format| {
        if let Ok(format) = Format::parse(format) {
            drop(format.render(|name| (name.len() % 2 == 0).then(|| name.to_owned())));
        }
    });
}

fn any_value<'v>(value: &'v Value, random: &mut fastrand::Rng) -> &'v Value {
    let children: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    if children.is_empty() || random.u8(0..4) == 0 {
        return value;
    }
    any_value(children[random.usize(0..children.len())], random)
}

fn any_value_mut<'v>(value: &'v mut Value, random: &mut fastrand::Rng) -> &'v mut Value {
    let count = match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if count == 0 || random.u8(0..4) == 0 {
        return value;
    }
    let n = random.usize(0..count);
    match value {
        Value::Array(list) => any_value_mut(&mut list[n], random),
        Value::Object(map) => any_value_mut(map.values_mut().nth(n).unwrap(), random),
        other => other,
    }
}
