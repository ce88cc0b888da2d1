//! What can be called, as data: a list of these is also the list of what a caller may have to be
//! allowed.

use crate::Service;

/// One thing that a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// Whose.
    pub service: Service,
    /// As the service calls it.
    pub name: &'static str,
    /// The action of IAM that allows it; the name of the operation is not always it.
    pub action: &'static str,
    /// Whether it may be sent once more though nobody knows if it was done: it reads, or a token
    /// makes the second one do nothing.
    pub is_idempotent: bool,
}

impl Operation {
    /// One that reads, or that a token makes safe to repeat.
    pub const fn idempotent(service: Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action, is_idempotent: true }
    }

    /// One that is sent again only where it was certainly not done.
    pub const fn once(service: Service, name: &'static str, action: &'static str) -> Self {
        Self { service, name, action, is_idempotent: false }
    }
}
