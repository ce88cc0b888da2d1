//! The asset bucket as a whole: made, set up, listed, tidied. What a deployment does with single
//! objects stands in `s3`.

use crate::calls;
use crate::s3::{Bucket, sha256};
use aws_wire::{Bytes, CallError, Client, Method, Operation, Request};
use serde::Deserialize;

/// What must hold for the bucket, and how that is asked for and said.
#[derive(Debug)]
pub struct Setting {
    /// In a word or two: `closed to the public`.
    pub name: &'static str,
    /// The name that S3 has for it in a URL.
    resource: &'static str,
    get: Operation,
    put: Operation,
    content_type: &'static str,
    /// A text without which the answer does not say what is wanted; none, where any answer will do.
    wanted: &'static str,
    body: fn(bucket: &str, partition: &str) -> String,
}

/// In the order in which they are put: nothing is in the bucket before it is closed.
pub const SETTINGS: [Setting; 5] = [
    Setting {
        name: "closed to the public",
        resource: "publicAccessBlock",
        get: calls::GET_PUBLIC_ACCESS_BLOCK,
        put: calls::PUT_PUBLIC_ACCESS_BLOCK,
        content_type: XML,
        wanted: "<RestrictPublicBuckets>true<",
        body: |_, _| {
            let rules = [
                "BlockPublicAcls",
                "IgnorePublicAcls",
                "BlockPublicPolicy",
                "RestrictPublicBuckets",
            ];
            let rules: String = rules.map(|rule| format!("<{rule}>true</{rule}>")).concat();
            document("PublicAccessBlockConfiguration", &rules)
        },
    },
    Setting {
        name: "encrypted",
        resource: "encryption",
        get: calls::GET_BUCKET_ENCRYPTION,
        put: calls::PUT_BUCKET_ENCRYPTION,
        content_type: XML,
        wanted: "<SSEAlgorithm>",
        body: |_, _| {
            document(
                "ServerSideEncryptionConfiguration",
                "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>",
            )
        },
    },
    Setting {
        name: "versioned",
        resource: "versioning",
        get: calls::GET_BUCKET_VERSIONING,
        put: calls::PUT_BUCKET_VERSIONING,
        content_type: XML,
        wanted: "<Status>Enabled<",
        body: |_, _| document("VersioningConfiguration", "<Status>Enabled</Status>"),
    },
    Setting {
        name: "old versions deleted after 30 days",
        resource: "lifecycle",
        get: calls::GET_BUCKET_LIFECYCLE,
        put: calls::PUT_BUCKET_LIFECYCLE,
        content_type: XML,
        wanted: "",
        body: |_, _| {
            document(
                "LifecycleConfiguration",
                "<Rule><ID>old-versions</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status>\
                 <NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>\
                 <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>",
            )
        },
    },
    Setting {
        name: "reached by TLS only",
        resource: "policy",
        get: calls::GET_BUCKET_POLICY,
        put: calls::PUT_BUCKET_POLICY,
        content_type: "application/json",
        wanted: "aws:SecureTransport",
        body: |bucket, partition| {
            let arn = format!("arn:{partition}:s3:::{bucket}");
            serde_json::json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [&arn, format!("{arn}/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }],
            })
            .to_string()
        },
    },
];

const XML: &str = "application/xml";

/// An object in the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Object {
    /// Its key.
    pub key: String,
    /// When it was put there: `2026-11-24T10:00:00.000Z`.
    pub last_modified: String,
    /// Its size.
    pub size: u64,
}

/// Pages of a listing, at most: a hundred thousand objects.
const PAGES: usize = 100;

impl Bucket {
    /// Makes the bucket; one that is ours already stays as it is.
    ///
    /// # Errors
    /// When the call fails; `BucketAlreadyExists`, where it is somebody else's.
    pub async fn create(&self, client: &Client) -> Result<(), CallError> {
        let region = client.region();
        let mut request = Request::new(Method::PUT, format!("/{}", self.name));
        // The oldest Region is the one that has no name here.
        if region != "us-east-1" {
            let place = format!("<LocationConstraint>{region}</LocationConstraint>");
            request.body = document("CreateBucketConfiguration", &place).into();
        }
        match client.call(&calls::CREATE_BUCKET, request).await {
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
            other => other.map(drop),
        }
    }

    /// Whether a setting is as it should be.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn has(&self, client: &Client, setting: &Setting) -> Result<bool, CallError> {
        let mut request = self.request(Method::GET, None);
        request.query.push((setting.resource.to_owned(), String::new()));
        match client.call(&setting.get, request).await {
            Ok(answer) => Ok(String::from_utf8_lossy(&answer.body).contains(setting.wanted)),
            // `NoSuchLifecycleConfiguration` and the like: each has a code of its own.
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes a setting what it should be.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn set(
        &self,
        client: &Client,
        setting: &Setting,
        partition: &str,
    ) -> Result<(), CallError> {
        let body: Bytes = (setting.body)(&self.name, partition).into();
        let mut request = self.request(Method::PUT, None);
        request.query.push((setting.resource.to_owned(), String::new()));
        request.headers.push(("content-type", setting.content_type.to_owned()));
        request.headers.push(("x-amz-checksum-sha256", sha256(&body)));
        request.body = body;
        client.call(&setting.put, request).await.map(drop)
    }

    /// All objects, by key.
    ///
    /// # Errors
    /// When a call fails, or there are more than a hundred thousand.
    pub async fn list(&self, client: &Client) -> Result<Vec<Object>, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Page {
            #[serde(default)]
            contents: Vec<Object>,
            #[serde(default)]
            next_continuation_token: Option<String>,
        }
        let failed = |why: String| CallError::Answer { operation: calls::LIST_OBJECTS.name, why };
        let mut objects = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let mut request = self.request(Method::GET, None);
            request.query.push(("list-type".to_owned(), "2".to_owned()));
            request.query.extend(next.map(|token| ("continuation-token".to_owned(), token)));
            let answer = client.call(&calls::LIST_OBJECTS, request).await?;
            let text = String::from_utf8_lossy(&answer.body);
            let page: Page =
                quick_xml::de::from_str(&text).map_err(|error| failed(error.to_string()))?;
            objects.extend(page.contents);
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(objects);
            }
        }
        Err(failed(format!("the bucket has more than {} objects", objects.len())))
    }

    /// Deletes an object; S3 keeps it as an old version.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn delete(&self, client: &Client, key: &str) -> Result<(), CallError> {
        let request = self.request(Method::DELETE, Some(key));
        client.call(&calls::DELETE_OBJECT, request).await.map(drop)
    }
}

fn document(root: &str, content: &str) -> String {
    format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{root}>")
}
