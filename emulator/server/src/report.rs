//! Log lines: to standard output, and to every console that listens.
//!
//! A line is made where it is told, so that what waits is short text and its bytes can be counted;
//! a thread of its own writes, so that a slow terminal delays nobody. When it is hopelessly behind,
//! lines are dropped and counted instead of kept.

use crate::clock::Clock;
use crate::render::{Line, Painter, render};
use gateway_core::Time;
use gateway_core::log::Log;
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::broadcast;

/// Text that waits to be written.
const TEXT_MAX: usize = 4 * 1024 * 1024;
/// Lines that a console may be behind before it misses some.
const CONSOLE_MAX: usize = 1024;
/// What is kept for the next lines.
const KEPT: usize = 64 * 1024;
/// A line waits this long for others: waking a thread costs more than writing a line.
const GATHER: Duration = Duration::from_millis(2);

/// What can be told.
#[derive(Debug)]
pub(crate) enum Message {
    Log(Log),
    /// A line that a function wrote.
    FunctionLine {
        function: String,
        text: String,
    },
    /// Something about the local cloud itself.
    Note(String),
    /// As [`Self::Note`], but something went wrong.
    Trouble(String),
    /// Text that is printed as it is, in its place among the lines.
    Text(String),
}

/// Takes what happens. Never waits for whoever reads.
#[derive(Clone)]
pub(crate) struct Reporter {
    clock: Arc<Clock>,
    painter: Painter,
    pending: Arc<Pending>,
    console: broadcast::Sender<Arc<str>>,
}

/// Between those who tell and the thread that writes.
#[derive(Default)]
struct Pending {
    text: Mutex<Text>,
    /// There is text, or the end has come.
    some: Condvar,
}

#[derive(Default)]
struct Text {
    lines: String,
    dropped: u64,
    ended: bool,
}

impl Reporter {
    /// Starts the writing thread; it ends with [`Self::end`].
    pub(crate) fn start(clock: Arc<Clock>, painter: Painter) -> (Self, JoinHandle<()>) {
        let (console, _) = broadcast::channel(CONSOLE_MAX);
        let pending = Arc::<Pending>::default();
        let writer = Arc::clone(&pending);
        let thread = std::thread::spawn(move || writer.write());
        (Self { clock, painter, pending, console }, thread)
    }

    pub(crate) fn log(&self, now: Time, log: Log) {
        self.push(now, Message::Log(log));
    }

    pub(crate) fn function_line(&self, function: &str, text: String) {
        self.push(self.clock.now(), Message::FunctionLine { function: function.to_owned(), text });
    }

    pub(crate) fn note(&self, text: impl Into<String>) {
        self.push(self.clock.now(), Message::Note(text.into()));
    }

    pub(crate) fn trouble(&self, text: impl Into<String>) {
        self.push(self.clock.now(), Message::Trouble(text.into()));
    }

    pub(crate) fn text(&self, text: String) {
        self.push(self.clock.now(), Message::Text(text));
    }

    /// Lines from now on, as JSON; a listener that is too slow misses some.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        self.console.subscribe()
    }

    /// Everything told so far is written before the thread ends.
    pub(crate) fn end(&self) {
        self.pending.lock().ended = true;
        self.pending.some.notify_one();
    }

    fn push(&self, now: Time, message: Message) {
        if let Message::Text(text) = message {
            return self.pending.add(|lines| lines.push_str(&text));
        }
        let Some(line) = render(message) else { return };
        self.pending.add(|lines| self.painter.paint(now, &line, lines));
        self.show(now, &line);
    }

    fn show(&self, now: Time, line: &Line) {
        if self.console.receiver_count() > 0 {
            // Without a listener there is nobody to tell.
            _ = self.console.send(line.to_json(now).into());
        }
    }
}

impl Pending {
    /// Text is whole also when somebody panicked while adding to it.
    fn lock(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: impl FnOnce(&mut String)) {
        let mut text = self.lock();
        if text.lines.len() >= TEXT_MAX {
            text.dropped += 1;
            return;
        }
        let was_empty = text.lines.is_empty();
        line(&mut text.lines);
        drop(text);
        // Otherwise the writer knows already.
        if was_empty {
            self.some.notify_one();
        }
    }

    fn write(&self) {
        let mut taken = String::new();
        loop {
            let waiting = |text: &mut Text| text.lines.is_empty() && !text.ended;
            let text = self.some.wait_while(self.lock(), waiting);
            let ended = text.unwrap_or_else(PoisonError::into_inner).ended;
            if !ended {
                std::thread::sleep(GATHER);
            }
            let mut text = self.lock();
            std::mem::swap(&mut text.lines, &mut taken);
            let dropped = std::mem::take(&mut text.dropped);
            drop(text);
            if dropped > 0 {
                taken.push_str(&format!(
                    "… {dropped} lines were not written, since nobody reads fast enough\n"
                ));
            }
            let mut stdout = std::io::stdout().lock();
            // A reader that has gone away (`| head`) is no reason to stop.
            _ = stdout.write_all(taken.as_bytes()).and_then(|()| stdout.flush());
            taken.clear();
            // After a flood, its memory is given back.
            taken.shrink_to(KEPT);
            if ended {
                return;
            }
        }
    }
}
