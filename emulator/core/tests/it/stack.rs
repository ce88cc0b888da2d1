//! What CloudFormation tells about the stack.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn the_stack_is_described_with_parameters_outputs_and_tags() {
    check(
        r#"
        section Description "Talk & more"
        section Parameters {"Size":{"Type":"Number","Default":"3"},"Secret":{"Type":"String","NoEcho":true},"Zones":{"Type":"CommaDelimitedList","Default":"a, b"}}
        section Outputs {"Url":{"Description":"Where to connect","Value":{"Fn::Sub":"${Api.ApiEndpoint}/dev"},"Export":{"Name":{"Fn::Sub":"${AWS::StackName}-url"}}}}
        given Secret=sesame
        tag team=push
        "#,
        expect![[r#"
            > form Action=DescribeStacks&Version=2010-05-15&StackName=chat
            200 1383 bytes
            > show reply
            <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <DescribeStacksResult>
            <Stacks>
            <member>
            <StackId>arn:aws:cloudformation:eu-central-1:123456789012:stack/chat/local</StackId>
            <StackName>chat</StackName>
            <Description>Talk &amp; more</Description>
            <Parameters>
            <member>
            <ParameterKey>Secret</ParameterKey>
            <ParameterValue>****</ParameterValue>
            </member>
            <member>
            <ParameterKey>Size</ParameterKey>
            <ParameterValue>3</ParameterValue>
            </member>
            <member>
            <ParameterKey>Zones</ParameterKey>
            <ParameterValue>a,b</ParameterValue>
            </member>
            </Parameters>
            <CreationTime>2026-11-25T08:15:30.000Z</CreationTime>
            <StackStatus>CREATE_COMPLETE</StackStatus>
            <DisableRollback>false</DisableRollback>
            <Capabilities>
            <member>CAPABILITY_IAM</member>
            <member>CAPABILITY_NAMED_IAM</member>
            </Capabilities>
            <Outputs>
            <member>
            <OutputKey>Url</OutputKey>
            <OutputValue>ws://127.0.0.1:4000/_aws/execute-api/noc08ugru8/dev</OutputValue>
            <Description>Where to connect</Description>
            <ExportName>chat-url</ExportName>
            </member>
            </Outputs>
            <Tags>
            <member>
            <Key>team</Key>
            <Value>push</Value>
            </member>
            </Tags>
            <EnableTerminationProtection>false</EnableTerminationProtection>
            <DriftInformation>
            <StackDriftStatus>NOT_CHECKED</StackDriftStatus>
            </DriftInformation>
            </member>
            </Stacks>
            </DescribeStacksResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </DescribeStacksResponse>
            > form Action=DescribeStacks&Version=2010-05-15&StackName=arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack%2Fchat%2Flocal
            200 1383 bytes
        "#]],
    );
}

#[test]
fn a_reload_is_an_update() {
    check(
        "",
        expect![[r#"
            > advance 1m
            > reload nothing
            > form Action=DescribeStacks&Version=2010-05-15
            200 892 bytes
            > show reply
            <DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <DescribeStacksResult>
            <Stacks>
            <member>
            <StackId>arn:aws:cloudformation:eu-central-1:123456789012:stack/chat/local</StackId>
            <StackName>chat</StackName>
            <Parameters>
            </Parameters>
            <CreationTime>2026-11-25T08:15:30.000Z</CreationTime>
            <LastUpdatedTime>2026-11-25T08:16:30.000Z</LastUpdatedTime>
            <StackStatus>UPDATE_COMPLETE</StackStatus>
            <DisableRollback>false</DisableRollback>
            <Capabilities>
            <member>CAPABILITY_IAM</member>
            <member>CAPABILITY_NAMED_IAM</member>
            </Capabilities>
            <Outputs>
            </Outputs>
            <Tags>
            </Tags>
            <EnableTerminationProtection>false</EnableTerminationProtection>
            <DriftInformation>
            <StackDriftStatus>NOT_CHECKED</StackDriftStatus>
            </DriftInformation>
            </member>
            </Stacks>
            </DescribeStacksResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </DescribeStacksResponse>
        "#]],
    );
}

#[test]
fn another_stack_does_not_exist() {
    check(
        "",
        expect![[r#"
            > form Action=DescribeStacks&Version=2010-05-15&StackName=other
            400 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id other does not exist</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
            > form Action=GetTemplate&Version=2010-05-15
            400 339 bytes
            > show reply
            <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <Error>
            <Type>Sender</Type>
            <Code>ValidationError</Code>
            <Message>1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null</Message>
            </Error>
            <RequestId>{uuid}</RequestId>
            </ErrorResponse>
            > form Action=DescribeStackResources&Version=2010-05-15&PhysicalResourceId=other
            400 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack for other does not exist</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
            > form Action=UpdateStack&Version=2010-05-15&StackName=chat
            400 390 bytes
            > show reply
            <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <Error>
            <Type>Sender</Type>
            <Code>InvalidAction</Code>
            <Message>UpdateStack is not emulated: the one stack can be read (DescribeStacks, DescribeStackResources, ListStackResources, GetTemplate); to change it, save its template</Message>
            </Error>
            <RequestId>{uuid}</RequestId>
            </ErrorResponse>
        "#]],
    );
}

#[test]
fn resources_of_the_stack_are_listed() {
    check(
        "queue jobs",
        expect![[r#"
            > form Action=ListStackResources&Version=2010-05-15&StackName=chat
            200 1492 bytes
            > show reply
            <ListStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <ListStackResourcesResult>
            <StackResourceSummaries>
            <member>
            <LogicalResourceId>Api</LogicalResourceId>
            <PhysicalResourceId>noc08ugru8</PhysicalResourceId>
            <ResourceType>AWS::ApiGatewayV2::Api</ResourceType>
            <LastUpdatedTimestamp>2026-11-25T08:15:30.000Z</LastUpdatedTimestamp>
            <ResourceStatus>CREATE_COMPLETE</ResourceStatus>
            <DriftInformation>
            <StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus>
            </DriftInformation>
            </member>
            <member>
            <LogicalResourceId>Stagedev</LogicalResourceId>
            <PhysicalResourceId>dev</PhysicalResourceId>
            <ResourceType>AWS::ApiGatewayV2::Stage</ResourceType>
            <LastUpdatedTimestamp>2026-11-25T08:15:30.000Z</LastUpdatedTimestamp>
            <ResourceStatus>CREATE_COMPLETE</ResourceStatus>
            <DriftInformation>
            <StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus>
            </DriftInformation>
            </member>
            <member>
            <LogicalResourceId>jobs</LogicalResourceId>
            <PhysicalResourceId>https://sqs.eu-central-1.amazonaws.com/123456789012/jobs</PhysicalResourceId>
            <ResourceType>AWS::SQS::Queue</ResourceType>
            <LastUpdatedTimestamp>2026-11-25T08:15:30.000Z</LastUpdatedTimestamp>
            <ResourceStatus>CREATE_COMPLETE</ResourceStatus>
            <DriftInformation>
            <StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus>
            </DriftInformation>
            </member>
            </StackResourceSummaries>
            </ListStackResourcesResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </ListStackResourcesResponse>
            > form Action=DescribeStackResources&Version=2010-05-15&StackName=chat&LogicalResourceId=jobs
            200 823 bytes
            > show reply
            <DescribeStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <DescribeStackResourcesResult>
            <StackResources>
            <member>
            <StackName>chat</StackName>
            <StackId>arn:aws:cloudformation:eu-central-1:123456789012:stack/chat/local</StackId>
            <LogicalResourceId>jobs</LogicalResourceId>
            <PhysicalResourceId>https://sqs.eu-central-1.amazonaws.com/123456789012/jobs</PhysicalResourceId>
            <ResourceType>AWS::SQS::Queue</ResourceType>
            <Timestamp>2026-11-25T08:15:30.000Z</Timestamp>
            <ResourceStatus>CREATE_COMPLETE</ResourceStatus>
            <DriftInformation>
            <StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus>
            </DriftInformation>
            </member>
            </StackResources>
            </DescribeStackResourcesResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </DescribeStackResourcesResponse>
            > form Action=DescribeStackResources&Version=2010-05-15&StackName=chat&LogicalResourceId=other
            400 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Resource other does not exist for stack chat</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
            > form Action=ListStackResources&Version=2010-05-15&StackName=chat&NextToken=500
            400 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Invalid token: 500</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
        "#]],
    );
}

#[test]
fn the_template_can_be_had_back() {
    check(
        "",
        expect![[r#"
            > form Action=GetTemplate&Version=2010-05-15&StackName=chat
            200 1000 bytes
            > show reply
            <GetTemplateResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <GetTemplateResult>
            <TemplateBody>{
              &quot;Resources&quot;: {
                &quot;Api&quot;: {
                  &quot;Properties&quot;: {
                    &quot;Name&quot;: &quot;api&quot;,
                    &quot;ProtocolType&quot;: &quot;WEBSOCKET&quot;,
                    &quot;RouteSelectionExpression&quot;: &quot;$request.body.action&quot;
                  },
                  &quot;Type&quot;: &quot;AWS::ApiGatewayV2::Api&quot;
                },
                &quot;Stagedev&quot;: {
                  &quot;Properties&quot;: {
                    &quot;ApiId&quot;: {
                      &quot;Ref&quot;: &quot;Api&quot;
                    },
                    &quot;AutoDeploy&quot;: true,
                    &quot;StageName&quot;: &quot;dev&quot;
                  },
                  &quot;Type&quot;: &quot;AWS::ApiGatewayV2::Stage&quot;
                }
              }
            }</TemplateBody>
            <StagesAvailable>
            <member>Original</member>
            <member>Processed</member>
            </StagesAvailable>
            </GetTemplateResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </GetTemplateResponse>
        "#]],
    );
}

#[test]
fn a_function_may_ask_only_for_what_its_role_allows() {
    check(
        "
        function fn {}
        allow cloudformation:DescribeStacks on arn:aws:cloudformation:*:*:stack/chat/*
        ",
        expect![[r#"
            > signed by fn: form Action=DescribeStacks&Version=2010-05-15&StackName=chat
            200 833 bytes
            > signed by fn: form Action=DescribeStacks&Version=2010-05-15&StackName=other
            403 497 bytes
            > show reply
            <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
            <Error>
            <Type>Sender</Type>
            <Code>AccessDenied</Code>
            <Message>User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-central-1:123456789012:stack/other/* because no identity-based policy allows the cloudformation:DescribeStacks action</Message>
            </Error>
            <RequestId>{uuid}</RequestId>
            </ErrorResponse>
            > unsigned: form Action=DescribeStacks&Version=2010-05-15&StackName=chat
            403 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code><Message>Missing Authentication Token</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
            > signed by nobody: form Action=DescribeStacks&Version=2010-05-15&StackName=chat
            403 <ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
        "#]],
    );
}
