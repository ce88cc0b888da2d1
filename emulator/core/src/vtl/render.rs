//! Nodes to text: directives and expressions. What a reference stands for is found in `reference`.

use super::cursor::error_at;
use super::syntax::{Expression, Node, Operator, Position, Reference, Step};
use super::value::{Fault, Heap, Map, Value};
use super::{Error, OUTPUT_BYTES_MAX, Scope, collection};
use std::collections::BTreeMap;

/// Blocks and expressions being worked on within each other: what `#define` can nest, its own
/// nesting does not show.
const DEPTH_MAX: usize = 200;

pub(super) fn render(nodes: &[Node], scope: &Scope<'_>) -> Result<String, Error> {
    let mut renderer = Renderer {
        scope,
        heap: Heap::new(),
        document: None,
        params: None,
        variables: BTreeMap::new(),
        loops: Vec::new(),
        depth: 0,
        at: Position { line: 1, column: 1 },
    };
    let mut out = String::new();
    match renderer.block(nodes, &mut out) {
        Ok(_) => Ok(out),
        Err(fault) => Err(error_at(renderer.at, fault)),
    }
}

/// One rendering.
pub(super) struct Renderer<'t, 's> {
    pub(super) scope: &'s Scope<'s>,
    pub(super) heap: Heap<'t>,
    /// The body, once it has been asked for as JSON.
    pub(super) document: Option<Value<'t>>,
    pub(super) params: Option<Value<'t>>,
    pub(super) variables: BTreeMap<String, Value<'t>>,
    pub(super) loops: Vec<Loop>,
    depth: usize,
    /// The reference that was looked at last: where a fault is reported.
    pub(super) at: Position,
}

#[derive(Clone, Copy)]
pub(super) struct Loop {
    pub(super) index: usize,
    pub(super) length: usize,
}

/// How the rendering goes on after a node.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    Next,
    Break,
    Stop,
}

