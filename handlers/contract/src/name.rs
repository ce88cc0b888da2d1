//! Names that come from outside: users, topics, devices, jobs, idempotency keys.
//!
//! Each is checked once, where it comes in, so that a key of the table made of one has exactly the
//! parts it seems to have. What a name may do is not said here.

use crate::ConnectionId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A text that is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}; it is {rule}")]
pub struct NameError {
    text: String,
    what: &'static str,
    rule: &'static str,
}

/// What is repeated of a refused name in a message, in characters.
const SHOWN: usize = 64;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// As it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                let holds: fn(&str) -> bool = $check;
                if holds(&text) {
                    return Ok(Self(text));
                }
                let text = text.chars().take(SHOWN).collect();
                Err(NameError { text, what: $what, rule: $rule })
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(
    /// Somebody who has connections and an inbox: the subject of a ticket or of a JWT.
    UserId,
    "user",
    |t| within(t, 128) && !t.contains('#') && !t.chars().any(|c| c.is_control() || c == ' '),
    "1 to 128 bytes without `#`, spaces and control characters"
);

name!(
    /// What notifications to many are sent to; `$all` is everyone.
    Topic,
    "topic",
    |t| t == EVERYONE || within(t, 128) && t.bytes().all(|b| plain(b) || b"./:".contains(&b)),
    "1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`"
);

name!(
    /// One browser of a user, under a name of its own making that survives a reload.
    Device,
    "device",
    |t| within(t, 64) && t.bytes().all(|b| plain(b) || b".:".contains(&b)),
    "1 to 64 letters, digits, `-`, `_`, `.` or `:`"
);

name!(
    /// What makes the same request twice one request.
    IdempotencyKey,
    "idempotency key",
    |t| within(t, 128) && t.bytes().all(|b| b.is_ascii_graphic()),
    "1 to 128 printable ASCII characters without spaces"
);

name!(
    /// A job: a ULID, so that jobs sort by the time they were submitted.
    JobId,
    "job",
    is_ulid,
    "a ULID of 26 characters"
);

name!(
    /// A notification to a topic: a ULID, since many write to one topic at once.
    BroadcastId,
    "broadcast",
    is_ulid,
    "a ULID of 26 characters"
);

const EVERYONE: &str = "$all";
const ANONYMOUS: &str = "anonymous:";

impl UserId {
    /// The user that a connection without credentials has to itself.
    pub fn anonymous(connection_id: &ConnectionId) -> Self {
        Self(format!("{ANONYMOUS}{connection_id}"))
    }

    /// Whether this is nobody in particular. No credential may say so: it would name the user of
    /// another connection.
    pub fn is_anonymous(&self) -> bool {
        self.0.starts_with(ANONYMOUS)
    }
}

impl Topic {
    /// The topic that every connection is a member of from the start. Clients can neither join
    /// nor leave it.
    pub fn everyone() -> Self {
        Self(EVERYONE.to_owned())
    }

    /// Whether it is that one.
    pub fn is_everyone(&self) -> bool {
        self.0 == EVERYONE
    }
}

fn within(text: &str, bytes: usize) -> bool {
    (1..=bytes).contains(&text.len())
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Crockford's alphabet in capitals, as ULIDs are written.
fn is_ulid(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase() && !b"ILOU".contains(&b);
    text.len() == 26 && text.bytes().all(digit)
}

/// Which of `parts` a name falls into: FNV-1a, which never changes, folded once more since its low
/// bits alone are even or odd as the characters are.
pub(crate) fn spread(name: &str, parts: u32) -> u32 {
    let fnv = name
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (fnv ^ (fnv >> 16)) % parts
}

/// Exactly so many hexadecimal digits, in lower case.
pub(crate) fn is_lower_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check<N: FromStr<Err = NameError> + fmt::Display>(rows: &[&str], want: Expect) {
        let lines = rows.iter().map(|row| match row.parse::<N>() {
            Ok(name) => format!("{name}\n"),
            Err(e) => format!("error: {e}\n"),
        });
        want.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn a_user_is_what_an_issuer_may_call_one() {
        check::<UserId>(
            &["ada", "auth0|507f1f77", "ada@example.com", "ü", "", "a#b", "a b", "a\nb"],
            expect![[r#"
                ada
                auth0|507f1f77
                ada@example.com
                ü
                error: `` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
                error: `a#b` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
                error: `a b` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
                error: `a
                b` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
            "#]],
        );
    }

    #[test]
    fn a_topic_cannot_look_like_another_key() {
        check::<Topic>(
            &["news", "orders/eu:42", "$all", "$other", "a#0", "a b", ""],
            expect![[r#"
                news
                orders/eu:42
                $all
                error: `$other` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
                error: `a#0` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
                error: `a b` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
                error: `` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
            "#]],
        );
    }

    #[test]
    fn a_job_is_a_ulid() {
        check::<JobId>(
            &["01JZ7Y3KQ8W6V5T4R3P2N1M0GH", "01jz7y3kq8w6v5t4r3p2n1m0gh", "01JZ7Y3K", "../../etc"],
            expect![[r#"
                01JZ7Y3KQ8W6V5T4R3P2N1M0GH
                error: `01jz7y3kq8w6v5t4r3p2n1m0gh` is no job; it is a ULID of 26 characters
                error: `01JZ7Y3K` is no job; it is a ULID of 26 characters
                error: `../../etc` is no job; it is a ULID of 26 characters
            "#]],
        );
    }

    #[test]
    fn a_long_name_is_refused_without_being_repeated() {
        let error = "x".repeat(5000).parse::<Device>().unwrap_err().to_string();
        assert!(error.len() < 200, "{error}");
    }

    #[test]
    fn every_connection_has_an_anonymous_user_of_its_own() {
        let user = |id: &str| UserId::anonymous(&id.to_owned().try_into().unwrap());
        assert!(user("a=").is_anonymous());
        assert_ne!(user("a="), user("b="));
        assert!(!"ada".parse::<UserId>().unwrap().is_anonymous());
    }
}
