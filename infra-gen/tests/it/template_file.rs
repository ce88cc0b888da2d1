//! Reading templates that others wrote.

use expect_test::{Expect, expect};
use infra_gen::template_file::parse;

fn check(text: &str, expect: Expect) {
    expect.assert_eq(&match parse(text) {
        Ok(value) => value.to_string(),
        Err(error) => format!("error: {error}"),
    });
}

#[test]
fn short_functions_become_long_ones() {
    check("A: !Ref B", expect![[r#"{"A":{"Ref":"B"}}"#]]);
    check("A: !GetAtt B.C.D", expect![[r#"{"A":{"Fn::GetAtt":["B","C.D"]}}"#]]);
    check("A: !GetAtt [B, C]", expect![[r#"{"A":{"Fn::GetAtt":["B","C"]}}"#]]);
    check("A: !Sub '${B}-x'", expect![[r#"{"A":{"Fn::Sub":"${B}-x"}}"#]]);
    check(
        "A: !Join ['-', [!Ref B, c]]",
        expect![[r#"{"A":{"Fn::Join":["-",[{"Ref":"B"},"c"]]}}"#]],
    );
    check(
        "A: !If [Cond, !Ref AWS::NoValue, {b: !GetAZs ''}]",
        expect![[r#"{"A":{"Fn::If":["Cond",{"Ref":"AWS::NoValue"},{"b":{"Fn::GetAZs":""}}]}}"#]],
    );
    check(
        "A: !And [!Condition B, !Not [!Equals [a, b]]]",
        expect![[
            r#"{"A":{"Fn::And":[{"Condition":"B"},{"Fn::Not":[{"Fn::Equals":["a","b"]}]}]}}"#
        ]],
    );
    check(
        "A:\n  Fn::ImportValue: !Sub x-${B}",
        expect![[r#"{"A":{"Fn::ImportValue":{"Fn::Sub":"x-${B}"}}}"#]],
    );
}

#[test]
fn json_is_read_as_it_is() {
    check(
        r#"{"A": {"Fn::GetAtt": ["B", "C"]}, "N": 1.5}"#,
        expect![[r#"{"A":{"Fn::GetAtt":["B","C"]},"N":1.5}"#]],
    );
    check("{A: !Ref B}", expect![[r#"{"A":{"Ref":"B"}}"#]]);
}

#[test]
fn scalars_keep_their_kind_and_keys_are_strings() {
    check(
        "A: '1'\nB: 1\nC: true\nD: ~\nE: 2010-09-09",
        expect![[r#"{"A":"1","B":1,"C":true,"D":null,"E":"2010-09-09"}"#]],
    );
    check(
        "Mappings: {123456789012: {a: b}}",
        expect![[r#"{"Mappings":{"123456789012":{"a":"b"}}}"#]],
    );
}

#[test]
fn what_is_no_template_is_refused_with_its_place() {
    check("A: [1", expect!["error: line 2, column 1: did not find expected ',' or ']'"]);
    check("A: 1\nA: 2", expect![[r#"error: line 1, column 1: duplicate entry with key "A""#]]);
    check("{\"A\": 1,\n \"B\" 2}", expect!["error: line 2, column 6: expected `:`"]);
    check("A: !Reff B", expect!["error: line 1, column 4: !Reff is no function of CloudFormation"]);
    check(
        "A: !GetAtt B",
        expect!["error: line 1, column 4: !GetAtt B names no attribute; write Id.Attribute"],
    );
    check("- A", expect!["error: a template is a map of sections; this is not a map"]);
    check("", expect!["error: a template is a map of sections; this is not a map"]);
}
