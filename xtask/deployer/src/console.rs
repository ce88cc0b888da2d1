//! The two streams and the keyboard, as a port: data on stdout, everything else on stderr.

use crate::{Failure, Result};
use std::collections::VecDeque;
use std::io::{BufRead as _, IsTerminal as _, Write};
use std::sync::{Mutex, PoisonError};

/// Where a command writes, and whom it can ask.
pub struct Console {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    answers: Answers,
    /// Whether stderr is a terminal that can be drawn on.
    pub is_terminal: bool,
    /// Whether to use colour.
    pub color: bool,
    /// Columns and lines of the terminal, which may be another from moment to moment.
    size: fn() -> (usize, usize),
}

/// A terminal whose size nobody tells.
const USUAL_SIZE: (usize, usize) = (100, 40);

/// Whoever is asked.
#[derive(Debug)]
pub enum Answers {
    /// The user, at the terminal.
    Keyboard,
    /// Nobody is there.
    Nobody,
    /// What a test says, line by line.
    Given(Mutex<VecDeque<String>>),
}

impl Console {
    /// That of this process; `color` where it was told, else by the terminal.
    pub fn of_process(color: Option<bool>) -> Self {
        let can_draw = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let is_terminal = std::io::stderr().is_terminal() && can_draw;
        let by_terminal = is_terminal && std::env::var_os("NO_COLOR").is_none();
        let answers =
            if std::io::stdin().is_terminal() { Answers::Keyboard } else { Answers::Nobody };
        Self {
            is_terminal,
            color: color.unwrap_or(by_terminal),
            size: || {
                let size = terminal_size::terminal_size_of(std::io::stderr());
                size.map_or(USUAL_SIZE, |(width, height)| (width.0.into(), height.0.into()))
            },
            ..Self::new(std::io::stdout(), std::io::stderr(), answers)
        }
    }

    /// One that is no terminal, without colour.
    pub fn new(
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
        answers: Answers,
    ) -> Self {
        let (out, err) = (Mutex::new(Box::new(out) as _), Mutex::new(Box::new(err) as _));
        let size = || USUAL_SIZE;
        Self { out, err, answers, is_terminal: false, color: false, size }
    }

    /// Columns and lines of the terminal.
    pub fn size(&self) -> (usize, usize) {
        (self.size)()
    }

    /// Data, as it is. A reader that has gone away (`| head`) is no fault.
    pub fn print(&self, text: &str) {
        write(&self.out, text);
    }

    /// Talk, one line or several.
    pub fn say(&self, text: impl std::fmt::Display) {
        write(&self.err, &format!("{text}\n"));
    }

    /// Talk, as it is: for what draws on the terminal.
    pub fn draw(&self, text: &str) {
        write(&self.err, text);
    }

    /// Whether there is somebody to ask.
    pub fn can_ask(&self) -> bool {
        !matches!(self.answers, Answers::Nobody)
    }

    /// Asks for yes or no; anything but yes is no.
    ///
    /// # Errors
    /// When the keyboard cannot be read.
    pub async fn ask(&self, question: &str) -> Result<bool> {
        self.draw(&format!("{question} [y/N] "));
        let line = match &self.answers {
            Answers::Nobody => String::new(),
            Answers::Given(lines) => {
                let line = lines.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                // Nothing more is typed: the question stands until somebody interrupts it.
                match line {
                    Some(line) => line,
                    None => std::future::pending().await,
                }
            }
            Answers::Keyboard => {
                let read = tokio::task::spawn_blocking(|| {
                    let mut line = String::new();
                    std::io::stdin().lock().read_line(&mut line).map(|_| line)
                });
                match read.await {
                    Ok(Ok(line)) => line,
                    Ok(Err(e)) => return Err(Failure::new(format!("stdin cannot be read: {e}"))),
                    Err(e) => return Err(Failure::new(format!("stdin cannot be read: {e}"))),
                }
            }
        };
        if !matches!(self.answers, Answers::Keyboard) {
            self.draw("\n");
        }
        Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Text in a colour of the terminal, by its SGR code; plain where there is no colour.
    pub fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn write(stream: &Mutex<Box<dyn Write + Send>>, text: &str) {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    _ = stream.write_all(text.as_bytes());
    _ = stream.flush();
}
