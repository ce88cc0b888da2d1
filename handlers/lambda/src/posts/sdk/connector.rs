//! Our connections under the SDK: one configuration of TLS and one pool a process.

use aws_sdk_apigatewaymanagement::config::SharedHttpClient;
use aws_sdk_apigatewaymanagement::config::http::{HttpRequest, HttpResponse};
use aws_sdk_apigatewaymanagement::error::{BoxError, ConnectorError};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_wire::{Bytes, Transport};

/// What the SDK sends with.
pub(super) fn client(transport: &Transport) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(transport.clone()));
    // Its timeouts are around this, so no setting asks for another connector.
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(Transport);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let transport = self.0.clone();
        HttpConnectorFuture::new(async move {
            let body = request.body().bytes().map(Bytes::copy_from_slice);
            let body = body.ok_or_else(|| ConnectorError::user("a body in parts".into()))?;
            let request = request.try_into_http1x().map_err(user)?.map(|_| body);
            let answer = transport.send(request).await.map_err(|e| {
                let unsent = e.unsent;
                let error = ConnectorError::io(e.into());
                if unsent { error.never_connected() } else { error }
            })?;
            HttpResponse::try_from(answer.map(Into::into)).map_err(user)
        })
    }
}

fn user(error: impl Into<BoxError>) -> ConnectorError {
    ConnectorError::user(error.into())
}
