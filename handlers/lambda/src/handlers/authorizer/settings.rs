//! What a stage asks for, from the function's environment.
//!
//! A setting that is missing is found at the start, not by the first user who may not come in.

use herald_contract::functions::{AuthMode, AuthorizerEnv};
use herald_contract::ticket::{Secret, ShortSecret};
use herald_core::auth::{JwtRules, Origins, OriginsError};
use herald_core::authorizer::Policy;

/// A setting that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// An origin that is none.
    #[error("`ALLOWED_ORIGINS`: {0}")]
    Origins(#[from] OriginsError),
    /// A secret that could be guessed.
    #[error("`{variable}`: {why}")]
    Secret {
        /// Which variable.
        variable: &'static str,
        /// What is wrong with it.
        why: ShortSecret,
    },
    /// What the mode cannot do without.
    #[error("`{variable}` is missing, without which no {what} holds; deploy the template again")]
    Missing {
        /// Which variable.
        variable: &'static str,
        /// What for.
        what: &'static str,
    },
}

/// What the stage asks for. A variable that is empty is one that is not set.
///
/// # Errors
/// The first setting that cannot be one.
pub fn policy(env: &AuthorizerEnv<String>) -> Result<Policy, SettingError> {
    let set = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let origins = set(&env.allowed_origins).map(|text| text.parse::<Origins>()).transpose()?;
    let mut secrets = Vec::new();
    for (variable, value) in
        [("TICKET_SECRET", &env.ticket_secret), ("TICKET_SECRET_BEFORE", &env.ticket_secret_before)]
    {
        if let Some(text) = set(value) {
            let secret = Secret::new(text.into_bytes());
            secrets.push(secret.map_err(|why| SettingError::Secret { variable, why })?);
        }
    }
    if env.auth == AuthMode::Ticket && secrets.is_empty() {
        let (variable, what) = ("TICKET_SECRET", "ticket");
        return Err(SettingError::Missing { variable, what });
    }
    let jwt = match (set(&env.jwt_issuer), set(&env.jwt_audience), set(&env.jwks_url)) {
        (Some(issuer), Some(audience), Some(_)) => Some(JwtRules { issuer, audience }),
        (None, None, None) if env.auth != AuthMode::Jwt => None,
        (issuer, audience, _) => {
            let variable = match (issuer, audience) {
                (None, _) => "JWT_ISSUER",
                (_, None) => "JWT_AUDIENCE",
                _ => "JWKS_URL",
            };
            return Err(SettingError::Missing { variable, what: "token" });
        }
    };
    let origins = origins.unwrap_or_default();
    Ok(Policy { mode: env.auth, origins, secrets, jwt })
}
