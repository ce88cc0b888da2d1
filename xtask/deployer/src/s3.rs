//! The asset bucket, as a deployment needs it: whether something is there, and putting it there.
//!
//! Every request names the account the bucket must belong to: its name can be guessed, and whoever
//! made it first would be given the code.

use crate::calls;
use aws_wire::{Bytes, CallError, Client, Method, Operation, Request, Response, segment};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A bucket and whose it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account it must belong to.
    pub account: String,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Base64 of its SHA-256, where S3 keeps it: what Lambda calls `CodeSha256` of a zip.
    pub sha256: Option<String>,
    /// Its size.
    pub bytes: Option<u64>,
}

impl Bucket {
    pub(crate) fn request(&self, method: Method, key: Option<&str>) -> Request {
        let key = key.map(|key| key.split('/').map(segment).collect::<Vec<_>>().join("/"));
        let path = match key {
            Some(key) => format!("/{}/{key}", self.name),
            None => format!("/{}", self.name),
        };
        let owner = ("x-amz-expected-bucket-owner", self.account.clone());
        Request { headers: vec![owner], ..Request::new(method, path) }
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// When the call fails; with status 403 where it is somebody else's.
    pub async fn exists(&self, client: &Client) -> Result<bool, CallError> {
        let request = self.request(Method::HEAD, None);
        Ok(look(client, &calls::HEAD_BUCKET, request).await?.is_some())
    }

    /// What is known of an object; none, if it is not there.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn head(&self, client: &Client, key: &str) -> Result<Option<Head>, CallError> {
        let mut request = self.request(Method::HEAD, Some(key));
        request.headers.push(("x-amz-checksum-mode", "ENABLED".to_owned()));
        let response = look(client, &calls::HEAD_OBJECT, request).await?;
        Ok(response.map(|response| Head {
            sha256: response.header("x-amz-checksum-sha256").map(str::to_owned),
            bytes: response.header("content-length").and_then(|length| length.parse().ok()),
        }))
    }

    /// Puts an object there; S3 compares what arrives with its SHA-256 and keeps that.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn put(
        &self,
        client: &Client,
        key: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<(), CallError> {
        let mut request = self.request(Method::PUT, Some(key));
        request.headers.push(("content-type", content_type.to_owned()));
        request.headers.push(("x-amz-checksum-sha256", sha256(&body)));
        request.body = body;
        client.call(&calls::PUT_OBJECT, request).await.map(drop)
    }

    /// Where CloudFormation finds an object.
    pub fn url(&self, client: &Client, key: &str) -> String {
        format!("{}/{}/{key}", client.endpoint(&calls::HEAD_OBJECT), self.name)
    }
}

/// Base64 of the SHA-256, as S3 and Lambda write it.
pub fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// `HEAD` has no body, and so no code: the status is all there is.
async fn look(
    client: &Client,
    operation: &Operation,
    request: Request,
) -> Result<Option<Response>, CallError> {
    match client.call(operation, request).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.status() == Some(404) => Ok(None),
        Err(error) => Err(error),
    }
}
