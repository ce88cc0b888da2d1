//! `@connections`.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn post_sends_one_text_message() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > POST /dev/@connections/{a} hello
            a gets hello
            200
            > POST /dev/%40connections/{a%} encoded
            a gets encoded
            200
            > POST /_aws/execute-api/noc08ugru8/dev/@connections/{a} explicit
            a gets explicit
            200
        "#]],
    );
}

#[test]
fn get_tells_about_the_connection() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev with User-Agent: test "1"
            a is connected
            > advance 1500ms
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > GET /dev/@connections/{a}
            200 {
              "identity" : {
                "sourceIp" : "203.0.113.9",
                "userAgent" : "test \"1\""
              },
              "connectedAt" : "2026-11-25T08:15:30.000Z",
              "lastActiveAt" : "2026-11-25T08:15:31.500Z"
            }
            > b connects /dev
            b is connected
            > GET /dev/@connections/{b}
            200 {
              "identity" : {
                "sourceIp" : "203.0.113.9",
                "userAgent" : null
              },
              "connectedAt" : "2026-11-25T08:15:31.500Z",
              "lastActiveAt" : "2026-11-25T08:15:31.500Z"
            }
        "#]],
    );
}

#[test]
fn post_before_the_connection_is_made_is_gone() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > POST /dev/@connections/{a} early
            410 GoneException
            > auth answers 200
            a is connected
            > POST /dev/@connections/{a} now
            a gets now
            200
        "#]],
    );
}

#[test]
fn post_after_the_connection_has_ended_is_gone() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > a closes
            > POST /dev/@connections/{a} late
            410 GoneException
            > GET /dev/@connections/{a}
            410 GoneException
            > DELETE /dev/@connections/{a}
            410 GoneException
        "#]],
    );
}

#[test]
fn malformed_id_is_a_bad_request() {
    check(
        "route $default to echo",
        expect![[r#"
            > POST /dev/@connections/nonsense hello
            400 BadRequestException {"message":"Invalid connectionId: nonsense"}
            > GET /dev/@connections/AAAAAAAAAAAAAAA
            400 BadRequestException {"message":"Invalid connectionId: AAAAAAAAAAAAAAA"}
            > DELETE /dev/@connections/%22
            400 BadRequestException {"message":"Invalid connectionId: \""}
            > POST /dev/@connections/AAAAAAAAAAAAAAA= well-formed
            410 GoneException
        "#]],
    );
}

#[test]
fn unknown_stages_paths_and_methods_are_forbidden() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > POST /prod/@connections/{a} hello
            403 ForbiddenException {"message":"Forbidden"}
            > POST /@connections/{a} hello
            403 ForbiddenException {"message":"Forbidden"}
            > POST /dev/@connections/{a}/more hello
            403 ForbiddenException {"message":"Forbidden"}
            > POST /dev/connections/{a} hello
            403 ForbiddenException {"message":"Forbidden"}
            > PUT /dev/@connections/{a} hello
            403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn connection_belongs_to_its_stage() {
    check(
        "
        route $default to echo
        stage dev
        stage prod
        ",
        expect![[r#"
            > a connects /dev
            a is connected
            > POST /prod/@connections/{a} hello
            410 GoneException
        "#]],
    );
}

#[test]
fn big_post_is_too_large() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > POST /dev/@connections/{a} 131072 bytes
            a gets 131072 bytes
            200
            > POST /dev/@connections/{a} 131073 bytes
            413 PayloadTooLargeException {"message":"Message too long"}
        "#]],
    );
}

#[test]
fn slow_client_limits_its_posts() {
    check(
        "
        route $default to echo
        limit buffer 10
        ",
        expect![[r#"
            > a connects /dev
            a is connected
            > a is slow
            > POST /dev/@connections/{a} longer than the buffer
            a gets longer than the buffer
            200
            > POST /dev/@connections/{a} 12345
            429 LimitExceededException
            > a reads 20
            > POST /dev/@connections/{a} 12345
            a gets 12345
            200
            > POST /dev/@connections/{a} 12345678
            429 LimitExceededException
            > a reads 8
            > POST /dev/@connections/{a} 12345
            a gets 12345
            200
        "#]],
    );
}

#[test]
fn bytes_that_are_not_utf8_are_replaced() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > POST /dev/@connections/{a} latin1 für
            a gets f�r
            200
        "#]],
    );
}
