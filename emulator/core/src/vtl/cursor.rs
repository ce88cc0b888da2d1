//! A place in a template's text, knowing its line and column. What the text means is for `parse` and
//! `expression`.

use super::Error;
use super::syntax::Position;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'s> {
    text: &'s str,
    offset: usize,
    position: Position,
}

impl<'s> Cursor<'s> {
    /// Starts reading `text`, whose first character stands at `position` of the template.
    pub(super) fn new(text: &'s str, position: Position) -> Self {
        Self { text, offset: 0, position }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn rest(&self) -> &'s str {
        &self.text[self.offset..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// What has been read since `earlier`, a cursor on the same text.
    pub(super) fn since(&self, earlier: &Self) -> &'s str {
        self.text.get(earlier.offset..self.offset).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.offset += c.len_utf8();
        if c == '\n' {
            self.position.line += 1;
            self.position.column = 1;
        } else {
            self.position.column += 1;
        }
        Some(c)
    }

    /// Reads `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.take_while_counted(token.chars().count());
        }
        found
    }

    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'s str {
        let start = *self;
        while self.peek().is_some_and(&belongs) {
            self.next();
        }
        self.since(&start)
    }

    /// Reads up to and including `end`; `None` when it never comes.
    pub(super) fn take_past(&mut self, end: &str) -> Option<&'s str> {
        let start = *self;
        let length = self.rest().find(end)?;
        self.take_while_counted(self.rest()[..length].chars().count());
        let taken = self.since(&start);
        self.eat(end);
        Some(taken)
    }

    /// Blanks and line ends.
    pub(super) fn blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Blanks up to a line end and that line end; nothing when anything else follows the blanks.
    pub(super) fn line_end(&mut self) {
        let mut ahead = *self;
        ahead.take_while(|c| c == ' ' || c == '\t');
        if ahead.eat("\r\n") || ahead.eat("\n") || ahead.eat("\r") {
            *self = ahead;
        }
    }

    /// A name: a letter or `_`, then letters, digits, `_` and `-`. Empty when there is none.
    pub(super) fn name(&mut self) -> &'s str {
        if !self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') {
            return "";
        }
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        error_at(self.position, message)
    }

    fn take_while_counted(&mut self, characters: usize) {
        for _ in 0..characters {
            self.next();
        }
    }
}

pub(super) fn error_at(at: Position, message: impl Into<String>) -> Error {
    Error { line: at.line, column: at.column, message: message.into() }
}
