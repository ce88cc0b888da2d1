use super::of;
use crate::functions::interpreter::Interpreters;
use crate::functions::{Code, Template};
use crate::scratch::Scratch;
use expect_test::{Expect, expect};
use gateway_core::topology::{Function, Topology};
use serde_json::Value;

/// What runs this file or folder, for each runtime; interpreters are not asked for here, since a
/// machine may have none.
fn check(files: &[&str], given: &str, runtimes: &[&str], expected: &Expect) {
    let scratch = Scratch::new().unwrap();
    for file in files {
        scratch.write(file, b"").unwrap();
    }
    let interpreters = Interpreters::new(&scratch).unwrap();
    let path = scratch.path(given);
    let code = Code { path: path.clone(), origin: path, is_mutable: true };
    let template_path = scratch.path("template.json");
    let topology = Topology::default();
    let template = Template { path: &template_path, value: &Value::Null, topology: &topology };
    let mut shown = String::new();
    for runtime in runtimes {
        let function = Function {
            logical_id: "Fn".into(),
            runtime: (*runtime).into(),
            handler: "main".into(),
            ..Function::default()
        };
        let program = of(&function, &code, &template, &interpreters);
        let text = program.map_or_else(|why| why, |p| p.to_string());
        shown +=
            &format!("{runtime}: {}\n", text.replace(&*scratch.path("").to_string_lossy(), ""));
    }
    expected.assert_eq(&shown);
}

#[test]
fn an_executable_is_run_whatever_the_runtime() {
    check(
        &["chat"],
        "chat",
        &["provided.al2023", "nodejs20.x", "java21", ""],
        &expect![[r"
            provided.al2023: chat
            nodejs20.x: chat
            java21: chat
            : chat
        "]],
    );
}

#[test]
fn a_folder_has_a_bootstrap_or_the_handler() {
    check(
        &["code/bootstrap", "code/main"],
        "code",
        &["provided.al2", "go1.x"],
        &expect![[r"
            provided.al2: code/bootstrap
            go1.x: code/main
        "]],
    );
    check(
        &["code/other"],
        "code",
        &["provided.al2023"],
        &expect![[r"
            provided.al2023: function Fn has no executable: code/bootstrap is not there; build it first, or name another with --function Fn=PATH
        "]],
    );
}

#[test]
fn other_runtimes_are_named() {
    check(
        &["code/x"],
        "code",
        &["java21", "dotnet8", "ruby3.3"],
        &expect![[r"
            java21: function Fn has the runtime java21, which is not run here: only provided*, nodejs* and python* are; --function Fn=PATH takes an executable in its place
            dotnet8: function Fn has the runtime dotnet8, which is not run here: only provided*, nodejs* and python* are; --function Fn=PATH takes an executable in its place
            ruby3.3: function Fn has the runtime ruby3.3, which is not run here: only provided*, nodejs* and python* are; --function Fn=PATH takes an executable in its place
        "]],
    );
}
