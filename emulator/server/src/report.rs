//! Log lines: to standard output, and to every console that listens.
//!
//! A thread of its own writes, so that a slow terminal delays nobody. When it is hopelessly behind,
//! lines are dropped and counted instead of kept.

use crate::render::{Line, Painter, render};
use gateway_core::Time;
use gateway_core::log::Log;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use tokio::sync::broadcast;

use crate::clock::Clock;

/// Lines that wait to be written.
const LINES_MAX: usize = 16 * 1024;
/// Lines that a console may be behind before it misses some.
const CONSOLE_MAX: usize = 1024;
/// Lines are written together up to so many bytes.
const BATCH: usize = 64 * 1024;

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
    /// The last one.
    End,
}

/// Takes what happens. Never waits.
#[derive(Clone)]
pub(crate) struct Reporter {
    clock: Arc<Clock>,
    lines: SyncSender<(Time, Message)>,
    dropped: Arc<AtomicU64>,
    console: broadcast::Sender<Arc<str>>,
}

impl Reporter {
    /// Starts the writing thread; it ends with [`Self::end`].
    pub(crate) fn start(clock: Arc<Clock>, painter: Painter) -> (Self, JoinHandle<()>) {
        let (lines, received) = sync_channel(LINES_MAX);
        let (console, _) = broadcast::channel(CONSOLE_MAX);
        let dropped = Arc::default();
        let writer = Writer { painter, console: console.clone(), dropped: Arc::clone(&dropped) };
        let thread = std::thread::spawn(move || writer.run(&received));
        (Self { clock, lines, dropped, console }, thread)
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
        _ = self.lines.send((self.clock.now(), Message::End));
    }

    fn push(&self, now: Time, message: Message) {
        if self.lines.try_send((now, message)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct Writer {
    painter: Painter,
    console: broadcast::Sender<Arc<str>>,
    dropped: Arc<AtomicU64>,
}

impl Writer {
    fn run(self, received: &Receiver<(Time, Message)>) {
        let mut text = String::new();
        while let Ok(first) = received.recv() {
            let mut next = Some(first);
            let mut ended = false;
            while let Some((time, message)) = next {
                match message {
                    Message::End => ended = true,
                    Message::Text(block) => text.push_str(&block),
                    other => {
                        if let Some(line) = render(other) {
                            self.line(time, &line, &mut text);
                        }
                    }
                }
                next = if text.len() < BATCH { received.try_recv().ok() } else { None };
            }
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                text.push_str(&format!(
                    "… {dropped} lines were not written, since nobody reads fast enough\n"
                ));
            }
            let mut stdout = std::io::stdout().lock();
            // A reader that has gone away (`| head`) is no reason to stop.
            _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
            text.clear();
            if ended {
                return;
            }
        }
    }

    fn line(&self, time: Time, line: &Line, text: &mut String) {
        self.painter.paint(time, line, text);
        if self.console.receiver_count() > 0 {
            _ = self.console.send(line.to_json(time).into());
        }
    }
}
