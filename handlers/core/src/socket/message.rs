//! Messages of the protocol: each is read, done, and answered on its own connection.

use super::{Invocation, Socket, SocketError, answered, hello, jobs, topics};
use crate::auth::Principal;
use crate::ports::{Chance, Closer};
use crate::table::Table;
use crate::{Delivery, Outcome, Sender, inbox, push, registry};
use herald_contract::wire::{ErrorCode, Event, NotificationId, Request, Seq};
use herald_contract::{Action, Millis};

/// A message, with all that it takes to answer it.
pub(super) struct Message<'a, T, S, C, H> {
    pub(super) socket: &'a Socket<'a, T, S, C, H>,
    pub(super) invocation: &'a Invocation,
    pub(super) principal: &'a Principal,
    pub(super) now: Millis,
}

/// Reads a message and does what it asks for.
pub(super) async fn handle<T: Table, S: Sender, C: Closer, H: Chance>(
    socket: &Socket<'_, T, S, C, H>,
    invocation: &Invocation,
    principal: &Principal,
    action: Action,
    now: Millis,
) -> Result<Outcome, SocketError> {
    let message = Message { socket, invocation, principal, now };
    let body = invocation.body.as_deref().unwrap_or_default();
    let request = match Request::parse(body) {
        Ok(request) if request.action() == action => request,
        // The gateway chose the route by the body, so the two are the same; if not, it is ours.
        Ok(_) => return message.reject(ErrorCode::BadRequest, "`action` is not the route").await,
        Err(error) => {
            let why = format!("`{action}`: {error}");
            return message.reject(ErrorCode::BadRequest, &why).await;
        }
    };
    match request {
        Request::Hello { cursor, since, device } => {
            hello::handle(&message, cursor, since, device).await
        }
        Request::Subscribe { topic, since } => topics::join(&message, &topic, since).await,
        Request::Unsubscribe { topic } => topics::leave(&message, &topic).await,
        Request::Ack { up_to } => message.ack(up_to).await,
        Request::Read { ids } => message.read(ids).await,
        Request::SubmitJob { kind, input, idempotency_key } => {
            jobs::submit(&message, kind, input, idempotency_key).await
        }
        Request::CancelJob { job_id } => jobs::cancel(&message, &job_id).await,
    }
}

impl<T: Table, S: Sender, C: Closer, H: Chance> Message<'_, T, S, C, H> {
    /// Sends an event to whoever sent the message.
    pub(super) async fn send(&self, event: &Event) -> Delivery {
        let event_of = &self.invocation.event;
        let sender = self.socket.sender;
        sender
            .send_to_client(&event_of.callback_url, &event_of.connection_id, event.to_frame())
            .await
    }

    /// Sends an event and ends with what becomes of it.
    pub(super) async fn answer(&self, event: &Event) -> Result<Outcome, SocketError> {
        answered(self.send(event).await)
    }

    /// Tells the client that it is not done, and why.
    pub(super) async fn reject(&self, code: ErrorCode, why: &str) -> Result<Outcome, SocketError> {
        let request_id = self.invocation.request_id.clone();
        let event = Event::Error { code, message: why.to_owned(), request_id };
        match self.answer(&event).await? {
            Outcome::Sent => Ok(Outcome::Rejected(code)),
            other => Ok(other),
        }
    }

    async fn ack(&self, up_to: Seq) -> Result<Outcome, SocketError> {
        let Self { socket, invocation, principal, now } = self;
        let id = &invocation.event.connection_id;
        let connection = registry::get(socket.table, id, *now).await?;
        // A device without a name keeps its cursor itself.
        if let Some(device) = connection.and_then(|c| c.device) {
            inbox::acknowledge(socket.table, &principal.user, &device, up_to, *now).await?;
        }
        Ok(Outcome::Done)
    }

    async fn read(&self, ids: Vec<NotificationId>) -> Result<Outcome, SocketError> {
        let Self { socket, invocation, principal, now } = self;
        inbox::read(socket.table, &principal.user, &ids, *now).await?;
        let except = Some(&invocation.event.connection_id);
        let event = Event::ReadUpTo { ids };
        push::to_user(socket.table, socket.sender, &principal.user, except, &event, *now).await?;
        Ok(Outcome::Done)
    }
}
