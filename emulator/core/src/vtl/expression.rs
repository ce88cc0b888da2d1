//! References and expressions, as `parse` meets them in text and in directives.

use super::Error;
use super::parse::Parser;
use super::syntax::{Expression, Operator, Reference, Step};

/// Operators by precedence, the loosest first. A longer spelling stands before its beginnings.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("or", Operator::Or)],
    &[("&&", Operator::And), ("and", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("eq", Operator::Equal),
        ("ne", Operator::NotEqual),
    ],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("le", Operator::LessOrEqual),
        ("ge", Operator::GreaterOrEqual),
        ("lt", Operator::Less),
        ("gt", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)],
];

impl Parser<'_> {
    /// Reads a reference, or nothing when the `$` here begins none.
    pub(super) fn reference(&mut self, backslashes: usize) -> Result<Option<Reference>, Error> {
        let start = self.cursor;
        if !self.cursor.eat("$") {
            return Ok(None);
        }
        let quiet = self.cursor.eat("!");
        let braces = self.cursor.eat("{");
        let root = self.cursor.name();
        if root.is_empty() {
            self.cursor = start;
            return Ok(None);
        }
        let steps = self.reference_steps()?;
        if braces && !self.cursor.eat("}") {
            self.cursor = start;
            return Ok(None);
        }
        Ok(Some(Reference {
            at: start.position(),
            source: self.cursor.since(&start).to_owned(),
            quiet,
            backslashes,
            root: root.to_owned(),
            steps,
        }))
    }

    fn reference_steps(&mut self) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        loop {
            let before = self.cursor;
            if self.cursor.eat(".") {
                let name = self.cursor.name().to_owned();
                if name.is_empty() {
                    // The full stop of a sentence.
                    self.cursor = before;
                    return Ok(steps);
                }
                if self.cursor.eat("(") {
                    steps.push(Step::Method(name, self.list(")")?));
                } else {
                    steps.push(Step::Member(name));
                }
            } else if self.cursor.eat("[") {
                let index = self.expression()?;
                self.cursor.blanks();
                self.expect("]")?;
                steps.push(Step::Index(index));
            } else {
                return Ok(steps);
            }
        }
    }

    pub(super) fn expression(&mut self) -> Result<Expression, Error> {
        self.nested(|parser| parser.level(0))
    }

    /// Expressions between commas up to `end`.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Error> {
        let mut list = Vec::new();
        self.cursor.blanks();
        if self.cursor.eat(end) {
            return Ok(list);
        }
        loop {
            list.push(self.expression()?);
            self.cursor.blanks();
            if self.cursor.eat(end) {
                return Ok(list);
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.error(format!("`,` or `{end}` expected")));
            }
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, Error> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let first = self.level(level + 1)?;
        let mut others = Vec::new();
        while let Some(operator) = self.operator(operators) {
            others.push((operator, self.level(level + 1)?));
        }
        Ok(if others.is_empty() { first } else { Expression::Chain(Box::new(first), others) })
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        self.cursor.blanks();
        let before = self.cursor;
        for (spelling, operator) in operators {
            let found = if spelling.starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.cursor.name() == *spelling
            } else {
                self.cursor.eat(spelling)
            };
            if found {
                return Some(*operator);
            }
            self.cursor = before;
        }
        None
    }

    fn unary(&mut self) -> Result<Expression, Error> {
        self.cursor.blanks();
        let mut ahead = self.cursor;
        if ahead.eat("!") || ahead.name() == "not" {
            self.cursor = ahead;
            return self.nested(|parser| Ok(Expression::Not(Box::new(parser.unary()?))));
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Expression, Error> {
        match self.cursor.peek() {
            Some('$') => match self.reference(0)? {
                Some(reference) => Ok(Expression::Reference(reference)),
                None => Err(self.cursor.error("a name expected after `$`")),
            },
            Some('"' | '\'') => self.text(),
            Some('0'..='9' | '-') => self.number(),
            Some('(') => {
                self.expect("(")?;
                let inner = self.expression()?;
                self.cursor.blanks();
                self.expect(")")?;
                Ok(inner)
            }
            Some('[') => self.list_or_range(),
            Some('{') => self.map(),
            _ => {
                let mut ahead = self.cursor;
                let word = match ahead.name() {
                    "true" => Expression::Bool(true),
                    "false" => Expression::Bool(false),
                    _ => return Err(self.cursor.error(
                        "a value expected: a reference, a text in quotes, a number, true, false, [ or {",
                    )),
                };
                self.cursor = ahead;
                Ok(word)
            }
        }
    }

    /// A text ends at its quote; two of them in a row stand for one.
    fn text(&mut self) -> Result<Expression, Error> {
        let start = self.cursor.position();
        let quote = if self.cursor.next() == Some('\'') { "'" } else { "\"" };
        let inside = self.cursor.position();
        let mut text = String::new();
        loop {
            let Some(part) = self.cursor.take_past(quote) else {
                return Err(super::cursor::error_at(start, "a text without its closing quote"));
            };
            text.push_str(part);
            if !self.cursor.eat(quote) {
                break;
            }
            text.push_str(quote);
        }
        if quote == "'" || !text.contains(['$', '#']) {
            return Ok(Expression::Text(text));
        }
        let nesting = self.nesting();
        self.nested(|_| {
            Ok(Expression::Interpolated(Parser::new(&text, inside, nesting + 1).whole()?))
        })
    }

    fn number(&mut self) -> Result<Expression, Error> {
        let start = self.cursor;
        self.cursor.eat("-");
        let whole = self.cursor.take_while(|c| c.is_ascii_digit());
        let mut ahead = self.cursor;
        // `1..3` is a range, `1.x` no number.
        let fraction = ahead.eat(".") && !ahead.take_while(|c| c.is_ascii_digit()).is_empty();
        if fraction {
            let mut exponent = ahead;
            if exponent.eat("e") || exponent.eat("E") {
                let _ = exponent.eat("-") || exponent.eat("+");
                if !exponent.take_while(|c| c.is_ascii_digit()).is_empty() {
                    ahead = exponent;
                }
            }
            self.cursor = ahead;
        }
        let text = self.cursor.since(&start);
        let number = match text.parse() {
            Ok(integer) if !fraction => Some(Expression::Integer(integer)),
            // Too big for an integer, or written as a fraction.
            _ if !whole.is_empty() => text.parse().ok().map(Expression::Float),
            _ => None,
        };
        number.ok_or_else(|| start.error(format!("`{text}` is not a number")))
    }

    fn list_or_range(&mut self) -> Result<Expression, Error> {
        self.expect("[")?;
        self.cursor.blanks();
        if self.cursor.eat("]") {
            return Ok(Expression::List(Vec::new()));
        }
        let first = self.expression()?;
        self.cursor.blanks();
        if self.cursor.eat("..") {
            let last = self.expression()?;
            self.cursor.blanks();
            self.expect("]")?;
            return Ok(Expression::Range(Box::new(first), Box::new(last)));
        }
        let mut list = vec![first];
        if !self.cursor.eat("]") {
            self.expect(",")?;
            list.extend(self.list("]")?);
        }
        Ok(Expression::List(list))
    }

    fn map(&mut self) -> Result<Expression, Error> {
        self.expect("{")?;
        let mut entries = Vec::new();
        self.cursor.blanks();
        while !self.cursor.eat("}") {
            if !entries.is_empty() {
                self.expect(",")?;
            }
            let key = self.expression()?;
            self.cursor.blanks();
            self.expect(":")?;
            entries.push((key, self.expression()?));
            self.cursor.blanks();
        }
        Ok(Expression::Map(entries))
    }
}
