//! What feeds functions, as the lines `mapping` and `events` say it.

use crate::setup::{Setup, merge};
use serde_json::json;

impl Setup {
    /// `FUNCTION from SOURCE {…properties}`: from `table`, or from a queue.
    pub(crate) fn mapping(&mut self, line: &str) {
        let (function, rest) = line.split_once(" from ").unwrap();
        let (source, more) = rest.split_once(' ').unwrap_or((rest, "{}"));
        self.function(function);
        let mut properties = json!({ "FunctionName": { "Ref": function } });
        if source == "table" {
            properties["EventSourceArn"] = json!({ "Fn::GetAtt": ["Table", "StreamArn"] });
            properties["StartingPosition"] = "TRIM_HORIZON".into();
            let table = json!({
                "TableName": "T",
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
            });
            self.add("Table", "AWS::DynamoDB::Table", table);
            self.statement("allow", "dynamodb:* on ${Table.StreamArn}");
        } else {
            properties["EventSourceArn"] = json!({ "Fn::GetAtt": [source, "Arn"] });
            self.statement("allow", &format!("sqs:* on ${{{source}.Arn}}"));
        }
        merge(&mut properties, more);
        self.add("Mapping", "AWS::Lambda::EventSourceMapping", properties);
    }

    /// `FUNCTION for RULE`
    pub(crate) fn events_may_invoke(&mut self, line: &str) {
        let (function, rule) = line.split_once(" for ").unwrap();
        self.function(function);
        let permission = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": { "Ref": function },
            "Principal": "events.amazonaws.com",
            "SourceArn": { "Fn::GetAtt": [rule, "Arn"] },
        });
        self.add(&format!("Events{rule}"), "AWS::Lambda::Permission", permission);
    }
}
