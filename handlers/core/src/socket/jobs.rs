//! `job.submit` and `job.cancel`: a user's own jobs.

use super::SocketError;
use super::message::Message;
use crate::jobs::{self, CancelError, Submission, SubmitError};
use crate::ports::{Chance, Closer};
use crate::table::Table;
use crate::{Outcome, Sender};
use herald_contract::wire::ErrorCode;
use herald_contract::{IdempotencyKey, JobId};
use serde_json::Value;

pub(super) async fn submit<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    kind: String,
    input: Value,
    key: IdempotencyKey,
) -> Result<Outcome, SocketError> {
    let Message { socket, invocation, principal, now } = message;
    let submission = Submission {
        user: principal.user.clone(),
        kind,
        input,
        key: Some(key),
        traceparent: invocation.traceparent.clone(),
    };
    let submitted = jobs::submit(socket.table, socket.kinds, submission, socket.chance, *now).await;
    let code = match &submitted {
        Ok(job) => return message.answer(&job.event()).await,
        Err(SubmitError::Store(error)) => return Err(error.clone().into()),
        Err(SubmitError::UnknownKind { .. } | SubmitError::Input { .. }) => ErrorCode::BadRequest,
        Err(SubmitError::TooLarge { .. }) => ErrorCode::TooLarge,
        Err(SubmitError::KeyReused) => ErrorCode::Conflict,
    };
    let why = submitted.err().map(|error| error.to_string()).unwrap_or_default();
    message.reject(code, &why).await
}

pub(super) async fn cancel<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    job_id: &JobId,
) -> Result<Outcome, SocketError> {
    let Message { socket, principal, now, .. } = message;
    match jobs::cancel(socket.table, &principal.user, job_id, *now).await {
        Ok(job) => message.answer(&job.event()).await,
        Err(CancelError::Store(error)) => Err(error.into()),
        Err(error @ CancelError::NotFound) => {
            message.reject(ErrorCode::NotFound, &error.to_string()).await
        }
    }
}
