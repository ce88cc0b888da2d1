//! What Lambda tells about functions.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn a_function_is_described_as_its_template_has_it() {
    check(
        r#"
        function fn {"Handler":"bootstrap","MemorySize":256,"Timeout":20,"LoggingConfig":{"LogFormat":"JSON"},"Environment":{"Variables":{"URL":{"Fn::Sub":"${Api.ApiEndpoint}/dev"}}},"ReservedConcurrentExecutions":3}
        "#,
        expect![[r#"
            > GET /2015-03-31/functions/fn/configuration
            200 603 bytes
            > GET /2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-central-1%3A123456789012%3Afunction%3Afn
            200 701 bytes
            > show reply
            {
              "Code": {
                "RepositoryType": "S3"
              },
              "Concurrency": {
                "ReservedConcurrentExecutions": 3
              },
              "Configuration": {
                "Architectures": [
                  "x86_64"
                ],
                "Environment": {
                  "Variables": {
                    "URL": "ws://127.0.0.1:4000/_aws/execute-api/noc08ugru8/dev"
                  }
                },
                "EphemeralStorage": {
                  "Size": 512
                },
                "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:fn",
                "FunctionName": "fn",
                "Handler": "bootstrap",
                "LastModified": "2026-11-25T08:15:30.000+0000",
                "LastUpdateStatus": "Successful",
                "LoggingConfig": {
                  "LogFormat": "JSON",
                  "LogGroup": "/aws/lambda/fn"
                },
                "MemorySize": 256,
                "PackageType": "Zip",
                "Role": "arn:aws:iam::123456789012:role/role",
                "Runtime": "provided.al2023",
                "State": "Active",
                "Timeout": 20,
                "TracingConfig": {
                  "Mode": "PassThrough"
                },
                "Version": "$LATEST"
              }
            }
        "#]],
    );
}

#[test]
fn functions_are_listed_page_by_page() {
    check(
        "
        route $connect to one
        route $default to two
        ",
        expect![[r#"
            > GET /2015-03-31/functions?MaxItems=1
            200 551 bytes
            > show reply
            {
              "Functions": [
                {
                  "Architectures": [
                    "x86_64"
                  ],
                  "EphemeralStorage": {
                    "Size": 512
                  },
                  "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:one",
                  "FunctionName": "one",
                  "Handler": "bootstrap",
                  "LastModified": "2026-11-25T08:15:30.000+0000",
                  "LastUpdateStatus": "Successful",
                  "LoggingConfig": {
                    "LogFormat": "Text",
                    "LogGroup": "/aws/lambda/one"
                  },
                  "MemorySize": 128,
                  "PackageType": "Zip",
                  "Role": "arn:aws:iam::123456789012:role/role",
                  "Runtime": "provided.al2023",
                  "State": "Active",
                  "Timeout": 30,
                  "TracingConfig": {
                    "Mode": "PassThrough"
                  },
                  "Version": "$LATEST"
                }
              ],
              "NextMarker": "one"
            }
            > GET /2015-03-31/functions/?Marker=one
            200 550 bytes
            > show reply
            {
              "Functions": [
                {
                  "Architectures": [
                    "x86_64"
                  ],
                  "EphemeralStorage": {
                    "Size": 512
                  },
                  "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:two",
                  "FunctionName": "two",
                  "Handler": "bootstrap",
                  "LastModified": "2026-11-25T08:15:30.000+0000",
                  "LastUpdateStatus": "Successful",
                  "LoggingConfig": {
                    "LogFormat": "Text",
                    "LogGroup": "/aws/lambda/two"
                  },
                  "MemorySize": 128,
                  "PackageType": "Zip",
                  "Role": "arn:aws:iam::123456789012:role/role",
                  "Runtime": "provided.al2023",
                  "State": "Active",
                  "Timeout": 30,
                  "TracingConfig": {
                    "Mode": "PassThrough"
                  },
                  "Version": "$LATEST"
                }
              ],
              "NextMarker": null
            }
            > GET /2015-03-31/functions?MaxItems=0
            400 InvalidParameterValueException {"Type":"User","message":"`0` at `maxItems` must be a number from 1 to 10000"}
        "#]],
    );
}

#[test]
fn what_a_function_may_learn_about_functions_its_role_says() {
    check(
        "
        route $default to fn
        allow lambda:GetFunctionConfiguration on arn:aws:lambda:*:*:function:fn
        ",
        expect![[r#"
            > signed by fn: GET /2015-03-31/functions/fn/configuration
            200 513 bytes
            > signed by fn: GET /2015-03-31/functions/fn
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: lambda:GetFunction on resource: arn:aws:lambda:eu-central-1:123456789012:function:fn because no identity-based policy allows the lambda:GetFunction action"}
            > signed by fn: GET /2015-03-31/functions/fn:live/configuration
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: lambda:GetFunctionConfiguration on resource: arn:aws:lambda:eu-central-1:123456789012:function:fn:live because no identity-based policy allows the lambda:GetFunctionConfiguration action"}
            > signed by fn: GET /2015-03-31/functions
            403 AccessDeniedException {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: lambda:ListFunctions on resource: * because no identity-based policy allows the lambda:ListFunctions action"}
            > unsigned: GET /2015-03-31/functions/fn
            403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
            > GET /2015-03-31/functions/other
            404 ResourceNotFoundException {"Message":"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:other","Type":"User"}
            > GET /2015-03-31/functions/fn/policy
            404 UnknownOperationException {"Message":"/2015-03-31/functions/fn/policy is not emulated: functions are invoked, listed and described; the template changes them"}
        "#]],
    );
}
