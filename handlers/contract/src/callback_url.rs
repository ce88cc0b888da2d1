//! The base of the `@connections` URLs of a stage.
//!
//! Whoever holds one can sign requests to it, so it comes from the gateway or from the settings,
//! never from a client.

use serde::Serialize;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// `https://{host}/{stage}`, without a slash at the end: `POST {url}/@connections/{id}` reaches a
/// client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CallbackUrl(String);

impl CallbackUrl {
    /// The URL that follows from `domainName` and `stage` of an event's request context.
    ///
    /// TLS always, except to this very machine: a local gateway has no certificate.
    ///
    /// # Errors
    /// Where one of the two cannot be part of a URL.
    pub fn of_stage(domain_name: &str, stage: &str) -> Result<Self, CallbackUrlError> {
        let Some(host) = host(domain_name) else {
            return Err(CallbackUrlError::DomainName(domain_name.to_owned()));
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-$".contains(c);
        if stage.is_empty() || !stage.chars().all(plain) {
            return Err(CallbackUrlError::Stage(stage.to_owned()));
        }
        let scheme = if is_loopback(host) { "http" } else { "https" };
        Ok(Self(format!("{scheme}://{domain_name}/{stage}")))
    }

    /// As it stands in messages and settings.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request to it needs TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl FromStr for CallbackUrl {
    type Err = CallbackUrlError;

    /// Takes a URL from the settings: `https`, or `http` to this machine; no query, no user, no
    /// slash at the end.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || CallbackUrlError::Url(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(refused)?;
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (rest, None),
        };
        let host = host(authority).ok_or_else(refused)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~$/".contains(c);
        let segments_ok = |path: &str| {
            path.chars().all(plain) && path.split('/').all(|s| !matches!(s, "" | "." | ".."))
        };
        let scheme_ok = scheme == "https" || scheme == "http" && is_loopback(host);
        if scheme_ok && path.is_none_or(segments_ok) {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why there is no callback URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackUrlError {
    /// The event's domain name is no host.
    #[error("`{0}` is no domain name; it is HOST or HOST:PORT")]
    DomainName(String),
    /// The event's stage is no path segment.
    #[error("`{0}` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`")]
    Stage(String),
    /// The settings' URL cannot be posted to.
    #[error(
        "`{0}` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)"
    )]
    Url(String),
}

