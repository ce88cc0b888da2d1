//! A place in a template: `Resources.Stage.Properties.Tags[1].Key`.
//!
//! Where that is in a text, `validate::lines` says.

use serde::{Serialize, Serializer};
use std::fmt;

/// One step down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item, counted from 0.
    Item(usize),
    /// To the item that has this name, in a list whose items have one.
    Named(String),
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// From keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.to_owned())).collect())
    }

    /// One step further.
    #[must_use]
    pub fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// One key further.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.join(Step::Key(key.to_owned()))
    }

    /// One item further.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.join(Step::Item(index))
    }

    /// From the top.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The same from some step on.
    #[must_use]
    pub fn skip(&self, steps: usize) -> Self {
        Self(self.0.iter().skip(steps).cloned().collect())
    }

    /// The other one as seen from here.
    #[must_use]
    pub fn below(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// As a schema writes it: `A/*/B`.
    pub(crate) fn pointer(&self) -> String {
        let steps = self.0.iter().map(|step| match step {
            Step::Key(key) => key.as_str(),
            Step::Item(_) | Step::Named(_) => "*",
        });
        steps.collect::<Vec<_>>().join("/")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if key.contains(['.', '[', ']']) => write!(f, "[{key:?}]")?,
                Step::Key(key) if index == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Named(name) => write!(f, "[{name}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
