//! The custom domain name: host, mapping to the stage, and the record that leads to it.
//!
//! Functions and permissions know nothing of it but the callback URL, which the settings derive.

use super::Base;
use crate::Domain;
use infra_gen::aws::apigatewayv2::domain_name::DomainNameConfiguration;
use infra_gen::aws::apigatewayv2::{ApiMapping, DomainName, Stage};
use infra_gen::aws::ids::{CertificateArn, HostedZoneId};
use infra_gen::aws::route53::{RecordSet, record_set::AliasTarget};
use infra_gen::{Handle, SubPart, Template, Val, some};

/// What was added, and what is said behind the host.
pub(super) struct DomainParts {
    pub(super) name: Handle<DomainName>,
    path: String,
}

impl DomainParts {
    /// The stage's URL under the custom domain.
    pub(super) fn url(&self, scheme: &str) -> Val<String> {
        let parts: [&dyn SubPart; 4] = [&scheme, &"://", &self.name, &self.path];
        Val::sub(&parts)
    }
}

pub(super) fn add(
    template: &mut Template,
    base: &Base<'_>,
    domain: &Domain,
    stage: &Handle<Stage>,
) -> DomainParts {
    let name = template.add(
        "Domain",
        DomainName {
            domain_name_configurations: some([DomainNameConfiguration {
                certificate_arn: Some(Val::Lit(CertificateArn::new(&domain.certificate_arn))),
                // All that a WebSocket API may have (API Gateway Developer Guide, "Custom domain
                // names for WebSocket APIs").
                endpoint_type: some("REGIONAL"),
                security_policy: some("TLS_1_2"),
                ..DomainNameConfiguration::new()
            }]),
            ..DomainName::new(domain.name.as_str())
        },
    );
    template.add(
        "DomainMapping",
        ApiMapping {
            api_mapping_key: domain.path.as_deref().map(Into::into),
            ..ApiMapping::new(&base.api, &name, stage)
        },
    );
    if let Some(zone) = &domain.hosted_zone_id {
        let target = AliasTarget::new(name.regional_domain_name(), name.regional_hosted_zone_id());
        template.add(
            "DomainRecord",
            RecordSet {
                alias_target: some(target),
                hosted_zone_id: Some(Val::Lit(HostedZoneId::new(zone))),
                ..RecordSet::new(domain.name.as_str(), "A")
            },
        );
    }
    let path = domain.path.as_ref().map(|path| format!("/{path}")).unwrap_or_default();
    DomainParts { name, path }
}