/// The host of `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`; nothing where it is none of these.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => {
            let (name, port) = match authority.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (authority, None),
            };
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            // 253 octets is the longest name of RFC 1035.
            if name.is_empty() || name.len() > 253 || !name.chars().all(plain) {
                return None;
            }
            (name, port)
        }
    };
    let is_port = |p: &str| p.bytes().all(|b| b.is_ascii_digit()) && p.parse::<u16>().is_ok();
    port.is_none_or(is_port).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|a| a.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|a| a.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(rows: &[&str], url: fn(&str) -> Result<CallbackUrl, CallbackUrlError>, want: Expect) {
        let width = rows.iter().map(|r| r.len()).max().unwrap_or_default();
        let lines = rows.iter().map(|row| match url(row) {
            Ok(url) => format!("{row:width$} -> {url}\n"),
            Err(e) => format!("{row:width$} -> error: {e}\n"),
        });
        want.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn it_is_https_except_to_this_machine() {
        check(
            &[
                "abc123.execute-api.us-east-1.amazonaws.com",
                "ws.example.com:8443",
                "localhost",
                "LocalHost:4000",
                "127.0.0.1:4000",
                "127.8.9.10",
                "[::1]:4000",
                "[::1]",
                "[2001:db8::1]:4000",
                "10.0.0.1:4000",
                "0.0.0.0:4000",
                "128.0.0.1",
                "localhost.example.com",
                "127.0.0.1.example.com",
            ],
            |domain| CallbackUrl::of_stage(domain, "dev"),
            expect![[r#"
                abc123.execute-api.us-east-1.amazonaws.com -> https://abc123.execute-api.us-east-1.amazonaws.com/dev
                ws.example.com:8443                        -> https://ws.example.com:8443/dev
                localhost                                  -> http://localhost/dev
                LocalHost:4000                             -> http://LocalHost:4000/dev
                127.0.0.1:4000                             -> http://127.0.0.1:4000/dev
                127.8.9.10                                 -> http://127.8.9.10/dev
                [::1]:4000                                 -> http://[::1]:4000/dev
                [::1]                                      -> http://[::1]/dev
                [2001:db8::1]:4000                         -> https://[2001:db8::1]:4000/dev
                10.0.0.1:4000                              -> https://10.0.0.1:4000/dev
                0.0.0.0:4000                               -> https://0.0.0.0:4000/dev
                128.0.0.1                                  -> https://128.0.0.1/dev
                localhost.example.com                      -> https://localhost.example.com/dev
                127.0.0.1.example.com                      -> https://127.0.0.1.example.com/dev
            "#]],
        );
    }

    #[test]
    fn a_domain_name_that_would_reach_past_the_host_is_refused() {
        check(
            &[
                "",
                "a/b",
                "a?b",
                "a#b",
                "user@a",
                "a b",
                "a:",
                "a:port",
                "a:+80",
                "a:65536",
                "a:1:2",
                "::1",
                "[::1",
                "[::1]4000",
                "[a]",
                "https://a",
            ],
            |domain| CallbackUrl::of_stage(domain, "dev"),
            expect![[r#"
                          -> error: `` is no domain name; it is HOST or HOST:PORT
                a/b       -> error: `a/b` is no domain name; it is HOST or HOST:PORT
                a?b       -> error: `a?b` is no domain name; it is HOST or HOST:PORT
                a#b       -> error: `a#b` is no domain name; it is HOST or HOST:PORT
                user@a    -> error: `user@a` is no domain name; it is HOST or HOST:PORT
                a b       -> error: `a b` is no domain name; it is HOST or HOST:PORT
                a:        -> error: `a:` is no domain name; it is HOST or HOST:PORT
                a:port    -> error: `a:port` is no domain name; it is HOST or HOST:PORT
                a:+80     -> error: `a:+80` is no domain name; it is HOST or HOST:PORT
                a:65536   -> error: `a:65536` is no domain name; it is HOST or HOST:PORT
                a:1:2     -> error: `a:1:2` is no domain name; it is HOST or HOST:PORT
                ::1       -> error: `::1` is no domain name; it is HOST or HOST:PORT
                [::1      -> error: `[::1` is no domain name; it is HOST or HOST:PORT
                [::1]4000 -> error: `[::1]4000` is no domain name; it is HOST or HOST:PORT
                [a]       -> error: `[a]` is no domain name; it is HOST or HOST:PORT
                https://a -> error: `https://a` is no domain name; it is HOST or HOST:PORT
            "#]],
        );
    }

    #[test]
    fn the_stage_is_one_path_segment() {
        check(
            &["dev", "v1-blue_2", "$default", "", "a/b", "..", "a?b", "ü"],
            |stage| CallbackUrl::of_stage("ws.example.com", stage),
            expect![[r#"
                dev       -> https://ws.example.com/dev
                v1-blue_2 -> https://ws.example.com/v1-blue_2
                $default  -> https://ws.example.com/$default
                          -> error: `` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`
                a/b       -> error: `a/b` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`
                ..        -> error: `..` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`
                a?b       -> error: `a?b` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`
                ü         -> error: `ü` is no name of a stage; it is made of letters, digits, `_`, `-` and `$`
            "#]],
        );
    }

    #[test]
    fn a_url_from_the_settings_is_taken_as_it_is_or_refused() {
        check(
            &[
                "https://ws.example.com/v1",
                "https://ws.example.com",
                "https://ws.example.com/a/b",
                "http://127.0.0.1:4000/dev",
                "http://[::1]:4000/dev",
                "https://localhost/dev",
                "http://ws.example.com/v1",
                "wss://ws.example.com/v1",
                "HTTPS://ws.example.com/v1",
                "https://ws.example.com/v1/",
                "https://ws.example.com/",
                "https://ws.example.com/../v1",
                "https://ws.example.com/v1?a=b",
                "https://user@ws.example.com/v1",
                "ws.example.com/v1",
                "https://",
                "",
            ],
            CallbackUrl::from_str,
            expect![[r#"
                https://ws.example.com/v1      -> https://ws.example.com/v1
                https://ws.example.com         -> https://ws.example.com
                https://ws.example.com/a/b     -> https://ws.example.com/a/b
                http://127.0.0.1:4000/dev      -> http://127.0.0.1:4000/dev
                http://[::1]:4000/dev          -> http://[::1]:4000/dev
                https://localhost/dev          -> https://localhost/dev
                http://ws.example.com/v1       -> error: `http://ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                wss://ws.example.com/v1        -> error: `wss://ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                HTTPS://ws.example.com/v1      -> error: `HTTPS://ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://ws.example.com/v1/     -> error: `https://ws.example.com/v1/` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://ws.example.com/        -> error: `https://ws.example.com/` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://ws.example.com/../v1   -> error: `https://ws.example.com/../v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://ws.example.com/v1?a=b  -> error: `https://ws.example.com/v1?a=b` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://user@ws.example.com/v1 -> error: `https://user@ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                ws.example.com/v1              -> error: `ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                https://                       -> error: `https://` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
                                               -> error: `` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
            "#]],
        );
    }
}
