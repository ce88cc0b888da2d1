//! A custom domain name: what it adds, and where it leads.

use super::{json, properties, stage};
use expect_test::{Expect, expect};
use gateway_core::template::{self, Place};
use gateway_core::topology::Topology;
use herald_contract::CallbackUrl;
use infra_gen::aws::apigatewayv2::{ApiMapping, DomainName};
use stacks::push;
use std::collections::BTreeMap;

/// Below a path, the DNS being somebody else's.
pub(crate) const MAPPED: &str = ", domain: {name: ws.example.com, certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1', path: v1}";

/// At the root, with a record in our own zone.
pub(crate) const WITH_RECORD: &str = ", domain: {name: ws.example.com, certificate_arn: 'arn:aws:acm:eu-west-1:123456789012:certificate/1', hosted_zone_id: Z0123456789ABC}";

/// The resources that a stage without a domain has not, and the outputs that it has otherwise.
fn check(settings: &str, expect: Expect) {
    let (plain, with) = (json(&super::template("")), json(&super::template(settings)));
    let mut lines = String::new();
    for section in ["Resources", "Outputs"] {
        for (id, value) in with[section].as_object().unwrap() {
            if plain[section][id] != *value && id != "Socket" {
                let shown = value.get("Properties").unwrap_or(&value["Value"]);
                lines.push_str(&format!("{id}: {shown}\n"));
            }
        }
    }
    expect.assert_eq(&lines);
}

#[test]
fn a_domain_is_regional_and_leads_to_the_stage() {
    check(
        MAPPED,
        expect![[r#"
            Domain: {"DomainName":"ws.example.com","DomainNameConfigurations":[{"CertificateArn":"arn:aws:acm:eu-west-1:123456789012:certificate/1","EndpointType":"REGIONAL","SecurityPolicy":"TLS_1_2"}]}
            DomainMapping: {"ApiId":{"Ref":"Api"},"ApiMappingKey":"v1","DomainName":{"Ref":"Domain"},"Stage":{"Ref":"Stage"}}
            CallbackUrl: {"Fn::Sub":"https://${Domain}/v1"}
            DomainHostedZone: {"Fn::GetAtt":["Domain","RegionalHostedZoneId"]}
            DomainTarget: {"Fn::GetAtt":["Domain","RegionalDomainName"]}
            WebSocketUrl: {"Fn::Sub":"wss://${Domain}/v1"}
        "#]],
    );
}

#[test]
fn a_hosted_zone_gets_a_record_and_no_path_is_the_root() {
    check(
        WITH_RECORD,
        expect![[r#"
            Domain: {"DomainName":"ws.example.com","DomainNameConfigurations":[{"CertificateArn":"arn:aws:acm:eu-west-1:123456789012:certificate/1","EndpointType":"REGIONAL","SecurityPolicy":"TLS_1_2"}]}
            DomainMapping: {"ApiId":{"Ref":"Api"},"DomainName":{"Ref":"Domain"},"Stage":{"Ref":"Stage"}}
            DomainRecord: {"AliasTarget":{"DNSName":{"Fn::GetAtt":["Domain","RegionalDomainName"]},"HostedZoneId":{"Fn::GetAtt":["Domain","RegionalHostedZoneId"]}},"HostedZoneId":"Z0123456789ABC","Name":"ws.example.com","Type":"A"}
            CallbackUrl: {"Fn::Sub":"https://${Domain}"}
            DomainHostedZone: {"Fn::GetAtt":["Domain","RegionalHostedZoneId"]}
            DomainTarget: {"Fn::GetAtt":["Domain","RegionalDomainName"]}
            WebSocketUrl: {"Fn::Sub":"wss://${Domain}"}
        "#]],
    );
}

#[test]
fn without_a_domain_there_is_none() {
    let template = super::template("");
    assert_eq!(template.find::<DomainName>().count(), 0);
    assert_eq!(template.find::<ApiMapping>().count(), 0);
}

#[test]
fn the_callback_url_follows_from_the_domain() {
    for (settings, url) in
        [(MAPPED, "https://ws.example.com/v1"), (WITH_RECORD, "https://ws.example.com")]
    {
        assert_eq!(stage(settings).callback_url.as_ref().map(CallbackUrl::as_str), Some(url));
        let variables = &properties(settings, "Socket")["Environment"]["Variables"];
        assert_eq!(variables["CALLBACK_URL"], url);
    }
}

#[test]
fn the_local_cloud_maps_the_path_to_the_stage() {
    for (settings, key) in [(MAPPED, "v1"), (WITH_RECORD, "")] {
        let topology = topology(settings);
        let (id, _) = topology.apis.first_key_value().unwrap();
        let target = topology.domains["ws.example.com"].mappings.get(key);
        assert_eq!(target, Some(&(id.clone(), "live".to_owned())));
        let ours = |(_, kind): &&(String, String)| {
            kind.contains("ApiGatewayV2") || kind.contains("Route53")
        };
        assert_eq!(topology.not_emulated.iter().find(ours), None);
    }
}

/// What the local cloud reads.
fn topology(settings: &str) -> Topology {
    let stage = stage(settings);
    let place = Place {
        account_id: "123456789012".to_owned(),
        region: stage.region.clone(),
        stack_name: "herald-live".to_owned(),
        parameters: BTreeMap::new(),
        tags: BTreeMap::new(),
    };
    template::read(&json(&push::template(&stage)), &place).unwrap()
}
