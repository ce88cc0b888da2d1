//! Time and faults under control: what a command does, and that it does it once.

use crate::scenario::check;
use expect_test::expect;

const ROUTES: &str = "
    route $connect to auth
    route $default to echo, replies
    route $disconnect to bye
";

/// Without `$connect`, so that connecting needs nobody's answer.
const QUIET: &str = "
    route $default to echo, replies
    route $disconnect to bye
";

#[test]
fn moving_the_clock_lets_everything_that_is_due_happen_at_once() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"advance","by":"599s"}
            200 {"advanced":"599s","faults":[],"time":"2026-11-25T08:25:29.000Z"}
            > control {"do":"advance","by":"1s"}
            a is closed: 1001 Going away
            bye#1 starts
            200 {"advanced":"10m","faults":[],"time":"2026-11-25T08:25:30.000Z"}
            bye#1 gets DISCONNECT from {a}: 1001 "Going away"
            > b connects /dev
            b is connected
            > b sends x
            echo#1 starts
            echo#1 gets $default from {b}: x
            > control {"do":"advance","by":"2h"}
            b gets {"message": "Endpoint request timed out", "connectionId":"{b}", "requestId":"{id}"}
            b is closed: 1001 Going away
            bye#1 is killed
            echo#1 is killed
            bye#2 starts
            200 {"advanced":"130m","faults":[],"time":"2026-11-25T10:25:30.000Z"}
            bye#2 gets DISCONNECT from {b}: 1001 "Going away"
        "#]],
    );
}

#[test]
fn signatures_keep_the_real_time_when_the_clock_is_moved() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"advance","by":"9m"}
            200 {"advanced":"9m","faults":[],"time":"2026-11-25T08:24:30.000Z"}
            > POST /dev/@connections/{a} still signed at the real time
            a gets still signed at the real time
            200
        "#]],
    );
}

#[test]
fn connection_is_cut_without_a_close_frame() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"drop","connection":"{a}"}
            a is cut off
            bye#1 starts
            200 {"advanced":"0s","faults":[],"time":"2026-11-25T08:15:30.000Z"}
            bye#1 gets DISCONNECT from {a}: 1006 ""
            > POST /dev/@connections/{a} x
            410 GoneException
            > control {"do":"drop","connection":"{a}"}
            404 {"message":"no connection `{a}` is open"}
        "#]],
    );
}

#[test]
fn disconnect_is_lost_for_one_connection_or_for_the_next_ones() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > b connects /dev
            b is connected
            > c connects /dev
            c is connected
            > d connects /dev
            d is connected
            > control {"do":"loseDisconnect","connection":"{b}"}
            200 {"advanced":"0s","faults":[{"connection":"{b}","do":"loseDisconnect"}],"time":"2026-11-25T08:15:30.000Z"}
            > a closes 1000
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1000 ""
            > b closes 1000
            fault: $disconnect of {b} is lost
            > control {"do":"loseDisconnect"}
            200 {"advanced":"0s","faults":[{"count":1,"do":"loseDisconnect"}],"time":"2026-11-25T08:15:30.000Z"}
            > c vanishes
            fault: $disconnect of {c} is lost
            > d vanishes
            bye#2 starts
            bye#2 gets DISCONNECT from {d}: 1006 ""
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[],"metrics":{},"time":"2026-11-25T08:15:30.000Z"}
        "#]],
    );
}