impl<'t> Renderer<'t, '_> {
    fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == DEPTH_MAX {
            return Err("nested too deeply; does a #define print itself?".to_owned());
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn block(&mut self, nodes: &'t [Node], out: &mut String) -> Result<Flow, Fault> {
        self.nested(|renderer| {
            for node in nodes {
                let flow = renderer.node(node, out)?;
                if flow != Flow::Next {
                    return Ok(flow);
                }
            }
            Ok(Flow::Next)
        })
    }

    fn node(&mut self, node: &'t Node, out: &mut String) -> Result<Flow, Fault> {
        self.heap.spend(1)?;
        match node {
            Node::Text(text) => self.push(text, out)?,
            Node::Print(reference) => self.print(reference, out)?,
            Node::Set { target, value } => self.set(target, value)?,
            Node::If { branches, otherwise } => {
                for (condition, nodes) in branches {
                    if self.expression(condition)?.is_true() {
                        return self.block(nodes, out);
                    }
                }
                return self.block(otherwise, out);
            }
            Node::Foreach { variable, list, body } => {
                return self.foreach(variable, list, body, out);
            }
            Node::Define { name, body } => {
                self.variables.insert(name.clone(), Value::Block(body));
            }
            Node::Break => return Ok(Flow::Break),
            Node::Stop => return Ok(Flow::Stop),
        }
        Ok(Flow::Next)
    }

    fn push(&mut self, text: &str, out: &mut String) -> Result<(), Fault> {
        if out.len() + text.len() > OUTPUT_BYTES_MAX {
            return Err(format!("the template renders to more than {OUTPUT_BYTES_MAX} bytes"));
        }
        self.heap.spend(text.len() / 64)?;
        out.push_str(text);
        Ok(())
    }

    fn print(&mut self, reference: &'t Reference, out: &mut String) -> Result<(), Fault> {
        let backslashes = |count| "\\".repeat(count);
        let value = self.reference(reference)?;
        let (before, value) = match value {
            None if reference.quiet => (reference.backslashes, None),
            None => {
                return self.push(&(backslashes(reference.backslashes) + &reference.source), out);
            }
            Some(_) if reference.backslashes % 2 == 1 => {
                let text = backslashes(reference.backslashes / 2) + &reference.source;
                return self.push(&text, out);
            }
            value => (reference.backslashes / 2, value),
        };
        self.push(&backslashes(before), out)?;
        match value {
            Some(Value::Block(nodes)) => {
                self.block(nodes, out)?;
            }
            Some(Value::Text(text)) => self.push(&text, out)?,
            Some(value) => {
                let text = self.heap.text_of(&value)?;
                self.push(&text, out)?;
            }
            None => {}
        }
        Ok(())
    }

    /// As in Velocity, setting a variable to nothing leaves it as it was; and what cannot be set
    /// (`$context.requestOverride.…`, which WebSocket APIs do not have) is passed over.
    fn set(&mut self, target: &'t Reference, value: &'t Expression) -> Result<(), Fault> {
        let value = self.expression(value)?;
        if matches!(value, Value::Null) {
            return Ok(());
        }
        let Some((last, before)) = target.steps.split_last() else {
            self.variables.insert(target.root.clone(), value);
            return Ok(());
        };
        let Some(owner) = self.walk(target, before)? else { return Ok(()) };
        match (owner, last) {
            (Value::Map(id), Step::Member(key)) => {
                self.heap.map_mut(id).insert(key.as_str().into(), value);
            }
            (Value::Map(id), Step::Index(key)) => {
                let key = self.expression(key)?;
                let key = self.heap.text_of(&key)?;
                self.heap.map_mut(id).insert(key, value);
            }
            (Value::List(id), Step::Index(index)) => {
                let index = self.expression(index)?;
                collection::call_list(&mut self.heap, id, "set", &[index, value])?;
            }
            _ => {}
        }
        Ok(())
    }

    fn foreach(
        &mut self,
        variable: &'t str,
        list: &'t Expression,
        body: &'t [Node],
        out: &mut String,
    ) -> Result<Flow, Fault> {
        // A copy: Java would refuse to go on over a list that the body changes.
        let items: Vec<_> = match self.expression(list)? {
            Value::List(id) => self.heap.list(id).to_vec(),
            Value::Map(id) => self.heap.map(id).values().cloned().collect(),
            _ => return Ok(Flow::Next),
        };
        self.heap.spend(items.len())?;
        let hidden = [variable, "velocityCount"].map(|name| (name, self.variables.remove(name)));
        self.loops.push(Loop { index: 0, length: items.len() });
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().enumerate() {
            if let Some(innermost) = self.loops.last_mut() {
                innermost.index = index;
            }
            self.variables.insert(variable.to_owned(), item);
            self.variables.insert("velocityCount".to_owned(), collection::count(index + 1));
            flow = self.block(body, out)?;
            if flow != Flow::Next {
                break;
            }
        }
        self.loops.pop();
        for (name, value) in hidden {
            self.variables.remove(name);
            if let Some(value) = value {
                self.variables.insert(name.to_owned(), value);
            }
        }
        Ok(if flow == Flow::Stop { Flow::Stop } else { Flow::Next })
    }

    pub(super) fn expression(&mut self, expression: &'t Expression) -> Result<Value<'t>, Fault> {
        self.heap.spend(1)?;
        self.nested(|renderer| renderer.evaluate(expression))
    }

    fn evaluate(&mut self, expression: &'t Expression) -> Result<Value<'t>, Fault> {
        match expression {
            Expression::Bool(b) => Ok(Value::Bool(*b)),
            Expression::Integer(n) => Ok(Value::Integer(*n)),
            Expression::Float(n) => Ok(Value::Float(*n)),
            Expression::Text(text) => self.heap.new_text(text),
            Expression::Interpolated(nodes) => {
                let mut text = String::new();
                self.block(nodes, &mut text)?;
                self.heap.new_text(&text)
            }
            Expression::Reference(reference) => {
                Ok(self.reference(reference)?.unwrap_or(Value::Null))
            }
            Expression::List(items) => {
                let items: Result<_, _> = items.iter().map(|item| self.expression(item)).collect();
                self.heap.new_list(items?)
            }
            Expression::Range(first, last) => self.range(first, last),
            Expression::Map(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let key = self.expression(key)?;
                    let value = self.expression(value)?;
                    map.insert(self.heap.text_of(&key)?, value);
                }
                self.heap.new_map(map)
            }
            Expression::Not(inner) => Ok(Value::Bool(!self.expression(inner)?.is_true())),
            Expression::Chain(first, others) => self.chain(first, others),
        }
    }

    fn range(&mut self, first: &'t Expression, last: &'t Expression) -> Result<Value<'t>, Fault> {
        let (first, last) = (self.expression(first)?, self.expression(last)?);
        let (Value::Integer(first), Value::Integer(last)) = (first, last) else {
            return Ok(Value::Null);
        };
        let length = usize::try_from(first.abs_diff(last)).unwrap_or(usize::MAX);
        self.heap.spend(length.saturating_add(1))?;
        let items = if first <= last {
            (first..=last).map(Value::Integer).collect()
        } else {
            (last..=first).rev().map(Value::Integer).collect()
        };
        self.heap.new_list(items)
    }

    fn chain(
        &mut self,
        first: &'t Expression,
        others: &'t [(Operator, Expression)],
    ) -> Result<Value<'t>, Fault> {
        let mut value = self.expression(first)?;
        for (operator, other) in others {
            value = match operator {
                Operator::And if !value.is_true() => Value::Bool(false),
                Operator::Or if value.is_true() => Value::Bool(true),
                _ => {
                    let other = self.expression(other)?;
                    self.heap.operate(*operator, &value, &other)?
                }
            };
        }
        Ok(value)
    }
}
