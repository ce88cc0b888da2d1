//! What people and machines see of a deployment: news in, text out.
//!
//! The modules below are pure; this one keeps the model and writes to the console.

pub mod ndjson;
pub mod plain;
pub mod plan;
pub mod tree;

use crate::cli::Events;
use crate::estimate::Estimates;
use crate::news::News;
use crate::{Context, Exit, Failure};
use tree::{Frame, Tree};

/// The screen of one deployment.
pub struct Screen<'a> {
    context: &'a Context,
    kind: Events,
    stack: String,
    tree: Option<Tree>,
    /// Lines of the tree that stand on the terminal.
    drawn: usize,
}

impl<'a> Screen<'a> {
    /// As asked for, else as suits the console.
    pub fn new(context: &'a Context, kind: Option<Events>) -> Self {
        let usual = if context.console.is_terminal { Events::Tree } else { Events::Plain };
        let kind = kind.unwrap_or(usual);
        Self { context, kind, stack: String::new(), tree: None, drawn: 0 }
    }

    /// What follows is about this stack.
    pub fn stack(&mut self, name: &str) {
        name.clone_into(&mut self.stack);
    }

    /// Whether every word on stdout is for a machine.
    pub fn is_for_machines(&self) -> bool {
        self.kind == Events::Ndjson
    }

    /// Whether it shows how long something usually takes.
    pub(crate) fn shows_estimates(&self) -> bool {
        self.kind == Events::Tree
    }

    /// Tells what happened.
    pub fn tell(&mut self, news: &News) {
        let console = &self.context.console;
        if self.kind == Events::Ndjson {
            console.print(&ndjson::line(self.context.clock.now(), &self.stack, news));
            return;
        }
        if let Some(tree) = &mut self.tree
            && tree.take(news)
        {
            return;
        }
        let text = match news {
            News::Plan { plan } => plan::text(plan, console.color),
            news => plain::line(news, console.color).unwrap_or_default(),
        };
        if !text.is_empty() {
            let text = self.wiping() + &text;
            self.context.console.draw(&text);
            self.draw();
        }
    }

    /// One sentence.
    pub fn note(&mut self, text: impl Into<String>) {
        self.tell(&News::Note { text: text.into() });
    }

    /// From now on resources change.
    pub(crate) fn begin(&mut self, expected: Vec<(String, String)>, estimates: Estimates) {
        if self.kind == Events::Tree {
            let now = self.context.clock.now();
            self.tree = Some(Tree::new(&self.stack, expected, estimates, now));
        }
    }

    /// Draws the tree as it is now, if there is one.
    pub fn draw(&mut self) {
        let Some(tree) = &self.tree else { return };
        let (width, height) = self.context.console.size();
        let now = self.context.clock.now();
        let frame = Frame { now, width, height, color: self.context.console.color };
        let text = tree.render(frame);
        let lines = text.lines().count();
        // In one piece, or it flickers.
        let text = self.wiping() + &text;
        self.drawn = lines;
        self.context.console.draw(&text);
    }

    /// No more resources change; what is drawn stays.
    pub(crate) fn end(&mut self) {
        self.draw();
        self.tree = None;
        self.drawn = 0;
    }

    /// What takes the tree off the terminal.
    fn wiping(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A\u{1b}[J"),
        }
    }

    /// How it ended; what a failure says to people is told by whoever gets it.
    pub fn result(&mut self, done: &Result<(Exit, String), Failure>) {
        match done {
            Ok((exit, message)) => self.tell(&News::Result {
                exit: *exit as u8,
                message: message.clone(),
                details: Vec::new(),
                hints: Vec::new(),
            }),
            Err(failure) if self.is_for_machines() => self.tell(&News::Result {
                exit: failure.exit as u8,
                message: failure.message.clone(),
                details: failure.details.clone(),
                hints: failure.hints.clone(),
            }),
            Err(_) => {}
        }
    }
}

/// Text in a colour, by its SGR code.
fn paint(color: bool, code: &str, text: &str) -> String {
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The colour of a status.
fn color_of(status: &str) -> &'static str {
    match status {
        status if status.ends_with("_FAILED") || status.contains("ROLLBACK") => "31",
        status if status.ends_with("_COMPLETE") => "32",
        status if status.ends_with("_IN_PROGRESS") => "33",
        _ => "0",
    }
}
