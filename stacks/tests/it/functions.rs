//! What each function is given: size, variables, log.

use super::{EVERY_SHAPE, json, properties, stage, template, text};
use expect_test::{Expect, expect};
use herald_contract::Function;
use infra_gen::aws::lambda;
use infra_gen::aws::logs::LogGroup;
use stacks::push;

#[test]
fn every_function_is_what_the_settings_say() {
    let template = template(
        ", architecture: x86_64, memory_mb: 256, timeout_seconds: 29, worker: {memory_mb: 1024, timeout_seconds: 900}, sender_concurrency: 4",
    );
    let lines = template.find::<lambda::Function>().map(|(id, function)| {
        let parts = [
            text(&function.architectures),
            text(&function.memory_size),
            text(&function.timeout),
            text(&function.reserved_concurrent_executions),
            text(&function.runtime),
            text(&function.handler),
            text(&function.tracing_config),
        ];
        format!("{:10} {}\n", id.as_str(), parts.join(" "))
    });
    expect![[r#"
        Socket     ["x86_64"] 256 29 null "provided.al2023" "bootstrap" {"Mode":"Active"}
        Authorizer ["x86_64"] 256 29 null "provided.al2023" "bootstrap" {"Mode":"Active"}
        Worker     ["x86_64"] 1024 900 null "provided.al2023" "bootstrap" {"Mode":"Active"}
        Sender     ["x86_64"] 256 60 4 "provided.al2023" "bootstrap" {"Mode":"Active"}
        Dispatcher ["x86_64"] 256 60 null "provided.al2023" "bootstrap" {"Mode":"Active"}
        Publish    ["x86_64"] 256 29 null "provided.al2023" "bootstrap" {"Mode":"Active"}
        Sweeper    ["x86_64"] 256 50 null "provided.al2023" "bootstrap" {"Mode":"Active"}
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn every_function_logs_as_json_into_a_group_of_its_own_that_forgets() {
    let template = template(", log_retention_days: 7");
    for (id, function) in template.find::<lambda::Function>() {
        let config = format!(r#"{{"LogFormat":"JSON","LogGroup":{{"Ref":"{id}Log"}}}}"#);
        assert_eq!(text(&function.logging_config), config);
    }
    let kept: Vec<_> =
        template.find::<LogGroup>().map(|(_, l)| text(&l.retention_in_days)).collect();
    assert_eq!(kept, vec!["7"; Function::ALL.len() + 1], "the access log is one more");
}

/// The variables of a function, one a line.
fn check_variables(settings: &str, function: Function, expect: Expect) {
    let properties = properties(settings, function.logical_id());
    let variables = properties["Environment"]["Variables"].as_object().unwrap();
    let lines: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    expect.assert_eq(&lines.concat());
}

#[test]
fn a_function_is_told_of_what_it_works_with() {
    let check = check_variables;
    check(
        "",
        Function::Socket,
        expect![[r#"
            STAGE="live"
            TABLE_NAME={"Ref":"Table"}
        "#]],
    );
    check(
        "",
        Function::Dispatcher,
        expect![[r#"
            DEAD_LETTERS_URL={"Ref":"DeadLetters"}
            SENDER_FUNCTION={"Ref":"Sender"}
            STAGE="live"
            TABLE_NAME={"Ref":"Table"}
            WORKER_FUNCTION={"Ref":"Worker"}
        "#]],
    );
    check(
        "",
        Function::Sweeper,
        expect![[r#"
            DEAD_LETTERS_URL={"Ref":"DeadLetters"}
            STAGE="live"
            TABLE_NAME={"Ref":"Table"}
            WORKER_FUNCTION={"Ref":"Worker"}
        "#]],
    );
}

#[test]
fn a_variable_is_there_if_its_setting_is() {
    check_variables(
        ", metrics: false, callback_url: 'https://ws.example.com/live', allowed_origins: ['https://a.example', 'http://localhost:5173']",
        Function::Socket,
        expect![[r#"
            ALLOWED_ORIGINS="https://a.example,http://localhost:5173"
            CALLBACK_URL="https://ws.example.com/live"
            TABLE_NAME={"Ref":"Table"}
        "#]],
    );
}

#[test]
fn the_authorizer_has_the_ticket_secret_by_parameter_and_the_one_before_only_if_there_is_one() {
    check_variables(
        ", allowed_origins: ['https://a.example']",
        Function::Authorizer,
        expect![[r#"
            ALLOWED_ORIGINS="https://a.example"
            AUTH="ticket"
            TABLE_NAME={"Ref":"Table"}
            TICKET_SECRET={"Ref":"TicketSecret"}
            TICKET_SECRET_BEFORE={"Fn::If":["HasTicketSecretBefore",{"Ref":"TicketSecretBefore"},{"Ref":"AWS::NoValue"}]}
        "#]],
    );
    let document = json(&template(""));
    expect![[r#"{"Description":"What tickets are signed with; random","MinLength":32,"NoEcho":true,"Type":"String"}"#]]
        .assert_eq(&document["Parameters"]["TicketSecret"].to_string());
    expect![[r#"{"Default":"","Description":"What they were signed with before; empty, if it is not being replaced","NoEcho":true,"Type":"String"}"#]]
        .assert_eq(&document["Parameters"]["TicketSecretBefore"].to_string());
}

#[test]
fn an_authorizer_of_tokens_knows_no_ticket() {
    check_variables(
        ", auth: jwt, jwt: {issuer: i, audience: a, jwks_url: 'https://id.example/jwks'}",
        Function::Authorizer,
        expect![[r#"
            AUTH="jwt"
            JWKS_URL="https://id.example/jwks"
            JWT_AUDIENCE="a"
            JWT_ISSUER="i"
            TABLE_NAME={"Ref":"Table"}
        "#]],
    );
}

#[test]
fn variables_of_the_longest_settings_fit_into_what_lambda_takes() {
    let origins: Vec<_> = (10..80).map(|n| format!("'https://app-{n}.example.com'")).collect();
    let word = "x".repeat(256);
    let url = format!("https://{}", "x".repeat(248));
    let settings = format!(
        ", auth: optional, allowed_origins: [{}], jwt: {{issuer: {word}, audience: {word}, jwks_url: '{url}'}}",
        origins.join(", ")
    );
    let authorizer = properties(&settings, "Authorizer");
    let variables = authorizer["Environment"]["Variables"].as_object().unwrap();
    // A parameter of 4 KB is the longest; a secret of ours has 64 characters, a table's name 255.
    let bytes: usize = variables
        .iter()
        .map(|(name, value)| name.len() + value.as_str().map_or(255, str::len))
        .sum();
    assert!(bytes < 4096, "{bytes}");
}

#[test]
fn every_function_has_its_code_by_parameter() {
    for settings in EVERY_SHAPE {
        let template = template(settings);
        let document = json(&template);
        let entries = push::functions(&stage(settings));
        for entry in &entries {
            assert_eq!(entry.architecture, "arm64");
            assert_eq!(document["Parameters"][&entry.code_parameter]["Type"], "String");
            let code = &document["Resources"][&entry.logical_id]["Properties"]["Code"];
            assert_eq!(code["S3Bucket"]["Ref"], push::ASSET_BUCKET);
            assert_eq!(code["S3Key"]["Ref"].as_str(), Some(entry.code_parameter.as_str()));
        }
        assert_eq!(template.find::<lambda::Function>().count(), entries.len(), "{settings}");
    }
}
