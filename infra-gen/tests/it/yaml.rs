//! YAML that every parser reads as it was meant.

use expect_test::{Expect, expect};
use infra_gen::{Node, template_file};

fn check(node: &Node, expect: Expect) {
    let yaml = node.to_yaml();
    expect.assert_eq(&yaml);
    let read = template_file::parse(&yaml).unwrap();
    assert_eq!(read, serde_json::to_value(node).unwrap(), "it reads back as it was written");
}

fn map(texts: &[&str]) -> Node {
    Node::map(texts.iter().enumerate().map(|(i, text)| (format!("k{i:02}"), Node::text(*text))))
}

#[test]
fn plain_strings_need_no_quotes() {
    check(
        &map(&[
            "prod",
            "$request.body.action",
            "arn:aws:s3:::b/*",
            "/a",
            "a#b",
            "integrations/x y",
        ]),
        expect![[r#"
            k00: prod
            k01: $request.body.action
            k02: arn:aws:s3:::b/*
            k03: /a
            k04: 'a#b'
            k05: integrations/x y
        "#]],
    );
}

#[test]
fn strings_that_look_like_something_else_are_quoted() {
    check(
        &map(&[
            "",
            "yes",
            "No",
            "on",
            "true",
            "null",
            "~",
            "12",
            "1e3",
            "0x1f",
            "2012-10-17",
            "1:30",
            "-",
            "- a",
            "a: b",
            "a #b",
            "a:",
            "*",
            "&a",
            "!Ref x",
            "@a",
            "%a",
            "`a",
            "{a",
            "[a",
            "'a'",
            "\"a\"",
            "it's",
            " a",
            "a ",
            "?",
            "=",
            "<<",
            ".5",
            "+1",
            "|",
            ">",
        ]),
        expect![[r#"
            k00: ''
            k01: 'yes'
            k02: 'No'
            k03: 'on'
            k04: 'true'
            k05: 'null'
            k06: '~'
            k07: '12'
            k08: '1e3'
            k09: '0x1f'
            k10: '2012-10-17'
            k11: '1:30'
            k12: '-'
            k13: '- a'
            k14: 'a: b'
            k15: 'a #b'
            k16: 'a:'
            k17: '*'
            k18: '&a'
            k19: '!Ref x'
            k20: '@a'
            k21: '%a'
            k22: '`a'
            k23: '{a'
            k24: '[a'
            k25: '''a'''
            k26: '"a"'
            k27: it's
            k28: ' a'
            k29: 'a '
            k30: '?'
            k31: '='
            k32: '<<'
            k33: '.5'
            k34: '+1'
            k35: '|'
            k36: '>'
        "#]],
    );
}

#[test]
fn what_is_not_ascii_is_escaped_where_it_must_be() {
    check(
        &map(&["é", "a\nb", "a\tb", "\u{7}", "\u{2028}", "\u{feff}a", "\u{1f680}"]),
        expect![[r#"
            k00: "é"
            k01: "a\nb"
            k02: "a\tb"
            k03: "\x07"
            k04: "\u2028"
            k05: "\uFEFFa"
            k06: "🚀"
        "#]],
    );
}

#[test]
fn lists_and_maps_nest() {
    let inner = Node::map([("a", Node::Int(1)), ("b", Node::List(vec![Node::Bool(true)]))]);
    check(
        &Node::map([
            ("list", Node::List(vec![inner.clone(), Node::List(vec![inner, Node::text("x")])])),
            ("none", Node::List(vec![])),
            ("empty", Node::Map(vec![])),
            ("12", Node::Float(1.5)),
        ]),
        expect![[r#"
            list:
              - a: 1
                b:
                  - true
              -
                - a: 1
                  b:
                    - true
                - x
            none: []
            empty: {}
            '12': 1.5
        "#]],
    );
}

#[test]
fn a_whole_template_reads_back_as_the_json_says() {
    use infra_gen::aws::apigatewayv2::{Api, Stage};
    use infra_gen::{Output, Template, api_gateway, some};
    let mut template = Template::new("A: tricky 'description'");
    let api = template.add("Api", Api { name: some("yes"), ..Api::new() });
    template.add("Stage", Stage::new(&api, "prod"));
    template.output("Url", Output::new(api_gateway::callback_url(&api, &"prod".into())));
    template.output("Endpoint", Output::new(api.api_endpoint()));
    let yaml = template_file::parse(&template.to_yaml()).unwrap();
    let json = template_file::parse(&template.to_json()).unwrap();
    assert_eq!(yaml, json);
    assert_eq!(json["Outputs"]["Endpoint"]["Value"]["Fn::GetAtt"][1], "ApiEndpoint");
}
