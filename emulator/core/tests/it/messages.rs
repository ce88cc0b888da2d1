//! Which route takes a message, and what its sender hears.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn message_goes_to_the_route_it_names() {
    check(
        r#"
        route $default to rest
        route join to join
        route 5 to five
        route [item1, item2] to list
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"join"}
            join#1 starts
            join#1 gets join from {a}: {"action":"join"}
            > a sends {"action":"leave"}
            rest#1 starts
            rest#1 gets $default from {a}: {"action":"leave"}
            > a sends {"action":"Join"}
            rest#2 starts
            rest#2 gets $default from {a}: {"action":"Join"}
            > a sends {"action":5}
            five#1 starts
            five#1 gets 5 from {a}: {"action":5}
            > a sends {"action":["item1","item2"]}
            list#1 starts
            list#1 gets [item1, item2] from {a}: {"action":["item1","item2"]}
            > a sends not json
            rest#3 starts
            rest#3 gets $default from {a}: not json
            > a sends {}
            rest#4 starts
            rest#4 gets $default from {a}: {}
        "#]],
    );
}

#[test]
fn message_naming_connect_or_disconnect_goes_to_default() {
    check(
        r#"
        route $connect to auth
        route $disconnect to bye
        route $default to rest
        "#,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends {"action":"$connect"}
            rest#1 starts
            rest#1 gets $default from {a}: {"action":"$connect"}
            > a sends {"action":"$disconnect"}
            rest#2 starts
            rest#2 gets $default from {a}: {"action":"$disconnect"}
        "#]],
    );
}

#[test]
fn without_route_and_default_the_client_is_told_forbidden() {
    check(
        "route join to join",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"leave"}
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
            > a sends still there
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn answer_is_sent_only_on_a_route_with_a_response() {
    check(
        r#"
        route echo to echo, replies
        route quiet to quiet
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"echo"}
            echo#1 starts
            echo#1 gets echo from {a}: {"action":"echo"}
            > echo answers 200 hello
            a gets hello
            > a sends {"action":"echo"}
            echo#1 gets echo from {a}: {"action":"echo"}
            > echo answers 500 whatever the status
            a gets whatever the status
            > a sends {"action":"quiet"}
            quiet#1 starts
            quiet#1 gets quiet from {a}: {"action":"quiet"}
            > quiet answers 200 hello
            > a sends {"action":"quiet"}
            quiet#1 gets quiet from {a}: {"action":"quiet"}
            > quiet answers 501
        "#]],
    );
}

#[test]
fn answer_without_body_is_an_empty_message() {
    check(
        "route $default to echo, replies",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > echo answers 200
            a gets an empty message
        "#]],
    );
}

#[test]
fn answer_without_body_can_be_no_message() {
    check(
        r#"
        route $default to echo, replies
        silent
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > echo answers 200
        "#]],
    );
}

#[test]
fn failing_function_is_an_internal_server_error_and_the_connection_stays() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends 1
            echo#1 starts
            echo#1 gets $default from {a}: 1
            > echo fails boom
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends 2
            echo#1 gets $default from {a}: 2
            > echo crashes
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends 3
            echo#2 starts
            echo#2 gets $default from {a}: 3
            > echo says null
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends 4
            echo#2 gets $default from {a}: 4
            > echo says {"statusCode":200,"ConnectionId":"x"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends 5
            echo#2 gets $default from {a}: 5
            > echo answers 200
        "#]],
    );
}

#[test]
fn missing_permission_and_missing_integration_are_internal_server_errors() {
    check(
        r#"
        route join to join, not permitted
        route leave
        "#,
        expect![[r#"
            warning: route join fails on stage dev: API Gateway may not invoke join for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/join; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            warning: route leave fails on stage dev: it has no integration; give it a Target
            > a connects /dev
            a is connected
            > a sends {"action":"join"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"leave"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn slow_integration_has_its_own_text() {
    check(
        r#"
        route $default to echo, replies
        function echo {"Timeout": 60}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > advance 29s
            after 29s
            a gets {"message": "Endpoint request timed out", "connectionId":"{a}", "requestId":"{id}"}
            > echo answers 200 too late
        "#]],
    );
}

#[test]
fn messages_of_one_connection_run_at_the_same_time() {
    check(
        "route $default to echo, replies",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends 1
            echo#1 starts
            echo#1 gets $default from {a}: 1
            > a sends 2
            echo#2 starts
            echo#2 gets $default from {a}: 2
            > echo#2 answers 200 two
            a gets two
            > echo#1 answers 200 one
            a gets one
        "#]],
    );
}

#[test]
fn throttled_function_is_an_internal_server_error() {
    check(
        r#"
        route $default to echo
        function echo {"ReservedConcurrentExecutions": 1}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends 1
            echo#1 starts
            echo#1 gets $default from {a}: 1
            > a sends 2
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > echo answers 200
            > a sends 3
            echo#1 gets $default from {a}: 3
        "#]],
    );
}

#[test]
fn answer_to_a_closed_connection_goes_nowhere() {
    check(
        "route $default to echo, replies",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends 1
            echo#1 starts
            echo#1 gets $default from {a}: 1
            > a closes
            > echo answers 200 hello
        "#]],
    );
}

#[test]
fn routes_are_compared_with_a_composed_key() {
    check(
        r#"
        api {"RouteSelectionExpression": "${request.body.service}/${request.body.action}"}
        route chat/join to join
        route chat/ to other
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"service":"chat","action":"join"}
            join#1 starts
            join#1 gets chat/join from {a}: {"service":"chat","action":"join"}
            > a sends {"service":"chat"}
            other#1 starts
            other#1 gets chat/ from {a}: {"service":"chat"}
            > a sends {"action":"join"}
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn message_must_fit_the_model_of_its_route() {
    check(
        r#"
        route $default to echo, models join=Join $default=Any
        model Join {"type": "object", "required": ["room"]}
        model Any {"type": "object", "maxProperties": 1}
        route strict to strict, models other=Any
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"join","room":1}
            echo#1 starts
            echo#1 gets $default from {a}: {"action":"join","room":1}
            > a sends {"action":"join"}
            warning: message to route $default is not what its model wants: object has missing required properties (["room"])
            a gets {"message" : "Bad request body", "connectionId": "{a}", "messageId": "{id}"}
            > a sends {"action":"else"}
            echo#2 starts
            echo#2 gets $default from {a}: {"action":"else"}
            > a sends {"action":"else","more":1}
            warning: message to route $default is not what its model wants: object has too many properties (found 2 but schema requires at most 1)
            a gets {"message" : "Bad request body", "connectionId": "{a}", "messageId": "{id}"}
            > a sends not json
            warning: message to route $default is not what its model wants: it is not JSON: expected ident at line 1 column 2
            a gets {"message" : "Bad request body", "connectionId": "{a}", "messageId": "{id}"}
            > a sends {"action":"strict"}
            warning: message to route strict is not what its model wants: no model is selected, and there is none for $default
            a gets {"message" : "Bad request body", "connectionId": "{a}", "messageId": "{id}"}
        "#]],
    );
}
