//! Makes a template of the lines that stand before a transcript.
//!
//! ```text
//! route $connect to auth
//! route echo to echo, replies
//! stage prod {"AutoDeploy": false}
//! function echo {"Timeout": 5}
//! limit environments 1
//! allow execute-api:ManageConnections on arn:aws:execute-api:*:*:${Api}/dev/*
//! iam off
//! mapping worker from table {"BatchSize": 2}
//! queue failed {"VisibilityTimeout": 60}
//! rule nightly {"ScheduleExpression": "rate(1 day)"}
//! events worker for nightly
//! async worker {"MaximumRetryAttempts": 0}
//! section Outputs {"Url": {"Value": "…"}}
//! given Parameter=value
//! tag name=value
//! ```
//!
//! `route KEY via {…}` has an integration of these properties; `response ROUTE KEY {…}` adds a response
//! to it. The flags of a route besides `replies` are `signed`, `key`, `authorizer NAME`, `models KEY=NAME` and JSON with more
//! properties of its integration. A function of a route may be invoked unless the line says `not permitted`. Without a line about
//! stages there is one named `dev`. Lines of JSON (`resource Id {…}`) are resources as they are.

use gateway_core::{Limits, template};
use serde_json::{Map, Value, json};

pub(crate) struct Setup {
    pub(crate) resources: Map<String, Value>,
    /// Sections of the template besides its resources.
    sections: Map<String, Value>,
    pub(crate) place: template::Place,
    pub(crate) limits: Limits,
    pub(crate) guesses: gateway_core::Guesses,
    pub(crate) iam: gateway_core::permissions::Iam,
    pub(crate) shows_logs: bool,
    pub(crate) by_hand: bool,
}

