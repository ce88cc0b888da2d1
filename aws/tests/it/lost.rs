//! Connections that end, answers that do not.

use crate::{GET, PUT, client, config};
use aws_wire::{CallError, Client, Limits, Operation};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const WELL: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// Plays `script` with each connection in turn; gives how many requests there were in each.
fn server(
    connections: usize,
    script: impl Fn(usize, &mut Connection) + Send + 'static,
) -> (SocketAddr, JoinHandle<Vec<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let play = |n| {
            let (stream, _) = listener.accept().unwrap();
            let mut connection = Connection { stream: BufReader::new(stream), requests: 0 };
            script(n, &mut connection);
            connection.requests
        };
        (0..connections).map(play).collect()
    });
    (address, thread)
}

/// How many requests there were in each connection. It waits beside the client, which has to notice
/// that connections end.
async fn counts(server: JoinHandle<Vec<usize>>) -> Vec<usize> {
    tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap()
}

struct Connection {
    stream: BufReader<TcpStream>,
    requests: usize,
}

impl Connection {
    /// Reads a request; false where the other side has closed.
    fn read(&mut self) -> bool {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).unwrap() == 0 {
                return false;
            }
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap();
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        self.stream.read_exact(&mut vec![0; length]).unwrap();
        self.requests += 1;
        true
    }

    fn answer(&mut self, answer: &[u8]) {
        self.stream.get_mut().write_all(answer).unwrap();
    }
}

async fn ask(client: &Client, operation: &Operation) -> Result<Value, CallError> {
    client.json(operation, &json!({})).await
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call() {
    let (address, server) = server(1, |_, connection| {
        while connection.read() {
            connection.answer(WELL);
        }
    });
    let client = client(address);
    for _ in 0..3 {
        ask(&client, &PUT).await.unwrap();
    }
    drop(client);
    assert_eq!(counts(server).await, [3]);
}

/// It carried nothing, so even what must not be done twice goes over another.
#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let (address, server) = server(2, |_, connection| {
        connection.read();
        connection.answer(WELL);
    });
    let client = client(address);
    ask(&client, &PUT).await.unwrap();
    ask(&client, &PUT).await.unwrap();
    assert_eq!(counts(server).await, [1, 1]);
}

#[tokio::test]
async fn a_request_that_was_read_is_not_sent_again_unless_it_does_no_harm() {
    let script = |n, connection: &mut Connection| {
        connection.read();
        if n > 0 {
            connection.answer(WELL);
        }
    };
    let (address, server) = server(1, script);
    let error = ask(&client(address), &PUT).await.unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { unsent: false, .. }), "{error}");
    assert_eq!(counts(server).await, [1]);

    let (address, server) = self::server(2, script);
    ask(&client(address), &GET).await.unwrap();
    assert_eq!(counts(server).await, [1, 1]);
}

#[tokio::test]
async fn nobody_there_is_asked_three_times() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    match ask(&client(closed), &PUT).await {
        Err(CallError::NoAnswer { unsent: true, why, .. }) if why.contains("refused") => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_longer_than_may_be_is_no_answer() {
    let (address, server) = server(1, |_, connection| {
        connection.read();
        let body = "x".repeat(1025);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        connection.answer((head + &body).as_bytes());
    });
    let mut config = config(address);
    config.limits = Limits { body: 1024, ..Limits::default() };
    let error = ask(&Client::new(config), &PUT).await.unwrap_err();
    assert!(error.to_string().contains("length limit exceeded"), "{error}");
    assert_eq!(counts(server).await, [1]);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_given_up_on() {
    let (address, server) = server(1, |_, connection| {
        connection.read();
        connection.answer(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{");
        // Until the other side gives up.
        connection.read();
    });
    let mut config = config(address);
    config.limits = Limits { attempt: Duration::from_millis(200), ..Limits::default() };
    let client = Client::new(config);
    let error = ask(&client, &PUT).await.unwrap_err();
    assert!(error.to_string().contains("none within 0.2 s"), "{error}");
    drop(client);
    assert_eq!(counts(server).await, [1]);
}
