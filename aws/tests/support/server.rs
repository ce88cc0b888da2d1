//! An HTTP server of a few lines: one request a connection, each answered as the test says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<Vec<Request>>,
}

impl Server {
    /// Answers each request with what `answer` makes of it.
    pub(crate) fn start(mut answer: impl FnMut(&Request) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || {
            let mut requests = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&stream);
                if request.method == "STOP" {
                    break;
                }
                stream.write_all(answer(&request).as_bytes()).unwrap();
                requests.push(request);
            }
            requests
        });
        Self { address, thread }
    }

    /// All requests so far; nothing is answered from here on.
    pub(crate) fn stop(self) -> Vec<Request> {
        TcpStream::connect(self.address).unwrap().write_all(b"STOP / HTTP/1.1\r\n\r\n").unwrap();
        self.thread.join().unwrap()
    }
}

/// A response with these header lines and this body.
pub(crate) fn response(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn read(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let mut headers = BTreeMap::new();
    while let Some((name, value)) = line().split_once(':') {
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request { method, path, headers, body: String::from_utf8(body).unwrap() }
}
