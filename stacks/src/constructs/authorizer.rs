//! Who may connect: an authorizer of a WebSocket API, and the permission to ask its function.

use super::may_invoke;
use infra_gen::api_gateway::{authorizer_arn, invocation_uri};
use infra_gen::aws::apigatewayv2::{Api, Authorizer, authorizer::AuthorizerType};
use infra_gen::aws::lambda::Function;
use infra_gen::iam::Service;
use infra_gen::{Handle, Template, some};

/// What is known of it.
#[derive(Debug)]
pub struct ConnectAuthorizer<'a> {
    /// Whose.
    pub api: &'a Handle<Api>,
    /// Who judges.
    pub function: &'a Handle<Function>,
    /// Where its credentials are: a request without is answered 401 by the gateway itself. Where
    /// there is none, the function is always asked.
    pub identity_source: Option<&'a str>,
}

impl ConnectAuthorizer<'_> {
    /// Adds authorizer and permission. What a WebSocket API decides, it never remembers, so every
    /// upgrade is judged anew.
    #[track_caller]
    pub fn add_to(self, template: &mut Template) -> Handle<Authorizer> {
        let authorizer = template.add(
            "ConnectAuthorizer",
            Authorizer {
                authorizer_uri: some(invocation_uri(&self.function.arn())),
                identity_source: self.identity_source.map(|source| [source].into()),
                ..Authorizer::new(self.api, AuthorizerType::Request, "connect")
            },
        );
        template.add(
            "ConnectAuthorizerPermission",
            may_invoke(Service::ApiGateway, self.function, authorizer_arn(self.api, &authorizer)),
        );
        authorizer
    }
}
