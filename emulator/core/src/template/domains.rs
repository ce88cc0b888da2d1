//! Custom domain names and their mappings.

use super::eval::Evaluator;
use super::properties::Properties;
use crate::topology::{Domain, Topology};

const MAPPING: [&str; 4] = ["ApiId", "ApiMappingKey", "DomainName", "Stage"];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::ApiGatewayV2::DomainName") {
        let mut properties = Properties::of(evaluator, &id);
        let name = properties.required("DomainName").to_ascii_lowercase();
        evaluator.problems.append(&mut properties.problems);
        topology.domains.insert(name, Domain::default());
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::ApiMapping") {
        let mut properties = Properties::of(evaluator, &id);
        let api = properties.required("ApiId");
        let stage = properties.required("Stage");
        let key = properties.text("ApiMappingKey").unwrap_or_default();
        let name = properties.required("DomainName").to_ascii_lowercase();
        let known = topology.apis.get(&api).is_some_and(|api| api.stages.contains_key(&stage));
        if topology.apis.contains_key(&api) && !known {
            properties.problem("Stage", format!("the API has no stage named {stage}"));
        }
        if known {
            // The domain name itself may be another stack's.
            topology.domains.entry(name).or_default().mappings.insert(key, (api, stage));
        }
        properties.finish(evaluator, &MAPPING);
    }
}
