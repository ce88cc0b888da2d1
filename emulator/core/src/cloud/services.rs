//! Which service a request to `POST /` is for, and whether its sender may make it.

use super::Cloud;
use crate::log::Log;
use crate::permissions::{Principal, Refused};
use crate::query::Form;
use crate::queue::form;
use crate::{CallId, Effect, HttpId, Time, http, logs, stack};
use std::sync::Arc;

impl Cloud {
    /// Looks at a request to a service that speaks AWS JSON (`X-Amz-Target`): who signed it, and
    /// whether they may do all it asks for. The request itself is that service's to answer.
    ///
    /// # Errors
    /// The reply that refuses it, as that service would.
    pub fn authorize_service(
        &mut self,
        now: Time,
        request: &http::Request,
    ) -> Result<Arc<Principal>, http::Reply> {
        let allowed = self.permissions.authorize_service(now, request, request);
        allowed.map_err(|refused| self.denied(request, refused))
    }

    /// Tells people of a refusal.
    fn denied(&mut self, request: &http::Request, (reply, refusal): Refused) -> http::Reply {
        if let Some(refusal) = refusal {
            self.effects.push_back(Effect::Log(Log::denied(request, &refusal)));
        }
        reply
    }

    pub(super) fn service(&mut self, now: Time, call: CallId, request: http::Request) {
        let Some(target) = request.header("X-Amz-Target") else {
            return self.query(now, call, &request);
        };
        let is_logs = target.split('.').next() == Some(logs::TARGET);
        match self.authorize_service(now, &request) {
            Ok(_) if is_logs => {
                let reply = self.logs.handle(&request);
                self.data.reply(call, reply);
            }
            Ok(_) => self.data.service(now, call, request),
            Err(reply) => self.data.reply(call, reply),
        }
    }

    /// A request in the Query protocol: its version says whose.
    fn query(&mut self, now: Time, call: CallId, request: &http::Request) {
        let form = Form::parse(&request.body);
        if form.get("Version") == Some(stack::VERSION) {
            return self.stack(now, call, request, &form);
        }
        let (action, meant) = form::meant(request, &form);
        match self.permissions.authorize_service(now, request, &meant) {
            Ok(_) => self.data.form(now, call, action, meant),
            Err((reply, Some(refusal))) => {
                let request_id = self.ids.uuid();
                drop(self.denied(request, (reply, Some(refusal.clone()))));
                self.data.reply(call, refusal.query_reply(form::DIALECT, &request_id));
            }
            Err((reply, None)) => self.data.reply(call, reply),
        }
    }

    fn stack(&mut self, now: Time, call: CallId, request: &http::Request, form: &Form) {
        let request_id = self.ids.uuid();
        let ask = stack::ask(&self.topology, form);
        let mut reply = match self.permissions.authorize(now, request, stack::SERVICE, &[ask]) {
            Ok(_) => {
                stack::answer(&self.topology, &self.domain_name, self.history, form, &request_id)
            }
            Err(refusal) => {
                self.effects.push_back(Effect::Log(Log::denied(request, &refusal)));
                refusal.query_reply(stack::DIALECT, &request_id)
            }
        };
        reply.headers.push(("x-amzn-RequestId".into(), request_id));
        self.effects.push_back(Effect::Reply { call, reply });
    }

    /// A request that an integration makes, in the role it was given.
    pub(super) fn ask(&mut self, now: Time, request: HttpId, role: &str, asked: http::Request) {
        let call = CallId::of(request);
        let (action, meant) = if asked.header("X-Amz-Target").is_some() {
            (None, asked)
        } else {
            let (action, meant) = form::meant(&asked, &Form::parse(&asked.body));
            (Some(action), meant)
        };
        match (self.permissions.authorize_gateway(now, role, &meant), action) {
            (Ok(()), Some(action)) => self.data.form(now, call, action, meant),
            (Ok(()), None) => self.data.service(now, call, meant),
            (Err(refused), action) => {
                let reply = self.denied(&meant, refused);
                self.data.refuse(call, action, reply);
            }
        }
    }
}
