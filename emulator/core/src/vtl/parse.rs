//! Text to nodes: what is text, what is a reference, what is a directive. Expressions are read by
//! `expression`.

use super::cursor::{Cursor, error_at};
use super::syntax::{Expression, Node, Position};
use super::{Error, NESTING_MAX};

pub(super) fn template(text: &str) -> Result<Vec<Node>, Error> {
    Parser::new(text, Position { line: 1, column: 1 }, 0).whole()
}

/// Reads one text; `expression` adds the methods that read references and expressions.
pub(super) struct Parser<'s> {
    pub(super) cursor: Cursor<'s>,
    nesting: usize,
}

/// What ended a block.
enum Ending {
    End,
    Else,
    ElseIf,
    Text,
}

impl<'s> Parser<'s> {
    pub(super) fn new(text: &'s str, position: Position, nesting: usize) -> Self {
        Self { cursor: Cursor::new(text, position), nesting }
    }

    /// Reads to the end of the text, where no block may be open.
    pub(super) fn whole(mut self) -> Result<Vec<Node>, Error> {
        let (nodes, ending) = self.block()?;
        let name = match ending {
            Ending::Text => return Ok(nodes),
            Ending::End => "#end",
            Ending::Else => "#else",
            Ending::ElseIf => "#elseif",
        };
        Err(self.cursor.error(format!("`{name}` belongs to no #if, #foreach or #define")))
    }

    /// The nesting of texts within texts goes on from here.
    pub(super) fn nesting(&self) -> usize {
        self.nesting
    }

    /// Reads something that may hold its like, within the limit.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.nesting == NESTING_MAX {
            return Err(self.cursor.error(format!("nested more than {NESTING_MAX} deep")));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    fn block(&mut self) -> Result<(Vec<Node>, Ending), Error> {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.cursor.peek() {
            match c {
                '\\' => self.backslashes(&mut nodes, &mut text)?,
                '$' => match self.reference(0)? {
                    Some(reference) => {
                        flush(&mut nodes, &mut text);
                        nodes.push(Node::Print(reference));
                    }
                    None => text.extend(self.cursor.next()),
                },
                '#' => {
                    if let Some(ending) = self.hash(&mut nodes, &mut text)? {
                        flush(&mut nodes, &mut text);
                        return Ok((nodes, ending));
                    }
                }
                _ => text.push_str(self.cursor.take_while(|c| !matches!(c, '\\' | '$' | '#'))),
            }
        }
        flush(&mut nodes, &mut text);
        Ok((nodes, Ending::Text))
    }

    /// A run of `\` before a reference belongs to it; before a directive, each second one stands for
    /// itself and an odd one makes the directive text; anywhere else they are text.
    fn backslashes(&mut self, nodes: &mut Vec<Node>, text: &mut String) -> Result<(), Error> {
        let run = self.cursor.take_while(|c| c == '\\');
        if let Some(reference) = self.reference(run.len())? {
            flush(nodes, text);
            nodes.push(Node::Print(reference));
            return Ok(());
        }
        let mut ahead = self.cursor;
        if KNOWN.contains(&directive_name(&mut ahead)) {
            text.push_str(&run[..run.len() / 2]);
            if run.len() % 2 == 1 {
                text.push_str(ahead.since(&self.cursor));
                self.cursor = ahead;
            }
        } else {
            text.push_str(run);
        }
        Ok(())
    }

    /// Reads what a `#` begins: a comment, unparsed text, a directive, or just a `#`.
    fn hash(&mut self, nodes: &mut Vec<Node>, text: &mut String) -> Result<Option<Ending>, Error> {
        let start = self.cursor.position();
        if self.cursor.eat("##") {
            self.cursor.take_while(|c| c != '\n' && c != '\r');
            self.cursor.line_end();
        } else if self.cursor.eat("#*") {
            let comment = self.cursor.take_past("*#");
            comment.ok_or_else(|| error_at(start, "a comment `#*` without its `*#`"))?;
        } else if self.cursor.eat("#[[") {
            let literal = self.cursor.take_past("]]#");
            text.push_str(literal.ok_or_else(|| error_at(start, "`#[[` without its `]]#`"))?);
        } else {
            let mut ahead = self.cursor;
            let name = directive_name(&mut ahead);
            // `#set` without its parenthesis is text, the only directive of which this is true.
            let is_text = name == "set" && !ahead.rest().trim_start().starts_with('(');
            if is_text || !KNOWN.contains(&name) {
                text.extend(self.cursor.next());
                return Ok(None);
            }
            self.cursor = ahead;
            if name == "set" {
                // As in Velocity, blanks before a `#set` belong to it.
                text.truncate(text.trim_end_matches([' ', '\t']).len());
            }
            if let Some(ending) = self.ending(name) {
                return Ok(Some(ending));
            }
            flush(nodes, text);
            nodes.push(self.directive(name, start)?);
        }
        Ok(None)
    }

