//! Services of AWS on one port, which answer as a test says and remember what they were asked.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub(crate) struct StandIn {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl StandIn {
    /// It ends with the process of the test.
    pub(crate) fn start(mut answers: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<_>>> = Arc::default();
        let seen = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = Request::read(&mut stream);
                seen.lock().unwrap().push(request.clone());
                let Answer { status, body } = answers(&request);
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Request {
    fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return Self { head: head.to_owned(), body: body.to_owned() };
                }
            }
            let mut part = [0; 4096];
            let read = stream.read(&mut part).unwrap();
            assert_ne!(read, 0, "the request ends in the middle");
            bytes.extend_from_slice(&part[..read]);
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn host(&self) -> &str {
        self.header("host").unwrap()
    }

    /// What is asked for: the target, the action of a form, or method and path.
    pub(crate) fn operation(&self) -> &str {
        let form = self.body.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
        let line = self.head.lines().next().unwrap().trim_end_matches(" HTTP/1.1");
        self.header("x-amz-target").or(form).unwrap_or(line)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) fn json(value: &Value) -> Answer {
    Answer { status: 200, body: value.to_string() }
}

/// A stack with these outputs, as CloudFormation tells it.
pub(crate) fn stack(outputs: &[(&str, &str)]) -> Answer {
    let output = |(key, value): &(&str, &str)| {
        format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>")
    };
    let outputs: String = outputs.iter().map(output).collect();
    let body = format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult><Stacks><member><StackName>herald-dev</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DescribeStacksResponse>"
    );
    Answer { status: 200, body }
}

/// An error of the query protocol.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    );
    Answer { status, body }
}
