//! What `stages.yaml` may say, and how it is told what it may not.

mod domain;

use super::*;
use expect_test::{Expect, expect};

fn check_refused(text: &str, expect: Expect) {
    let error = Settings::parse(text, "stacks/stages.yaml").unwrap_err();
    // A line of its own lets long ones be updated in place.
    expect.assert_eq(&format!("{error}\n"));
}

#[test]
fn a_region_is_enough() {
    let settings = Settings::parse("stages: {dev: {region: eu-central-1}}", "f").unwrap();
    let stage = settings.stage("dev").unwrap();
    assert_eq!((stage.memory_mb, stage.architecture), (128, Architecture::Arm64));
}

#[test]
fn unknown_keys_are_refused_with_place_and_nearest_key() {
    check_refused(
        "stages:\n  dev:\n    region: us-east-1\n    memory: 128\n",
        expect![[r#"
            stacks/stages.yaml:4:5: stages.dev: unknown field `memory`, expected one of `region`, `architecture`, `memory_mb`, `timeout_seconds`, `worker`, `sender_concurrency`, `log_retention_days`, `throttle`, `deployment`, `callback_url`, `domain`, `auth`, `allowed_origins`, `jwt`, `retain_data`, `tracing`, `metrics`, `alarms`, `alarm_topic`
            the nearest known key is `memory_mb`
        "#]],
    );
    check_refused(
        "stages:\n  dev:\n    region: us-east-1\n    throttle: {rate: 1, bursts: 1}\n",
        expect![[r#"
            stacks/stages.yaml:4:25: stages.dev.throttle: unknown field `bursts`, expected `rate` or `burst`
            the nearest known key is `burst`
        "#]],
    );
    check_refused(
        "stage:\n  dev: {region: us-east-1}\n",
        expect![[r#"
            stacks/stages.yaml:1:1: unknown field `stage`, expected `stages`
            the nearest known key is `stages`
        "#]],
    );
}

#[test]
fn unknown_values_are_refused_with_the_nearest_one() {
    check_refused(
        "stages:\n  dev:\n    region: us-east-1\n    architecture: x86-64\n",
        expect![[r#"
            stacks/stages.yaml:4:19: stages.dev.architecture: unknown variant `x86-64`, expected `arm64` or `x86_64`
            the nearest known value is `x86_64`
        "#]],
    );
    check_refused(
        "stages:\n  dev:\n    region: us-east-1\n    deployment: hash\n",
        expect![[r#"
            stacks/stages.yaml:4:17: stages.dev.deployment: unknown variant `hash`, expected `auto` or `hashed`
            the nearest known value is `hashed`
        "#]],
    );
}

#[test]
fn values_out_of_range_are_refused() {
    let with = |line: &str| format!("stages:\n  dev:\n    region: us-east-1\n    {line}\n");
    check_refused(
        &with("memory_mb: 64"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.memory_mb is 64; it goes from 128 to 10240 MB
        "#]],
    );
    check_refused(
        &with("memory_mb: -5"),
        expect![[r#"
            stacks/stages.yaml:4:16: stages.dev.memory_mb: invalid type: integer `-5`, expected u32
        "#]],
    );
    check_refused(
        &with("timeout_seconds: 30"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.timeout_seconds is 30; it goes from 1 to 29 seconds
        "#]],
    );
    check_refused(
        &with("log_retention_days: 31"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.log_retention_days is 31, which CloudWatch Logs does not accept; the nearest it does is 30
        "#]],
    );
    check_refused(
        &with("log_retention_days: 0"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.log_retention_days is 0, which CloudWatch Logs does not accept; the nearest it does is 1
        "#]],
    );
    check_refused(
        &with("throttle: {rate: 0, burst: 1}"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.throttle: rate and burst must be more than 0, or the stage answers 429 to everything
        "#]],
    );
    check_refused(
        &with("callback_url: http://example.com"),
        expect![[r#"
            stacks/stages.yaml: stages.dev.callback_url: `http://example.com` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
        "#]],
    );
    check_refused(
        "stages: {dev: {region: frankfurt}}",
        expect![[r#"
            stacks/stages.yaml: stages.dev.region is `frankfurt`; write a Region such as eu-central-1
        "#]],
    );
    check_refused(
        "stages: {'a b': {region: us-east-1}}",
        expect![[r#"
            stacks/stages.yaml: stages.a b: a stage name is 1 to 64 letters, digits, `_` or `-`, since it is the path of the API's URL
        "#]],
    );
    check_refused(
        "stages: {}",
        expect![[r#"
            stacks/stages.yaml: no stage is defined; add one below `stages:`
        "#]],
    );
    check_refused(
        "stages: [",
        expect![[r#"
            stacks/stages.yaml:1:9: stages: invalid type: sequence, expected a map
        "#]],
    );
    check_refused(
        "",
        expect![[r#"
        stacks/stages.yaml:1:1: missing field `stages`
    "#]],
    );
}

/// A stage with one more line.
fn check_line_refused(line: &str, expect: Expect) {
    check_refused(&format!("stages:\n  dev:\n    region: us-east-1\n    {line}\n"), expect);
}

#[test]
fn who_may_connect_is_one_of_four() {
    check_line_refused(
        "auth: tickets",
        expect![[r#"
        stacks/stages.yaml:4:11: stages.dev.auth: unknown variant `tickets`, expected one of `none`, `optional`, `ticket`, `jwt`
        the nearest known value is `ticket`
    "#]],
    );
}

#[test]
fn tokens_and_what_says_how_to_read_them_come_together() {
    let jwt = "jwt: {issuer: i, audience: a, jwks_url: 'https://id.example/jwks'}";
    check_line_refused(
        "auth: jwt",
        expect![[r#"
        stacks/stages.yaml: stages.dev.jwt is missing, and `auth: jwt` cannot do without; add jwt: {issuer: …, audience: …, jwks_url: …}
    "#]],
    );
    check_line_refused(
        jwt,
        expect![[r#"
        stacks/stages.yaml: stages.dev.jwt stands beside `auth: ticket`, which takes no tokens; write `auth: jwt` or `auth: optional`, or leave it out
    "#]],
    );
    check_line_refused(
        &format!("{jwt}\n    auth: none"),
        expect![[r#"
        stacks/stages.yaml: stages.dev.jwt stands beside `auth: none`, which takes no tokens; write `auth: jwt` or `auth: optional`, or leave it out
    "#]],
    );
    check_line_refused(
        "jwt: {issuer: i, audience: a}",
        expect![[r#"
        stacks/stages.yaml:4:10: stages.dev.jwt: missing field `jwks_url`
    "#]],
    );
    check_line_refused(
        "jwt: {isuer: i, audience: a, jwks_url: u}",
        expect![[r#"
        stacks/stages.yaml:4:11: stages.dev.jwt: unknown field `isuer`, expected one of `issuer`, `audience`, `jwks_url`
        the nearest known key is `issuer`
    "#]],
    );
    check_line_refused(
        "auth: jwt\n    jwt: {issuer: i, audience: a, jwks_url: 'http://id.example/jwks'}",
        expect![[r#"
            stacks/stages.yaml: stages.dev.jwt.jwks_url is `http://id.example/jwks`; write the https URL of the issuer's JSON Web Key Set
        "#]],
    );
    check_line_refused(
        "auth: jwt\n    jwt: {issuer: '', audience: a, jwks_url: 'https://id.example/jwks'}",
        expect![[r#"
            stacks/stages.yaml: stages.dev.jwt.issuer has 0 characters; it goes from 1 to 256
        "#]],
    );
    for auth in ["jwt", "optional"] {
        let text = format!("stages: {{dev: {{region: us-east-1, auth: {auth}, {jwt}}}}}");
        assert!(Settings::parse(&text, "f").is_ok(), "{auth}");
    }
}

#[test]
fn an_origin_is_a_scheme_and_a_host() {
    for origin in ["*", "app.example.com", "https://", "https://a/b", "https://*.a", "https://a,b"]
    {
        let text = format!("stages: {{dev: {{region: us-east-1, allowed_origins: ['{origin}']}}}}");
        let error = Settings::parse(&text, "f").unwrap_err().to_string();
        assert!(error.contains(&format!("`{origin}` is no origin")), "{error}");
    }
    check_line_refused(
        "allowed_origins: ['https://app.example.com/']",
        expect![[r#"
        stacks/stages.yaml: stages.dev.allowed_origins: `https://app.example.com/` is no origin; write for example https://app.example.com, without a path
    "#]],
    );
    let many = vec!["'https://app.example.com'"; 100].join(", ");
    check_line_refused(
        &format!("allowed_origins: [{many}]"),
        expect![[r#"
        stacks/stages.yaml: stages.dev.allowed_origins has 2400 bytes; the most is 2048, since the variables of a function have 4 KB together
    "#]],
    );
}

#[test]
fn a_worker_has_a_size_of_its_own() {
    check_line_refused(
        "worker: {memory_mb: 64}",
        expect![[r#"
        stacks/stages.yaml: stages.dev.worker.memory_mb is 64; it goes from 128 to 10240 MB
    "#]],
    );
    check_line_refused(
        "worker: {timeout_seconds: 901}",
        expect![[r#"
        stacks/stages.yaml: stages.dev.worker.timeout_seconds is 901; it goes from 10 to 900 seconds
    "#]],
    );
    check_line_refused(
        "worker: {timeout: 900}",
        expect![[r#"
        stacks/stages.yaml:4:14: stages.dev.worker: unknown field `timeout`, expected `memory_mb` or `timeout_seconds`
    "#]],
    );
    check_line_refused(
        "sender_concurrency: 0",
        expect![[r#"
        stacks/stages.yaml: stages.dev.sender_concurrency is 0; it goes from 1 to 1000 executions; leave it out for no limit
    "#]],
    );
    let text = "stages: {dev: {region: us-east-1, worker: {timeout_seconds: 900}}}";
    let settings = Settings::parse(text, "f").unwrap();
    let worker = settings.stage("dev").unwrap().worker;
    assert_eq!((worker.memory_mb, worker.timeout_seconds), (512, 900));
}

#[test]
fn alarms_are_told_to_a_topic_or_to_nobody() {
    check_line_refused(
        "alarm_topic: alarms",
        expect![[r#"
        stacks/stages.yaml: stages.dev.alarm_topic is `alarms`; write the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME
    "#]],
    );
    check_line_refused(
        "alarm_topic: 'arn:aws:sns:us-east-1:123456789012:alarms'\n    alarms: false",
        expect![[r#"
            stacks/stages.yaml: stages.dev.alarm_topic stands beside `alarms: false`; leave one of the two out
        "#]],
    );
}

#[test]
fn what_is_not_said_is_the_careful_choice() {
    let settings = Settings::parse("stages: {dev: {region: eu-central-1}}", "f").unwrap();
    let stage = settings.stage("dev").unwrap();
    assert_eq!(stage.auth, AuthMode::Ticket);
    assert!(stage.retain_data && stage.tracing && stage.metrics && stage.alarms);
    assert_eq!((&stage.jwt, stage.sender_concurrency, &stage.alarm_topic), (&None, None, &None));
}

#[test]
fn an_unknown_stage_is_answered_with_the_known_ones() {
    let settings =
        Settings::parse("stages: {a: {region: eu-west-1}, b: {region: eu-west-1}}", "f").unwrap();
    expect!["there is no stage `c` in stages.yaml; it has `a`, `b`"]
        .assert_eq(&settings.stage("c").unwrap_err());
}
