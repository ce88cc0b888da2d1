//! HTTP requests and replies as plain data.

use bytes::Bytes;

/// An HTTP request as it came from the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, still percent-encoded, with its leading `/`.
    pub path: String,
    /// The query without its `?`, still percent-encoded.
    pub query: Option<String>,
    /// Headers in their order, names in the client's own spelling.
    pub headers: Vec<(String, String)>,
    /// Address of the client, without port.
    pub source_ip: String,
    /// The whole body; empty for an upgrade.
    pub body: Bytes,
}

impl Request {
    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// An HTTP reply. The shell adds `content-length`, `date` and `connection`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}
