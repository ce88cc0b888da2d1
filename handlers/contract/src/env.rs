//! The environment of a function, from names and values to its struct.
//!
//! Everything that is wrong is reported at once, by the names of the variables: whoever deploys
//! repairs an environment once, not once a variable. This module is handed the variables and never
//! asks the process for them.

mod variable;

use crate::{Function, Spec};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::collections::BTreeMap;
use std::fmt;
use variable::Variable;

/// Reads the environment of the function that `S` specifies.
///
/// # Errors
/// All variables that are missing or cannot be read as the type of their field.
pub fn read<S: Spec>(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<S::Env<String>, EnvError>
where
    S::Env<String>: DeserializeOwned,
{
    read_struct(variables).map_err(|problems| EnvError { function: S::FUNCTION, problems })
}

/// Reads any struct from variables that are called like its fields.
///
/// A field that may be absent is an `Option`; serde's `default` and `flatten` are not understood.
///
/// # Errors
/// All variables that are missing or cannot be read as the type of their field.
pub fn read_struct<E: DeserializeOwned>(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<E, Problems> {
    let variables = variables.into_iter().collect();
    parse(&variables).map_err(Problems)
}

/// What is wrong with the environment of a function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the environment of function `{function}` is not what its stack sets: {problems}; deploy the template that was made with this binary"
)]
pub struct EnvError {
    function: Function,
    problems: Problems,
}

/// All that is wrong with some variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Problem { variable, what }) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            match *variable {
                "" => write!(f, "{separator}{what}")?,
                variable => write!(f, "{separator}`{variable}` {what}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What is wrong with one variable, or with the struct where `variable` is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    variable: &'static str,
    what: String,
}

/// What serde reports, or that it came as far as it was meant to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Stop {
    #[error("{0}")]
    Wrong(String),
    #[error("the field could be read")]
    Enough,
}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Wrong(message.to_string())
    }
}

fn parse<E: DeserializeOwned>(variables: &BTreeMap<String, String>) -> Result<E, Vec<Problem>> {
    let mut fields: &'static [&'static str] = &[];
    let first = E::deserialize(Struct { variables, only: None, fields: &mut fields });
    let first = match first {
        Ok(env) => return Ok(env),
        Err(stop) => stop.to_string(),
    };
    // Derived code gives up at the first field it cannot read. So each field is read once more,
    // alone: no list of fields has to be kept anywhere but in the struct.
    let mut problems = Vec::new();
    for (only, variable) in fields.iter().enumerate() {
        let read = E::deserialize(Struct { variables, only: Some(only), fields: &mut &[][..] });
        if let Err(Stop::Wrong(what)) = read {
            problems.push(Problem { variable, what });
        }
    }
    if problems.is_empty() {
        problems.push(Problem { variable: "", what: first });
    }
    Err(problems)
}

/// Gives a derived `Deserialize` one entry for each of its fields, or for one of them only.
struct Struct<'a, 'f> {
    variables: &'a BTreeMap<String, String>,
    only: Option<usize>,
    /// Where the names of the fields are noted.
    fields: &'f mut &'static [&'static str],
}

impl<'de> de::Deserializer<'de> for Struct<'_, '_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        Err(Stop::Wrong("an environment is a struct with named fields".to_owned()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        *self.fields = fields;
        let next = self.only.unwrap_or(0);
        visitor.visit_map(Fields { fields, next, one: self.only.is_some(), of: self.variables })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Fields<'a> {
    fields: &'static [&'static str],
    next: usize,
    /// Stop after one field instead of going on to the end.
    one: bool,
    of: &'a BTreeMap<String, String>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        match self.fields.get(self.next) {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        let value = self.fields.get(self.next).and_then(|name| self.of.get(*name));
        let value = seed.deserialize(Variable(value.map(String::as_str)))?;
        if self.one {
            return Err(Stop::Enough);
        }
        self.next += 1;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
