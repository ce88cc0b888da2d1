//! What a template is told before AWS would.

use expect_test::{Expect, expect};
use infra_gen::aws::dynamodb::{Table, table::KeySchema, table::KeyType, table::SSESpecification};
use infra_gen::aws::iam;
use infra_gen::aws::ids::{CodeSigningConfigArn, RoleArn};
use infra_gen::aws::lambda::{Function, function::Code};
use infra_gen::aws::logs::{LogGroup, log_group::Tag};
use infra_gen::iam::Policy;
use infra_gen::{LogicalId, Options, Output, Resource, Template, Val, some};

fn check(template: &Template, expect: Expect) {
    let problems: Vec<_> = template.check().iter().map(ToString::to_string).collect();
    expect.assert_eq(&problems.join("\n"));
}

fn check_one(resource: impl Resource, expect: Expect) {
    let mut template = Template::new("");
    template.add("It", resource);
    check(&template, expect);
}

fn function() -> Function {
    Function::new(Code::new(), RoleArn::new("arn:aws:iam::123456789012:role/r"))
}

#[test]
fn what_is_right_gives_no_problem() {
    check_one(Function { memory_size: some(128), ..function() }, expect![""]);
}

#[test]
fn literals_are_held_against_the_schema() {
    check_one(
        Function {
            code_signing_config_arn: Some(CodeSigningConfigArn::new("arn:aws:x").into()),
            description: some("x".repeat(257)),
            timeout: some(0),
            ..function()
        },
        expect![[r#"
            It.CodeSigningConfigArn is "arn:aws:x"; it must match arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:code-signing-config:csc-[a-z0-9]{17}
            It.Description is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" and so on, 257 characters; allowed are 0 to 256
            It.Timeout is 0; the least is 1"#]],
    );
    check_one(
        LogGroup { retention_in_days: some(31), ..LogGroup::new() },
        expect![
            "It.RetentionInDays is 31; allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ],
    );
}

#[test]
fn places_inside_lists_are_named() {
    let tags = [Tag::new("ok", "1"), Tag::new("", "2")];
    check_one(
        LogGroup { tags: some(tags), ..LogGroup::new() },
        expect![[r#"It.Tags[1].Key is "", 0 characters; allowed are 1 to 128"#]],
    );
}

#[test]
fn a_value_that_only_cloud_formation_knows_is_passed_over() {
    let later = Val::import("x");
    check_one(LogGroup { retention_in_days: Some(later), ..LogGroup::new() }, expect![""]);
}

#[test]
fn lists_are_counted_and_their_items_compared() {
    let key = || KeySchema::new("pk", KeyType::Hash);
    check_one(
        Table::new([key(), key(), key()]),
        expect![[r#"
            It.KeySchema has 3 entries; allowed are 1 to 2
            It.KeySchema has item 1 a second time"#]],
    );
}

#[test]
fn properties_that_belong_together_are_asked_for_together() {
    check_one(
        iam::Policy::new(Policy::default(), "P"),
        expect!["It has none of Users, Groups, Roles; give one"],
    );
    check_one(
        Table {
            sse_specification: some(SSESpecification {
                kms_master_key_id: some("k"),
                ..SSESpecification::new(true)
            }),
            ..Table::new([KeySchema::new("pk", KeyType::Hash)])
        },
        expect!["It.SSESpecification has KMSMasterKeyId without SSEType, which it needs"],
    );
}

#[test]
fn an_id_is_given_once_and_is_letters_and_digits() {
    let mut template = Template::new("");
    template.add("Log", LogGroup::new());
    template.add("Log", LogGroup::new());
    template.add("my-log", LogGroup::new());
    template.add(String::new(), LogGroup::new());
    check(
        &template,
        expect![[r#"
            Log is the id of more than one resource or parameter
            "my-log" is no id of a resource or parameter; write 1 to 255 letters and digits
            "" is no id of a resource or parameter; write 1 to 255 letters and digits"#]],
    );
}

#[test]
fn a_reference_into_another_template_is_found_wherever_it_stands() {
    let elsewhere = Template::new("").add("Elsewhere", LogGroup::new());
    let mut template = Template::new("");
    template.add("Log", LogGroup { log_group_name: some(&elsewhere), ..LogGroup::new() });
    template.add_with(
        "Other",
        LogGroup { log_group_name: Some(Val::sub(&[&"x-", &elsewhere.arn()])), ..LogGroup::new() },
        Options { depends_on: vec![LogicalId::from("Gone")], ..Options::default() },
    );
    template.output("Arn", Output::new(elsewhere.arn()));
    check(
        &template,
        expect![[r#"
        Log refers to Elsewhere, which this template does not have
        Other takes an attribute of Elsewhere, a resource this template does not have
        Other takes an attribute of Gone, a resource this template does not have
        Outputs.Arn takes an attribute of Elsewhere, a resource this template does not have"#]],
    );
}

#[test]
fn a_circle_of_references_is_shown() {
    let mut template = Template::new("");
    let mut elsewhere = Template::new("");
    let [a, c] = ["A", "C"].map(|id| elsewhere.add(id, LogGroup::new()));
    let log = |name: &infra_gen::Handle<LogGroup>| LogGroup {
        log_group_name: some(name),
        ..LogGroup::new()
    };
    let b = template.add("B", log(&c));
    template.add("C", log(&a));
    template.add("A", log(&b));
    template.add("D", log(&a));
    check(&template, expect!["A depends on itself: A → B → C → A"]);
}

#[test]
fn a_template_has_at_least_one_resource_and_at_most_500() {
    let mut template = Template::new("");
    check(&template, expect!["Resources is empty; a template has at least one resource"]);
    for i in 0..501 {
        template.add(format!("L{i}"), LogGroup::new());
    }
    check(&template, expect!["Resources has 501 entries; the most is 500"]);
}

#[test]
fn numbers_that_no_template_can_say_are_found() {
    use infra_gen::aws::apigatewayv2::{Api, Stage, stage::RouteSettings};
    let mut template = Template::new("");
    let api = template.add("Api", Api::new());
    template.add(
        "Stage",
        Stage {
            default_route_settings: some(RouteSettings {
                throttling_rate_limit: some(f64::NAN),
                ..RouteSettings::new()
            }),
            ..Stage::new(&api, "prod")
        },
    );
    check(
        &template,
        expect!["Stage.DefaultRouteSettings.ThrottlingRateLimit is NaN, which no template can say"],
    );
}
