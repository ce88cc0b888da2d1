//! API Gateway's own variables.

use super::{MESSAGE, check, check_all, check_error, render_with};
use expect_test::expect;
use serde_json::Value;

#[test]
fn input_gives_the_body_as_it_came() {
    check("$input.body", MESSAGE);
    check("$input.json('$')", &MESSAGE.replace("1.50", "1.5"));
    assert_eq!(render_with("$input.body|$input.json('$')|$input.path('$')", "").unwrap(), "{}|{}|");
    assert_eq!(render_with("$input.body", "not json").unwrap(), "not json");
}

#[test]
fn input_json_prints_json() {
    check_all(&[
        (
            "$input.json('$.action') $input.json('$.n') $input.json('$.on') $input.json('$.none')",
            "\"publish\" 7 true null",
        ),
        (
            "$input.json('$.deep') $input.json('$.list[1]') $input.json(\"$['topic']\")",
            r#"{"z":1,"a":[1,2]} {"k":"v"} "a/b""#,
        ),
        ("$input.json('$.missing') $input.json('$..k') $input.json('topic')", r#""" ["v"] "a/b""#),
    ]);
}

#[test]
fn input_path_gives_values_whose_lists_print_as_json() {
    check_all(&[
        ("$input.path('$.action') $input.path('$').n $input.path('$.list')[1].k", "publish 7 v"),
        ("$input.path('$.deep') $input.path('$.list')", r#"{z=1, a=[1,2]} ["x",{"k":"v"}]"#),
        ("#set($root = $input.path('$'))#foreach($i in $root.list)[$i]#end", "[x][{k=v}]"),
        ("$input.path('$.list').size() $input.path('$.deep').keySet()", "2 [z, a]"),
        (
            "#set($body = $input.path('$.deep'))#set($body.z = \"new $body.z\")$input.json('$.deep')",
            r#"{"z":"new 1","a":[1,2]}"#,
        ),
    ]);
    let error = render_with("\n $input.path('$.a')", "not json").unwrap_err();
    assert_eq!((error.line, error.column), (2, 2));
    assert!(error.message.contains("the body is not JSON"), "{error}");
    check_error("$input.path('$.[')", "is not a JSONPath");
}

#[test]
fn params_are_those_of_the_handshake() {
    check_all(&[
        (
            "$input.params('room') $input.params('Host') $input.params('HOST')",
            "7 example.com example.com",
        ),
        (
            "$input.params().querystring.room $input.params().header",
            "7 {Host=example.com, room=hidden}",
        ),
        (
            "$input.params()",
            "{header={Host=example.com, room=hidden}, path={}, querystring={room=7, token=it's}}",
        ),
    ]);
}

#[test]
fn util_escapes_and_converts() {
    check_all(&[
        (
            r#"$util.escapeJavaScript('it''s "q" a/b\ ü€𝄞')"#,
            r#"it\'s \"q\" a\/b\\ \u00FC\u20AC\uD834\uDD1E"#,
        ),
        (r#"$util.escapeJavaScript($input.params('token')).replaceAll("\\'", "'")"#, "it's"),
        ("$util.escapeJavaScript($context.none)$util.escapeJavaScript(1)", "1"),
        (
            "$util.urlEncode('a b&c=ü/*-._~') $util.urlDecode('a+b%26c%3D%C3%BC')",
            "a+b%26c%3D%C3%BC%2F*-._%7E a b&c=ü",
        ),
        (
            "$util.base64Encode('hé') $util.base64Decode('aMOp') $util.base64Decode('_-8=')",
            "aMOp hé \u{fffd}\u{fffd}",
        ),
        (r#"$util.parseJson('{"a":[1,{"b":2}]}').a[1].b [$util.parseJson('no')]"#, "2 []"),
    ]);
}

/// The template that deployment tools write for a non-proxy Lambda integration.
#[test]
fn a_whole_event_is_made() {
    let template = r#"
#define( $loop )
  {
  #foreach($key in $map.keySet())
    "$util.escapeJavaScript($key)": "$util.escapeJavaScript($map.get($key)).replaceAll("\\'", "'")"
    #if( $foreach.hasNext ) , #end
  #end
  }
#end
{
  "body": $input.json("$.deep"),
  #set( $map = $input.params().querystring )
  "query": $loop,
  #set( $map = $stageVariables )
  "stageVariables": $loop,
  "connectionId": "$context.connectionId"
}"#;
    let text = render_with(template, MESSAGE).unwrap();
    let event: Value = serde_json::from_str(&text).unwrap();
    let expected = expect![[
        r#"{"body":{"a":[1,2],"z":1},"connectionId":"A1=","query":{"room":"7","token":"it's"},"stageVariables":{"backend":"blue"}}"#
    ]];
    expected.assert_eq(&event.to_string());
}
