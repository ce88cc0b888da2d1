//! What `$name.member.method(argument)[index]` stands for: variables, members, indexes, and whose
//! method is called. The methods themselves are in `text`, `collection` and `aws`.

use super::render::{Loop, Renderer};
use super::syntax::{Reference, Step};
use super::value::{Fault, Value};
use super::{collection, text};

impl<'t> Renderer<'t, '_> {
    /// What a reference stands for; `None` when nobody set its variable or a method is not there.
    pub(super) fn reference(
        &mut self,
        reference: &'t Reference,
    ) -> Result<Option<Value<'t>>, Fault> {
        self.walk(reference, &reference.steps)
    }

    pub(super) fn walk(
        &mut self,
        reference: &'t Reference,
        steps: &'t [Step],
    ) -> Result<Option<Value<'t>>, Fault> {
        self.at = reference.at;
        self.heap.spend(1 + steps.len())?;
        let Some(root) = self.variable(&reference.root)? else { return Ok(None) };
        let mut value = something(root);
        for step in steps {
            let next = match step {
                Step::Member(name) => Some(self.member(&value, name)?),
                Step::Method(name, arguments) => {
                    let arguments = arguments.iter().map(|a| self.expression(a)).collect::<Result<
                        Vec<_>,
                        _,
                    >>(
                    )?;
                    self.at = reference.at;
                    self.call(&value, name, &arguments)?
                }
                Step::Index(index) => {
                    let index = self.expression(index)?;
                    self.at = reference.at;
                    Some(self.index(&value, &index)?)
                }
            };
            let Some(next) = next else { return Ok(None) };
            value = something(next);
        }
        Ok(Some(value))
    }

    fn variable(&mut self, name: &str) -> Result<Option<Value<'t>>, Fault> {
        if let Some(value) = self.variables.get(name) {
            return Ok(Some(value.clone()));
        }
        if name == "foreach" && !self.loops.is_empty() {
            return Ok(Some(Value::Loop(self.loops.len() - 1)));
        }
        let value = self.aws_variable(name)?;
        if let Some(value) = &value {
            self.variables.insert(name.to_owned(), value.clone());
        }
        Ok(value)
    }

    fn member(&mut self, value: &Value<'t>, name: &str) -> Result<Value<'t>, Fault> {
        Ok(match (value, name) {
            (Value::Map(id), name) => self.heap.map(*id).get(name).cloned().unwrap_or(Value::Null),
            (Value::Input, name) => self.input_member(name)?,
            (Value::Loop(depth), name) => self.loop_member(*depth, name).unwrap_or(Value::Null),
            (Value::Entry(_, key), "key") => Value::Text(key.clone()),
            (Value::Entry(id, key), "value") => {
                self.heap.map(*id).get(key).cloned().unwrap_or(Value::Null)
            }
            (Value::List(id), "empty") => Value::Bool(self.heap.list(*id).is_empty()),
            (Value::Text(text), "empty") => Value::Bool(text.is_empty()),
            _ => Value::Null,
        })
    }

    fn loop_member(&self, depth: usize, name: &str) -> Option<Value<'t>> {
        let Loop { index, length } = *self.loops.get(depth)?;
        Some(match name {
            "index" => collection::count(index),
            "count" => collection::count(index + 1),
            "hasNext" => Value::Bool(index + 1 < length),
            "first" => Value::Bool(index == 0),
            "last" => Value::Bool(index + 1 == length),
            "parent" => Value::Loop(depth.checked_sub(1)?),
            "topmost" => Value::Loop(0),
            _ => return None,
        })
    }

    /// `$list[0]`, `$list[-1]`, `$map["key"]`.
    fn index(&mut self, value: &Value<'t>, index: &Value<'t>) -> Result<Value<'t>, Fault> {
        let found = match (value, index) {
            (Value::Map(id), index) => {
                let key = self.heap.text_of(index)?;
                self.heap.map(*id).get(&key).cloned()
            }
            (Value::List(id), Value::Integer(index)) => {
                let list = self.heap.list(*id);
                let from_end = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
                let at = if *index < 0 { list.len().checked_sub(from_end) } else { Some(from_end) };
                at.and_then(|at| list.get(at)).cloned()
            }
            _ => None,
        };
        Ok(found.unwrap_or(Value::Null))
    }

    fn call(
        &mut self,
        value: &Value<'t>,
        name: &str,
        arguments: &[Value<'t>],
    ) -> Result<Option<Value<'t>>, Fault> {
        let heap = &mut self.heap;
        match (name, arguments) {
            ("toString", []) if !matches!(value, Value::Block(_)) => {
                return Ok(Some(Value::Text(heap.text_of(value)?)));
            }
            ("equals", [other]) => {
                let same_kind = matches!(value, Value::Text(_)) == matches!(other, Value::Text(_));
                return Ok(Some(Value::Bool(same_kind && heap.equal(value, other)?)));
            }
            _ => {}
        }
        match value {
            Value::Text(receiver) => text::call(heap, receiver, name, arguments),
            Value::List(id) => collection::call_list(heap, *id, name, arguments),
            Value::Map(id) => collection::call_map(heap, *id, name, arguments),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
                collection::call_scalar(heap, value, name, arguments)
            }
            Value::Input => self.call_input(name, arguments),
            Value::Util => self.call_util(name, arguments),
            Value::Entry(..) | Value::Loop(_) if arguments.is_empty() => self.getter(value, name),
            Value::Entry(..) | Value::Loop(_) | Value::Null | Value::Block(_) => Ok(None),
        }
    }

    /// `getKey()` for `key`, `isFirst()` for `first`, `hasNext()`.
    fn getter(&mut self, value: &Value<'t>, name: &str) -> Result<Option<Value<'t>>, Fault> {
        let bare = name.strip_prefix("get").or(name.strip_prefix("is")).unwrap_or(name);
        let mut letters = bare.chars();
        let member: String =
            letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect();
        Ok(match self.member(value, &member)? {
            Value::Null => None,
            found => Some(found),
        })
    }
}

/// As API Gateway has it, what is not there is an empty text.
fn something(value: Value<'_>) -> Value<'_> {
    if matches!(value, Value::Null) { Value::Text("".into()) } else { value }
}
