use super::*;
use serde_json::{Value, json};

fn shop() -> Value {
    json!({
        "store": {
            "book": [
                { "title": "Sayings", "price": 8.95, "tags": ["old"] },
                { "title": "Sword", "price": 12.99, "isbn": null },
                { "title": "Moby Dick", "price": 8.99, "isbn": "0-553" },
            ],
            "bicycle": { "price": 19.95 },
        },
        "a b": 1,
        "x-y": { "$z": true },
    })
}

/// What the path finds, as JSON; `-` when it could name one value and that is not there.
#[track_caller]
fn check(path: &str, expected: &str) {
    let shop = shop();
    let found = match Path::parse(path).unwrap().evaluate(&shop).unwrap() {
        Found::One(None) => "-".to_owned(),
        Found::One(Some(value)) => value.to_string(),
        Found::Many(values) => serde_json::to_string(&values).unwrap(),
    };
    assert_eq!(found, expected, "{path}");
}

#[test]
fn names_and_indexes_lead_to_one_value() {
    check("$.store.book[0].title", r#""Sayings""#);
    check("$['store']['book'][2][\"title\"]", r#""Moby Dick""#);
    check("$.store.book[-1].title", r#""Moby Dick""#);
    check("$['a b']", "1");
    check("$.x-y.$z", "true");
    check("store.bicycle.price", "19.95");
    check("$.store.book[1].isbn", "null");
}

#[test]
fn what_is_not_there_is_nothing() {
    for path in
        ["$.none", "$.store.book[3]", "$.store.book[-4]", "$.store[0]", "$.store.book.title"]
    {
        check(path, "-");
    }
}

#[test]
fn wildcards_slices_and_unions_give_lists() {
    check("$.store.book[*].price", "[8.95,12.99,8.99]");
    check("$.store.bicycle.*", "[19.95]");
    check("$.store.book[0,2].title", r#"["Sayings","Moby Dick"]"#);
    check("$.store.book[:2].title", r#"["Sayings","Sword"]"#);
    check("$.store.book[1:].title", r#"["Sword","Moby Dick"]"#);
    check("$.store.book[-1:].title", r#"["Moby Dick"]"#);
    check("$.store.book[2:1].title", "[]");
    check("$.none[*]", "[]");
}

#[test]
fn two_dots_look_at_every_depth() {
    check("$..isbn", r#"[null,"0-553"]"#);
    check("$..price", "[19.95,8.95,12.99,8.99]");
    check("$..book[1].title", r#"["Sword"]"#);
    check("$.store.book[0]..*", r#"[8.95,["old"],"Sayings","old"]"#);
    check("$..['$z']", "[true]");
}

#[test]
fn filters_choose_elements_by_what_they_hold() {
    check("$.store.book[?(@.isbn)].title", r#"["Sword","Moby Dick"]"#);
    check("$.store.book[?(!@.isbn)].title", r#"["Sayings"]"#);
    check("$.store.book[?(@.price < 9)].title", r#"["Sayings","Moby Dick"]"#);
    check("$.store.book[?(@.price >= 8.99 && @.isbn != null)].title", r#"["Moby Dick"]"#);
    check("$.store.book[?(@.title=='Sword' || @['title'] == \"Sayings\")].price", "[8.95,12.99]");
    check("$.store.book[?(@.tags[0] == 'old')].price", "[8.95]");
    check("$.store.book[?((@.price > 9 || @.price < 8.96) && 'a' < 'b')].price", "[8.95,12.99]");
    check("$.store.book[?(@.price == '8.95')].title", "[]");
    check("$.store.bicycle[?(@.price > 1)].price", "[19.95]");
}

#[test]
fn nonsense_is_named_with_its_place() {
    for (path, said) in [
        ("", "empty path"),
        ("$.", "a name expected at character 2"),
        ("$.a b", "unexpected text at character 3"),
        ("$.a[", "an index or a quoted name expected at character 4"),
        ("$.a[1", "`]` expected at character 5"),
        ("$.a['x]", "without its closing quote at character 4"),
        ("$.a[1-2]", "not a whole number"),
        ("$.a[?(@.x =~ /y/)]", "expected"),
        ("$.a[?(@..x == 1)]", "only names and indexes may follow `@`"),
        ("$.a[?(x == 1)]", "a number, a text, true, false or null expected"),
        ("$.a.length()", "unexpected text"),
    ] {
        let error = Path::parse(path).unwrap_err().to_string();
        assert!(error.contains(said), "{path}: {error}");
    }
}

#[test]
fn paths_and_their_work_are_bounded() {
    assert!(Path::parse(&format!("${}", ".a".repeat(200))).is_err());
    assert!(Path::parse(&format!("$[?({}@.a)]", "!".repeat(1000))).is_err());
    let wide = json!(vec![vec![0; 300]; 300]);
    let twice = Path::parse("$..*..*").unwrap();
    assert!(matches!(twice.evaluate(&wide), Err(Error::TooMuch { .. })));
}
