//! Sizes and times.

use crate::scenario::check;
use expect_test::expect;

const ROUTES: &str = "
    route $default to echo, replies
    route $disconnect to bye
";

#[test]
fn binary_messages_end_the_connection() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends binary
            a is closed: 1003 Binary messages are not supported
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1003 "Binary messages are not supported"
        "#]],
    );
}

#[test]
fn too_big_messages_end_the_connection() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends 131072 bytes
            echo#1 starts
            echo#1 gets $default from {a}: 131072 bytes
            > a sends 131073 bytes
            a is closed: 1009 Message too big
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1009 "Message too big"
            > b connects /dev
            b is connected
            > b sends too much
            b is closed: 1009 Message too big
            bye#2 starts
            bye#2 gets DISCONNECT from {b}: 1009 "Message too big"
        "#]],
    );
}

#[test]
fn idle_connections_end_after_ten_minutes() {
    check(
        ROUTES,
        expect![[r#"
            > a connects /dev
            a is connected
            > advance 9m
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > echo answers 200 x
            a gets x
            > advance 9m
            after 840s
            echo#1 is killed
            > POST /dev/@connections/{a} x
            a gets x
            200
            > advance 599999ms
            > advance 1ms
            after 1680s
            a is closed: 1001 Going away
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1001 "Going away"
        "#]],
    );
}

#[test]
fn connections_live_for_two_hours_at_most() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > advance 9m
            > POST /dev/@connections/{a} 1
            a gets 1
            200
            > advance 9m
            > POST /dev/@connections/{a} 2
            a gets 2
            200
            > advance 9m
            > POST /dev/@connections/{a} 3
            a gets 3
            200
            > advance 9m
            > POST /dev/@connections/{a} 4
            a gets 4
            200
            > advance 9m
            > POST /dev/@connections/{a} 5
            a gets 5
            200
            > advance 9m
            > POST /dev/@connections/{a} 6
            a gets 6
            200
            > advance 9m
            > POST /dev/@connections/{a} 7
            a gets 7
            200
            > advance 9m
            > POST /dev/@connections/{a} 8
            a gets 8
            200
            > advance 9m
            > POST /dev/@connections/{a} 9
            a gets 9
            200
            > advance 9m
            > POST /dev/@connections/{a} 10
            a gets 10
            200
            > advance 9m
            > POST /dev/@connections/{a} 11
            a gets 11
            200
            > advance 9m
            > POST /dev/@connections/{a} 12
            a gets 12
            200
            > advance 9m
            > POST /dev/@connections/{a} 13
            a gets 13
            200
            > advance 9m
            after 7200s
            a is closed: 1001 Going away
        "#]],
    );
}
