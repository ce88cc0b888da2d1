//! Calls to AWS: signed, sent, tried again, read.
//!
//! The protocols and nothing above them: which operation, with what and why is the caller's, as a
//! [`Operation`] and a type for what it sends and gets. The SDK of one service would take longer to
//! build than all of Herald, and a function that starts with it is past its budget before its first
//! event; of the five services that Herald calls it needs a few operations each.

mod client;
mod error;
mod identity;
mod operation;
mod retry;
mod service;
mod sign;
mod transport;

pub use aws_credential_types::Credentials;
pub use aws_credential_types::provider::{self, SharedCredentialsProvider};
pub use bytes::Bytes;
pub use client::{Client, Config, Request, Response};
pub use error::{CallError, chain};
pub use hyper::Method;
pub use hyper::http;
pub use operation::Operation;
pub use retry::Retries;
pub use service::{Protocol, Service};
pub use transport::{Limits, NoAnswer, Roots, Transport};

/// Text as one segment of a path: everything but what RFC 3986 calls unreserved is escaped.
pub fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, UNESCAPED).to_string()
}

const UNESCAPED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