#[test]
fn upgrades_are_refused_so_many_times() {
    check(
        ROUTES,
        expect![[r#"
            > control {"do":"refuseConnect","count":2}
            200 {"advanced":"0s","faults":[{"count":2,"do":"refuseConnect","status":503}],"time":"2026-11-25T08:15:30.000Z"}
            > a connects /dev
            a is refused: 503 {"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}
            > b connects /dev
            b is refused: 503 {"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}
            > c connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {c}
            > control {"do":"refuseConnect","status":429}
            200 {"advanced":"0s","faults":[{"count":1,"do":"refuseConnect","status":429}],"time":"2026-11-25T08:15:30.000Z"}
            > d connects /dev
            d is refused: 429 {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[],"metrics":{"noc08ugru8/dev":{"ClientError":1,"ConnectCount":0,"ExecutionError":0,"IntegrationError":0,"IntegrationLatency":{"Maximum":0,"SampleCount":0,"Sum":0},"MessageCount":0}},"time":"2026-11-25T08:15:30.000Z"}
        "#]],
    );
}

#[test]
fn requests_to_a_stage_are_throttled_so_many_times() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"throttle","count":3}
            200 {"advanced":"0s","faults":[{"count":3,"do":"throttle"}],"time":"2026-11-25T08:15:30.000Z"}
            > b connects /dev
            b is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > a sends x
            a gets {"message": "Too Many Requests", "connectionId":"{a}", "requestId":"{id}"}
            > POST /dev/@connections/{a} x
            429 LimitExceededException
            > POST /dev/@connections/{a} x
            a gets x
            200
        "#]],
    );
}

#[test]
fn requests_to_a_stage_are_throttled_for_so_long() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"throttle","for":"5s"}
            200 {"advanced":"0s","faults":[{"do":"throttle","for":"5s"}],"time":"2026-11-25T08:15:30.000Z"}
            > advance 2s
            > POST /dev/@connections/{a} x
            429 LimitExceededException
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[{"do":"throttle","for":"3s"}],"metrics":{},"time":"2026-11-25T08:15:32.000Z"}
            > advance 3s
            > POST /dev/@connections/{a} x
            a gets x
            200
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[],"metrics":{"noc08ugru8/dev":{"ClientError":0,"ConnectCount":0,"ExecutionError":0,"IntegrationError":0,"IntegrationLatency":{"Maximum":0,"SampleCount":0,"Sum":0},"MessageCount":1}},"time":"2026-11-25T08:15:35.000Z"}
        "#]],
    );
}

#[test]
fn connection_seems_gone_to_the_next_post() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"gone","connection":"{a}"}
            200 {"advanced":"0s","faults":[{"connection":"{a}","do":"gone"}],"time":"2026-11-25T08:15:30.000Z"}
            > GET /dev/@connections/{a}
            200 {
              "identity" : {
                "sourceIp" : "203.0.113.9",
                "userAgent" : null
              },
              "connectedAt" : "2026-11-25T08:15:30.000Z",
              "lastActiveAt" : "2026-11-25T08:15:30.000Z"
            }
            > POST /dev/@connections/{a} x
            410 GoneException
            > POST /dev/@connections/{a} x
            a gets x
            200
        "#]],
    );
}

#[test]
fn client_is_slow_until_it_is_released() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"slow","connection":"{a}"}
            200 {"advanced":"0s","faults":[{"connection":"{a}","do":"slow"}],"time":"2026-11-25T08:15:30.000Z"}
            > POST /dev/@connections/{a} x
            429 LimitExceededException
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > echo answers 200 dropped
            > control {"do":"release","connection":"{a}"}
            200 {"advanced":"0s","faults":[],"time":"2026-11-25T08:15:30.000Z"}
            > POST /dev/@connections/{a} x
            a gets x
            200
        "#]],
    );
}

#[test]
fn environment_is_killed_while_it_handles_an_event() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends now
            echo#1 starts
            echo#1 gets $default from {a}: now
            > control {"do":"killEnvironment","function":"echo"}
            fault: echo: its process is killed while it handles an event
            echo#1 is killed
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            200 {"advanced":"0s","faults":[],"time":"2026-11-25T08:15:30.000Z"}
            > control {"do":"killEnvironment","function":"echo"}
            200 {"advanced":"0s","faults":[{"do":"killEnvironment","function":"echo"}],"time":"2026-11-25T08:15:30.000Z"}
            > a sends next
            echo#2 starts
            echo#2 gets $default from {a}: next
            fault: echo: its process is killed while it handles an event
            echo#2 is killed
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends well
            echo#3 starts
            echo#3 gets $default from {a}: well
            > echo answers 200 well
            a gets well
        "#]],
    );
}

