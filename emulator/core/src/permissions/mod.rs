//! Who calls, and whether they may: a signature verified, then the policies of its role evaluated.
//!
//! Callers are the local administrator (`test`/`test`) and the functions, each with an access key of
//! its own. Nothing here knows a service: which action on which resource a request asks for is said
//! by the gateway, the Invoke API and `service`. Signatures are [`crate::sigv4`]'s, the evaluation of
//! policies [`crate::iam`]'s; `document` and `managed` are for the reader of templates.

mod context;
mod document;
mod dynamodb;
mod expression;
mod managed;
mod partiql;
mod refusal;
mod service;

pub use refusal::{Denied, Refusal};
pub(crate) use service::Refused;

pub(crate) use document::identity_policy;
pub(crate) use managed::managed_policy;

use crate::iam::{self, Decision, Policy};
use crate::lambda::{Credentials, credentials};
use crate::topology::{Role, Topology};
use crate::{Time, http, sigv4};
use refusal::Reason;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Access key and secret of the local administrator, as other local clouds have them.
const ADMINISTRATOR: &str = "test";

/// Whether signatures and policies are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Iam {
    /// As on AWS.
    #[default]
    On,
    /// Not at all: every request counts as the local administrator's.
    Off,
}

/// Who a request is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// As refusals name it: the assumed role of a function.
    pub arn: String,
    /// The account.
    pub account_id: String,
    /// `aws:userid`.
    pub user_id: String,
    /// The access key ID it signs with.
    pub access_key_id: String,
    /// ARN of the role it acts in; `None` for the local administrator.
    pub role: Option<String>,
    /// ARN of the function, if it is one.
    pub function: Option<String>,
}

/// One thing a request wants to be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Condition keys of the service; those every request has come on top.
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// All callers there are, and what they may do.
#[derive(Debug)]
pub(crate) struct Permissions {
    iam: Iam,
    topology: Arc<Topology>,
    administrator: Caller,
    functions: BTreeMap<String, Caller>,
    /// How far the clock has been moved: those who sign keep the real time.
    ahead: Duration,
}

#[derive(Debug)]
struct Caller {
    secret: String,
    /// Temporary credentials count together with their token only.
    token: Option<String>,
    principal: Arc<Principal>,
}

impl Permissions {
    pub(crate) fn new(topology: Arc<Topology>, iam: Iam) -> Self {
        let account_id = &topology.account_id;
        let administrator = Principal {
            arn: format!("arn:aws:iam::{account_id}:root"),
            account_id: account_id.clone(),
            user_id: account_id.clone(),
            access_key_id: ADMINISTRATOR.into(),
            role: None,
            function: None,
        };
        let administrator = Caller {
            secret: ADMINISTRATOR.into(),
            token: None,
            principal: Arc::new(administrator),
        };
        let functions = topology.functions.values().map(|function| {
            let Credentials { access_key_id, secret_access_key, session_token } =
                credentials(&function.arn);
            let role = function.role.rsplit('/').next().unwrap_or_default();
            let role_id = topology.roles.get(&function.role).map_or("AROA", |role| &role.id);
            let principal = Principal {
                arn: format!("arn:aws:sts::{account_id}:assumed-role/{role}/{}", function.name),
                account_id: account_id.clone(),
                user_id: format!("{role_id}:{}", function.name),
                access_key_id: access_key_id.clone(),
                role: Some(function.role.clone()),
                function: Some(function.arn.clone()),
            };
            let caller = Caller {
                secret: secret_access_key,
                token: Some(session_token),
                principal: Arc::new(principal),
            };
            (access_key_id, caller)
        });
        let functions = functions.collect();
        Self { iam, topology, administrator, functions, ahead: Duration::ZERO }
    }

    /// The same callers for another template.
    pub(crate) fn reload(&mut self, topology: Arc<Topology>) {
        *self = Self { ahead: self.ahead, ..Self::new(topology, self.iam) };
    }

    /// The clock has been moved.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    /// How far the clock has been moved.
    pub(crate) fn ahead(&self) -> Duration {
        self.ahead
    }

    /// The same without any check: for what the person in front of the console asks for.
    pub(crate) fn unchecked(&self) -> Self {
        Self::new(Arc::clone(&self.topology), Iam::Off)
    }

