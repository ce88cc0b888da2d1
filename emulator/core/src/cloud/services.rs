//! Which service a request to `POST /` is for, and whether its sender may make it.

use super::Cloud;
use crate::log::Log;
use crate::permissions::Principal;
use crate::query::Form;
use crate::{CallId, Effect, Time, http, logs, stack};
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
        self.permissions.authorize_service(now, request).map_err(|(mut reply, refusal)| {
            if let Some(refusal) = refusal {
                self.effects.push_back(Effect::Log(Log::denied(request, &refusal)));
            }
            reply.headers.push(("x-amzn-RequestId".into(), self.ids.uuid()));
            reply
        })
    }

    pub(super) fn service(&mut self, now: Time, call: CallId, request: http::Request) {
        let Some(target) = request.header("X-Amz-Target") else {
            return self.query(now, call, &request);
        };
        let is_logs = target.split('.').next() == Some(logs::TARGET);
        match self.authorize_service(now, &request) {
            Ok(_) if is_logs => {
                let mut reply = self.logs.handle(&request);
                reply.headers.push(("x-amzn-RequestId".into(), self.ids.uuid()));
                self.effects.push_back(Effect::Reply { call, reply });
            }
            Ok(_) => self.data.service(now, call, request),
            Err(reply) => self.effects.push_back(Effect::Reply { call, reply }),
        }
    }

    /// A request in the Query protocol: its version says whose.
    fn query(&mut self, now: Time, call: CallId, request: &http::Request) {
        let form = Form::parse(&request.body);
        if form.get("Version") != Some(stack::VERSION) {
            return self.data.refuse_query(call);
        }
        let request_id = self.ids.uuid();
        let ask = stack::ask(&self.topology, &form);
        let mut reply = match self.permissions.authorize(now, request, stack::SERVICE, &[ask]) {
            Ok(_) => {
                stack::answer(&self.topology, &self.domain_name, self.history, &form, &request_id)
            }
            Err(refusal) => {
                self.effects.push_back(Effect::Log(Log::denied(request, &refusal)));
                refusal.query_reply(stack::DIALECT, &request_id)
            }
        };
        reply.headers.push(("x-amzn-RequestId".into(), request_id));
        self.effects.push_back(Effect::Reply { call, reply });
    }
}