#[test]
fn function_is_over_its_time_at_once() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > control {"do":"timeOut","function":"echo"}
            200 {"advanced":"0s","faults":[{"do":"timeOut","function":"echo"}],"time":"2026-11-25T08:15:30.000Z"}
            > invoke echo {}
            echo#1 starts
            echo#1 gets {}
            fault: echo: its time is over at once
            echo#1 is killed
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: Task timed out after 30.00 seconds","errorType":"Sandbox.Timedout"}
            > invoke echo {}
            echo#2 starts
            echo#2 gets {}
            > echo says "fine"
            200 "fine"
        "#]],
    );
}

#[test]
fn faults_can_be_taken_back_and_end_with_their_connection() {
    check(
        QUIET,
        expect![[r#"
            > a connects /dev
            a is connected
            > b connects /dev
            b is connected
            > control {"do":"slow","connection":"{a}"}
            200 {"advanced":"0s","faults":[{"connection":"{a}","do":"slow"}],"time":"2026-11-25T08:15:30.000Z"}
            > control {"do":"gone","connection":"{a}"}
            200 {"advanced":"0s","faults":[{"connection":"{a}","do":"gone"},{"connection":"{a}","do":"slow"}],"time":"2026-11-25T08:15:30.000Z"}
            > control {"do":"slow","connection":"{b}"}
            200 {"advanced":"0s","faults":[{"connection":"{a}","do":"gone"},{"connection":"{a}","do":"slow"},{"connection":"{b}","do":"slow"}],"time":"2026-11-25T08:15:30.000Z"}
            > a closes 1000
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1000 ""
            > control {"do":"killEnvironment","function":"echo"}
            200 {"advanced":"0s","faults":[{"connection":"{b}","do":"slow"},{"do":"killEnvironment","function":"echo"}],"time":"2026-11-25T08:15:30.000Z"}
            > control {"do":"clear"}
            200 {"advanced":"0s","faults":[],"time":"2026-11-25T08:15:30.000Z"}
            > POST /dev/@connections/{b} x
            b gets x
            200
        "#]],
    );
}

#[test]
fn what_is_not_there_is_named() {
    check(
        QUIET,
        expect![[r#"
            > control {"do":"drop","connection":"nobody"}
            404 {"message":"no connection `nobody` is open"}
            > control {"do":"timeOut","function":"nothing"}
            404 {"message":"no function `nothing` is in the template"}
            > control {"do":"delayBatch","mapping":"none","by":"1s"}
            404 {"message":"no event source mapping has the logical id `none`"}
        "#]],
    );
}

#[test]
fn batch_is_delivered_twice_though_it_has_succeeded() {
    check(
        "mapping worker from table",
        expect![[r#"
            > control {"do":"duplicateBatch","mapping":"Mapping"}
            200 {"advanced":"0s","faults":[{"count":1,"do":"duplicateBatch","mapping":"Mapping"}],"time":"2026-11-25T08:15:30.000Z"}
            > table writes a b
            worker#1 starts
            worker#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > worker says null
            worker#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > control {"do":"list"}
            200 {"advanced":"0s","faults":[],"metrics":{},"time":"2026-11-25T08:15:30.000Z"}
            > worker says null
            Mapping has done with all up to b2
            > table writes a
            worker#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a3"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > worker says null
            Mapping has done with all up to a3
        "#]],
    );
}

#[test]
fn batch_waits_and_holds_back_what_comes_after_it() {
    check(
        "mapping worker from table",
        expect![[r#"
            > control {"do":"delayBatch","mapping":"Mapping","by":"10s"}
            200 {"advanced":"0s","faults":[{"by":"10s","do":"delayBatch","mapping":"Mapping"}],"time":"2026-11-25T08:15:30.000Z"}
            > table writes a
            > advance 5s
            > table writes b
            > advance 5s
            after 10s
            worker#1 starts
            worker#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > worker says null
            worker#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594535,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            Mapping has done with all up to a1
            > worker says null
            Mapping has done with all up to b2
        "#]],
    );
}
