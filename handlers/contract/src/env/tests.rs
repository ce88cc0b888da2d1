use super::*;
use expect_test::{Expect, expect};
use serde::Deserialize;

/// A function with more variables than any of ours, in all the kinds there are.
struct Wide;

impl Spec for Wide {
    const FUNCTION: Function = Function::Socket;
    const GRANTS: &'static [crate::Grant] = &[];
    type Env<T> = WideEnv<T>;
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct WideEnv<T> {
    table_name: T,
    retries: u8,
    ratio: f64,
    verbose: bool,
    mode: Mode,
    owner: Option<T>,
    limit: Option<u32>,
    region: Name,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Fast,
    Careful,
}

#[derive(Debug, Deserialize)]
struct Name(String);

fn check(variables: &str, expected: Expect) {
    let variables = variables.split_whitespace().map(|v| v.split_once('=').unwrap());
    let actual = match read::<Wide>(variables.map(|(k, v)| (k.to_owned(), v.to_owned()))) {
        Ok(env) => {
            let WideEnv { table_name, retries, ratio, verbose, mode, owner, limit, region } = env;
            let Name(region) = region;
            format!(
                "{table_name} {retries} {ratio} {verbose} {mode:?} {owner:?} {limit:?} {region}"
            )
        }
        Err(e) => e.to_string(),
    };
    expected.assert_eq(&format!("{actual}\n"));
}

#[test]
fn each_variable_becomes_what_its_field_is() {
    check(
        "TABLE_NAME=t RETRIES=3 RATIO=0.5 VERBOSE=true MODE=careful OWNER=me LIMIT=7 REGION=eu",
        expect![[r#"
            t 3 0.5 true Careful Some("me") Some(7) eu
        "#]],
    );
}

#[test]
fn optional_variables_may_be_absent_and_foreign_ones_present() {
    check(
        "PATH=/bin TABLE_NAME=t RETRIES=3 RATIO=1 VERBOSE=false MODE=fast REGION=eu",
        expect![[r#"
            t 3 1 false Fast None None eu
        "#]],
    );
}

#[test]
fn all_missing_variables_are_named_at_once() {
    check(
        "OWNER=me RETRIES=1",
        expect![[r#"
            the environment of function `socket` is not what its stack sets: `TABLE_NAME` is missing; `RATIO` is missing; `VERBOSE` is missing; `MODE` is missing; `REGION` is missing; deploy the template that was made with this binary
        "#]],
    );
    check(
        "",
        expect![[r#"
            the environment of function `socket` is not what its stack sets: `TABLE_NAME` is missing; `RETRIES` is missing; `RATIO` is missing; `VERBOSE` is missing; `MODE` is missing; `REGION` is missing; deploy the template that was made with this binary
        "#]],
    );
}

#[test]
fn all_values_that_cannot_be_read_are_named_at_once_with_the_missing_ones() {
    check(
        "TABLE_NAME=t RETRIES=256 RATIO=half MODE=slow LIMIT=-1 REGION=eu",
        expect![[r#"
            the environment of function `socket` is not what its stack sets: `RETRIES` is `256`, which is no u8; `RATIO` is `half`, which is no f64; `VERBOSE` is missing; `MODE` is `slow`, which is none of `fast`, `careful`; `LIMIT` is `-1`, which is no u32; deploy the template that was made with this binary
        "#]],
    );
}

#[test]
fn names_are_exact() {
    check(
        "table_name=t RETRIES=1 RATIO=1 VERBOSE=true MODE=fast REGION=eu",
        expect![[r#"
        the environment of function `socket` is not what its stack sets: `TABLE_NAME` is missing; deploy the template that was made with this binary
    "#]],
    );
}

#[test]
fn an_environment_that_is_no_struct_is_refused_in_words() {
    struct Unnamed;
    impl Spec for Unnamed {
        const FUNCTION: Function = Function::Socket;
        const GRANTS: &'static [crate::Grant] = &[];
        type Env<T> = (T, T);
    }
    expect![[r#"
        the environment of function `socket` is not what its stack sets: an environment is a struct with named fields; deploy the template that was made with this binary
    "#]].assert_eq(&format!("{}\n", read::<Unnamed>([]).unwrap_err()));
}
