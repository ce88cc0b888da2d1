//! The end of a connection and the event after it.

use crate::scenario::check;
use expect_test::expect;

const ROUTES: &str = "
    route $connect to auth
    route $disconnect to bye
";

#[test]
fn client_closes_with_a_code() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a closes 4001 bye
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 4001 "bye"
            > bye answers 500
        "#]],
    );
}

#[test]
fn client_closes_without_a_code() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a closes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1005 "Client-side close frame status not set"
        "#]],
    );
}

#[test]
fn page_is_closed() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a closes 1001
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1001 ""
        "#]],
    );
}

#[test]
fn client_vanishes() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a vanishes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1006 ""
        "#]],
    );
}

#[test]
fn connection_is_deleted() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > DELETE /dev/@connections/{a}
            a is closed: 1000 Connection Closed Normally
            204
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1000 "Connection Closed Normally"
            > DELETE /dev/@connections/{a}
            410 GoneException
        "#]],
    );
}

#[test]
fn disconnect_happens_once() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends binary
            a is closed: 1003 Binary messages are not supported
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1003 "Binary messages are not supported"
            > a closes
            > a vanishes
        "#]],
    );
}

#[test]
fn disconnect_event_is_for_the_route_only() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > a closes
        "#]],
    );
}
