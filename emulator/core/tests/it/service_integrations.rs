//! Integrations with services of AWS: what they ask, in which role, and what becomes of the answer.

use crate::scenario::check;
use expect_test::expect;

/// A role that API Gateway may act in, and what it allows.
fn role(action: &str) -> String {
    format!(
        r#"resource Caller {{"Type":"AWS::IAM::Role","Properties":{{"RoleName":"caller","AssumeRolePolicyDocument":{{"Statement":{{"Effect":"Allow","Principal":{{"Service":"apigateway.amazonaws.com"}},"Action":"sts:AssumeRole"}}}},"Policies":[{{"PolicyName":"p","PolicyDocument":{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}}}]}}}}
        "#
    )
}

#[test]
fn a_table_is_asked_by_the_name_of_an_action() {
    let setup = role("dynamodb:PutItem")
        + r#"
        resource Table {"Type":"AWS::DynamoDB::Table","Properties":{"TableName":"T","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}}
        route put via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:dynamodb:action/PutItem","CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]},"RequestTemplates":{"$default":"{\"TableName\":\"T\",\"Item\":{\"pk\":{\"S\":\"$context.connectionId\"}}}"}} replies
        response put $default {"ResponseTemplates":{"$default":"{\"done\":true}"}}
        response put /4\d\d/ {"ResponseTemplates":{"$default":"{\"refused\":$input.json('$.__type')}"}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"put"}
            table is asked PutItem {"TableName":"T","Item":{"pk":{"S":"{a}"}}}
            > backend replies 200 {}
            a gets {"done":true}
            > a sends {"action":"put"}
            table is asked PutItem {"TableName":"T","Item":{"pk":{"S":"{a}"}}}
            > backend replies 400 {"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}
            a gets {"refused":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}
        "#]],
    );
}

#[test]
fn what_the_role_does_not_allow_is_the_services_refusal() {
    let setup = role("dynamodb:GetItem")
        + r#"
        route put via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:dynamodb:action/PutItem","CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]},"RequestTemplates":{"$default":"{\"TableName\":\"T\"}"}} replies
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"put"}
            a gets 329 bytes
        "#]],
    );
}

#[test]
fn a_queue_is_asked_by_its_path_and_a_form() {
    let setup = role("sqs:SendMessage")
        + r#"
        queue jobs
        route job via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:sqs:path/123456789012/jobs","CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]},"RequestParameters":{"integration.request.header.Content-Type":"'application/x-www-form-urlencoded'"},"RequestTemplates":{"$default":"Action=SendMessage&MessageBody=$util.urlEncode($input.body)&MessageAttribute.1.Name=id&MessageAttribute.1.Value.StringValue=$context.connectionId&MessageAttribute.1.Value.DataType=String"}} replies
        response job $default {"ResponseTemplates":{"$default":"$input.path('$.SendMessageResponse.SendMessageResult.MD5OfMessageBody')"}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"job"}
            a gets fcc28377a18636028e7a20e4bb859bda
            > queue jobs
            {"action":"job"}
        "#]],
    );
}

#[test]
fn a_queue_is_asked_by_an_action_and_parameters() {
    let setup = role("sqs:SendMessage")
        + r#"
        queue jobs
        route job via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:sqs:action/SendMessage","CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]},"RequestParameters":{"integration.request.querystring.QueueUrl":"'https://sqs.eu-central-1.amazonaws.com/123456789012/jobs'","integration.request.querystring.MessageBody":"route.request.body.text"}} replies
        response job $default {"ResponseTemplates":{"$default":"sent"}}
        response job /4\d\d/ {"ResponseTemplates":{"$default":"$input.path('$.Error.Code')"}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"job","text":"a & b"}
            a gets sent
            > a sends {"action":"job"}
            a gets MissingParameter
            > queue jobs
            a & b
        "#]],
    );
}

#[test]
fn an_event_is_published() {
    let setup = role("events:PutEvents")
        + r#"
        queue jobs
        resource Policy {"Type":"AWS::SQS::QueuePolicy","Properties":{"Queues":[{"Ref":"jobs"}],"PolicyDocument":{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}}}}
        rule said {"EventPattern":{"source":["chat"]},"Targets":[{"Id":"q","Arn":{"Fn::GetAtt":["jobs","Arn"]},"InputPath":"$.detail"}]}
        route say via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:events:path//","CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]},"RequestParameters":{"integration.request.header.X-Amz-Target":"'AWSEvents.PutEvents'","integration.request.header.Content-Type":"'application/x-amz-json-1.1'"},"RequestTemplates":{"$default":"{\"Entries\":[{\"Source\":\"chat\",\"DetailType\":\"said\",\"Detail\":\"{\\\"n\\\":1}\"}]}"}} replies
        response say $default {"ResponseTemplates":{"$default":"$input.path('$.FailedEntryCount')"}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"say"}
            a gets 0
            jobs gets an event of rule said
            > queue jobs
            {"n":1}
        "#]],
    );
}

#[test]
fn without_a_role_that_lets_api_gateway_in_nothing_is_asked() {
    check(
        r#"
        queue jobs
        resource Other {"Type":"AWS::IAM::Role","Properties":{"RoleName":"other","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}}}
        route none via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:sqs:path/123456789012/jobs"}
        route other via {"IntegrationType":"AWS","IntegrationUri":"arn:aws:apigateway:eu-central-1:sqs:path/123456789012/jobs","CredentialsArn":{"Fn::GetAtt":["Other","Arn"]}}
        "#,
        expect![[r#"
            warning: route none fails on stage dev: it has no CredentialsArn; a service is called in a role that API Gateway may act in
            warning: route other fails on stage dev: API Gateway may not act in role other; allow apigateway.amazonaws.com sts:AssumeRole in its AssumeRolePolicyDocument
            > a connects /dev
            a is connected
            > a sends {"action":"none"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"other"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn a_role_may_take_the_place_of_a_functions_permission() {
    let setup = role("lambda:InvokeFunction")
        + r#"
        route good to fn, not permitted, {"CredentialsArn":{"Fn::GetAtt":["Caller","Arn"]}}
        resource Weak {"Type":"AWS::IAM::Role","Properties":{"RoleName":"weak","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}}}}
        route bad to fn, not permitted, {"CredentialsArn":{"Fn::GetAtt":["Weak","Arn"]}}
        "#;
    check(
        &setup,
        expect![[r#"
            warning: route bad fails on stage dev: role weak does not allow lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:fn; add it to a policy of the role
            > a connects /dev
            a is connected
            > a sends {"action":"good"}
            fn#1 starts
            fn#1 gets good from {a}: {"action":"good"}
            > a sends {"action":"bad"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}
