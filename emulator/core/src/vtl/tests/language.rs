//! Text, references and directives.

use super::{check, check_all, check_error};

#[test]
fn text_stays_as_it_is() {
    check_all(&[
        ("", ""),
        ("plain, {}[]()", "plain, {}[]()"),
        ("5$ and $5.00 and a # and #1", "5$ and $5.00 and a # and #1"),
        ("#unknown(x) #{not} a#b #set", "#unknown(x) #{not} a#b #set"),
        ("\"\\\"quoted\\\"\" ü€", "\"\\\"quoted\\\"\" ü€"),
        ("${open $!{ ${a b} $", "${open $!{ ${a b} $"),
        ("#[[ $context.routeKey #if( ]]#", " $context.routeKey #if( "),
    ]);
}

#[test]
fn comments_print_nothing() {
    check("a## to the end $x\nb#* block\n#end *#c", "abc");
}

#[test]
fn references_print_their_value() {
    check_all(&[
        ("$context.routeKey", "publish"),
        (
            "${context.routeKey}s $!context.routeKey $!{context.routeKey}",
            "publishs publish publish",
        ),
        ("$context.identity.sourceIp.", "10.0.0.7."),
        ("$stageVariables.backend/$stageVariables.get('backend')", "blue/blue"),
        ("$context.connectedAt", "1605442994726"),
        ("$context[\"routeKey\"] $context.authorizer['level']", "publish 7"),
        ("$$context.stage$context.routeKey", "$publish"),
    ]);
}

#[test]
fn an_undefined_variable_prints_itself_and_a_quiet_one_nothing() {
    check_all(&[
        ("$none ${none} $none.a.b('c')[0]", "$none ${none} $none.a.b('c')[0]"),
        ("[$!none]${!none}", "[]${!none}"),
        ("$context.nope()", "$context.nope()"),
        ("$util.toJson($context)$!util.toJson($context)", "$util.toJson($context)"),
    ]);
}

#[test]
fn a_member_that_is_not_there_is_an_empty_text() {
    check_all(&[
        ("[$context.none][$context.none.deeper][$input.path('$.none')]", "[][][]"),
        ("[$input.path('$.missing')][$input.params('missing')]", "[][]"),
        ("#set($x = $input.path('$.missing'))[$x]", "[]"),
        ("#if($context.none)true#end", "true"),
        (
            "#if($context.none == '' && $context.none == $null && $context.none != 'x')equal#end",
            "equal",
        ),
        ("$input.params().header.get('Content-Type')", ""),
    ]);
}

#[test]
fn backslashes_keep_a_defined_reference_from_being_used() {
    check_all(&[
        (r"\$context.routeKey \\$context.routeKey", r"$context.routeKey \publish"),
        (r"\$none \\$none", r"\$none \\$none"),
        (r"\#if(x) \#none \\ \n", r"#if(x) \#none \\ \n"),
        (r#"{\"a\": \"$context.routeKey\"}"#, r#"{\"a\": \"publish\"}"#),
    ]);
}

#[test]
fn set_defines_variables_and_eats_its_line() {
    check_all(&[
        ("a\n  #set($x = 1)  \nb$x", "a\nb1"),
        ("#set( $x = 'it''s' )$x", "it's"),
        ("#set($m = {})#set($m.a = 1)#set($m['b'] = 2)$m", "{a=1, b=2}"),
        ("#set($l = [1, 2])#set($l[0] = 'x')$l", "[x, 2]"),
        ("#set($x = 1)#set($x = $none)$x", "1"),
        ("#set($context.requestOverride.header.X-A = 'b')ok", "ok"),
        ("#set($none.a = 1)$none", "$none"),
        ("#{set}($x = 1)$x", "1"),
    ]);
}

#[test]
fn if_chooses_one_branch() {
    let template = "#if($n == 1)one#elseif($n == 2)two#{else}many#end";
    check(&format!("#set($n = 1){template}"), "one");
    check(&format!("#set($n = 2){template}"), "two");
    check(&format!("#set($n = 3){template}"), "many");
    check_all(&[
        ("#if(false)x#end-#if(true) y #end", "- y "),
        ("#if($none)x#else no#end", " no"),
        ("#if('')text#end#if(0)zero#end#if([])list#end", "textzerolist"),
        ("#if (true)\n  a\n#else\n  b\n#end\nc", "  a\nc"),
    ]);
}

#[test]
fn foreach_goes_through_lists_map_values_and_ranges() {
    check_all(&[
        ("#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end", "1,2,3"),
        ("#foreach($i in [3..1])$i#end", "321"),
        ("#foreach($i in {'a': 1, 'b': 2})$i#end", "12"),
        (
            "#foreach($i in ['a', 'b'])$foreach.index$foreach.count$velocityCount$i #end",
            "011a 122b ",
        ),
        ("#foreach($i in [1..3])#if($foreach.first)<#end$i#if($foreach.last)>#end#end", "<123>"),
        ("#foreach($i in [1..9])#if($i == 3)#break#end$i#end.", "12."),
        (
            "#foreach($a in [1, 2])#foreach($b in [1, 2])$foreach.parent.count$b #end#end",
            "11 12 21 22 ",
        ),
        ("#foreach($i in [1, 2])#if($foreach.hasNext())more#end#end", "more"),
        ("#foreach($i in $none)x#end#foreach($i in 'text')x#end#foreach($i in [])x#end.", "."),
        ("#set($i = 'before')#foreach($i in [1])$i#end$i $foreach.index", "1before $foreach.index"),
        ("#set($l = [1, 2])#foreach($i in $l)#set($x = $l.add($i))#end$l", "[1, 2, 1, 2]"),
    ]);
}

#[test]
fn stop_ends_the_rendering() {
    check("a#foreach($i in [1, 2])$i#stop#end b", "a1");
}

#[test]
fn define_is_rendered_where_it_is_printed() {
    let map = "#define($loop){#foreach($k in $map.keySet())\"$k\": \"$map.get($k)\"#if($foreach.hasNext), #end#end}#end";
    check(
        &format!("{map}#set($map = $input.params().querystring)$loop"),
        r#"{"room": "7", "token": "it's"}"#,
    );
    check_error("#define($a)$a#end$a", "nested too deeply");
}

#[test]
fn double_quotes_interpolate_and_single_quotes_do_not() {
    check_all(&[
        ("#set($x = 'b')#set($s = \"a$x#if(true)c#end\")$s", "abc"),
        ("#set($x = 'b')#set($s = 'a$x')$s", "a$x"),
        (
            "#set($s = \"say \"\"hi\"\" to \"\"$context.routeKey\"\"\")$s",
            "say \"hi\" to \"publish\"",
        ),
        ("#set($s = '\"')$s", "\""),
    ]);
}
