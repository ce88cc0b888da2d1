//! The head of the first request on a connection, read and parsed here because names of headers and
//! their order must reach the function as the client wrote them.

mod parse;

pub(crate) use parse::Wish;

use crate::tls::Stream;
use parse::parse;
use std::io;
use tokio::io::AsyncReadExt as _;

/// Bytes of a request head.
pub(crate) const HEAD_MAX: usize = 16 * 1024;
const READ_SIZE: usize = 1024;

/// Reads until the head is complete.
pub(crate) async fn read(stream: &mut Stream, source_ip: &str) -> io::Result<Wish> {
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(READ_SIZE);
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(Wish::Nothing);
        }
        // The end may have come in two reads.
        let from = before.saturating_sub(3);
        if let Some(end) = bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(parse(bytes, from + end + 4, source_ip));
        }
        if bytes.len() > HEAD_MAX {
            return Ok(Wish::TooLong);
        }
    }
}
