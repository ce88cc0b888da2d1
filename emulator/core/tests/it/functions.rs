//! Environments of functions, and the Invoke API.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn environment_is_reused() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke fn {"n":1}
            fn#1 starts
            fn#1 gets {"n":1}
            > fn says {"ok":1}
            200 {"ok":1}
            > invoke fn {"n":2}
            fn#1 gets {"n":2}
            > fn says {"ok":2}
            200 {"ok":2}
        "#]],
    );
}

#[test]
fn environments_are_bounded_and_the_rest_waits() {
    check(
        "
        function fn {}
        limit environments 2
        limit waiting 1
        ",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > invoke fn 2
            fn#2 starts
            fn#2 gets 2
            > invoke fn 3
            > invoke fn 4
            429 TooManyRequestsException {"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}
            > fn#1 says "one"
            200 "one"
            fn#1 gets 3
            > fn#1 says "three"
            200 "three"
            > fn#2 says "two"
            200 "two"
        "#]],
    );
}

#[test]
fn a_call_waits_a_moment_for_a_quick_function_and_not_for_a_slow_one() {
    check(
        "
        function fn {}
        limit crowd 1
        ",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > fn says 1
            200 1
            > invoke fn 2
            fn#1 gets 2
            > invoke fn 3
            > fn says 2
            200 2
            fn#1 gets 3
            > invoke fn 4
            > advance 9ms
            > advance 1ms
            after 10ms
            fn#2 starts
            fn#2 gets 4
            > fn#2 says 4
            200 4
            > advance 1s
            > fn#1 says 3
            200 3
            > invoke fn 5
            fn#1 gets 5
            > invoke fn 6
            fn#2 gets 6
        "#]],
    );
}

#[test]
fn a_call_waits_longer_while_environments_become_free() {
    check(
        "
        function fn {}
        limit crowd 1
        ",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > fn says 1
            200 1
            > invoke fn 2
            fn#1 gets 2
            > invoke fn 3
            > invoke fn 4
            > invoke fn 5
            > invoke fn 6
            > advance 3ms
            > fn says 2
            200 2
            fn#1 gets 3
            > advance 6ms
            > fn says 3
            200 3
            fn#1 gets 4
            > advance 6ms
            > fn says 4
            200 4
            fn#1 gets 5
            > advance 9ms
            > advance 1ms
            after 25ms
            fn#2 starts
            fn#2 gets 6
        "#]],
    );
}

#[test]
fn idle_environments_are_ended() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > fn says 1
            200 1
            > advance 5m
            after 300s
            fn#1 is killed
            > invoke fn 2
            fn#2 starts
            fn#2 gets 2
        "#]],
    );
}

#[test]
fn function_over_its_time_is_killed() {
    check(
        r#"
        function fn {"Timeout": 3}
        logs
        "#,
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            log: START RequestId: {uuid} Version: $LATEST
            fn#1 gets 1
            > advance 3s
            after 3s
            fn#1 is killed
            log: 2026-11-25T08:15:33.000Z {uuid} Task timed out after 3.00 seconds
            log: END RequestId: {uuid}
            log: REPORT RequestId: {uuid} Duration: 3000.00 ms Billed Duration: 3000 ms Memory Size: 128 MB Init Duration: 0.00 ms Status: timeout
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}
            > invoke fn 2
            fn#2 starts
            log: START RequestId: {uuid} Version: $LATEST
            fn#2 gets 2
            > fn says 2
            log: END RequestId: {uuid}
            log: REPORT RequestId: {uuid} Duration: 0.00 ms Billed Duration: 1 ms Memory Size: 128 MB Init Duration: 0.00 ms
            200 2
        "#]],
    );
}

#[test]
fn failing_function_is_reported_as_it_says() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > fn fails boom
            200 Unhandled {"errorMessage":"boom","errorType":"Error"}
            > invoke fn 2
            fn#1 gets 2
            > fn crashes
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: Runtime exited with error: exit status: 1","errorType":"Runtime.ExitError"}
            > invoke fn 3
            fn#2 starts
            fn#2 gets 3
            > fn says 3
            200 3
        "#]],
    );
}

#[test]
fn function_that_cannot_start_fails_its_invocation_and_is_tried_again_for_the_next() {
    check(
        "
        function fn {}
        hand
        ",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            > fn#1 crashes
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: Runtime exited with error: exit status: 1","errorType":"Runtime.ExitError"}
            > advance 1h
            > invoke fn 2
            fn#2 starts
            > fn#2 rejects no database
            fn#2 is killed
            200 Unhandled {"errorMessage":"no database","errorType":"Init"}
            > invoke fn 3
            fn#3 starts
        "#]],
    );
}

#[test]
fn function_that_takes_too_long_to_start_gets_a_second_chance() {
    check(
        r#"
        function fn {"Timeout": 3}
        logs
        hand
        "#,
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            > advance 10s
            after 10s
            log: INIT_REPORT Init Duration: 10000.00 ms Phase: init Status: timeout
            fn#1 is killed
            fn#2 starts
            > advance 2999ms
            > advance 1ms
            after 13s
            fn#2 is killed
            log: INIT_REPORT Init Duration: 3000.00 ms Phase: init Status: error
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}
        "#]],
    );
}

#[test]
fn answers_must_fit_the_invocation() {
    check(
        "function fn {}
         hand",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            > fn asks
            fn#1 gets 1
            > fn#1 says 1
            200 1
            > fn#1 says 1
            fn#1 is told 400 {"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}
            > fn#1 rejects late
            fn#1 is told 403 {"errorMessage":"init/error is not allowed in this state","errorType":"InvalidStateTransition"}
            > fn#1 asks
        "#]],
    );
}

