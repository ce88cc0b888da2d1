//! Templates rendered for one message, as a specification.

mod aws;
mod language;
mod limits;
mod values;

use super::{Error, Scope, Template};
use serde_json::json;

const MESSAGE: &str = r#"{"action":"publish","topic":"a/b","n":7,"price":1.50,"on":true,"none":null,"list":["x",{"k":"v"}],"deep":{"z":1,"a":[1,2]}}"#;

#[track_caller]
fn render_with(template: &str, body: &str) -> Result<String, Error> {
    let context = json!({
        "connectionId": "A1=",
        "routeKey": "publish",
        "connectedAt": 1_605_442_994_726_i64,
        "authorizer": { "principalId": "ada", "level": "7" },
        "identity": { "sourceIp": "10.0.0.7" },
    });
    let stage_variables = json!({ "backend": "blue" });
    let params = json!({
        "path": {},
        "querystring": { "room": "7", "token": "it's" },
        "header": { "Host": "example.com", "room": "hidden" },
    });
    let scope =
        Scope { body, context: &context, stage_variables: &stage_variables, params: &params };
    Template::parse(template)?.render(&scope)
}

#[track_caller]
fn check(template: &str, expected: &str) {
    match render_with(template, MESSAGE) {
        Ok(text) => assert_eq!(text, expected, "{template}"),
        Err(error) => panic!("{template}: {error}"),
    }
}

#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        check(template, expected);
    }
}

#[track_caller]
fn check_error(template: &str, said: &str) {
    let error = render_with(template, MESSAGE).unwrap_err().to_string();
    assert!(error.contains(said), "{template}: {error}");
}
