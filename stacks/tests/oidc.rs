//! What the role of GitHub's workflows promises.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::expect;
use infra_gen::template_file;
use serde_json::Value;
use stacks::Settings;
use stacks::oidc::Github;

/// The template as text and as JSON.
fn template(provider_exists: bool) -> (String, Value) {
    template_of(provider_exists, "")
}

/// The same, of a stage with these settings.
fn template_of(provider_exists: bool, settings: &str) -> (String, Value) {
    let text = format!("stages: {{live: {{region: eu-west-1{settings}}}}}");
    let settings = Settings::parse(&text, "stages.yaml").unwrap();
    let stage = settings.stage("live").unwrap();
    let github = Github { stage, repository: "octo-org/herald", provider_exists };
    let template = github.template();
    assert_eq!(template.check(), []);
    (template.to_yaml(), template_file::parse(&template.to_json()).unwrap())
}

#[test]
fn only_jobs_of_the_repository_and_the_environment_are_trusted() {
    let (_, document) = template(false);
    let trust = &document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"];
    expect![[r#"{"Statement":[{"Action":["sts:AssumeRoleWithWebIdentity"],"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:octo-org/herald:environment:live"}},"Effect":"Allow","Principal":{"Federated":{"Fn::GetAtt":["Provider","Arn"]}}}],"Version":"2012-10-17"}"#]]
        .assert_eq(&trust.to_string());
}

#[test]
fn an_account_that_knows_github_already_is_not_told_again() {
    let (_, document) = template(true);
    assert_eq!(document["Resources"].as_object().unwrap().len(), 1);
    let trust = &document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"];
    expect![[r#"{"Federated":{"Fn::Sub":"arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com"}}"#]]
        .assert_eq(&trust["Statement"][0]["Principal"].to_string());
}

/// Statements of all policies.
fn statements(document: &Value) -> Vec<Value> {
    let policies = document["Resources"]["Role"]["Properties"]["Policies"].as_array().unwrap();
    let of = |policy: &Value| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone();
    policies.iter().flat_map(of).collect()
}

#[test]
fn roles_and_functions_are_touched_by_the_name_of_the_stack_only() {
    let (_, document) = template(false);
    for statement in statements(&document) {
        let actions = statement["Action"].to_string();
        let resource = statement["Resource"].to_string();
        assert!(!actions.contains('*'), "{actions}");
        if actions.contains("iam:") || actions.contains("lambda:CreateFunction") {
            assert!(resource.contains("herald-live-*"), "{statement}");
        }
    }
}

#[test]
fn what_is_allowed_everywhere_is_what_aws_cannot_narrow() {
    let (_, document) = template(false);
    let everywhere: Vec<_> = statements(&document)
        .into_iter()
        .filter(|statement| statement["Resource"] == "*")
        .map(|statement| statement["Action"].to_string())
        .collect();
    expect![[r#"
        ["lambda:GetAccountSettings"]
        ["sts:GetCallerIdentity"]
        ["lambda:CreateEventSourceMapping","lambda:ListEventSourceMappings"]
        ["logs:CreateLogDelivery","logs:DeleteLogDelivery","logs:DescribeLogGroups","logs:DescribeResourcePolicies","logs:GetLogDelivery","logs:ListLogDeliveries","logs:PutResourcePolicy","logs:UpdateLogDelivery"]"#]]
    .assert_eq(&everywhere.join("\n"));
}

/// A domain of the stage, and a zone that its record stands in.
const DOMAIN: &str = ", domain: {name: ws.example.com, certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1', hosted_zone_id: Z0123456789ABC}";

#[test]
fn a_domain_adds_its_own_name_and_zone() {
    let (_, plain) = template(false);
    let (_, document) = template_of(false, DOMAIN);
    let plain = statements(&plain);
    let added = statements(&document).into_iter().filter(|statement| !plain.contains(statement));
    let lines = added.map(|statement| {
        let (action, resource) = (&statement["Action"], &statement["Resource"]["Fn::Sub"]);
        format!("{resource}\n  {action}\n")
    });
    expect![[r#"
        "arn:${AWS::Partition}:apigateway:${AWS::Region}::/domainnames"
          ["apigateway:GET","apigateway:POST"]
        "arn:${AWS::Partition}:apigateway:${AWS::Region}::/domainnames/ws.example.com"
          ["apigateway:DELETE","apigateway:GET","apigateway:PATCH","apigateway:PUT"]
        "arn:${AWS::Partition}:apigateway:${AWS::Region}::/domainnames/ws.example.com/*"
          ["apigateway:DELETE","apigateway:GET","apigateway:PATCH","apigateway:POST","apigateway:PUT"]
        "arn:${AWS::Partition}:route53:::hostedzone/Z0123456789ABC"
          ["route53:ChangeResourceRecordSets","route53:GetHostedZone","route53:ListResourceRecordSets"]
        "arn:${AWS::Partition}:route53:::change/*"
          ["route53:GetChange"]
    "#]]
    .assert_eq(&lines.collect::<String>());
}

/// IAM's quota for the policies of a role together, blanks not counted.
#[test]
fn the_policies_fit_into_a_role() {
    let (_, document) = template_of(false, DOMAIN);
    let length: usize = statements(&document).iter().map(|s| s.to_string().len()).sum();
    assert!(length < 10_240 - 200, "{length}");
}
