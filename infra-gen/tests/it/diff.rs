//! What changes between two templates, and what that does to the account.

use expect_test::{Expect, expect};
use infra_gen::Node;
use infra_gen::diff::{Action, Diff, EntryChange, Fate, PropertyChange, Replaces, Sign};
use infra_gen::template_file::parse;
use std::fmt::Write as _;

fn diff(old: &str, new: &str) -> Diff {
    infra_gen::diff::diff("stack", &parse(old).unwrap(), &parse(new).unwrap())
}

fn check(old: &str, new: &str, expect: Expect) {
    expect.assert_eq(&show(&diff(old, new)));
}

/// Two versions of one resource, `R`, beside others that stay.
fn check_resource(old: &str, new: &str, expect: Expect) {
    let template = |resource: &str| format!("Resources: {{R: {resource}}}");
    check(&template(old), &template(new), expect);
}

/// Only who may do what.
fn check_iam(old: &str, new: &str, expect: Expect) {
    let diff = diff(old, new);
    let mut out = if diff.iam.broadens { "broadens\n" } else { "" }.to_owned();
    show_iam(&diff, &mut out);
    expect.assert_eq(&out);
}

fn value(node: &Option<Node>) -> String {
    node.as_ref().map_or_else(|| "nothing".to_owned(), Node::to_line)
}

fn show(diff: &Diff) -> String {
    let mut out = String::new();
    for (section, entries) in [
        ("Parameters", &diff.parameters),
        ("Conditions", &diff.conditions),
        ("Outputs", &diff.outputs),
        ("other", &diff.other),
    ] {
        for EntryChange { id, old, new, follows } in entries {
            let follows = follows.as_ref().map_or_else(String::new, |f| format!(" follows {f}"));
            _ = writeln!(out, "{section} {id}: {} → {}{follows}", value(old), value(new));
        }
    }
    for resource in &diff.resources {
        let because: Vec<_> = resource.because.iter().map(ToString::to_string).collect();
        _ = write!(out, "{:?} {} {}", resource.action, resource.id, resource.type_name);
        if !because.is_empty() {
            _ = write!(out, " because of {}", because.join(", "));
        }
        if let Some(data) = &resource.data {
            let sure = if data.certain { "" } else { " perhaps" };
            _ = write!(out, "; {} {:?}{sure}", data.holds, data.fate);
        }
        out.push('\n');
        if !matches!(resource.action, Action::Add | Action::Remove) {
            for PropertyChange { path, old, new, replaces, follows } in &resource.properties {
                let replaces = if *replaces == Replaces::No { "" } else { " !" };
                match follows {
                    Some(cause) => _ = writeln!(out, "  {path} follows {cause}{replaces}"),
                    None => {
                        _ = writeln!(out, "  {path}: {} → {}{replaces}", value(old), value(new));
                    }
                }
            }
        }
        for note in &resource.notes {
            _ = writeln!(out, "  note: {note}");
        }
    }
    show_iam(diff, &mut out);
    out
}

fn show_iam(diff: &Diff, out: &mut String) {
    for change in &diff.iam.changes {
        let sign = if change.sign == Sign::Added { '+' } else { '-' };
        let more = if change.broadens { " !" } else { "" };
        let grant = &change.grant;
        let when = if grant.condition.is_empty() { "" } else { " if " };
        _ = writeln!(
            out,
            "{sign} {} {} {} on {}{when}{}{more}",
            grant.effect, grant.principal, grant.action, grant.resource, grant.condition
        );
        if let Some(before) = &change.wider_than {
            _ = writeln!(out, "    wider than {} on {}", before.action, before.resource);
        }
    }
}

const ROLE: &str = "{Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}, Policies: \
    [{PolicyName: p, PolicyDocument: {Statement: [STATEMENT]}}]}}";

/// A role with one statement.
fn role(statement: &str) -> String {
    format!("Resources: {{R: {}}}", ROLE.replace("STATEMENT", statement))
}

#[test]
fn equal_templates_differ_in_nothing_however_they_are_written() {
    let one = "Resources: {Q: {Type: AWS::SQS::Queue, DependsOn: L, Properties: {QueueName: !Ref N, \
        DelaySeconds: 5, FifoQueue: true, Tags: [{Key: a, Value: b}, {Key: c, Value: d}]}}}";
    let other = r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "DependsOn": ["L"], "Properties": {
        "Tags": [{"Key": "c", "Value": "d"}, {"Value": "b", "Key": "a"}],
        "QueueName": {"Fn::Sub": "${N}"}, "DelaySeconds": "5", "FifoQueue": "true"}}}}"#;
    let same = diff(one, other);
    assert!(same.is_empty(), "{}", show(&same));
    assert!(same.iam.changes.is_empty());
}