    fn ending(&mut self, name: &str) -> Option<Ending> {
        let ending = match name {
            "elseif" => return Some(Ending::ElseIf),
            "else" => Ending::Else,
            "end" => Ending::End,
            _ => return None,
        };
        self.cursor.line_end();
        Some(ending)
    }

    fn directive(&mut self, name: &str, start: Position) -> Result<Node, Error> {
        match name {
            "set" => self.set(),
            "if" => self.nested(|parser| parser.conditional(start)),
            "foreach" => self.nested(|parser| parser.foreach(start)),
            "define" => self.nested(|parser| parser.define(start)),
            "break" => Ok(Node::Break),
            "stop" => Ok(Node::Stop),
            "macro" => Err(error_at(start, "#macro is not emulated; write #define($name) … #end")),
            other => Err(error_at(start, format!("API Gateway has no #{other}"))),
        }
    }

    fn set(&mut self) -> Result<Node, Error> {
        self.open()?;
        let Some(target) = self.reference(0)? else {
            return Err(self.cursor.error("a reference such as `$name` expected after `#set(`"));
        };
        self.cursor.blanks();
        self.expect("=")?;
        let value = self.expression()?;
        self.close()?;
        Ok(Node::Set { target, value })
    }

    fn conditional(&mut self, start: Position) -> Result<Node, Error> {
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        let mut ending = Ending::ElseIf;
        loop {
            match ending {
                Ending::ElseIf => {
                    let condition = self.condition()?;
                    let (nodes, next) = self.block()?;
                    branches.push((condition, nodes));
                    ending = next;
                }
                Ending::Else => {
                    let (nodes, next) = self.block()?;
                    otherwise = nodes;
                    if !matches!(next, Ending::End | Ending::Text) {
                        return Err(self.cursor.error("nothing but `#end` may follow an `#else`"));
                    }
                    ending = next;
                }
                Ending::End => return Ok(Node::If { branches, otherwise }),
                Ending::Text => return Err(error_at(start, "an `#if` without its `#end`")),
            }
        }
    }

    fn condition(&mut self) -> Result<Expression, Error> {
        self.open()?;
        let condition = self.expression()?;
        self.close()?;
        Ok(condition)
    }

    fn foreach(&mut self, start: Position) -> Result<Node, Error> {
        self.open()?;
        let variable = self.variable("#foreach")?;
        self.cursor.blanks();
        if self.cursor.name() != "in" {
            return Err(self.cursor.error("`in` expected: `#foreach($item in $list)`"));
        }
        let list = self.expression()?;
        self.close()?;
        Ok(Node::Foreach { variable, list, body: self.body(start, "#foreach")? })
    }

    fn define(&mut self, start: Position) -> Result<Node, Error> {
        self.open()?;
        let name = self.variable("#define")?;
        self.close()?;
        Ok(Node::Define { name, body: self.body(start, "#define")? })
    }

    fn body(&mut self, start: Position, directive: &str) -> Result<Vec<Node>, Error> {
        match self.block()? {
            (nodes, Ending::End) => Ok(nodes),
            (_, Ending::Text) => {
                Err(error_at(start, format!("a `{directive}` without its `#end`")))
            }
            (_, Ending::Else | Ending::ElseIf) => {
                Err(self.cursor.error(format!("a `{directive}` has no `#else`")))
            }
        }
    }

    /// A reference to a variable as a whole.
    fn variable(&mut self, directive: &str) -> Result<String, Error> {
        match self.reference(0)? {
            Some(reference) if reference.steps.is_empty() => Ok(reference.root),
            _ => Err(self
                .cursor
                .error(format!("a name such as `$item` expected after `{directive}(`"))),
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        self.cursor.blanks();
        self.expect("(")?;
        self.cursor.blanks();
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        self.cursor.blanks();
        self.expect(")")?;
        self.cursor.line_end();
        Ok(())
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), Error> {
        if self.cursor.eat(token) {
            return Ok(());
        }
        let found = match self.cursor.peek() {
            Some(c) => format!("`{c}`"),
            None => "the end of the text".to_owned(),
        };
        Err(self.cursor.error(format!("`{token}` expected, found {found}")))
    }
}

/// Names that make a `#` a directive; the last three are Velocity's but not API Gateway's.
const KNOWN: [&str; 13] = [
    "set", "if", "elseif", "else", "end", "foreach", "define", "break", "stop", "macro", "parse",
    "include", "evaluate",
];

/// Reads `#name` or `#{name}`; empty when that is not what comes next.
fn directive_name<'s>(cursor: &mut Cursor<'s>) -> &'s str {
    if !cursor.eat("#") {
        return "";
    }
    let braces = cursor.eat("{");
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
    if braces && !cursor.eat("}") { "" } else { name }
}

fn flush(nodes: &mut Vec<Node>, text: &mut String) {
    if !text.is_empty() {
        nodes.push(Node::Text(std::mem::take(text)));
    }
}