    /// Verifies who signed a request to `service`, and that they may do everything it asks for.
    pub(crate) fn authorize(
        &self,
        now: Time,
        request: &http::Request,
        service: &str,
        asks: &[Ask],
    ) -> Result<Arc<Principal>, Refusal> {
        let principal = self.authenticate(now, request, service)?;
        self.permit(now, request, &principal, asks)?;
        Ok(principal)
    }

    fn authenticate(
        &self,
        now: Time,
        request: &http::Request,
        service: &str,
    ) -> Result<Arc<Principal>, sigv4::Refusal> {
        if self.iam == Iam::Off {
            return Ok(Arc::clone(&self.administrator.principal));
        }
        let now = now - self.ahead;
        let secret_of = |id: &str| Some(self.caller(id)?.secret.clone());
        let signer = match sigv4::verify(request, now, secret_of) {
            // The administrator's tool may be an older curl, which does not encode the path once
            // more. A function signs as AWS wants it, or fails as it would there.
            Err(mismatch @ sigv4::Refusal::Mismatch { .. }) => {
                let only_administrator =
                    |id: &str| (id == ADMINISTRATOR).then(|| self.administrator.secret.clone());
                sigv4::verify_path_as_sent(request, now, only_administrator)
                    .map_err(|_| mismatch)?
            }
            other => other?,
        };
        if signer.service != service {
            return Err(sigv4::Refusal::OtherService { service: service.to_owned() });
        }
        let caller = self.caller(&signer.access_key_id).ok_or(sigv4::Refusal::UnknownKey)?;
        if caller.token.is_some() && signer.session_token != caller.token {
            return Err(sigv4::Refusal::UnknownKey);
        }
        Ok(Arc::clone(&caller.principal))
    }

    /// API Gateway, in a role that an integration gives it.
    fn gateway(&self, role: &str) -> Principal {
        const SESSION: &str = "BackplaneAssumeRoleSession";
        let account_id = &self.topology.account_id;
        let name = role.rsplit('/').next().unwrap_or_default();
        let role_id = self.topology.roles.get(role).map_or("AROA", |role| &role.id);
        Principal {
            arn: format!("arn:aws:sts::{account_id}:assumed-role/{name}/{SESSION}"),
            account_id: account_id.clone(),
            user_id: format!("{role_id}:{SESSION}"),
            access_key_id: String::new(),
            role: Some(role.to_owned()),
            function: None,
        }
    }

    fn caller(&self, access_key_id: &str) -> Option<&Caller> {
        if access_key_id == ADMINISTRATOR {
            return Some(&self.administrator);
        }
        self.functions.get(access_key_id)
    }

    /// Evaluates the policies of the principal's role for each thing it asks for.
    fn permit(
        &self,
        now: Time,
        request: &http::Request,
        principal: &Principal,
        asks: &[Ask],
    ) -> Result<(), Denied> {
        let Some(role) = &principal.role else { return Ok(()) };
        let role = self.topology.roles.get(role);
        let common = context::of(now, request, principal, &self.topology.region);
        for ask in asks {
            let mut context = ask.context.clone();
            context.extend(common.iter().map(|(key, values)| (key.clone(), values.clone())));
            let asked = iam::Request { action: &ask.action, resource: &ask.resource, context };
            if let Err(reason) = decide(role, &asked) {
                return Err(Denied::new(principal, ask, reason));
            }
        }
        Ok(())
    }
}

/// Whether a role lets the service that acts with it do this.
pub(crate) fn role_allows(role: &Role, action: &str, resource: &str) -> bool {
    let asked = iam::Request { action, resource, ..iam::Request::default() };
    decide(Some(role), &asked).is_ok()
}

/// What a role, of which nothing is known if it is not in the template, says to a request.
fn decide(role: Option<&Role>, request: &iam::Request<'_>) -> Result<(), Reason> {
    let Some(role) = role else { return Err(Reason::NotAllowed) };
    match iam::evaluate(&role.policies, request) {
        Decision::ExplicitlyDenied => return Err(Reason::Denied),
        Decision::ImplicitlyDenied => return Err(Reason::NotAllowed),
        Decision::Allowed => {}
    }
    let within = |boundary: &Policy| iam::evaluate([boundary], request);
    match role.boundary.as_ref().map_or(Decision::Allowed, within) {
        Decision::Allowed => Ok(()),
        Decision::ExplicitlyDenied => Err(Reason::DeniedByBoundary),
        Decision::ImplicitlyDenied => Err(Reason::OutsideBoundary),
    }
}
