//! Tickets: what a back end gives a browser so that it may open one connection.
//!
//! Whoever signs a user in mints one for each connection that the user's page is about to open, and
//! hands it over on a way of its own; it holds a minute. What is in it, and how it is checked, is
//! [`herald_contract::ticket`]'s.
//!
//! ```
//! use herald_client::ticket::{Pass, Secret, mint};
//! use std::time::Duration;
//!
//! // The value of the stack's parameter `TicketSecret`.
//! let secret = Secret::new("0123456789abcdef0123456789abcdef".into())?;
//! let pass = Pass::of("ada".parse()?).scope("topic:private/orders").session(Duration::from_secs(8 * 3600));
//! let ticket = mint(&secret, pass)?;
//! let url = format!("wss://ws.example.com/v1?ticket={ticket}");
//! # let found = herald_contract::ticket::Ticket::verify(&ticket, &[secret], herald_client::ticket::now())?;
//! # assert_eq!(found.user.as_str(), "ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use herald_contract::ticket::{LIFE_MS, Secret, ShortSecret, TICKET_BYTES_MAX};

use herald_contract::ticket::Ticket;
use herald_contract::{Millis, UserId};
use std::time::{Duration, SystemTime};

/// Who may connect, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    user: UserId,
    scopes: Vec<String>,
    session: Option<Duration>,
}

impl Pass {
    /// A user, with what every user may do.
    pub fn of(user: UserId) -> Self {
        Self { user, scopes: Vec::new(), session: None }
    }

    /// And with what not every user may do, for example `topic:private/orders`.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// The connection ends with the session of the user: so long from now.
    #[must_use]
    pub fn session(self, left: Duration) -> Self {
        Self { session: Some(left), ..self }
    }
}

/// A ticket from now on, for `?ticket=`; it needs no further encoding.
///
/// # Errors
/// Where the system has no random numbers, the pass names nobody, or the ticket would be too long to
/// be looked at.
pub fn mint(secret: &Secret, pass: Pass) -> Result<String, MintError> {
    if pass.user.is_anonymous() {
        return Err(MintError::Anonymous);
    }
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|e| MintError::NoChance(e.to_string()))?;
    let now = now();
    let mut ticket = Ticket::new(pass.user, now, nonce);
    ticket.scopes = pass.scopes;
    ticket.session_ends = pass.session.map(|left| now.plus(millis(left)));
    let text = ticket.mint(secret);
    if text.len() > TICKET_BYTES_MAX {
        return Err(MintError::TooLong { bytes: text.len() });
    }
    Ok(text)
}

/// What time it is, as tickets have it.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Millis::new(millis(since.unwrap_or_default()))
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// Why there is no ticket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// A ticket could be guessed.
    #[error("the system gives no random numbers: {0}")]
    NoChance(String),
    /// It would be taken for somebody else's.
    #[error("a ticket is for somebody; users called `anonymous:…` are connections without one")]
    Anonymous,
    /// Nobody would look at it.
    #[error("the ticket has {bytes} bytes; {TICKET_BYTES_MAX} are taken, so give fewer scopes")]
    TooLong {
        /// So long.
        bytes: usize,
    },
}
