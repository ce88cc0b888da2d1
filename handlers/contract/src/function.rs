//! The closed set of functions, and what each needs.
//!
//! One module of [`functions`](crate::functions) describes one function. A new function is a
//! variant here, a module there, a binary in `herald-lambda`, and a resource in `stacks`; each of
//! them is asked for by the compiler or by a test.

use crate::table::Index;
use std::fmt;
use std::str::FromStr;

/// A Lambda function of Herald.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// Answers the routes of the WebSocket API.
    Socket,
    /// Says who may connect.
    Authorizer,
    /// Reads the table's stream and sets in motion what follows from it.
    Dispatcher,
    /// Runs one job.
    Worker,
    /// Sends a notification to one part of those it is for.
    Sender,
    /// Does what back ends ask for.
    Publish,
    /// Looks for what has waited too long.
    Sweeper,
}

impl Function {
    /// Every function, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Socket,
        Self::Authorizer,
        Self::Dispatcher,
        Self::Worker,
        Self::Sender,
        Self::Publish,
        Self::Sweeper,
    ];

    /// The name of its binary, and of everything that is called after it outside the template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Socket => "socket",
            Self::Authorizer => "authorizer",
            Self::Dispatcher => "dispatcher",
            Self::Worker => "worker",
            Self::Sender => "sender",
            Self::Publish => "publish",
            Self::Sweeper => "sweeper",
        }
    }

    /// Its logical ID in the template.
    pub const fn logical_id(self) -> &'static str {
        match self {
            Self::Socket => "Socket",
            Self::Authorizer => "Authorizer",
            Self::Dispatcher => "Dispatcher",
            Self::Worker => "Worker",
            Self::Sender => "Sender",
            Self::Publish => "Publish",
            Self::Sweeper => "Sweeper",
        }
    }

    /// Whether `name` is the name of this function.
    ///
    /// A binary asks this of its own name while it compiles; hence `const`, and hence bytes, since
    /// strings cannot be compared in a constant.
    ///
    /// ```
    /// # use herald_contract::Function;
    /// const _: () = assert!(Function::Socket.is_named("socket"));
    /// ```
    ///
    /// Another name does not compile:
    ///
    /// ```compile_fail
    /// # use herald_contract::Function;
    /// const _: () = assert!(Function::Socket.is_named("sockets"));
    /// ```
    pub const fn is_named(self, name: &str) -> bool {
        let (ours, theirs) = (self.name().as_bytes(), name.as_bytes());
        if ours.len() != theirs.len() {
            return false;
        }
        let mut i = 0;
        while i < ours.len() {
            if ours[i] != theirs[i] {
                return false;
            }
            i += 1;
        }
        true
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Function {
    type Err = UnknownFunction;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|f| f.name() == name)
            .ok_or_else(|| UnknownFunction { name: name.to_owned() })
    }
}

/// A name that no function has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no function `{name}`; there is {}", known())]
pub struct UnknownFunction {
    name: String,
}

fn known() -> String {
    let names: Vec<_> = Function::ALL.iter().map(|f| format!("`{f}`")).collect();
    names.join(", ")
}

/// What a function is given: its variables and its rights.
pub trait Spec {
    /// Whose specification this is.
    const FUNCTION: Function;

    /// What it may do besides writing its log and its traces. The role's policy has this and no
    /// more.
    const GRANTS: &'static [Grant];

    /// Its environment, a plain struct of `T` and `Option<T>`. The stack fills it with references
    /// to other resources, the function reads it as strings; serde derives the names of the
    /// variables for both.
    type Env<T>;
}

/// Something a function may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Post to the connections of the WebSocket API, look them up and close them:
    /// `execute-api:ManageConnections` on `@connections` of the stage.
    ManageConnections,
    /// Do one thing with items of the table. A transaction needs what its parts need.
    Table(TableAction),
    /// Query an index of the table.
    QueryIndex(Index),
    /// Read the table's stream.
    ReadStream,
    /// Invoke a function.
    Invoke(Function),
    /// Put messages into the queue of what was given up. Lambda does so under the function's role,
    /// too, with an event or a batch that failed for good.
    SendDeadLetters,
}

/// One thing that can be done with items of the table, by the name of its IAM action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableAction {
    /// `dynamodb:GetItem`.
    GetItem,
    /// `dynamodb:Query`.
    Query,
    /// `dynamodb:PutItem`.
    PutItem,
    /// `dynamodb:UpdateItem`.
    UpdateItem,
    /// `dynamodb:DeleteItem`.
    DeleteItem,
    /// `dynamodb:ConditionCheckItem`.
    ConditionCheckItem,
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_function_is_found_by_its_name() {
        for function in Function::ALL {
            assert_eq!(function.name().parse(), Ok(*function));
            assert_eq!(function.to_string(), function.name());
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        expect!["there is no function `sockets`; there is `socket`, `authorizer`, `dispatcher`, `worker`, `sender`, `publish`, `sweeper`"]
            .assert_eq(&"sockets".parse::<Function>().unwrap_err().to_string());
    }

    #[test]
    fn only_its_own_name_is_the_name_of_a_function() {
        assert!(Function::Socket.is_named("socket"));
        for other in ["", "socke", "sockets", "Socket", "rocket"] {
            assert!(!Function::Socket.is_named(other), "{other}");
        }
    }

    #[test]
    fn names_and_logical_ids_are_unique() {
        let unique = |f: fn(&Function) -> &'static str| {
            Function::ALL.iter().map(f).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!(unique(|f| f.name()), Function::ALL.len());
        assert_eq!(unique(|f| f.logical_id()), Function::ALL.len());
    }
}