#[test]
fn the_order_of_a_policy_means_nothing() {
    let one = role("{Effect: Allow, Action: [s:A, s:B], Resource: r}");
    let other = role("{Resource: [r], Action: [s:B, s:A], Effect: Allow}");
    check(&one, &other, expect![""]);
}

#[test]
fn a_property_is_changed_in_place_or_replaces() {
    check_resource(
        "{Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}",
        "{Type: AWS::SQS::Queue, Properties: {DelaySeconds: 9, VisibilityTimeout: 60}}",
        expect![[r#"
            Update R AWS::SQS::Queue
              Properties.DelaySeconds: 5 → 9
              Properties.VisibilityTimeout: nothing → 60
        "#]],
    );
    check_resource(
        "{Type: AWS::SQS::Queue, Properties: {QueueName: a}}",
        "{Type: AWS::SQS::Queue, Properties: {QueueName: b}}",
        expect![[r#"
            Replace R AWS::SQS::Queue because of Properties.QueueName; messages Lost
              Properties.QueueName: a → b !
        "#]],
    );
}

#[test]
fn another_type_is_another_resource() {
    check_resource(
        "{Type: AWS::SQS::Queue}",
        "{Type: AWS::SNS::Topic}",
        expect![[r#"
            Replace R AWS::SNS::Topic because of Type; messages Lost
              note: CloudFormation refuses another type under the same id; give it another id
        "#]],
    );
}

#[test]
fn of_an_unknown_type_nothing_is_claimed() {
    check_resource(
        "{Type: AWS::SNS::Topic, Properties: {TopicName: a}}",
        "{Type: AWS::SNS::Topic, Properties: {TopicName: b}}",
        expect![[r#"
            MayReplace R AWS::SNS::Topic
              Properties.TopicName: a → b !
              note: which properties of AWS::SNS::Topic replace it is not known here; AWS's template reference says
              note: AWS refuses to replace a resource that keeps its name; change TopicName, too
        "#]],
    );
}

#[test]
fn what_decides_over_data_is_its_policy() {
    let table = |options: &str, key: &str| {
        format!(
            "{{Type: AWS::DynamoDB::Table{options}, Properties: {{KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]}}}}"
        )
    };
    let fate = |old: &str, new: &str| {
        let template = |resource: &str| format!("Resources: {{{resource}}}");
        let diff = diff(&template(old), &template(new));
        let change = diff.resources.into_iter().find(|r| r.id == "R").unwrap();
        let data = change.data.unwrap();
        (change.action, data.fate, data.certain)
    };
    let resource = |text: &str| format!("R: {text}");
    let plain = resource(&table("", "a"));
    let retained = resource(&table(", DeletionPolicy: Retain", "a"));
    assert_eq!(fate(&plain, ""), (Action::Remove, Fate::Lost, true));
    assert_eq!(fate(&retained, ""), (Action::Remove, Fate::Kept, true));
    // For a replacement there is another policy.
    let replaced = resource(&table(", DeletionPolicy: Retain", "b"));
    assert_eq!(fate(&retained, &replaced), (Action::Replace, Fate::Lost, true));
    let kept = resource(&table(", UpdateReplacePolicy: Retain", "b"));
    assert_eq!(fate(&plain, &kept), (Action::Replace, Fate::Kept, true));
}

#[test]
fn keeping_data_for_less_time_loses_some_in_place() {
    check_resource(
        "{Type: AWS::Logs::LogGroup}",
        "{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}",
        expect![[r#"
            Update R AWS::Logs::LogGroup; log events Lost
              Properties.RetentionInDays: nothing → 7
        "#]],
    );
    check_resource(
        "{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}",
        "{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}",
        expect![[r#"
            Update R AWS::Logs::LogGroup
              Properties.RetentionInDays: 7 → 30
        "#]],
    );
}

#[test]
fn replacement_goes_on_to_whom_it_reaches_by_create_only_properties() {
    let template = |name: &str| {
        format!(
            "{{Resources: {{
              Function: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: {name}}}}},
              Version: {{Type: AWS::Lambda::Version, Properties: {{FunctionName: !Ref Function}}}},
              Alias: {{Type: AWS::Lambda::Alias, Properties: {{Name: live, FunctionName: x, FunctionVersion: !GetAtt Version.Version}}}},
              Far: {{Type: AWS::SQS::Queue, Properties: {{QueueName: fixed}}}}}},
             Outputs: {{Arn: {{Value: !GetAtt Function.Arn}}, Same: {{Value: x}}}}}}"
        )
    };
    check(
        &template("a"),
        &template("b"),
        expect![[r#"
            Outputs Arn: {"Value":{"Fn::GetAtt":["Function","Arn"]}} → {"Value":{"Fn::GetAtt":["Function","Arn"]}} follows Function
            Update Alias AWS::Lambda::Alias
              Properties.FunctionVersion follows Version
            Replace Function AWS::Lambda::Function because of Properties.FunctionName
              Properties.FunctionName: a → b !
            Replace Version AWS::Lambda::Version because of Properties.FunctionName
              Properties.FunctionName follows Function !
        "#]],
    );
}

#[test]
fn what_hangs_on_a_default_or_a_condition_may_change() {
    let template = |default: &str, equals: &str| {
        format!(
            "{{Parameters: {{P: {{Type: String, Default: {default}}}}}, Conditions: {{C: !Equals [{equals}, x]}},
              Resources: {{
               Named: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Ref P}}}},
               Optional: {{Type: AWS::SQS::Queue, Condition: C}}}}}}"
        )
    };
    check(
        &template("a", "b"),
        &template("c", "d"),
        expect![[r#"
            Parameters P: {"Default":"a","Type":"String"} → {"Default":"c","Type":"String"}
            Conditions C: {"Fn::Equals":["b","x"]} → {"Fn::Equals":["d","x"]}
            MayReplace Named AWS::SQS::Queue because of Properties.QueueName; messages Lost perhaps
              Properties.QueueName follows Parameters.P !
            Update Optional AWS::SQS::Queue
              Condition follows Conditions.C
        "#]],
    );
}

#[test]
fn a_stream_that_changes_moves_its_arn() {
    let template = |view: &str| {
        format!(
            "Resources: {{
              T: {{Type: AWS::DynamoDB::Table, Properties: {{KeySchema: [], StreamSpecification: {{StreamViewType: {view}}}}}}},
              M: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{EventSourceArn: !GetAtt T.StreamArn}}}}}}"
        )
    };
    check(
        &template("NEW_IMAGE"),
        &template("KEYS_ONLY"),
        expect![[r#"
            MayReplace M AWS::Lambda::EventSourceMapping because of Properties.EventSourceArn
              Properties.EventSourceArn follows T !
            Update T AWS::DynamoDB::Table
              Properties.StreamSpecification.StreamViewType: NEW_IMAGE → KEYS_ONLY
        "#]],
    );
}

#[test]
fn another_id_for_the_same_is_told_as_such() {
    check(
        "Resources: {Old: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}}",
        "Resources: {New: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}}",
        expect![[r#"
            Add New AWS::SQS::Queue
              note: the same as Old, which is deleted
            Remove Old AWS::SQS::Queue; messages Lost
              note: New is the same under another id: CloudFormation deletes this one and makes that one
        "#]],
    );
}

#[test]
fn a_replacement_that_keeps_a_unique_name_is_told_to_fail() {
    check_resource(
        "{Type: AWS::SQS::Queue, Properties: {QueueName: q, FifoQueue: true}}",
        "{Type: AWS::SQS::Queue, Properties: {QueueName: q}}",
        expect![[r#"
            Replace R AWS::SQS::Queue because of Properties.FifoQueue; messages Lost
              Properties.FifoQueue: true → nothing !
              note: AWS refuses to replace a resource that keeps its name; change QueueName, too
        "#]],
    );
}

#[test]
fn items_of_a_list_are_compared_by_name_or_between_equal_ends() {
    check_resource(
        "{Type: X::Y::Z, Properties: {Tags: [{Key: a, Value: 1}, {Key: b, Value: 2}], L: [x, y, z]}}",
        "{Type: X::Y::Z, Properties: {Tags: [{Key: b, Value: 3}], L: [x, new, y, z]}}",
        expect![[r#"
            MayReplace R X::Y::Z
              Properties.L[1]: nothing → new !
              Properties.Tags[a]: {"Key":"a","Value":1} → nothing !
              Properties.Tags[b].Value: 2 → 3 !
              note: which properties of X::Y::Z replace it is not known here; AWS's template reference says
        "#]],
    );
}

#[test]
fn whatever_else_stands_in_a_template_is_compared_too() {
    check(
        "{Description: a, Mappings: {M: {x: {y: 1}}}, Resources: {}}",
        "{Description: b, Mappings: {M: {x: {y: 2}}}, Transform: T, Resources: {}}",
        expect![[r#"
            other Description: a → b
            other Mappings.M: {"x":{"y":1}} → {"x":{"y":2}}
            other Transform: nothing → T
        "#]],
    );
}

#[test]
fn a_wildcard_that_grows_is_told_with_what_it_was() {
    check_iam(
        &role(
            "{Effect: Allow, Action: [dynamodb:GetItem, dynamodb:Query], Resource: !GetAtt T.Arn}",
        ),
        &role("{Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt T.Arn}"),
        expect![[r#"
            broadens
            + Allow ${R} dynamodb:* on ${T.Arn} !
                wider than dynamodb:GetItem on ${T.Arn}
            - Allow ${R} dynamodb:GetItem on ${T.Arn}
            - Allow ${R} dynamodb:Query on ${T.Arn}
        "#]],
    );
}

#[test]
fn what_was_allowed_already_broadens_nothing() {
    check_iam(
        &role("{Effect: Allow, Action: 's:*', Resource: '*'}"),
        &role("{Effect: Allow, Action: 'S:Get*', Resource: r}"),
        expect![[r#"
            - Allow ${R} s:* on *
            + Allow ${R} S:Get* on r
        "#]],
    );
}

#[test]
fn a_condition_less_and_a_denial_less_broaden() {
    check_iam(
        &role("{Effect: Allow, Action: s:A, Resource: r, Condition: {Bool: {x: true}}}"),
        &role("{Effect: Allow, Action: s:A, Resource: r}"),
        expect![[r#"
            broadens
            + Allow ${R} s:A on r !
                wider than s:A on r
            - Allow ${R} s:A on r if {"Bool":{"x":true}}
        "#]],
    );
    check_iam(
        &role("{Effect: Deny, Action: s:A, Resource: r}"),
        &role("{Effect: Deny, Action: s:A, Resource: r2}"),
        expect![[r#"
            broadens
            - Deny ${R} s:A on r !
            + Deny ${R} s:A on r2
        "#]],
    );
}

#[test]
fn every_kind_of_access_has_rows() {
    check_iam(
        "Resources: {}",
        "Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
              ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/X']
              PermissionsBoundary: arn:b
          Policy:
            Type: AWS::IAM::Policy
            Properties:
              Roles: [!Ref Role]
              PolicyDocument:
                Statement:
                  - !If [IsProd, {Effect: Allow, NotAction: 'iam:*', Resource: '*'}, !Ref AWS::NoValue]
          QueuePolicy:
            Type: AWS::SQS::QueuePolicy
            Properties:
              PolicyDocument:
                Statement: [{Effect: Allow, Principal: '*', Action: sqs:SendMessage, Resource: !GetAtt Q.Arn}]
          Permission:
            Type: AWS::Lambda::Permission
            Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: 'arn:x/*'}
          Connect:
            Type: AWS::ApiGatewayV2::Route
            Properties: {ApiId: !Ref Api, RouteKey: $connect}",
        expect![[r#"
            broadens
            + Allow ${Role} not iam:* on * if if IsProd !
            + Allow ${Role} (managed policy) on arn:${AWS::Partition}:iam::aws:policy/X !
            + Limit ${Role} (permissions boundary) on arn:b
            + Allow * execute-api:Invoke on ${Api}/*/$connect !
            + Allow * sqs:SendMessage on ${Q.Arn} !
            + Allow apigateway.amazonaws.com lambda:InvokeFunction on ${F} if aws:SourceArn is arn:x/* !
            + Allow lambda.amazonaws.com sts:AssumeRole on ${Role} !
        "#]],
    );
}

#[test]
fn a_permission_for_fewer_routes_broadens_nothing_and_one_for_more_does() {
    let permission = |source: &str| {
        format!(
            "Resources: {{P: {{Type: AWS::Lambda::Permission, Properties: {{Action: a, FunctionName: f, Principal: p, SourceArn: 'arn:api/{source}'}}}}}}"
        )
    };
    let broadens = |old: &str, new: &str| diff(&permission(old), &permission(new)).iam.broadens;
    assert!(broadens("prod/$connect", "*"));
    assert!(!broadens("*", "prod/$connect"));
}

#[test]
fn the_digest_approves_one_change_and_no_other() {
    let queue = "Resources: {Q: {Type: AWS::SQS::Queue}}";
    let digest = |stack: &str, old: &str, new: &str| {
        infra_gen::diff::diff(stack, &parse(old).unwrap(), &parse(new).unwrap()).digest
    };
    let approved = digest("s", "Resources: {}", queue);
    // Whoever keeps it in a pipeline wants it to stay.
    expect!["d813508ace155d7b60b762c91a768ed8ecb3f2715068798b676346ec6f393db1"]
        .assert_eq(&approved);
    // However the template is written.
    let json = r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}"#;
    assert_eq!(digest("s", "Resources: {}", json), approved);
    let others = [
        digest("t", "Resources: {}", queue),
        digest(
            "s",
            "Resources: {}",
            "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 1}}}",
        ),
        // The same template, and a table less.
        digest("s", "Resources: {T: {Type: AWS::DynamoDB::Table}}", queue),
        // The same template, and rights less.
        digest("s", &role("{Effect: Deny, Action: a, Resource: r}"), queue),
    ];
    for other in others {
        assert_ne!(other, approved);
    }
}
