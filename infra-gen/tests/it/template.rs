//! A template as a whole.

use expect_test::{Expect, expect};
use infra_gen::aws::dynamodb::{Table, table};
use infra_gen::aws::iam::{Role, role};
use infra_gen::aws::lambda::Permission;
use infra_gen::aws::logs::LogGroup;
use infra_gen::iam::{Policy, Service, Statement, Trust, dynamodb};
use infra_gen::{Condition, DeletionPolicy, Node, Options, Output, Parameter, Template, Val, some};

fn check(template: &Template, expect: Expect) {
    assert_eq!(template.check(), []);
    expect.assert_eq(&template.to_yaml());
}

#[test]
fn sections_stand_in_the_order_of_the_reference() {
    let mut template = Template::new("Everything once");
    let stage = template.parameter(
        "Stage",
        Parameter::<String> {
            description: "Which".to_owned(),
            default: Some("dev".to_owned()),
            allowed_values: vec!["dev".to_owned(), "prod".to_owned()],
            ..Parameter::new()
        },
    );
    let is_prod = template.condition("IsProd", Condition::equals(stage, "prod"));
    template.condition("IsOther", Condition::Not(Box::new(Condition::Is(is_prod.clone()))));
    let first = template.add("First", LogGroup::new());
    let second = template.add_with(
        "Second",
        LogGroup { retention_in_days: Some(Val::when(&is_prod, 90, 7)), ..LogGroup::new() },
        Options {
            condition: Some(is_prod.clone()),
            depends_on: vec![first.logical_id().clone()],
            deletion_policy: Some(DeletionPolicy::Retain),
            update_replace_policy: Some(DeletionPolicy::Retain),
            metadata: Some(Node::map([("Owner", Node::text("ops"))])),
        },
    );
    template.output(
        "Log",
        Output {
            description: "Its ARN".to_owned(),
            export: Some("log".into()),
            condition: Some(is_prod),
            ..Output::new(second.arn())
        },
    );
    check(
        &template,
        expect![[r#"
        AWSTemplateFormatVersion: '2010-09-09'
        Description: Everything once
        Parameters:
          Stage:
            Type: String
            Description: Which
            Default: dev
            AllowedValues:
              - dev
              - prod
        Conditions:
          IsProd: !Equals
            - !Ref Stage
            - prod
          IsOther: !Not
            - Condition: IsProd
        Resources:
          First:
            Type: AWS::Logs::LogGroup
          Second:
            Type: AWS::Logs::LogGroup
            Condition: IsProd
            DependsOn:
              - First
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Metadata:
              Owner: ops
            Properties:
              RetentionInDays: !If
                - IsProd
                - 90
                - 7
        Outputs:
          Log:
            Description: Its ARN
            Condition: IsProd
            Value: !GetAtt Second.Arn
            Export:
              Name: log
    "#]],
    );
}

#[test]
fn nested_types_lists_and_policies_are_written() {
    let mut template = Template::new("");
    let table = template.add(
        "Table",
        Table {
            billing_mode: some(table::BillingMode::PayPerRequest),
            stream_specification: some(table::StreamSpecification {
                ..table::StreamSpecification::new(table::StreamViewType::NewAndOldImages)
            }),
            ..Table::new([
                table::KeySchema::new("pk", table::KeyType::Hash),
                table::KeySchema::new("sk", table::KeyType::Range),
            ])
        },
    );
    let read = Policy::new([Statement::allow([dynamodb::GET_RECORDS], table.stream_arn())]);
    template.add(
        "Role",
        Role {
            policies: some([role::Policy::new(read, "Read")]),
            ..Role::new(Trust::service(Service::Lambda))
        },
    );
    check(
        &template,
        expect![[r#"
            AWSTemplateFormatVersion: '2010-09-09'
            Resources:
              Table:
                Type: AWS::DynamoDB::Table
                Properties:
                  BillingMode: PAY_PER_REQUEST
                  KeySchema:
                    - AttributeName: pk
                      KeyType: HASH
                    - AttributeName: sk
                      KeyType: RANGE
                  StreamSpecification:
                    StreamViewType: NEW_AND_OLD_IMAGES
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Version: '2012-10-17'
                    Statement:
                      - Effect: Allow
                        Principal:
                          Service: lambda.amazonaws.com
                        Action:
                          - sts:AssumeRole
                  Policies:
                    - PolicyDocument:
                        Version: '2012-10-17'
                        Statement:
                          - Effect: Allow
                            Action:
                              - dynamodb:GetRecords
                            Resource: !GetAtt Table.StreamArn
                      PolicyName: Read
        "#]],
    );
}

#[test]
fn resources_are_found_by_type() {
    let mut template = Template::new("");
    template.add("Log", LogGroup { retention_in_days: some(7), ..LogGroup::new() });
    template.add("May", Permission::new("lambda:InvokeFunction", "f", "events.amazonaws.com"));
    let found: Vec<_> = template
        .find::<LogGroup>()
        .map(|(id, log)| (id.as_str(), &log.retention_in_days))
        .collect();
    assert_eq!(found, [("Log", &some(7))]);
    let types: Vec<_> = template.resources().map(|(_, type_name, _)| type_name).collect();
    assert_eq!(types, ["AWS::Logs::LogGroup", "AWS::Lambda::Permission"]);
}

#[test]
fn same_inputs_give_the_same_bytes() {
    let build = || {
        let mut template = Template::new("");
        template.add("Log", LogGroup::new());
        let fingerprint = template.fingerprint(&["Log".into()]);
        (template.to_yaml(), template.to_json(), fingerprint)
    };
    assert_eq!(build(), build());
}

#[test]
fn a_fingerprint_changes_with_what_it_is_of_and_nothing_else() {
    let fingerprint = |days: i32, other: &'static str| {
        let mut template = Template::new("");
        let log = LogGroup { retention_in_days: some(days), ..LogGroup::new() };
        let log = template.add("Log", log).logical_id().clone();
        template.add(other, LogGroup::new());
        template.fingerprint(&[log])
    };
    assert_eq!(fingerprint(7, "A"), fingerprint(7, "B"));
    assert_ne!(fingerprint(7, "A"), fingerprint(14, "A"));
    expect!["855d20dc9431e81c"].assert_eq(&fingerprint(7, "A"));
}

#[test]
fn a_resource_knows_the_line_of_source_that_added_it() {
    let mut template = Template::new("");
    let before = line!();
    template.add("Log", LogGroup::new());
    let source = |(id, source): (&infra_gen::LogicalId, &std::panic::Location<'_>)| {
        (id.to_string(), source.file().ends_with("tests/it/template.rs"), source.line())
    };
    let sources: Vec<_> = template.sources().map(source).collect();
    assert_eq!(sources, [("Log".to_owned(), true, before + 1)]);
}
