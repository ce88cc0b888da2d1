//! Ctrl-C and SIGTERM, as a port: who waits for one does something about it, once.

use std::future::Future;
use tokio::sync::watch;

/// Whether the user wants out. A clone knows the same.
#[derive(Clone, Debug)]
pub struct Interrupts(watch::Receiver<bool>);

/// Interrupts whoever holds the other end.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

impl Trigger {
    /// As Ctrl-C does.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

/// The user wants out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

impl Interrupts {
    /// One that its trigger pulls.
    pub fn new() -> (Trigger, Self) {
        let (sender, receiver) = watch::channel(false);
        (Trigger(sender), Self(receiver))
    }

    /// Those of this process. A second one ends it the hard way, since the first was not heard.
    pub fn of_process() -> Self {
        let (trigger, interrupts) = Self::new();
        tokio::spawn(async move {
            signal().await;
            trigger.pull();
            signal().await;
            end();
        });
        interrupts
    }

    /// Ends at the first interruption; never, if there is none.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|pulled| *pulled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What `work` gives, unless it is interrupted; then it is dropped where it waits.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            () = self.wait() => Err(Interrupted),
            done = work => Ok(done),
        }
    }
}

/// Whoever presses twice has no patience.
#[expect(clippy::exit, reason = "what hangs cannot be asked to return")]
fn end() -> ! {
    std::process::exit(crate::Exit::Detached as i32)
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    _ = tokio::signal::ctrl_c().await;
}
