//! Services behind `X-Amz-Target`: queues answer here, tables by the shell.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn a_message_is_sent_received_and_deleted() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.SendMessage {"QueueUrl":"https://sqs.eu-central-1.amazonaws.com/123456789012/jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > ask AmazonSQS.DeleteMessage {"QueueUrl":"jobs","ReceiptHandle":"{receipt}"}
            200 {}
            > queue jobs
        "#]],
    );
}

#[test]
fn a_receive_waits_until_there_is_something() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > advance 5s
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            200 with one
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > advance 20s
            after 25s
            200 {}
        "#]],
    );
}

#[test]
fn a_receive_that_nobody_waits_for_any_more_takes_nothing() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > client leaves
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
        "#]],
    );
}

#[test]
fn messages_stay_when_the_template_changes() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > change jobs {"VisibilityTimeout":5}
            > reload nothing
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > advance 5s
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > drop jobs
            > reload nothing
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            400 {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}
        "#]],
    );
}

#[test]
fn a_function_may_ask_a_queue_only_for_what_its_role_allows() {
    check(
        "
        queue jobs
        function fn {}
        allow sqs:SendMessage on ${jobs.Arn}
        ",
        expect![[r#"
            > signed by fn: ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > signed by fn: ask AmazonSQS.PurgeQueue {"QueueUrl":"jobs"}
            400 {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: sqs:purgequeue on resource: arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows the sqs:purgequeue action","__type":"com.amazon.coral.service#AccessDeniedException"}
            > unsigned: ask AmazonSQS.PurgeQueue {"QueueUrl":"jobs"}
            400 {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}
        "#]],
    );
}

#[test]
fn tables_are_the_shells_once_it_is_known_who_asks() {
    check(
        "
        function fn {}
        allow dynamodb:GetItem on arn:aws:dynamodb:eu-central-1:123456789012:table/T
        ",
        expect![[r#"
            > signed by fn: ask DynamoDB_20120810.GetItem {"TableName":"T"}
            table is asked GetItem {"TableName":"T"}
            > signed by fn: ask DynamoDB_20120810.PutItem {"TableName":"T"}
            400 303 bytes
        "#]],
    );
}

#[test]
fn items_that_have_outlived_their_time_are_searched_for() {
    check(
        r#"
        resource T {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "TimeToLiveSpecification": {"AttributeName": "exp", "Enabled": true}}}
        "#,
        expect![[r#"
            > advance 2m
            after 60s
            tables are swept
            after 120s
            tables are swept
        "#]],
    );
}

#[test]
fn the_older_protocol_says_the_same_in_xml() {
    check(
        "queue jobs",
        expect![[r#"
            > form /123456789012/jobs Action=SendMessage&Version=2012-11-05&MessageBody=a+%26+b&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=7
            200 438 bytes
            > show reply
            <SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
            <SendMessageResult>
            <MD5OfMessageAttributes>3a734e6fc44468814b287b503a526bff</MD5OfMessageAttributes>
            <MD5OfMessageBody>9fed43e0f68e6c705d96bd051704f1f2</MD5OfMessageBody>
            <MessageId>{uuid}</MessageId>
            </SendMessageResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </SendMessageResponse>
            > form / Action=ReceiveMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%2F123456789012%2Fjobs&MaxNumberOfMessages=10&MessageAttributeName.1=All&AttributeName.1=ApproximateReceiveCount
            200 720 bytes
            > show reply
            <ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
            <ReceiveMessageResult>
            <Message>
            <Attribute>
            <Name>ApproximateReceiveCount</Name>
            <Value>1</Value>
            </Attribute>
            <Body>a &amp; b</Body>
            <MD5OfBody>9fed43e0f68e6c705d96bd051704f1f2</MD5OfBody>
            <MD5OfMessageAttributes>3a734e6fc44468814b287b503a526bff</MD5OfMessageAttributes>
            <MessageAttribute>
            <Name>n</Name>
            <Value>
            <DataType>Number</DataType>
            <StringValue>7</StringValue>
            </Value>
            </MessageAttribute>
            <MessageId>{uuid}</MessageId>
            <ReceiptHandle>cmVjZWlwdDoxOjE=</ReceiptHandle>
            </Message>
            </ReceiveMessageResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </ReceiveMessageResponse>
            > form /123456789012/jobs Action=SendMessageBatch&Version=2012-11-05&SendMessageBatchRequestEntry.1.Id=one&SendMessageBatchRequestEntry.1.MessageBody=x&SendMessageBatchRequestEntry.2.Id=two&SendMessageBatchRequestEntry.2.MessageBody=
            200 637 bytes
            > show reply
            <SendMessageBatchResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
            <SendMessageBatchResult>
            <BatchResultErrorEntry>
            <Code>MissingParameter</Code>
            <Id>two</Id>
            <Message>The request must contain the parameter MessageBody.</Message>
            <SenderFault>true</SenderFault>
            </BatchResultErrorEntry>
            <SendMessageBatchResultEntry>
            <Id>one</Id>
            <MD5OfMessageBody>9dd4e461268c8034f5c8564e155c67a6</MD5OfMessageBody>
            <MessageId>{uuid}</MessageId>
            </SendMessageBatchResultEntry>
            </SendMessageBatchResult>
            <ResponseMetadata>
            <RequestId>{uuid}</RequestId>
            </ResponseMetadata>
            </SendMessageBatchResponse>
            > form / Action=ListQueues&Version=2012-11-05
            200 <ListQueuesResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ListQueuesResult><QueueUrl>http://127.0.0.1:4000/123456789012/jobs</QueueUrl></ListQueuesResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></ListQueuesResponse>
            > form /123456789012/jobs Action=PurgeQueue&Version=2012-11-05
            200 <PurgeQueueResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><PurgeQueueResult></PurgeQueueResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></PurgeQueueResponse>
        "#]],
    );
}

#[test]
fn the_older_protocol_refuses_in_its_own_names() {
    check(
        "queue jobs",
        expect![[r#"
            > form / Action=GetQueueUrl&Version=2012-11-05&QueueName=other
            400 <ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
            > show reply
            <ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
            <Error>
            <Type>Sender</Type>
            <Code>AWS.SimpleQueueService.NonExistentQueue</Code>
            <Message>The specified queue does not exist.</Message>
            </Error>
            <RequestId>{uuid}</RequestId>
            </ErrorResponse>
            > form / Action=CreateQueue&Version=2012-11-05&QueueName=other
            400 365 bytes
            > show reply
            <ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
            <Error>
            <Type>Sender</Type>
            <Code>AWS.SimpleQueueService.UnsupportedOperation</Code>
            <Message>`AmazonSQS.CreateQueue` is not emulated: queues come from the template, and messages are sent, received and deleted</Message>
            </Error>
            <RequestId>{uuid}</RequestId>
            </ErrorResponse>
            > unsigned: form / Action=ListQueues&Version=2012-11-05
            403 <ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>MissingAuthenticationToken</Code><Message>Missing Authentication Token</Message></Error><RequestId>{uuid}</RequestId></ErrorResponse>
        "#]],
    );
}

#[test]
fn a_receive_in_the_older_protocol_waits_as_well() {
    check(
        "queue jobs",
        expect![[r#"
            > form /123456789012/jobs Action=ReceiveMessage&Version=2012-11-05&WaitTimeSeconds=20
            > advance 20s
            after 20s
            200 <ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult></ReceiveMessageResult><ResponseMetadata><RequestId>{uuid}</RequestId></ResponseMetadata></ReceiveMessageResponse>
        "#]],
    );
}

#[test]
fn a_fifo_queue_gives_a_function_one_message_of_a_group_after_the_other() {
    check(
        r#"
        queue jobs {"QueueName": "jobs.fifo", "FifoQueue": true, "ContentBasedDeduplication": true}
        mapping worker from jobs {"BatchSize": 1}
        "#,
        expect![[r#"
            > ask AmazonSQS.SendMessageBatch {"QueueUrl":"jobs.fifo","Entries":[{"Id":"1","MessageBody":"a1","MessageGroupId":"a"},{"Id":"2","MessageBody":"a2","MessageGroupId":"a"},{"Id":"3","MessageBody":"b1","MessageGroupId":"b"},{"Id":"4","MessageBody":"a1","MessageGroupId":"a"}]}
            worker#1 starts
            worker#2 starts
            200 640 bytes
            worker#1 gets {"Records":[{"attributes":{"ApproximateFirstReceiveTimestamp":"1795594530000","ApproximateReceiveCount":"1","MessageDeduplicationId":"f55ff16f66f43360266b95db6f8fec01d76031054306ae4a4b380598f6cfd114","MessageGroupId":"a","SenderId":"123456789012","SentTimestamp":"1795594530000","SequenceNumber":"18849496460467696384"},"awsRegion":"eu-central-1","body":"a1","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:jobs.fifo","md5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","messageAttributes":{},"messageId":"fbf5ae97-a112-461f-b57b-5d3bb676012a","receiptHandle":"{id}"}]}
            worker#2 gets {"Records":[{"attributes":{"ApproximateFirstReceiveTimestamp":"1795594530000","ApproximateReceiveCount":"1","MessageDeduplicationId":"7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4e72ec193","MessageGroupId":"b","SenderId":"123456789012","SentTimestamp":"1795594530000","SequenceNumber":"18849496460467696896"},"awsRegion":"eu-central-1","body":"b1","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:jobs.fifo","md5OfBody":"edbab45572c72a5d9440b40bcc0500c0","messageAttributes":{},"messageId":"96b385aa-5d4f-4c35-bc97-927033fa6e79","receiptHandle":"{id}"}]}
            > show reply
            {
              "Successful": [
                {
                  "Id": "1",
                  "MD5OfMessageBody": "8a8bb7cd343aa2ad99b7d762030857a2",
                  "MessageId": "{uuid}",
                  "SequenceNumber": "18849496460467696384"
                },
                {
                  "Id": "2",
                  "MD5OfMessageBody": "693a9fdd4c2fd0700968fba0d07ff3c0",
                  "MessageId": "{uuid}",
                  "SequenceNumber": "18849496460467696640"
                },
                {
                  "Id": "3",
                  "MD5OfMessageBody": "edbab45572c72a5d9440b40bcc0500c0",
                  "MessageId": "{uuid}",
                  "SequenceNumber": "18849496460467696896"
                },
                {
                  "Id": "4",
                  "MD5OfMessageBody": "8a8bb7cd343aa2ad99b7d762030857a2",
                  "MessageId": "{uuid}",
                  "SequenceNumber": "18849496460467696384"
                }
              ]
            }
            > show event
            {
              "Records": [
                {
                  "attributes": {
                    "ApproximateFirstReceiveTimestamp": "1795594530000",
                    "ApproximateReceiveCount": "1",
                    "MessageDeduplicationId": "7dc96f776c8423e57a2785489a3f9c43fb6e756876d6ad9a9cac4aa4e72ec193",
                    "MessageGroupId": "b",
                    "SenderId": "123456789012",
                    "SentTimestamp": "1795594530000",
                    "SequenceNumber": "18849496460467696896"
                  },
                  "awsRegion": "eu-central-1",
                  "body": "b1",
                  "eventSource": "aws:sqs",
                  "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:jobs.fifo",
                  "md5OfBody": "edbab45572c72a5d9440b40bcc0500c0",
                  "messageAttributes": {},
                  "messageId": "96b385aa-5d4f-4c35-bc97-927033fa6e79",
                  "receiptHandle": "cmVjZWlwdDozOjE="
                }
              ]
            }
            > worker#1 says {}
            worker#1 gets {"Records":[{"attributes":{"ApproximateFirstReceiveTimestamp":"1795594530000","ApproximateReceiveCount":"1","MessageDeduplicationId":"2c3a4249d77070058649dbd822dcaf7957586fce428cfb2ca88b94741eda8b07","MessageGroupId":"a","SenderId":"123456789012","SentTimestamp":"1795594530000","SequenceNumber":"18849496460467696640"},"awsRegion":"eu-central-1","body":"a2","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:jobs.fifo","md5OfBody":"693a9fdd4c2fd0700968fba0d07ff3c0","messageAttributes":{},"messageId":"bd4de13b-7337-4830-8d56-1ad3a99e41f9","receiptHandle":"{id}"}]}
            > worker#2 says {}
            > worker#1 says {}
        "#]],
    );
}

#[test]
fn a_rule_may_send_to_a_group_of_a_fifo_queue() {
    check(
        r#"
        queue jobs {"QueueName": "jobs.fifo", "FifoQueue": true, "ContentBasedDeduplication": true}
        resource Policy {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "jobs"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*"}}}}
        rule all {"EventPattern": {"source": ["a"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["jobs", "Arn"]}, "InputPath": "$.detail", "SqsParameters": {"MessageGroupId": "g"}}]}
        "#,
        expect![[r#"
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"a","DetailType":"d","Detail":"{\"n\":1}"},{"Source":"a","DetailType":"d","Detail":"{\"n\":1}"}]}
            200 {"Entries":[{"EventId":"{uuid}"},{"EventId":"{uuid}"}],"FailedEntryCount":0}
            jobs.fifo gets an event of rule all
            jobs.fifo gets an event of rule all
            > queue jobs.fifo
            {"n":1}
        "#]],
    );
}
