//! Rate and burst of routes.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn burst_is_spent_and_refilled_at_the_rate() {
    check(
        r#"
        route $connect to auth
        route $default to echo
        stage dev {"DefaultRouteSettings": {"ThrottlingRateLimit": 0.5, "ThrottlingBurstLimit": 2}}
        "#,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth answers 200
            b is connected
            > c connects /dev
            c is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > a sends 1
            echo#1 starts
            echo#1 gets $default from {a}: 1
            > a sends 2
            echo#2 starts
            echo#2 gets $default from {a}: 2
            > a sends 3
            a gets {"message": "Too Many Requests", "connectionId":"{a}", "requestId":"{id}"}
            > advance 1999ms
            > a sends 4
            a gets {"message": "Too Many Requests", "connectionId":"{a}", "requestId":"{id}"}
            > advance 1ms
            > a sends 5
            echo#3 starts
            echo#3 gets $default from {a}: 5
            > d connects /dev
            auth#1 gets CONNECT from {d}
        "#]],
    );
}

#[test]
fn route_may_have_its_own_limits() {
    check(
        r#"
        route slow to echo
        route $default to echo
        stage dev {"DefaultRouteSettings": {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 100}, "RouteSettings": {"slow": {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1}}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"slow"}
            echo#1 starts
            echo#1 gets slow from {a}: {"action":"slow"}
            > a sends {"action":"slow"}
            a gets {"message": "Too Many Requests", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"fast"}
            echo#2 starts
            echo#2 gets $default from {a}: {"action":"fast"}
        "#]],
    );
}

#[test]
fn nothing_gets_through_a_limit_of_zero() {
    check(
        r#"
        route $connect to auth
        stage dev {"DefaultRouteSettings": {"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}}
        "#,
        expect![[r#"
            warning: stage dev is throttled to 0: everything is answered 429
            > a connects /dev
            a is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > advance 1h
            > b connects /dev
            b is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn the_account_has_a_budget_of_its_own_for_everything_together() {
    check(
        "
        route $default to fn
        limit account 3
        ",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends one
            fn#1 starts
            fn#1 gets $default from {a}: one
            > POST /dev/@connections/{a} hi
            a gets hi
            200
            > a sends two
            a gets {"message": "Too Many Requests", "connectionId":"{a}", "requestId":"{id}"}
            > GET /dev/@connections/{a}
            429 LimitExceededException
            > b connects /dev
            b is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > advance 1s
            > a sends three
            fn#2 starts
            fn#2 gets $default from {a}: three
        "#]],
    );
}

#[test]
fn so_many_connections_may_begin_in_a_second() {
    check(
        "limit connects 2",
        expect![[r#"
            > a connects /dev
            a is connected
            > b connects /dev
            b is connected
            > c connects /dev
            c is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > a sends hello
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
            > advance 500ms
            > d connects /dev
            d is connected
        "#]],
    );
}