impl Setup {
    pub(crate) fn new(lines: &str) -> Self {
        let mut setup = Self {
            resources: Map::new(),
            sections: Map::new(),
            place: place(),
            limits: Limits::default(),
            guesses: gateway_core::Guesses::default(),
            iam: gateway_core::permissions::Iam::On,
            shows_logs: false,
            by_hand: false,
        };
        setup.add(
            "Api",
            "AWS::ApiGatewayV2::Api",
            json!({
                "Name": "api",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            }),
        );
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            setup.line(line);
        }
        let has_stage = setup.resources.values().any(|r| r["Type"] == "AWS::ApiGatewayV2::Stage");
        if !has_stage {
            setup.line("stage dev {}");
        }
        setup
    }

    pub(crate) fn template(&self) -> Value {
        let mut template = json!({ "Resources": self.resources });
        for (name, section) in &self.sections {
            template[name] = section.clone();
        }
        template
    }

    pub(crate) fn topology(&self) -> gateway_core::topology::Topology {
        template::read(&self.template(), &self.place)
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    /// Sets properties of a resource.
    pub(crate) fn change(&mut self, id: &str, properties: &str) {
        merge(&mut self.resources[id]["Properties"], properties);
    }

    fn line(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "route" => self.route(rest),
            "stage" => {
                let (name, more) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let mut properties =
                    json!({ "ApiId": { "Ref": "Api" }, "StageName": name, "AutoDeploy": true });
                merge(&mut properties, more);
                self.add(&format!("Stage{name}"), "AWS::ApiGatewayV2::Stage", properties);
            }
            "function" => {
                let (name, more) = rest.split_once(' ').unwrap();
                self.function(name);
                merge(&mut self.resources[name]["Properties"], more);
            }
            "authorizer" => {
                let (name, more) = rest.split_once(' ').unwrap_or((rest, "{}"));
                self.authorizer(name, more);
            }
            "response" => self.response(rest),
            "model" => {
                let (name, schema) = rest.split_once(' ').unwrap();
                let schema: Value = serde_json::from_str(schema).unwrap();
                let model = json!({ "ApiId": { "Ref": "Api" }, "Name": name, "Schema": schema });
                self.add(&format!("Model{name}"), "AWS::ApiGatewayV2::Model", model);
            }
            "api" => merge(&mut self.resources["Api"]["Properties"], rest),
            "resource" => {
                let (id, resource) = rest.split_once(' ').unwrap();
                self.resources.insert(id.into(), serde_json::from_str(resource).unwrap());
            }
            "limit" => {
                let (what, number) = rest.split_once(' ').unwrap();
                let number = number.parse().unwrap();
                match what {
                    "environments" => self.limits.environments_per_function = number,
                    "crowd" => self.limits.crowd = number,
                    "waiting" => self.limits.waiting_per_function = number,
                    "connections" => self.limits.connections = number,
                    "connects" => {
                        self.limits.connects_per_second = u32::try_from(number).unwrap();
                    }
                    "account" => {
                        self.limits.account_rate = u32::try_from(number).unwrap();
                        self.limits.account_burst = self.limits.account_rate;
                    }
                    "buffer" => self.limits.send_buffer_bytes = number,
                    other => panic!("no limit {other}"),
                }
            }
            "mapping" => self.mapping(rest),
            "queue" => {
                let (name, more) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let mut properties = json!({ "QueueName": name });
                merge(&mut properties, more);
                self.add(name, "AWS::SQS::Queue", properties);
            }
            "rule" => {
                let (id, more) = rest.split_once(' ').unwrap();
                let mut properties = json!({ "Name": id });
                merge(&mut properties, more);
                self.add(id, "AWS::Events::Rule", properties);
            }
            "async" => {
                let (function, more) = rest.split_once(' ').unwrap();
                self.function(function);
                let mut properties =
                    json!({ "FunctionName": { "Ref": function }, "Qualifier": "$LATEST" });
                merge(&mut properties, more);
                self.add("Async", "AWS::Lambda::EventInvokeConfig", properties);
            }
            "events" => self.events_may_invoke(rest),
            "section" => {
                let (name, section) = rest.split_once(' ').unwrap();
                self.sections.insert(name.into(), serde_json::from_str(section).unwrap());
            }
            "given" => {
                let (name, value) = rest.split_once('=').unwrap();
                self.place.parameters.insert(name.into(), value.into());
            }
            "tag" => {
                let (name, value) = rest.split_once('=').unwrap();
                self.place.tags.insert(name.into(), value.into());
            }
            "logs" => self.shows_logs = true,
            "hand" => self.by_hand = true,
            "iam" => self.iam = gateway_core::permissions::Iam::Off,
            "allow" | "deny" => self.statement(word, rest),
            "silent" => self.guesses.empty_reply = false,
            other => panic!("no such line: {other}"),
        }
    }

    /// `KEY to FUNCTION[, replies][, not permitted][, {…more properties of the integration}]`
    fn route(&mut self, line: &str) {
        if let Some((key, rest)) = line.split_once(" via ") {
            return self.route_via(key, rest);
        }
        let (key, rest) = line.split_once(" to ").unwrap_or((line, ""));
        let (function, flags) = rest.split_once(", ").unwrap_or((rest, ""));
        let n = short(key);
        let id = format!("Route{n}");
        let mut route = json!({ "ApiId": { "Ref": "Api" }, "RouteKey": key });
        if flags.contains("replies") {
            route["RouteResponseSelectionExpression"] = "$default".into();
            self.add(
                &format!("Response{n}"),
                "AWS::ApiGatewayV2::RouteResponse",
                json!({ "ApiId": { "Ref": "Api" }, "RouteId": { "Ref": id }, "RouteResponseKey": "$default" }),
            );
        }
        if let Some((_, name)) = flags.split_once("authorizer ") {
            route["AuthorizationType"] = "CUSTOM".into();
            route["AuthorizerId"] = json!({ "Ref": format!("Authorizer{name}") });
        }
        if let Some((_, names)) = flags.split_once("models ") {
            route["ModelSelectionExpression"] = "$request.body.action".into();
            route["RequestModels"] = names
                .split(' ')
                .map(|pair| pair.split_once('=').unwrap())
                .map(|(key, model)| (key.to_owned(), Value::from(model)))
                .collect::<Map<_, _>>()
                .into();
        }
        if flags.contains("signed") {
            route["AuthorizationType"] = "AWS_IAM".into();
        }
        if flags.contains("key") {
            route["ApiKeyRequired"] = true.into();
        }
        if !function.is_empty() {
            self.function(function);
            let mut integration = json!({
                "ApiId": { "Ref": "Api" },
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": { "Fn::Sub": format!(
                    "arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
                ) },
            });
            if let Some(at) = flags.find('{') {
                merge(&mut integration, &flags[at..]);
            }
            self.add(&format!("Integration{n}"), "AWS::ApiGatewayV2::Integration", integration);
            route["Target"] = json!({ "Fn::Sub": format!("integrations/${{Integration{n}}}") });
            if !flags.contains("not permitted") {
                let source = format!(
                    "arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/*/{key}"
                );
                self.add(
                    &format!("Permission{n}"),
                    "AWS::Lambda::Permission",
                    json!({
                        "Action": "lambda:InvokeFunction",
                        "FunctionName": { "Ref": function },
                        "Principal": "apigateway.amazonaws.com",
                        "SourceArn": { "Fn::Sub": source },
                    }),
                );
            }
        }
        self.add(&id, "AWS::ApiGatewayV2::Route", route);
    }

    /// `KEY via {…properties of the integration}[ replies]`
    fn route_via(&mut self, key: &str, rest: &str) {
        let (properties, flags) = rest.rsplit_once('}').unwrap();
        let n = short(key);
        self.route(&format!(
            "{key} to {}",
            if flags.contains("replies") { ", replies" } else { "" }
        ));
        let mut integration = json!({ "ApiId": { "Ref": "Api" } });
        merge(&mut integration, &format!("{properties}}}"));
        self.add(&format!("Integration{n}"), "AWS::ApiGatewayV2::Integration", integration);
        let target = json!({ "Fn::Sub": format!("integrations/${{Integration{n}}}") });
        self.resources[&format!("Route{n}")]["Properties"]["Target"] = target;
    }

    /// `ROUTE KEY {…more properties}`
    fn response(&mut self, line: &str) {
        let mut words = line.splitn(3, ' ');
        let (route, key) = (words.next().unwrap(), words.next().unwrap());
        let mut response = json!({
            "ApiId": { "Ref": "Api" },
            "IntegrationId": { "Ref": format!("Integration{}", short(route)) },
            "IntegrationResponseKey": key,
        });
        merge(&mut response, words.next().unwrap_or("{}"));
        let id = format!("Answer{}", self.resources.len());
        self.add(&id, "AWS::ApiGatewayV2::IntegrationResponse", response);
    }

    fn authorizer(&mut self, name: &str, more: &str) {
        self.function(name);
        let uri = format!(
            "arn:aws:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{name}.Arn}}/invocations"
        );
        let mut authorizer = json!({
            "ApiId": { "Ref": "Api" },
            "Name": name,
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": { "Fn::Sub": uri },
        });
        merge(&mut authorizer, more);
        self.add(&format!("Authorizer{name}"), "AWS::ApiGatewayV2::Authorizer", authorizer);
        let source = format!(
            "arn:aws:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{Api}}/authorizers/${{Authorizer{name}}}"
        );
        self.add(
            &format!("PermissionOf{name}"),
            "AWS::Lambda::Permission",
            json!({
                "Action": "lambda:InvokeFunction",
                "FunctionName": { "Ref": name },
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": { "Fn::Sub": source },
            }),
        );
    }

    pub(crate) fn function(&mut self, name: &str) {
        self.role();
        if !self.resources.contains_key(name) {
            self.add(
                name,
                "AWS::Lambda::Function",
                json!({
                    "FunctionName": name,
                    "Runtime": "provided.al2023",
                    "Handler": "bootstrap",
                    "Timeout": 30,
                    "Role": { "Fn::GetAtt": ["Role", "Arn"] },
                    "Code": { "ZipFile": "" },
                }),
            );
        }
    }

    /// `ACTION on RESOURCE[ if {…Condition}]`, in the policy of the role all functions have.
    pub(crate) fn statement(&mut self, effect: &str, line: &str) {
        self.role();
        let (line, condition) = line.split_once(" if ").unwrap_or((line, "{}"));
        let (action, resource) = line.split_once(" on ").unwrap();
        let condition: Value = serde_json::from_str(condition).unwrap();
        let statement = json!({
            "Effect": if effect == "allow" { "Allow" } else { "Deny" },
            "Action": action,
            "Resource": { "Fn::Sub": resource },
            "Condition": condition,
        });
        let document = &mut self.resources["Role"]["Properties"]["Policies"][0]["PolicyDocument"];
        document["Statement"].as_array_mut().unwrap().push(statement);
    }

    pub(crate) fn role(&mut self) {
        if !self.resources.contains_key("Role") {
            let inline = json!({ "PolicyName": "inline", "PolicyDocument": { "Statement": [] } });
            self.add(
                "Role",
                "AWS::IAM::Role",
                json!({ "RoleName": "role", "AssumeRolePolicyDocument": {}, "Policies": [inline] }),
            );
        }
    }

    pub(crate) fn add(&mut self, id: &str, kind: &str, properties: Value) {
        self.resources.insert(id.into(), json!({ "Type": kind, "Properties": properties }));
    }
}

/// A route key as part of a logical id.
pub(crate) fn short(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect()
}

pub(crate) fn place() -> template::Place {
    template::Place {
        account_id: "123456789012".into(),
        region: "eu-central-1".into(),
        stack_name: "chat".into(),
        parameters: Default::default(),
        tags: Default::default(),
    }
}

pub(crate) fn merge(into: &mut Value, json: &str) {
    let more: Map<String, Value> = serde_json::from_str(json).unwrap();
    for (key, value) in more {
        into[key] = value;
    }
}
