//! One WebSocket client: as small as it can be, since it shares the machine with the server.

use anyhow::{Context as _, anyhow};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

pub(crate) type Client = WebSocketStream<TcpStream>;

/// A handshake that takes longer has failed.
const HANDSHAKE_MAX: Duration = Duration::from_secs(30);
/// Between two attempts while a server is starting.
const RETRY: Duration = Duration::from_millis(50);
const BUFFER: usize = 4 * 1024;

/// Where to connect to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    uri: Uri,
    address: String,
}

impl std::str::FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let uri: Uri = url.parse().with_context(|| format!("{url} is no URL"))?;
        match (uri.scheme_str(), uri.host(), uri.port_u16()) {
            (Some("ws"), Some(host), Some(port)) => {
                let address = format!("{host}:{port}");
                Ok(Self { uri, address })
            }
            _ => Err(anyhow!("{url} is not like ws://127.0.0.1:4000/dev")),
        }
    }
}

impl Target {
    pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
        let handshake = client_async_with_config(self.uri.clone(), stream, Some(config));
        let (client, _) =
            timeout(HANDSHAKE_MAX, handshake).await.context("the handshake takes too long")??;
        Ok(client)
    }

    /// Tries until the server is there.
    pub(crate) async fn connect_within(&self, patience: Duration) -> anyhow::Result<Client> {
        let until = Instant::now() + patience;
        loop {
            match self.connect().await {
                Ok(client) => return Ok(client),
                Err(e) if Instant::now() >= until => {
                    return Err(e.context(format!("{} cannot be connected to", self.uri)));
                }
                Err(_) => sleep(RETRY).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_target_is_a_whole_websocket_address() {
        let address = |url: &str| url.parse::<Target>().ok().map(|target| target.address);
        assert_eq!(address("ws://127.0.0.1:4000/dev").as_deref(), Some("127.0.0.1:4000"));
        for wrong in ["ws://127.0.0.1/dev", "http://127.0.0.1:1/", "wss://127.0.0.1:1/", "/dev", ""]
        {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
