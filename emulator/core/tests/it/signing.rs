//! Who signs the requests of a transcript: the administrator, unless a command begins with one of
//!
//! ```text
//! unsigned: POST …
//! signed by FUNCTION[ with a wrong secret| without its token| 6m ago| in 6m]: POST …
//! presigned by FUNCTION: a connects …
//! ```
//!
//! `test` is the administrator, `nobody` has a key that no one knows. Upgrades are unsigned by default.

use crate::scenario::duration;
use crate::signer::{administrator, presign, sign};
use gateway_core::Time;
use gateway_core::http::Request;
use gateway_core::lambda::{Credentials, credentials};
use std::time::Duration;

pub(crate) enum Signing {
    Unsigned,
    Signed { keys: Credentials, ago: Duration, ahead: Duration, in_query: bool },
}

impl Signing {
    /// The signing that the words before a command's `: ` say, if they do.
    pub(crate) fn parse(command: &str) -> Option<(Self, &str)> {
        let (words, rest) = command.split_once(": ")?;
        if words == "unsigned" {
            return Some((Self::Unsigned, rest));
        }
        let (how, whose) = words.split_once(" by ")?;
        let in_query = match how {
            "signed" => false,
            "presigned" => true,
            _ => return None,
        };
        let (name, more) = whose.split_once(' ').unwrap_or((whose, ""));
        let mut keys = match name {
            "test" => administrator(),
            _ => credentials(&format!("arn:aws:lambda:eu-central-1:123456789012:function:{name}")),
        };
        let (mut ago, mut ahead) = (Duration::ZERO, Duration::ZERO);
        match more {
            "" => {}
            "with a wrong secret" => keys.secret_access_key = "wrong".into(),
            "without its token" => keys.session_token = String::new(),
            more => match (more.strip_suffix(" ago"), more.strip_prefix("in ")) {
                (Some(time), _) => ago = duration(time),
                (_, Some(time)) => ahead = duration(time),
                _ => panic!("nobody signs like this: {words}"),
            },
        }
        Some((Self::Signed { keys, ago, ahead, in_query }, rest))
    }

    pub(crate) fn apply(self, request: &mut Request, service: &str, now: Time) {
        match self {
            Self::Unsigned => {}
            Self::Signed { keys, ago, ahead, in_query: false } => {
                sign(request, &keys, service, now + ahead - ago);
            }
            Self::Signed { keys, ago, ahead, in_query: true } => {
                presign(request, &keys, service, now + ahead - ago);
            }
        }
    }
}

/// Signs as the administrator where nothing else was said.
pub(crate) fn by_default(
    signing: Option<Signing>,
    request: &mut Request,
    service: &str,
    now: Time,
) {
    match signing {
        Some(signing) => signing.apply(request, service, now),
        None => sign(request, &administrator(), service, now),
    }
}
