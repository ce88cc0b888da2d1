//! Values: literals and functions, in YAML and in JSON.

use expect_test::{Expect, expect};
use infra_gen::aws::apigatewayv2::Api;
use infra_gen::aws::dynamodb::{Table, table::KeySchema, table::KeyType};
use infra_gen::aws::ids::{ApiId, StageName};
use infra_gen::{
    Condition, Handle, List, Map, Output, Parameter, Pseudo, Template, Url, Val, Value, only_if,
};

fn api() -> Handle<Api> {
    Template::new("").add("Api", Api::new())
}

fn table() -> Handle<Table> {
    Template::new("").add("Table", Table::new([KeySchema::new("pk", KeyType::Hash)]))
}

/// As an output shows it: YAML, then JSON on one line.
fn check<T: Value>(value: Val<T>, expect: Expect) {
    let json = serde_json::to_string(&value).unwrap();
    let mut template = Template::new("");
    template.output("O", Output::new(value));
    let yaml = template.to_yaml();
    let yaml = yaml.split_once("    Value:").unwrap().1.replace("\n      ", "\n");
    expect.assert_eq(&format!("{}\n{json}\n", yaml.trim()));
}

#[test]
fn a_handle_is_a_ref() {
    check(
        Val::<ApiId>::from(&api()),
        expect![[r#"
        !Ref Api
        {"Ref":"Api"}
    "#]],
    );
}

#[test]
fn an_attribute_is_a_get_att() {
    check(
        table().stream_arn(),
        expect![[r#"
        !GetAtt Table.StreamArn
        {"Fn::GetAtt":["Table","StreamArn"]}
    "#]],
    );
}

#[test]
fn literals_are_themselves() {
    check(
        Val::<StageName>::from("prod"),
        expect![[r#"
        prod
        "prod"
    "#]],
    );
    check(
        Val::<i64>::from(5),
        expect![[r#"
        5
        5
    "#]],
    );
    check(
        Val::<f64>::from(100),
        expect![[r#"
        100
        100
    "#]],
    );
    check(
        Val::<f64>::from(0.5),
        expect![[r#"
        0.5
        0.5
    "#]],
    );
    check(
        Val::<List<String>>::from(["a", "b"]),
        expect![[r#"
        - a
        - b
        ["a","b"]
    "#]],
    );
    check(
        Val::<Map<bool>>::from([("b", true), ("a", false)]),
        expect![[r#"
        a: false
        b: true
        {"a":false,"b":true}
    "#]],
    );
}

#[test]
fn sub_puts_values_between_text() {
    let url: Val<Url> = Val::sub(&[
        &"wss://",
        &api(),
        &".",
        &Pseudo::UrlSuffix,
        &"/",
        &Val::<StageName>::from("v"),
    ]);
    check(
        url,
        expect![[r#"
        !Sub wss://${Api}.${AWS::URLSuffix}/v
        {"Fn::Sub":"wss://${Api}.${AWS::URLSuffix}/v"}
    "#]],
    );
}

#[test]
fn sub_keeps_a_literal_dollar_brace_literal() {
    check(
        Val::<String>::sub(&[&"${a} ", &table().arn()]),
        expect![[r#"
        !Sub ${!a} ${Table.Arn}
        {"Fn::Sub":"${!a} ${Table.Arn}"}
    "#]],
    );
}

#[test]
fn sub_sees_a_dollar_and_a_brace_in_two_pieces() {
    check(
        Val::<String>::sub(&[&"$", &"{a} ", &api()]),
        expect![[r#"
        !Sub ${!a} ${Api}
        {"Fn::Sub":"${!a} ${Api}"}
    "#]],
    );
}

#[test]
fn a_struct_of_values_becomes_a_map_without_what_is_none() {
    #[derive(serde::Serialize)]
    struct Env<T> {
        url: T,
        table: Option<T>,
    }
    let url = Val::<String>::sub(&[&"https://", &api()]);
    let map = Map::of(&Env { url, table: None }).unwrap();
    check(
        Val::from(map),
        expect![[r#"
        url: !Sub https://${Api}
        {"url":{"Fn::Sub":"https://${Api}"}}
    "#]],
    );
    assert!(Map::of(&"no struct").is_err());
}

#[test]
fn sub_of_text_alone_is_text_and_of_one_value_the_value() {
    check(
        Val::<String>::sub(&[&"a", &"${b}"]),
        expect![[r#"
        a${b}
        "a${b}"
    "#]],
    );
    check(
        Val::<String>::sub(&[&api()]),
        expect![[r#"
        !Ref Api
        {"Ref":"Api"}
    "#]],
    );
}

#[test]
fn sub_inside_sub_becomes_one_and_other_functions_become_variables() {
    let inner: Val<String> = Val::sub(&[&"b-", &Pseudo::Region]);
    let imported: Val<String> = Val::import("Name");
    check(
        Val::<String>::sub(&[&"a-", &inner, &"-", &imported]),
        expect![[r#"
        !Sub
        - a-b-${AWS::Region}-${Value1}
        - Value1: !ImportValue Name
        {"Fn::Sub":["a-b-${AWS::Region}-${Value1}",{"Value1":{"Fn::ImportValue":"Name"}}]}
    "#]],
    );
}

#[test]
fn join_split_and_select_nest() {
    let split = Pseudo::Region.value().split("-");
    check(
        Val::join("_", [split.select(0), "x".into()]),
        expect![[r#"
            !Join
            - _
            -
              - !Select
                - 0
                - !Split
                  - '-'
                  - !Ref AWS::Region
              - x
            {"Fn::Join":["_",[{"Fn::Select":[0,{"Fn::Split":["-",{"Ref":"AWS::Region"}]}]},"x"]]}
        "#]],
    );
}

#[test]
fn a_function_of_a_function_keeps_its_long_name_in_yaml() {
    let name: Val<String> = Val::sub(&[&"x-", &Pseudo::Region]);
    check(
        Val::<String>::import(name),
        expect![[r#"
        Fn::ImportValue: !Sub x-${AWS::Region}
        {"Fn::ImportValue":{"Fn::Sub":"x-${AWS::Region}"}}
    "#]],
    );
}

#[test]
fn values_depend_on_conditions() {
    let mut template = Template::new("");
    let size = template.parameter("Size", Parameter::<String>::new());
    let big = template.condition("Big", Condition::equals(size, "big"));
    check(
        Val::<i64>::when(&big, 2, 1),
        expect![[r#"
        !If
        - Big
        - 2
        - 1
        {"Fn::If":["Big",2,1]}
    "#]],
    );
    check(
        only_if::<i64>(&big, 2).unwrap(),
        expect![[r#"
        !If
        - Big
        - 2
        - !Ref AWS::NoValue
        {"Fn::If":["Big",2,{"Ref":"AWS::NoValue"}]}
    "#]],
    );
}
