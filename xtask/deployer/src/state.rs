//! What can be done with a stack, told by its status.

use crate::cloudformation::Stack;

/// What can be done with a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not there: it can be made.
    Absent,
    /// A change set was made for it, and nothing else: it can be made.
    Review,
    /// It can be updated.
    Ready,
    /// Something failed and nothing was rolled back: it can be updated, or rolled back.
    Left,
    /// Something is being done to it.
    Busy,
    /// Its creation was rolled back: it can only be deleted.
    Dead,
    /// A rollback of an update failed: it has to be continued.
    RollbackFailed,
    /// It cannot be deleted, or its creation not be rolled back: that has to be tried again.
    DeleteFailed,
}

/// What can be done with the stack that is there, if one is.
pub fn of(stack: Option<&Stack>) -> State {
    let Some(stack) = stack else { return State::Absent };
    match stack.stack_status.as_str() {
        "DELETE_COMPLETE" => State::Absent,
        "REVIEW_IN_PROGRESS" => State::Review,
        "ROLLBACK_COMPLETE" => State::Dead,
        "UPDATE_ROLLBACK_FAILED" => State::RollbackFailed,
        "ROLLBACK_FAILED" | "DELETE_FAILED" => State::DeleteFailed,
        "CREATE_FAILED" | "UPDATE_FAILED" => State::Left,
        status if is_running(status) => State::Busy,
        _ => State::Ready,
    }
}

/// Whether more will follow.
pub fn is_running(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS")
}

/// Whether the stack is what was asked for.
pub fn is_success(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE")
}

/// Whether a status, of a stack or a resource, tells of a failure.
pub fn is_failure(status: &str) -> bool {
    status.ends_with("_FAILED")
}
