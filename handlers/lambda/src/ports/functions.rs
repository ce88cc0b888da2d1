//! Other functions, invoked without waiting for them.

use super::failed;
use aws_wire::{Client, Method, Operation, Request, Service};
use herald_contract::Function;
use herald_contract::payload::Payload;
use herald_core::ports::{Invoker, PortError};

/// A payload says what is to be done, so that it may arrive twice.
const INVOKE: Operation = Operation::idempotent(Service::LAMBDA, "Invoke", "lambda:InvokeFunction");

/// Functions by what Lambda calls them.
#[derive(Clone, Debug)]
pub struct Functions {
    client: Client,
    names: Vec<(Function, String)>,
}

impl Functions {
    /// Those that the caller may invoke.
    pub fn new(client: &Client, names: impl IntoIterator<Item = (Function, String)>) -> Self {
        Self { client: client.clone(), names: names.into_iter().collect() }
    }
}

impl Invoker for Functions {
    async fn invoke<P: Payload>(&self, payload: &P) -> Result<(), PortError> {
        let function = P::FUNCTION;
        let what = format!("invoke {function}");
        let refused = |why: String| PortError { what: what.clone(), why, retryable: false };
        let name = self.names.iter().find(|(known, _)| *known == function);
        let (_, name) = name.ok_or_else(|| refused("its name is not known here".to_owned()))?;
        let body = serde_json::to_vec(payload).map_err(|e| refused(e.to_string()))?;
        let path = format!("/2015-03-31/functions/{}/invocations", aws_wire::segment(name));
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-amz-invocation-type", "Event".to_owned()),
        ];
        let request = Request { headers, body: body.into(), ..Request::new(Method::POST, path) };
        self.client.call(&INVOKE, request).await.map(|_| ()).map_err(|e| failed(what, &e))
    }
}
