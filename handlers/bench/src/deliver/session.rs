//! The connection of a browser: made, lost, and made anew with the cursors it has.

use super::device::Heard;
use super::plan::name_of_user;
use super::{Shared, lock, now};
use anyhow::Context as _;
use fastrand::Rng;
use futures_util::{SinkExt as _, StreamExt as _};
use herald_contract::ticket::{Secret, Ticket};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Handshakes at the same time.
const CONNECTING_MAX: usize = 24;
const HANDSHAKE_MAX: Duration = Duration::from_secs(30);
/// After a handshake that failed, at least; at most twice as long.
const PAUSE_MS: u64 = 500;
/// Between two looks at what is to be said.
const LOOK: Duration = Duration::from_secs(1);
const BUFFER: usize = 4 * 1024;

/// What happens to a browser from outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// Its network is away for so long.
    Drop { away: Duration },
}

/// Where browsers connect.
#[derive(Clone)]
pub(super) struct Gate {
    url: Arc<str>,
    secret: Secret,
    room: Arc<Semaphore>,
}

pub(super) fn gate(url: &str, secret: Secret) -> Gate {
    Gate { url: url.into(), secret, room: Arc::new(Semaphore::new(CONNECTING_MAX)) }
}

type Socket = WebSocketStream<TcpStream>;

/// How a connection came to its end.
enum End {
    /// No more orders will come.
    Over,
    /// Its own network failed.
    Dropped(Duration),
    Lost,
}

/// One browser until there are no more orders.
pub(super) async fn live(device: Shared, gate: Gate, mut orders: Receiver<Order>) {
    let user = lock(&device).user;
    let mut rng = Rng::new();
    loop {
        let socket = tokio::select! {
            socket = gate.connect(user, &mut rng) => socket,
            // While it is not connected there is nothing to lose.
            order = orders.recv() => match order {
                Some(_) => continue,
                None => return,
            },
        };
        let Ok(socket) = socket else {
            lock(&device).connect_failures += 1;
            sleep(Duration::from_millis(rng.u64(PAUSE_MS..2 * PAUSE_MS))).await;
            continue;
        };
        lock(&device).connected();
        match talk(&device, socket, &mut orders).await {
            End::Over => return,
            End::Dropped(away) => sleep(away).await,
            End::Lost => sleep(Duration::from_millis(rng.u64(0..PAUSE_MS))).await,
        }
    }
}

impl Gate {
    async fn connect(&self, user: usize, rng: &mut Rng) -> anyhow::Result<Socket> {
        let _room = self.room.acquire().await?;
        let ticket = Ticket::new(name_of_user(user)?, now(), rng.u128(..).to_be_bytes());
        let url = format!("{}?ticket={}", self.url, ticket.mint(&self.secret));
        let address = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
        let address = address.with_context(|| format!("{} is no ws URL", self.url))?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
        let handshake = client_async_with_config(&url, stream, Some(config));
        let (socket, _) =
            timeout(HANDSHAKE_MAX, handshake).await.context("no answer in time")??;
        Ok(socket)
    }
}

async fn talk(device: &Shared, mut socket: Socket, orders: &mut Receiver<Order>) -> End {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                // The server learns of it when it next writes, or by the end of the stream.
                Some(Order::Drop { away }) => return End::Dropped(away),
                None => {
                    // However that ends, it is over.
                    _ = socket.close(None).await;
                    return End::Over;
                }
            },
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    if lock(device).hear(&text, now()) == Heard::ConnectAgain {
                        return End::Lost;
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return End::Lost,
            },
            _ = looks.tick() => {
                let frames = lock(device).asks(now());
                for frame in frames {
                    if socket.send(Message::text(frame)).await.is_err() {
                        return End::Lost;
                    }
                }
            }
        }
    }
}
