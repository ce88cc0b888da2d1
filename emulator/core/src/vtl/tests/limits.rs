//! Mistakes and bounds.

use super::{MESSAGE, check, check_error, render_with};
use crate::vtl::{NESTING_MAX, TEMPLATE_BYTES_MAX, Template};
use expect_test::{Expect, expect};

#[test]
fn mistakes_are_named_with_their_place() {
    let check = |templates: &[&str], expected: Expect| {
        let errors =
            templates.iter().map(|t| format!("{t:?}: {}\n", render_with(t, MESSAGE).unwrap_err()));
        expected.assert_eq(&errors.collect::<String>());
    };
    check(
        &[
            "a\n#if($x)",
            "#end",
            "x #else",
            "#foreach($x in [1])",
            "#foreach($x of [1])#end",
            "#foreach(x in [1])#end",
            "#foreach($x in [1])#else#end",
            "#if(true)#else#elseif(true)#end",
            "#set($x)",
            "#set(x = 1)",
            "#set($x = )",
            "#set($x = null)",
            "#set($x = 'a)",
            "#set($x = {1})",
            "#set($x = [1 2])",
            "$a.b(1",
            "$a[0",
            "#* no end",
            "#[[ no end",
            "#macro(m)#end",
            "#parse('x')",
            "#set($s = 'abc')\n$s.substring(2, 9)",
            "#set($l = [1])$l.get(1)",
            "#set($s = 'abc')$s.replaceAll('(', '')",
            "#set($s = 'abc')$s.replaceAll('a', '$9')",
        ],
        expect![[r##"
            "a\n#if($x)": an `#if` without its `#end` (line 2, column 1)
            "#end": `#end` belongs to no #if, #foreach or #define (line 1, column 5)
            "x #else": `#else` belongs to no #if, #foreach or #define (line 1, column 8)
            "#foreach($x in [1])": a `#foreach` without its `#end` (line 1, column 1)
            "#foreach($x of [1])#end": `in` expected: `#foreach($item in $list)` (line 1, column 15)
            "#foreach(x in [1])#end": a name such as `$item` expected after `#foreach(` (line 1, column 10)
            "#foreach($x in [1])#else#end": a `#foreach` has no `#else` (line 1, column 25)
            "#if(true)#else#elseif(true)#end": nothing but `#end` may follow an `#else` (line 1, column 22)
            "#set($x)": `=` expected, found `)` (line 1, column 8)
            "#set(x = 1)": a reference such as `$name` expected after `#set(` (line 1, column 6)
            "#set($x = )": a value expected: a reference, a text in quotes, a number, true, false, [ or { (line 1, column 11)
            "#set($x = null)": a value expected: a reference, a text in quotes, a number, true, false, [ or { (line 1, column 11)
            "#set($x = 'a)": a text without its closing quote (line 1, column 11)
            "#set($x = {1})": `:` expected, found `}` (line 1, column 13)
            "#set($x = [1 2])": `,` expected, found `2` (line 1, column 14)
            "$a.b(1": `,` or `)` expected (line 1, column 7)
            "$a[0": `]` expected, found the end of the text (line 1, column 5)
            "#* no end": a comment `#*` without its `*#` (line 1, column 1)
            "#[[ no end": `#[[` without its `]]#` (line 1, column 1)
            "#macro(m)#end": #macro is not emulated; write #define($name) … #end (line 1, column 1)
            "#parse('x')": API Gateway has no #parse (line 1, column 1)
            "#set($s = 'abc')\n$s.substring(2, 9)": from 2 to 9 is outside a text of 3 characters (line 2, column 1)
            "#set($l = [1])$l.get(1)": index 1 is outside a list of 1 (line 1, column 15)
            "#set($s = 'abc')$s.replaceAll('(', '')": `(` is not a regular expression that is read here: found open group without closing ')' (line 1, column 17)
            "#set($s = 'abc')$s.replaceAll('a', '$9')": `$9`: the pattern has no group 9 (line 1, column 17)
        "##]],
    );
}

#[test]
fn work_is_bounded() {
    check_error(
        "#foreach($i in [1..100000])#foreach($j in [1..100000])#end#end",
        "more than 1000000 steps",
    );
    check_error(
        "#set($s = 'abcdefgh')#foreach($i in [1..99])#set($s = \"$s$s\")#end",
        "more than 6291456 bytes",
    );
    check_error(
        "#set($s = 'aaaaaaaa')#foreach($i in [1..9])#set($s = $s.replace('a', $s))#end",
        "more than",
    );
    check_error(
        "#set($s = 'aaaaaaaa')#foreach($i in [1..9])#set($s = $s.replaceAll('a', $s))#end",
        "more than",
    );
    check_error("#set($l = [1])#foreach($i in [1..99])#set($l = [$l, $l])#end$l", "more than");
    check_error("#set($l = [1])#set($x = $l.add($l))$l", "one within itself");
    let twins = "#set($l = [1])#set($x = $l.add($l))#set($m = [1])#set($x = $m.add($m))";
    check_error(&format!("{twins}#if($l == $m)#end"), "one within itself");
    check(&format!("{twins}#if($l == $l)same#end"), "same");
    check_error("#set($x = [1..9223372036854775807])", "more than 1000000 steps");
    check_error(
        "#set($m = $input.path('$'))#set($m.self = $m)$input.json('$..*')",
        "visits more than",
    );
    assert!(Template::parse(&" ".repeat(TEMPLATE_BYTES_MAX + 1)).is_err());
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, inner: &str, close: &str, depth| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    check(&nested("#if(true)", "x", "#end", NESTING_MAX - 1), "x");
    check(&format!("#set($x = {})$x", nested("(", "1", ")", NESTING_MAX - 1)), "1");
    for depth in [NESTING_MAX + 1, 10_000] {
        for template in [
            nested("#if(true)", "x", "#end", depth),
            format!("#set($x = {})", nested("(", "1", ")", depth)),
            format!("#set($x = {})", nested("[", "1", "]", depth)),
            format!("#set($x = {}true)", "!".repeat(depth)),
            nested("$a.b(", "1", ")", depth),
            nested("$a[", "1", "]", depth),
        ] {
            let error = Template::parse(&template).unwrap_err();
            assert_eq!(error.message, "nested more than 64 deep");
        }
    }
    check(&format!("#set($x = 1{})$x", " + 1".repeat(20_000)), "20001");
}
