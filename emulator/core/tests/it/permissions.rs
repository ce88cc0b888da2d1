//! Signatures and roles: who may call `@connections`, invoke functions and connect.

use crate::scenario::check;
use expect_test::expect;

const MAY_POST: &str = "
    route $default to echo
    allow execute-api:ManageConnections on arn:aws:execute-api:*:*:${Api}/dev/POST/@connections/*
    ";

#[test]
fn function_may_do_what_its_role_allows_and_nothing_else() {
    check(
        MAY_POST,
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by echo: POST /dev/@connections/{a} hello
            a gets hello
            200
            > signed by echo: POST /dev/%40connections/{a%} encoded
            a gets encoded
            200
            > signed by echo: GET /dev/@connections/{a}
            403 AccessDeniedException 315 bytes
            > signed by echo: DELETE /dev/@connections/{a}
            403 AccessDeniedException 318 bytes
            > presigned by echo: POST /dev/@connections/{a}
            a gets an empty message
            200
        "#]],
    );
}

#[test]
fn role_without_policies_allows_nothing() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by echo: POST /dev/@connections/{a} hello
            403 AccessDeniedException 316 bytes
            > signed by echo: invoke echo {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/echo is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:echo because no identity-based policy allows the lambda:InvokeFunction action"}
        "#]],
    );
}

#[test]
fn deny_wins() {
    check(
        "
        route $default to echo
        allow execute-api:* on *
        deny execute-api:ManageConnections on arn:aws:execute-api:*:*:*/dev/DELETE/*
        ",
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by echo: POST /dev/@connections/{a} hello
            a gets hello
            200
            > signed by echo: DELETE /dev/@connections/{a}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/echo is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:eu-central-1:********9012:noc08ugru8/dev/DELETE/@connections/{connectionId} with an explicit deny in an identity-based policy"}
        "#]],
    );
}

#[test]
fn resource_of_another_stage_is_another_resource() {
    check(
        "
        route $default to echo
        stage dev
        stage prod
        allow execute-api:ManageConnections on arn:aws:execute-api:*:*:${Api}/prod/*
        ",
        expect![[r#"
            > a connects /prod
            a is connected
            > signed by echo: POST /prod/@connections/{a} hello
            a gets hello
            200
            > b connects /dev
            b is connected
            > signed by echo: POST /dev/@connections/{b} hello
            403 AccessDeniedException 316 bytes
        "#]],
    );
}

#[test]
fn condition_must_hold() {
    check(
        r#"
        route $default to echo
        allow execute-api:ManageConnections on * if {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "DateLessThan": {"aws:CurrentTime": "2026-11-25T08:20:00Z"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by echo: POST /dev/@connections/{a} hello
            a gets hello
            200
            > advance 5m
            > signed by echo: POST /dev/@connections/{a} hello
            403 AccessDeniedException 316 bytes
        "#]],
    );
}

#[test]
fn administrator_may_do_everything() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by test: POST /dev/@connections/{a} hello
            a gets hello
            200
            > signed by test: invoke echo {}
            echo#1 starts
            echo#1 gets {}
        "#]],
    );
}

#[test]
fn signature_must_hold() {
    check(
        MAY_POST,
        expect![[r#"
            > a connects /dev
            a is connected
            > unsigned: POST /dev/@connections/{a} hello
            403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
            > signed by nobody: POST /dev/@connections/{a} hello
            403 UnrecognizedClientException {"message":"The security token included in the request is invalid."}
            > signed by echo without its token: POST /dev/@connections/{a} hello
            403 UnrecognizedClientException {"message":"The security token included in the request is invalid."}
            > signed by echo with a wrong secret: POST /dev/@connections/{a} hello
            403 InvalidSignatureException 733 bytes
            > signed by echo 6m ago: POST /dev/@connections/{a} hello
            403 InvalidSignatureException {"message":"Signature expired: 20261125T080930Z is now earlier than 20261125T081030Z (20261125T081530Z - 5 min.)"}
            > signed by echo in 6m: POST /dev/@connections/{a} hello
            403 InvalidSignatureException {"message":"Signature not yet current: 20261125T082130Z is still later than 20261125T082030Z (20261125T081530Z + 5 min.)"}
            > signed by echo 4m ago: POST /dev/@connections/{a} hello
            a gets hello
            200
            > presigned by echo 2m ago: POST /dev/@connections/{a}
            403 InvalidSignatureException {"message":"Signature expired: 20261125T081330Z is now earlier than 20261125T081430Z (20261125T081530Z - 1 min.)"}
        "#]],
    );
}

#[test]
fn signature_is_looked_at_before_the_connection() {
    check(
        MAY_POST,
        expect![[r#"
            > unsigned: POST /dev/@connections/nonsense hello
            403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
            > unsigned: POST /dev/@connections/AAAAAAAAAAAAAAA= hello
            403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
            > unsigned: POST /nowhere/@connections/AAAAAAAAAAAAAAA= hello
            403 ForbiddenException {"message":"Forbidden"}
            > unsigned: POST /dev/@connections/AAAAAAAAAAAAAAA= 131073 bytes
            413 PayloadTooLargeException {"message":"Message too long"}
            > unsigned: GET /dev
            403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn signed_call_of_another_path_is_an_invocation() {
    check(
        MAY_POST,
        expect![[r#"
            > signed by echo: POST /dev/dev/@connections/AAAAAAAAAAAAAAA= hello
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/echo is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:noc08ugru8/dev/POST/dev/@connections/{id} because no identity-based policy allows the execute-api:Invoke action"}
            > signed by echo with a wrong secret: GET /dev/other
            403 InvalidSignatureException 704 bytes
            > signed by test: GET /dev/other
            403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn without_iam_nothing_is_looked_at() {
    check(
        "
        route $connect to auth, signed
        route $default to echo
        iam off
        ",
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > unsigned: POST /dev/@connections/{a} hello
            a gets hello
            200
            > signed by nobody: POST /dev/@connections/{a} hello
            a gets hello
            200
            > unsigned: invoke echo {}
            echo#1 starts
            echo#1 gets {}
        "#]],
    );
}

#[test]
fn function_invokes_what_its_role_allows() {
    check(
        "
        function caller {}
        function worker {}
        function other {}
        allow lambda:InvokeFunction on arn:aws:lambda:*:*:function:worker
        ",
        expect![[r#"
            > signed by caller: invoke worker {}
            worker#1 starts
            worker#1 gets {}
            > signed by caller: invoke other {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:other because no identity-based policy allows the lambda:InvokeFunction action"}
            > signed by caller: invoke worker:live {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:worker:live because no identity-based policy allows the lambda:InvokeFunction action"}
            > signed by caller: invoke arn:aws:lambda:eu-central-1:123456789012:function:worker DryRun {}
            204
            > signed by caller: invoke unknown {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:unknown because no identity-based policy allows the lambda:InvokeFunction action"}
            > signed by test: invoke unknown {}
            404 ResourceNotFoundException {"Message":"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:unknown","Type":"User"}
            > unsigned: invoke worker {}
            403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
            > signed by caller with a wrong secret: invoke unknown {}
            403 InvalidSignatureException 752 bytes
        "#]],
    );
}

#[test]
fn connect_route_may_ask_for_a_signature() {
    check(
        "
        route $connect to auth, signed
        route $default to echo
        allow execute-api:Invoke on arn:aws:execute-api:*:*:${Api}/dev/$connect
        ",
        expect![[r#"
            > a connects /dev
            a is refused: 403 MissingAuthenticationTokenException {"message": "Missing Authentication Token", "connectionId":"{id}", "requestId":"{id}"}
            > signed by echo: b connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {b}
            > show identity
            "identity": {
              "userArn": "arn:aws:sts::123456789012:assumed-role/role/echo",
              "accountId": "123456789012",
              "caller": "AROASWZ63HCTTL5XMHIWM:echo",
              "sourceIp": "203.0.113.9",
              "accessKey": "ASIAE7DRDL6ADV2V24EK",
              "user": "AROASWZ63HCTTL5XMHIWM:echo"
            }
            > presigned by echo: c connects /dev
            auth#2 starts
            auth#2 gets CONNECT from {c}
            > signed by test: d connects /dev
            auth#3 starts
            auth#3 gets CONNECT from {d}
            > signed by echo with a wrong secret: e connects /dev
            e is refused: 403 InvalidSignatureException 766 bytes
            > presigned by echo 2m ago: f connects /dev
            f is refused: 403 InvalidSignatureException {"message": "Signature expired: 20261125T081330Z is now earlier than 20261125T081430Z (20261125T081530Z - 1 min.)", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn signer_may_not_connect_without_being_allowed() {
    check(
        "
        route $connect to auth, signed
        allow execute-api:Invoke on arn:aws:execute-api:*:*:${Api}/prod/*
        ",
        expect![[r#"
            > signed by auth: a connects /dev
            a is refused: 403 AccessDeniedException 338 bytes
        "#]],
    );
}

#[test]
fn signer_is_known_for_the_life_of_a_connection() {
    check(
        "
        route $connect to auth, signed
        route $default to echo
        ",
        expect![[r#"
            > signed by test: a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends hello
            echo#1 starts
            echo#1 gets $default from {a}: hello
            > show identity
            "identity": {
              "userArn": "arn:aws:iam::123456789012:root",
              "accountId": "123456789012",
              "caller": "123456789012",
              "sourceIp": "203.0.113.9",
              "accessKey": "test",
              "user": "123456789012"
            }
        "#]],
    );
}

#[test]
fn reload_brings_other_permissions() {
    check(
        r#"
        route $default to echo
        resource Extra {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "extra", "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}}}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > signed by echo: POST /dev/@connections/{a} hello
            a gets hello
            200
            > drop Extra
            > reload
            > signed by echo: POST /dev/@connections/{a} hello
            403 AccessDeniedException 316 bytes
        "#]],
    );
}

#[test]
fn managed_policies_of_the_template_and_of_aws_are_attached_by_their_arns() {
    check(
        r#"
        function one {}
        resource Mine {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": {"Effect": "Deny", "Action": "lambda:*", "Resource": "*:function:two"}}}}
        resource Role {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaRole", {"Ref": "Mine"}]}}
        function two {}
        "#,
        expect![[r#"
            > signed by one: invoke one DryRun {}
            204
            > signed by one: invoke two DryRun {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/chat-Role/one is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:two with an explicit deny in an identity-based policy"}
        "#]],
    );
}

#[test]
fn boundary_limits_what_policies_allow() {
    check(
        r#"
        function one {}
        function two {}
        resource Limit {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}, {"Effect": "Deny", "Action": "lambda:*", "Resource": "*:function:two"}]}}}
        resource Role {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "PermissionsBoundary": {"Ref": "Limit"}}}
        "#,
        expect![[r#"
            > signed by one: invoke one DryRun {}
            204
            > signed by one: invoke two DryRun {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/chat-Role/one is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:two with an explicit deny in a permissions boundary"}
            > signed by one: GET /dev/@connections/AAAAAAAAAAAAAAA=
            403 AccessDeniedException 318 bytes
        "#]],
    );
}

#[test]
fn what_is_not_known_of_a_role_is_told_at_start() {
    check(
        r#"
        function one {"Role": "arn:aws:iam::123456789012:role/elsewhere"}
        resource Role {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/SecurityAudit"]}}
        "#,
        expect![[r#"
            warning: managed policy arn:aws:iam::aws:policy/SecurityAudit of role Role is not known here, so it allows nothing; repeat what is needed under Policies
            warning: role arn:aws:iam::123456789012:role/elsewhere is not in the template, so its functions may call nothing; `--iam off` lets them
            > signed by one: invoke one {}
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/elsewhere/one is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:one because no identity-based policy allows the lambda:InvokeFunction action"}
        "#]],
    );
}
