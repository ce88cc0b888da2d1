//! Who a connection belongs to, and how the authorizer tells the routes.
//!
//! What the authorizer returns as its context, API Gateway puts into every later event of the
//! connection. The client cannot change it.

use herald_contract::{Millis, Topic, UserId};

const USER: &str = "user";
const SCOPES: &str = "scopes";
const TOKEN_EXP: &str = "tokenExp";

/// Who a connection belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user: UserId,
    /// What the credentials allow beyond the ordinary.
    pub scopes: Vec<String>,
    /// When the credentials run out, and with them the connection.
    pub token_exp: Option<Millis>,
}

impl Principal {
    /// Somebody without scopes and end.
    pub fn of(user: UserId) -> Self {
        Self { user, scopes: Vec::new(), token_exp: None }
    }

    /// The context that the authorizer returns: names and texts, as API Gateway asks.
    pub fn to_context(&self) -> Vec<(&'static str, String)> {
        let mut context = vec![(USER, self.user.to_string())];
        if !self.scopes.is_empty() {
            context.push((SCOPES, self.scopes.join(" ")));
        }
        if let Some(end) = self.token_exp {
            context.push((TOKEN_EXP, end.to_string()));
        }
        context
    }

    /// The principal in the context of an event; nobody where no authorizer has made one.
    ///
    /// # Errors
    /// Where it is not what [`Self::to_context`] makes.
    pub fn from_context(
        context: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ContextError> {
        let Some(user) = context(USER) else {
            return Ok(None);
        };
        let user = user.parse().map_err(|_| ContextError(USER))?;
        let scopes = context(SCOPES).unwrap_or_default();
        let scopes = scopes.split_ascii_whitespace().map(str::to_owned).collect();
        let token_exp = context(TOKEN_EXP).map(|end| end.parse().map(Millis::new)).transpose();
        let token_exp = token_exp.map_err(|_| ContextError(TOKEN_EXP))?;
        Ok(Some(Self { user, scopes, token_exp }))
    }

    /// Whether it may join a topic: any that is not below `private`, and of those the ones that a
    /// scope `topic:NAME` names; `*` at the end of NAME stands for whatever follows.
    pub fn may_join(&self, topic: &Topic) -> bool {
        let name = topic.as_str();
        let is_private = name == "private" || name.starts_with("private/");
        let covers = |scope: &str| {
            scope.strip_prefix("topic:").is_some_and(|covered| match covered.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == covered,
            })
        };
        !is_private || self.scopes.iter().any(|scope| covers(scope))
    }
}

/// The authorizer's context is not what this version makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` in the authorizer's context cannot be read; deploy authorizer and socket of the same version"
)]
pub struct ContextError(&'static str);

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(scopes: &str) -> Principal {
        let scopes = scopes.split_ascii_whitespace().map(str::to_owned).collect();
        Principal { scopes, ..Principal::of("ada".parse().unwrap()) }
    }

    #[test]
    fn what_the_authorizer_says_the_routes_read() {
        for principal in [
            principal(""),
            Principal { token_exp: Some(Millis::new(7)), ..principal("topic:private/a openid") },
        ] {
            let context = principal.to_context();
            let get = |name: &str| {
                context.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
            };
            assert_eq!(Principal::from_context(get), Ok(Some(principal)));
        }
        assert_eq!(Principal::from_context(|_| None), Ok(None));
        let broken = |name: &str| Some(if name == USER { "a#b" } else { "" }.to_owned());
        assert_eq!(Principal::from_context(broken), Err(ContextError(USER)));
    }

    #[test]
    fn private_topics_ask_for_a_scope() {
        let may = |scopes: &str, topic: &str| principal(scopes).may_join(&topic.parse().unwrap());
        assert!(may("", "news"));
        assert!(may("", "privateer"));
        assert!(!may("", "private/orders"));
        assert!(!may("topic:private/order openid", "private/orders"));
        assert!(may("openid topic:private/orders", "private/orders"));
        assert!(may("topic:private/*", "private/orders"));
        assert!(!may("topic:private/a*", "private/orders"));
        assert!(!may("topic:", "private"));
    }
}
