//! Text to steps.

use super::Step;
use super::filter::{Comparison, Filter, Operand};

/// What is wrong, and at which character.
type Fault = (String, usize);

/// Steps of one path.
const STEPS_MAX: usize = 128;

/// Parentheses and `!` within each other in a filter.
const NESTING_MAX: usize = 16;

pub(super) fn steps(text: &str) -> Result<Vec<Step>, Fault> {
    let mut parser = Parser { text, at: 0, nesting: 0 };
    if text.is_empty() {
        return Err(("an empty path names nothing; write `$` for the whole document".into(), 0));
    }
    let mut steps = Vec::new();
    // `a.b` is `$.a.b`.
    if !parser.eat("$") && !text.starts_with(['.', '[']) {
        steps.push(Step::Member(parser.name()?));
    }
    parser.steps(&mut steps)?;
    if parser.rest().is_empty() { Ok(steps) } else { Err(parser.fault("unexpected text")) }
}

struct Parser<'s> {
    text: &'s str,
    at: usize,
    nesting: usize,
}

impl<'s> Parser<'s> {
    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn fault(&self, what: &str) -> Fault {
        (what.to_owned(), self.text[..self.at].chars().count())
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), Fault> {
        if self.eat(token) { Ok(()) } else { Err(self.fault(&format!("`{token}` expected"))) }
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), Fault> {
        loop {
            if steps.len() > STEPS_MAX {
                return Err(self.fault("too many steps"));
            }
            if self.eat("..") {
                steps.push(Step::Descend);
                if !self.rest().starts_with('[') {
                    steps.push(self.member()?);
                }
            } else if self.eat(".") {
                steps.push(self.member()?);
            } else if self.eat("[") {
                steps.push(self.bracket()?);
            } else {
                return Ok(());
            }
        }
    }

    fn member(&mut self) -> Result<Step, Fault> {
        if self.eat("*") { Ok(Step::Children) } else { Ok(Step::Member(self.name()?)) }
    }

    fn name(&mut self) -> Result<String, Fault> {
        let name = self.take_while(|c| !c.is_whitespace() && !".[]()'\"*,=!<>&|?".contains(c));
        if name.is_empty() { Err(self.fault("a name expected")) } else { Ok(name.to_owned()) }
    }

    fn bracket(&mut self) -> Result<Step, Fault> {
        self.blanks();
        let step = if self.eat("*") {
            Step::Children
        } else if self.eat("?") {
            self.blanks();
            self.expect("(")?;
            let filter = self.any()?;
            self.expect(")")?;
            Step::Filter(filter)
        } else if self.rest().starts_with(['\'', '"']) {
            Step::Member(self.quoted()?)
        } else {
            self.elements()?
        };
        self.blanks();
        self.expect("]")?;
        Ok(step)
    }

    /// `0`, `0,2`, `1:3`, `:3`, `-1:`.
    fn elements(&mut self) -> Result<Step, Fault> {
        let first = self.integer()?;
        self.blanks();
        if self.eat(":") {
            self.blanks();
            return Ok(Step::Slice(first, self.integer()?));
        }
        let mut list = vec![first.ok_or_else(|| self.fault("an index or a quoted name expected"))?];
        while self.eat(",") {
            self.blanks();
            if list.len() == STEPS_MAX {
                return Err(self.fault("too many indexes"));
            }
            list.push(self.integer()?.ok_or_else(|| self.fault("an index expected"))?);
            self.blanks();
        }
        Ok(if let [index] = list[..] { Step::Element(index) } else { Step::Elements(list) })
    }

    fn integer(&mut self) -> Result<Option<i64>, Fault> {
        let digits = self.take_while(|c| c == '-' || c.is_ascii_digit());
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| self.fault("not a whole number"))
    }

    fn quoted(&mut self) -> Result<String, Fault> {
        let mut rest = self.rest().chars();
        let quote = rest.next();
        let mut text = String::new();
        while let Some(c) = rest.next() {
            let c = match c {
                '\\' => rest.next(),
                c if Some(c) == quote => {
                    self.at = self.text.len() - rest.as_str().len();
                    return Ok(text);
                }
                c => Some(c),
            };
            text.extend(c);
        }
        Err(self.fault("a quoted name without its closing quote"))
    }

    fn any(&mut self) -> Result<Filter, Fault> {
        let mut filters = vec![self.all()?];
        while self.eat("||") {
            filters.push(self.all()?);
        }
        Ok(if filters.len() == 1 { filters.remove(0) } else { Filter::Any(filters) })
    }

    fn all(&mut self) -> Result<Filter, Fault> {
        let mut filters = vec![self.condition()?];
        while self.eat("&&") {
            filters.push(self.condition()?);
        }
        Ok(if filters.len() == 1 { filters.remove(0) } else { Filter::All(filters) })
    }

    fn condition(&mut self) -> Result<Filter, Fault> {
        self.blanks();
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(self.fault("a filter nested too deeply"));
        }
        let condition = if self.eat("!") {
            Filter::Not(Box::new(self.condition()?))
        } else if self.eat("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.nesting -= 1;
        self.blanks();
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Filter, Fault> {
        let left = self.operand()?;
        self.blanks();
        let operators = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let Some((_, operator)) = operators.into_iter().find(|(token, _)| self.eat(token)) else {
            return Ok(Filter::Exists(left));
        };
        self.blanks();
        Ok(Filter::Compare(left, operator, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand, Fault> {
        if self.eat("@") {
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            if steps.iter().all(|step| matches!(step, Step::Member(_) | Step::Element(_))) {
                return Ok(Operand::Node(steps));
            }
            return Err(self.fault("only names and indexes may follow `@`"));
        }
        if self.rest().starts_with(['\'', '"']) {
            return Ok(Operand::Text(self.quoted()?));
        }
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        match word {
            "null" => Ok(Operand::Null),
            "true" => Ok(Operand::Bool(true)),
            "false" => Ok(Operand::Bool(false)),
            number => match number.parse() {
                Ok(number) if f64::is_finite(number) => Ok(Operand::Number(number)),
                _ => Err(self.fault("`@`, a number, a text, true, false or null expected")),
            },
        }
    }
}
