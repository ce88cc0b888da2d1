//! What `+`, `<`, `==` and their like make of two values. `&&` and `||` are `render`'s, because they
//! do not look at both.

use super::syntax::Operator;
use super::value::{Fault, Heap, Value};
use std::cmp::Ordering;

impl<'t> Heap<'t> {
    /// As Velocity, an operation on what it is not made for gives nothing, and a comparison `false`.
    pub(super) fn operate(
        &mut self,
        operator: Operator,
        left: &Value<'t>,
        right: &Value<'t>,
    ) -> Result<Value<'t>, Fault> {
        let order = || left.number()?.partial_cmp(&right.number()?);
        Ok(match operator {
            Operator::Or => Value::Bool(left.is_true() || right.is_true()),
            Operator::And => Value::Bool(left.is_true() && right.is_true()),
            Operator::Equal => Value::Bool(self.equal(left, right)?),
            Operator::NotEqual => Value::Bool(!self.equal(left, right)?),
            Operator::Less => Value::Bool(order().is_some_and(Ordering::is_lt)),
            Operator::LessOrEqual => Value::Bool(order().is_some_and(Ordering::is_le)),
            Operator::Greater => Value::Bool(order().is_some_and(Ordering::is_gt)),
            Operator::GreaterOrEqual => Value::Bool(order().is_some_and(Ordering::is_ge)),
            Operator::Add if is_text(left) || is_text(right) => self.join(left, right)?,
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => calculate(operator, left, right),
        })
    }

    fn join(&mut self, left: &Value<'t>, right: &Value<'t>) -> Result<Value<'t>, Fault> {
        let mut text = String::new();
        for side in [left, right] {
            if !matches!(side, Value::Null) {
                self.print(side, &mut text)?;
            }
        }
        self.new_text(&text)
    }
}

fn is_text(value: &Value<'_>) -> bool {
    matches!(value, Value::Text(_))
}

/// Integers stay integers as long as they fit; division by zero gives nothing.
fn calculate<'t>(operator: Operator, left: &Value<'t>, right: &Value<'t>) -> Value<'t> {
    let (Some(l), Some(r)) = (left.number(), right.number()) else { return Value::Null };
    let divides = matches!(operator, Operator::Divide | Operator::Remainder);
    if divides && r == 0.0 {
        return Value::Null;
    }
    if let (Value::Integer(l), Value::Integer(r)) = (left, right) {
        let integer = match operator {
            Operator::Add => l.checked_add(*r),
            Operator::Subtract => l.checked_sub(*r),
            Operator::Multiply => l.checked_mul(*r),
            Operator::Divide => l.checked_div(*r),
            Operator::Remainder => l.checked_rem(*r),
            _ => None,
        };
        if let Some(integer) = integer {
            return Value::Integer(integer);
        }
    }
    match operator {
        Operator::Add => Value::Float(l + r),
        Operator::Subtract => Value::Float(l - r),
        Operator::Multiply => Value::Float(l * r),
        Operator::Divide => Value::Float(l / r),
        Operator::Remainder => Value::Float(l % r),
        _ => Value::Null,
    }
}
