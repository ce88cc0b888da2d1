//! Requests to the services behind `X-Amz-Target`, once it is known that their sender may make them.

use super::{Data, Output};
use crate::events::Published;
use crate::http::{Reply, Request};
use crate::log::Log;
use crate::{CallId, Effect, Time, queue};

/// What of a request to `DynamoDB` is taken in: its batches are the largest requests there are.
const BODY_MAX: usize = 16 * 1024 * 1024;

impl Data {
    /// Answers a request, at once or later.
    pub(crate) fn service(&mut self, now: Time, call: CallId, request: Request) {
        let target = request.header("X-Amz-Target").unwrap_or_default().to_owned();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        match service {
            _ if request.body.len() > BODY_MAX => self.reply(call, too_large(request.body.len())),
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => {
                let (operation, body) = (operation.to_owned(), request.body);
                let request_id = self.ids.uuid();
                self.effect(Effect::DynamoDb { call, operation, body, request_id });
            }
            "AWSEvents" => {
                let ids = &mut self.ids;
                let published = self.buses.handle(now, &request, &mut || ids.uuid());
                let Published { reply, deliveries, warnings } = published;
                self.reply(call, reply);
                for what in warnings {
                    self.tell(Log::Warning { what });
                }
                for delivery in deliveries {
                    self.deliver_event(now, delivery, false);
                }
            }
            // Which services there are is known where their permissions are.
            _ => self.queues.handle(now, queue::Input::Request { call, request }),
        }
        self.pump(now);
    }

    /// A request to SQS in its older protocol, which is answered in it as well.
    pub(crate) fn form(&mut self, now: Time, call: CallId, action: String, request: Request) {
        self.forms.insert(call, action);
        self.service(now, call, request);
    }

    /// Refuses a request in the protocol it came in: `action` is that of the older one.
    pub(crate) fn refuse(&mut self, call: CallId, action: Option<String>, reply: Reply) {
        self.forms.extend(action.map(|action| (call, action)));
        self.reply(call, reply);
    }

    /// The client of a request went away.
    pub(crate) fn gone(&mut self, now: Time, call: CallId) {
        self.forms.remove(&call);
        self.queues.handle(now, queue::Input::Gone { call });
        self.pump(now);
    }

    pub(crate) fn reply(&mut self, call: CallId, reply: Reply) {
        let request_id = self.ids.uuid();
        let mut reply = match (self.forms.remove(&call), call.integration()) {
            (None, _) => reply,
            (Some(action), None) => queue::form::xml(&action, &reply, &request_id),
            (Some(action), Some(_)) => queue::form::json(&action, &reply, &request_id),
        };
        if let Some(request) = call.integration() {
            return self.outputs.push_back(Output::Answered { request, reply });
        }
        reply.headers.push(("x-amzn-RequestId".into(), request_id));
        self.effect(Effect::Reply { call, reply });
    }
}

fn too_large(bytes: usize) -> Reply {
    let message = format!("the request of {bytes} bytes is longer than {BODY_MAX} bytes");
    let body = serde_json::json!({
        "__type": "com.amazon.coral.service#RequestEntityTooLargeException",
        "message": message,
    });
    let headers = vec![("Content-Type".to_owned(), "application/x-amz-json-1.0".to_owned())];
    Reply { status: 413, headers, body: body.to_string().into() }
}
