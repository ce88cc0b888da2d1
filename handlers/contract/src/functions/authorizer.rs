//! `authorizer`: says who may connect.

use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `authorizer`.
#[derive(Clone, Copy, Debug)]
pub struct Authorizer;

impl Spec for Authorizer {
    const FUNCTION: Function = Function::Authorizer;
    /// It can note that a ticket was used, and read nothing.
    const GRANTS: &'static [Grant] = &[Grant::Table(TableAction::PutItem)];
    type Env<T> = AuthorizerEnv<T>;
}

/// What a stage asks of whoever connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Nothing, and no authorizer: the open exchange.
    None,
    /// A connection without credentials is anonymous; wrong ones are refused.
    Optional,
    /// A ticket.
    #[default]
    Ticket,
    /// A JWT.
    Jwt,
}

/// The environment of `authorizer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct AuthorizerEnv<T> {
    /// The table, for tickets that were used.
    pub table_name: T,
    /// What is asked.
    pub auth: AuthMode,
    /// Origins whose pages may connect, with commas between them; without it all may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<T>,
    /// What tickets are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_secret: Option<T>,
    /// What they were signed with before, while it is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_secret_before: Option<T>,
    /// The `iss` of a JWT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_issuer: Option<T>,
    /// What the `aud` of a JWT has in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_audience: Option<T>,
    /// Where the issuer's keys are fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env;
    use expect_test::expect;

    #[test]
    fn what_the_stack_writes_the_function_reads() {
        let env = AuthorizerEnv {
            table_name: "t".to_owned(),
            auth: AuthMode::Optional,
            allowed_origins: Some("https://app.example.com".to_owned()),
            ticket_secret: Some("s".to_owned()),
            ticket_secret_before: None,
            jwt_issuer: None,
            jwt_audience: None,
            jwks_url: None,
        };
        let json = serde_json::to_value(&env).unwrap();
        expect![[r#"{"ALLOWED_ORIGINS":"https://app.example.com","AUTH":"optional","TABLE_NAME":"t","TICKET_SECRET":"s"}"#]].assert_eq(&json.to_string());
        let vars = json.as_object().unwrap().iter();
        let vars = vars.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned()));
        assert_eq!(env::read::<Authorizer>(vars), Ok(env));
    }
}
