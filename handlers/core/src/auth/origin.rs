//! Which pages may connect.
//!
//! No same-origin policy guards a WebSocket: a page anywhere may open one, with the cookies of its
//! reader. The `Origin` header says which page it is, and a page cannot forge it. A program can, but
//! gains nothing: it has no reader whose credentials it could borrow.

use std::str::FromStr;

/// The origins whose pages may connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Option<Vec<String>>);

impl Origins {
    /// Whether a request with this header, or with none, may go on.
    pub fn allow(&self, origin: Option<&str>) -> bool {
        match (&self.0, origin) {
            (None, _) | (Some(_), None) => true,
            (Some(list), Some(origin)) => list.iter().any(|o| o.eq_ignore_ascii_case(origin)),
        }
    }
}

impl FromStr for Origins {
    type Err = OriginsError;

    /// Origins with commas between them.
    fn from_str(text: &str) -> Result<Self, OriginsError> {
        let origins: Vec<_> = text.split(',').map(|o| o.trim().to_owned()).collect();
        let is_origin = |o: &String| {
            let host = o.strip_prefix("https://").or_else(|| o.strip_prefix("http://"));
            host.is_some_and(|h| !h.is_empty() && !h.contains(['/', '?', '#', '@', '*', ' ']))
        };
        match origins.iter().find(|o| !is_origin(o)) {
            Some(wrong) => Err(OriginsError(wrong.clone())),
            None => Ok(Self(Some(origins))),
        }
    }
}

/// A text that is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no origin; write for example https://app.example.com, without a path")]
pub struct OriginsError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_list_every_page_may() {
        assert!(Origins::default().allow(Some("https://evil.example")));
    }

    #[test]
    fn with_a_list_only_its_pages_may_and_programs() {
        let origins: Origins = "https://app.example.com, http://localhost:5173".parse().unwrap();
        for (origin, want) in [
            (None, true),
            (Some("https://app.example.com"), true),
            (Some("HTTPS://App.Example.com"), true),
            (Some("http://localhost:5173"), true),
            (Some("http://app.example.com"), false),
            (Some("https://app.example.com.evil.example"), false),
            (Some("https://evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            assert_eq!(origins.allow(origin), want, "{origin:?}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_where_it_is_set() {
        for wrong in ["", "*", "app.example.com", "https://", "https://a/b", "https://*.a", "null"]
        {
            assert_eq!(wrong.parse::<Origins>(), Err(OriginsError(wrong.to_owned())));
        }
    }
}
