//! The stack of a role that GitHub's workflows take to deploy a stage, by the identity that GitHub
//! gives a job and without a stored key.
//!
//! Not part of the stage: whoever deploys with a role must not be able to change it. CloudFormation
//! makes the resources of a stage in the name of whoever deploys, so the role holds what that takes,
//! on names that begin with the stack's. `xtask/tests/it/oidc.rs` compares it with what the deployer
//! calls.

mod rights;

use crate::Stage;
use infra_gen::assembly::{self, Manifest, StackEntry};
use infra_gen::aws::iam::{OIDCProvider, Role, role};
use infra_gen::aws::ids::OidcProviderArn;
use infra_gen::iam::{ArnPattern, Policy, Statement, Trust};
use infra_gen::{DeletionPolicy, Options, Output, Pseudo, SubPart, Template, Val, some};
use rights::{DEPLOYER, DOMAIN, RECORD, RESOURCES, Right};
use std::collections::BTreeMap;

/// Who gives the identities.
const ISSUER: &str = "token.actions.githubusercontent.com";

/// Whose workflows may deploy what.
#[derive(Clone, Copy, Debug)]
pub struct Github<'s> {
    /// The stage; a job has to be of the environment of the same name.
    pub stage: &'s Stage,
    /// `owner/repository`.
    pub repository: &'s str,
    /// Whether the account knows GitHub already: it can do so only once.
    pub provider_exists: bool,
}

impl Github<'_> {
    /// The name of the stack that is deployed, not of this one.
    fn target(&self) -> String {
        crate::stack_name(self.stage)
    }

    /// Everything for the deployer.
    pub fn synthesize(&self) -> crate::Synthesized {
        let name = format!("{}-github", self.target());
        let stack = StackEntry {
            name: name.clone(),
            template: format!("{name}.template.json"),
            region: self.stage.region.clone(),
            parameters: BTreeMap::new(),
            secrets: Vec::new(),
            functions: Vec::new(),
            tags: BTreeMap::from([("herald:stage".to_owned(), self.stage.name.clone())]),
        };
        let stage = self.stage.name.clone();
        let manifest = Manifest { version: assembly::VERSION, stage, stacks: vec![stack] };
        crate::Synthesized { manifest, templates: BTreeMap::from([(name, self.template())]) }
    }

    /// The template.
    pub fn template(&self) -> Template {
        let mut template =
            Template::new("Herald: the role by which GitHub's workflows deploy a stage");
        let provider = if self.provider_exists {
            Val::sub(&[
                &"arn:",
                &Pseudo::Partition,
                &":iam::",
                &Pseudo::AccountId,
                &":oidc-provider/",
                &ISSUER,
            ])
        } else {
            self.add_provider(&mut template)
        };
        let claim = |name: &str, value: String| (format!("{ISSUER}:{name}"), value);
        let job = format!("repo:{}:environment:{}", self.repository, self.stage.name);
        let claims = [claim("aud", "sts.amazonaws.com".to_owned()), claim("sub", job)];
        let domain = self.stage.domain.as_ref();
        let record = domain.and_then(|domain| domain.hosted_zone_id.as_ref());
        let resources = [RESOURCES, domain.map_or(&[], |_| DOMAIN), record.map_or(&[], |_| RECORD)];
        let policy = |rights: &[&[Right]], name: &str| {
            let statements = rights.iter().copied().flatten().map(|right| self.statement(right));
            role::Policy::new(Policy::new(statements), name)
        };
        let role = template.add(
            "Role",
            Role {
                policies: some([policy(&[DEPLOYER], "Deployer"), policy(&resources, "Resources")]),
                ..Role::new(Trust::web_identity(provider, claims))
            },
        );
        template.output(
            "RoleArn",
            Output {
                description: "The variable AWS_ROLE_ARN of the environment".to_owned(),
                ..Output::new(role.arn())
            },
        );
        template
    }

    /// Other stages may use it as well, so it stays when this stack goes.
    fn add_provider(&self, template: &mut Template) -> Val<OidcProviderArn> {
        let options = Options {
            deletion_policy: Some(DeletionPolicy::Retain),
            update_replace_policy: Some(DeletionPolicy::Retain),
            ..Options::default()
        };
        let provider = OIDCProvider {
            url: some(format!("https://{ISSUER}")),
            client_id_list: some(["sts.amazonaws.com".to_owned()]),
            ..OIDCProvider::new()
        };
        template.add_with("Provider", provider, options).arn()
    }

    fn statement(&self, right: &Right) -> Statement {
        match right.on {
            Some(on) => Statement::allow(right.actions.iter().copied(), self.arn(on)),
            None => Statement::allow_everywhere(right.everywhere.iter().copied()),
        }
    }

    /// The ARN with this behind `arn:PARTITION:`; the names in braces stand for what they say.
    fn arn(&self, on: &str) -> Val<ArnPattern> {
        let domain = self.stage.domain.as_ref();
        let zone = domain.and_then(|domain| domain.hosted_zone_id.as_deref());
        let on = on
            .replace("{stack}", &self.target())
            .replace("{domain}", domain.map_or("", |domain| &domain.name))
            .replace("{zone}", zone.unwrap_or_default());
        let mut parts: Vec<&dyn SubPart> = vec![&"arn:", &Pseudo::Partition, &":"];
        let pieces: Vec<&str> = on.split(['{', '}']).collect();
        for piece in &pieces {
            match *piece {
                "region" => parts.push(&Pseudo::Region),
                "account" => parts.push(&Pseudo::AccountId),
                "" => {}
                _ => parts.push(piece),
            }
        }
        Val::sub(&parts)
    }
}
