//! TLS on the one port: told from plain text by the first byte, with certificates made at start.
//!
//! Functions build `https://` and `wss://` URLs of the hosts that the local cloud stands in for, and
//! must not be changed for it. What comes through TLS is treated as what comes without.

mod authority;
mod stream;
mod trust;

pub(crate) use stream::Stream;
pub(crate) use trust::Trust;

use crate::scratch::Scratch;
use anyhow::Context as _;
use authority::Authority;
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

/// The first byte of a TLS connection: the content type of a handshake record (RFC 8446, section
/// 5.1). No HTTP request begins with it.
const HANDSHAKE: u8 = 0x16;

/// Takes connections, whether they speak TLS or not.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    trust: Trust,
}

impl Tls {
    /// Makes an authority of its own, known to nobody else.
    pub(crate) fn new(scratch: &Scratch) -> anyhow::Result<Self> {
        let authority = Authority::new().context("no certificates can be made")?;
        let trust = Trust::write(scratch, &authority.pem())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("the TLS library does not fit itself; this is a bug")?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(authority));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), trust })
    }

    /// How others come to trust it.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Waits for the client's first byte. `InvalidData` is an error of TLS itself.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 1 && first[0] == HANDSHAKE {
            // The future is large, and most connections do not need it.
            let stream = Box::pin(self.acceptor.accept(stream)).await?;
            return Ok(Stream::Tls(Box::new(stream)));
        }
        Ok(Stream::Plain(stream))
    }
}
