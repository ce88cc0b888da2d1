//! What must hold of any request head. The parser is the shell's, which includes this file for its
//! tests; the fuzz target includes both.

use super::{Wish, parse};

/// Survives every input.
pub(crate) fn check(data: &[u8]) {
    let Some(end) = data.windows(4).position(|four| four == b"\r\n\r\n") else { return };
    let end = end + 4;
    match parse(data.to_vec(), end, "127.0.0.1") {
        Wish::WebSocket { request, accept_key, early } => {
            assert_eq!(request.method, "GET");
            assert!(
                request.header("Upgrade").is_some()
                    && request.header("Sec-WebSocket-Key").is_some()
            );
            assert_eq!(accept_key.len(), 28);
            assert_eq!(early, &data[end..], "what follows the head is kept");
        }
        Wish::Malformed { status, .. } => assert!(status.starts_with("4"), "{status}"),
        Wish::Http { bytes } => assert_eq!(bytes, data, "the HTTP server gets all of it"),
        Wish::TooLong | Wish::Nothing => panic!("a head that is there"),
    }
}
