//! Operators and methods.

use super::{check, check_all, check_error};

#[test]
fn numbers_are_calculated_as_in_java() {
    let cases = [
        ("1 + 2 * 3 - 4", "3"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("-7 % 3", "-1"),
        ("7 / 2.0", "3.5"),
        ("1.0 * 2", "2.0"),
        ("1.5e3 * 10000", "1.5E7"),
        ("0.1 / 1000", "1.0E-4"),
        ("9223372036854775807 + 1", "9.223372036854776E18"),
        ("5 - 3 - 1", "1"),
        ("5 -3", "2"),
    ];
    for (expression, expected) in cases {
        check(&format!("#set($x = {expression})$x"), expected);
    }
    check("#set($x = 1 / 0)$x #set($y = 'a' - 1)$y", "$x$y");
}

#[test]
fn plus_joins_texts() {
    check("#set($x = 'a' + 1 + 2.5 + true + [1] + $none)$x", "a12.5true[1]");
}

#[test]
fn comparisons_and_logic_have_signs_and_words() {
    for (condition, expected) in [
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", true),
        ("1 lt 2 and 2 le 2 and 3 gt 2 and 3 ge 3", true),
        ("1 eq 1 and not (1 ne 1)", true),
        ("!true || false", false),
        ("false or !$none", true),
        ("true || false && false", true),
        ("1 == 1.0", true),
        ("1 == '1'", true),
        ("'a' == \"a\"", true),
        ("[1, {'a': 2}] == [1, {'a': 2}]", true),
        ("{'a': 1} == {'a': 2}", false),
        ("'a' < 'b'", false),
        ("1 < 'b'", false),
        ("true == 'true'", true),
        ("1 != 2 == true", true),
    ] {
        let expected = if expected { "yes" } else { "no" };
        check(&format!("#if({condition})yes#{{else}}no#end"), expected);
    }
}

#[test]
fn texts_have_the_methods_of_java() {
    check_all(&[
        ("#set($s = ' Ab ü€𝄞')$s.length() $s.trim().length()", "8 7"),
        ("#set($s = 'abcabc')$s.indexOf('c') $s.lastIndexOf('c') $s.indexOf('x')", "2 5 -1"),
        ("#set($s = 'abcabc')$s.substring(4) $s.substring(1, 3) $s.charAt(2)", "bc bc c"),
        ("#set($s = 'a𝄞b')$s.indexOf('b') $s.substring(3)", "3 b"),
        ("#set($s = 'aBc')$s.toUpperCase()$s.toLowerCase()$s.toString()", "ABCabcaBc"),
        ("#set($s = 'abc')$s.contains('b') $s.startsWith('b') $s.endsWith('c')", "true false true"),
        (
            "#set($s = 'abc')$s.equals('abc') $s.equals(1) $s.equalsIgnoreCase('ABC')",
            "true false true",
        ),
        ("#set($s = '')$s.isEmpty() $s.empty", "true true"),
        (
            "#set($s = 'a.b.c')$s.replace('.', '-') $s.replaceAll('[a.]', '') $s.replaceFirst('\\.', '')",
            "a-b-c bc ab.c",
        ),
        ("#set($s = 'ada lovelace')$s.replaceAll('(\\w+) (\\w+)', '$2, $1')", "lovelace, ada"),
        ("#set($s = 'a1,b2,,')$s.split(',') $s.split('[0-9],?')", "[a1, b2] [a, b, ,]"),
        (
            "#set($s = 'abc')$s.split('').size() $s.concat('d') $s.matches('[a-c]+') $s.matches('b')",
            "3 abcd true false",
        ),
    ]);
}

#[test]
fn lists_have_the_methods_of_java() {
    check_all(&[
        ("#set($l = [1, 'b'])$l.size() $l.get(1) $l[0] $l[-1] [$l[9]]", "2 b 1 b []"),
        (
            "#set($l = [])$l.isEmpty() $l.add('x') $l.isEmpty() $l.contains('x') $l.contains('y')",
            "true true false true false",
        ),
        ("#set($l = [1])#set($m = $l)#set($x = $m.add(2))$l", "[1, 2]"),
        (
            "#set($l = [1, 2, 3])$l.remove(0)$l.set(0, 'x')$!l.add(0, 'y')$l $l.indexOf(3)",
            "12[y, x, 3] 2",
        ),
        ("#set($l = [1])$l.addAll([2, 3])$!l.clear()$l", "true[]"),
    ]);
}

#[test]
fn maps_have_the_methods_of_java() {
    check_all(&[
        (
            "#set($m = {'b': 1, 'a': [2]})$m $m.size() $m.get('b') $m.a $m['a']",
            "{b=1, a=[2]} 2 1 [2] [2]",
        ),
        (
            "#set($m = {'b': 1})$m.keySet() $m.values() $m.entrySet() $m.containsKey('b') $m.containsValue(2)",
            "[b] [1] [b=1] true false",
        ),
        ("#set($m = {})$!m.put('k', 'v')$m $m.remove('k') $m.isEmpty()", "{k=v} v true"),
        (
            "#set($m = {'a': 1})#foreach($e in $m.entrySet())$e.key:$e.value $e.getKey():$e.getValue()#end",
            "a:1 a:1",
        ),
        ("#set($m = {'a': 1})$!m.putAll({'b': 2})$m $m.getOrDefault('c', 3)", "{a=1, b=2} 3"),
    ]);
}

#[test]
fn numbers_parse_texts() {
    check_all(&[
        ("#set($Integer = 0)#set($x = $Integer.parseInt('41') + 1)$x", "42"),
        ("#set($x = 2.9)$x.intValue() $x.toString().length() $x.equals(2.9)", "2 3 true"),
    ]);
    check_error("#set($I = 0)$I.parseInt('x')", "`x` is not a number");
}
