//! What CloudWatch would count.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn connections_messages_errors_and_latencies_are_counted_by_stage() {
    check(
        r#"
        route $connect to auth
        route ask to fn, replies
        route bare to fn, not permitted
        route ping via {"IntegrationType":"MOCK","RequestTemplates":{"$default":"{\"statusCode\":200}"}}
        "#,
        expect![[r#"
            warning: route bare fails on stage dev: API Gateway may not invoke fn for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/bare; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth answers 401
            b is refused: 401 {"message": "Unauthorized", "connectionId":"{b}", "requestId":"{id}"}
            > a sends {"action":"ask"}
            fn#1 starts
            fn#1 gets ask from {a}: {"action":"ask"}
            > advance 20ms
            > fn answers 200 hi
            a gets hi
            > a sends {"action":"ask"}
            fn#1 gets ask from {a}: {"action":"ask"}
            > fn fails badly
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"bare"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"ping"}
            > a sends {"action":"other"}
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
            > POST /dev/@connections/{a} hello
            a gets hello
            200
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[],"metrics":{"noc08ugru8/dev":{"ClientError":1,"ConnectCount":2,"ExecutionError":1,"IntegrationError":2,"IntegrationLatency":{"Maximum":20,"SampleCount":4,"Sum":20},"MessageCount":10}},"time":"2026-11-25T08:15:30.020Z"}
        "#]],
    );
}
