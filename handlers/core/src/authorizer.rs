//! Function `authorizer`: says who may connect.
//!
//! It runs once for each upgrade, before `$connect`. What it says goes into every later event of the
//! connection. It never says more to a client than that it may not.

use crate::auth::{Jwt, JwtError, JwtRules, KeyCache, KeyError, Origins, Principal};
use crate::ports::{KeySource, VerifySignature};
use crate::table::{Attribute, Item, Table, Write, WriteError};
use herald_contract::functions::AuthMode;
use herald_contract::table::{EXP, Key, life};
use herald_contract::ticket::{Secret, Ticket, TicketError};
use herald_contract::wire::{BEARER_PREFIX, SUBPROTOCOL};
use herald_contract::{ConnectionId, Millis, UserId};

/// What an upgrade brings along.
#[derive(Clone, Copy)]
pub struct Upgrade<'a> {
    /// What the connection will be called.
    pub connection_id: &'a ConnectionId,
    /// The query parameter `ticket`.
    pub ticket: Option<&'a str>,
    /// The header `Sec-WebSocket-Protocol`.
    pub protocols: Option<&'a str>,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
}

/// What a stage asks for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which credentials.
    pub mode: AuthMode,
    /// From which pages.
    pub origins: Origins,
    /// What tickets are signed with: the current secret, and the one before.
    pub secrets: Vec<Secret>,
    /// What tokens must say, where there are any.
    pub jwt: Option<JwtRules>,
}

/// What it takes to judge.
#[derive(Debug)]
pub struct Authorizer<'a, T, K, V> {
    /// The table, for tickets that were used.
    pub table: &'a T,
    /// What the stage asks for.
    pub policy: &'a Policy,
    /// The issuer's keys as far as they are known.
    pub keys: &'a KeyCache,
    /// Where they are fetched.
    pub source: &'a K,
    /// Who checks signatures.
    pub verifier: &'a V,
}

/// Says whose connection it will be, or why there will be none.
///
/// # Errors
/// The first reason to refuse.
pub async fn authorize<T: Table, K: KeySource, V: VerifySignature>(
    authorizer: &Authorizer<'_, T, K, V>,
    upgrade: Upgrade<'_>,
    now: Millis,
) -> Result<Principal, Refusal> {
    let &Authorizer { policy, .. } = authorizer;
    if !policy.origins.allow(upgrade.origin) {
        return Err(Refusal::Origin);
    }
    let (ticket, token) = (upgrade.ticket, upgrade.protocols.and_then(bearer));
    match (policy.mode, ticket, token) {
        (AuthMode::None, ..) | (AuthMode::Optional, None, None) => {
            Ok(Principal::of(UserId::anonymous(upgrade.connection_id)))
        }
        (AuthMode::Ticket | AuthMode::Optional, Some(ticket), None) => {
            use_ticket(authorizer, ticket, now).await
        }
        (AuthMode::Jwt | AuthMode::Optional, None, Some(token)) => {
            let rules = policy.jwt.as_ref().ok_or(Refusal::NotHere)?;
            let &Authorizer { keys, source, verifier, .. } = authorizer;
            Ok(Jwt::parse(token)?.verify(rules, keys, source, verifier, now).await?)
        }
        // Who comes with both may mean either; to choose would be to guess.
        (_, Some(_), Some(_)) => Err(Refusal::Both),
        (_, None, None) => Err(Refusal::Nothing),
        (_, _, _) => Err(Refusal::NotHere),
    }
}

/// Whose ticket it is, if nobody has used it before.
async fn use_ticket<T: Table, K, V>(
    authorizer: &Authorizer<'_, T, K, V>,
    text: &str,
    now: Millis,
) -> Result<Principal, Refusal> {
    if authorizer.policy.secrets.is_empty() {
        return Err(Refusal::NotHere);
    }
    let ticket = Ticket::verify(text, &authorizer.policy.secrets, now)?;
    if ticket.user.is_anonymous() {
        return Err(Refusal::Anonymous);
    }
    let used =
        Item::from([(EXP.to_owned(), Attribute::from(now.plus(life::TICKET_USED).seconds()))]);
    let note = Write::insert(Key::ticket(&ticket.nonce_text()), used);
    match authorizer.table.write(note).await {
        Ok(_) => {
            let Ticket { user, scopes, session_ends: token_exp, .. } = ticket;
            Ok(Principal { user, scopes, token_exp })
        }
        Err(WriteError::Failed(_)) => Err(Refusal::Used),
        Err(error) => Err(Refusal::Store(error)),
    }
}

/// The token among the sub-protocols that a client offers.
fn bearer(protocols: &str) -> Option<&str> {
    protocols.split(',').find_map(|offered| offered.trim().strip_prefix(BEARER_PREFIX))
}

/// The sub-protocol to answer with: a browser gives up where it offers some and none is chosen.
pub(crate) fn chosen(protocols: Option<&str>) -> Option<&'static str> {
    let offered = protocols?.split(',').any(|offered| offered.trim() == SUBPROTOCOL);
    offered.then_some(SUBPROTOCOL)
}

/// Why somebody may not connect. For the log: the client learns a status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The page is none of ours.
    #[error("the page's origin is not on the list")]
    Origin,
    /// Credentials are asked for and there are none.
    #[error("there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`")]
    Nothing,
    /// There are two at once.
    #[error("there are a ticket and a token; send one of them")]
    Both,
    /// They are of a kind that this stage does not take.
    #[error("this stage does not take credentials of this kind")]
    NotHere,
    /// The ticket does not hold.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The ticket has opened a connection before.
    #[error("the ticket has been used")]
    Used,
    /// The credentials are for nobody.
    #[error("the credentials name an anonymous user")]
    Anonymous,
    /// The token does not hold.
    #[error(transparent)]
    Jwt(#[from] JwtError),
    /// The table cannot be used, so nobody can say.
    #[error(transparent)]
    Store(WriteError),
}

impl Refusal {
    /// What the client is answered: 401 asks for credentials, 403 says that these do not do, 500
    /// that it may be worth another try.
    pub fn status(&self) -> u16 {
        match self {
            Self::Nothing => 401,
            Self::Store(_) => 500,
            // The issuer is to blame, and the token may well hold.
            Self::Jwt(JwtError::Key(KeyError::Fetch(_) | KeyError::Set(_) | KeyError::NoKeys)) => {
                500
            }
            _ => 403,
        }
    }
}

#[cfg(test)]
mod tests;