#[test]
fn asking_again_without_an_answer_is_an_error() {
    check(
        "
        function fn {}
        hand
        ",
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            > fn asks
            fn#1 gets 1
            > fn asks
            200 Unhandled {"errorMessage":"RequestId: {uuid} Error: the runtime asked for the next event without answering this one","errorType":"Runtime.NoResponse"}
        "#]],
    );
}

#[test]
fn environments_can_be_started_ahead() {
    check(
        "function fn {}",
        expect![[r#"
            > warm fn
            fn#1 starts
            > warm unknown
            warning: function unknown is not in the template
            > invoke fn 1
            fn#1 gets 1
        "#]],
    );
}

#[test]
fn reload_replaces_environments_of_changed_functions() {
    check(
        "
        function fn {}
        function other {}
        ",
        expect![[r#"
            > warm fn
            fn#1 starts
            > warm other
            other#1 starts
            > invoke other 1
            other#1 gets 1
            > reload fn other
            fn#1 is killed
            > other#1 says "finished"
            200 "finished"
            other#1 is killed
            > invoke other 2
            other#2 starts
            other#2 gets 2
            > reload
            > drop fn
            > reload
            > invoke fn 3
            404 ResourceNotFoundException {"Message":"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:fn","Type":"User"}
        "#]],
    );
}

#[test]
fn connections_survive_a_reload_and_meet_the_new_routes() {
    check(
        "
        route $default to echo
        route join to join
        ",
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"join"}
            join#1 starts
            join#1 gets join from {a}: {"action":"join"}
            > drop Routejoin
            > reload
            > a sends {"action":"join"}
            echo#1 starts
            echo#1 gets $default from {a}: {"action":"join"}
        "#]],
    );
}

#[test]
fn events_are_accepted_and_tried_three_times() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn fails first
            > advance 1m
            after 60s
            fn#1 gets {"n":1}
            > fn fails second
            > advance 2m
            after 180s
            fn#1 gets {"n":1}
            > fn fails third
            > advance 1h
            after 480s
            fn#1 is killed
        "#]],
    );
}

#[test]
fn invoke_api_refuses_what_it_cannot_do() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke unknown {}
            404 ResourceNotFoundException {"Message":"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:unknown","Type":"User"}
            > invoke fn not json
            400 InvalidRequestContentException {"Type":"User","message":"Could not parse request body into json"}
            > invoke fn DryRun {}
            204
        "#]],
    );
}

#[test]
fn process_gets_lambdas_variables_and_the_templates() {
    check(
        r#"
        function fn {"MemorySize": 256, "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}, "Environment": {"Variables": {"COLOR": "blue", "AWS_REGION": "not yours", "CALLBACK": {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/dev"}, "SOCKET": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}}}
        "#,
        expect![[r#"
            > warm fn
            fn#1 starts
            > show variables
            AWS_ACCESS_KEY_ID=ASIA5T3WGKHDEJJCM7J2
            AWS_DEFAULT_REGION=eu-central-1
            AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256
            AWS_LAMBDA_FUNCTION_NAME=fn
            AWS_LAMBDA_FUNCTION_VERSION=$LATEST
            AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
            AWS_LAMBDA_LOG_FORMAT=JSON
            AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/fn
            AWS_LAMBDA_LOG_LEVEL=DEBUG
            AWS_LAMBDA_LOG_STREAM_NAME=2026/11/25/[$LATEST]efcb4933987eb938fefe4964dea48166
            AWS_REGION=eu-central-1
            AWS_SECRET_ACCESS_KEY=e5wdoyzxuW85nuhUeXKRfgHsgzu0RqnHxTncllF8
            AWS_SESSION_TOKEN=1jxwbqol497ugo3dvw167zxiecxjnun25eixdp03m0ixdjdjlkw3zjhfm0h9rce8
            CALLBACK=http://127.0.0.1:4000/_aws/execute-api/noc08ugru8/dev
            COLOR=blue
            SOCKET=ws://127.0.0.1:4000/_aws/execute-api/noc08ugru8
            TZ=:UTC
            _HANDLER=bootstrap
        "#]],
    );
}

#[test]
fn function_may_want_lambdas_own_lines_in_json() {
    check(
        r#"
        function fn {"LoggingConfig": {"LogFormat": "JSON"}}
        logs
        hand
        "#,
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            > advance 20ms
            > fn asks
            log: {"record":{"requestId":"{uuid}","version":"$LATEST"},"time":"2026-11-25T08:15:30.020Z","type":"platform.start"}
            fn#1 gets 1
            > advance 5ms
            > fn says 1
            log: {"record":{"metrics":{"billedDurationMs":5,"durationMs":5.0,"initDurationMs":20.0,"memorySizeMB":128},"requestId":"{uuid}","status":"success"},"time":"2026-11-25T08:15:30.025Z","type":"platform.report"}
            200 1
            > fn asks
            > invoke fn 2
            log: {"record":{"requestId":"{uuid}","version":"$LATEST"},"time":"2026-11-25T08:15:30.025Z","type":"platform.start"}
            fn#1 gets 2
            > fn fails boom
            log: {"record":{"metrics":{"billedDurationMs":1,"durationMs":0.0,"memorySizeMB":128},"requestId":"{uuid}","status":"error"},"time":"2026-11-25T08:15:30.025Z","type":"platform.report"}
            200 Unhandled {"errorMessage":"boom","errorType":"Error"}
        "#]],
    );
}
