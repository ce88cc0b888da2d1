//! TLS on the same port, with an authority that lives as long as the emulator.

use crate::client::{Client, http, open};
use crate::emulator::{Emulator, Setup};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio_tungstenite::tungstenite::{Message, client};

type Tls = StreamOwned<ClientConnection, TcpStream>;

/// Speaks TLS to a host of this name, as somebody who trusts the emulator's authority, or nobody.
fn connect(emulator: &Emulator, name: &str, trusts: bool) -> Tls {
    let mut roots = RootCertStore::empty();
    if trusts {
        let file = emulator.ready["caFile"].as_str().unwrap();
        roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
    }
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), open(emulator))
}

fn get(emulator: &Emulator, name: &str, path: &str) -> String {
    let mut stream = connect(emulator, name, true);
    let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply.lines().next().unwrap().to_owned()
}

#[test]
fn whoever_trusts_the_authority_is_served_by_any_name() {
    let emulator = Setup::new("tls-names").start();
    for name in ["127.0.0.1", "localhost", "::1"] {
        let host = if name.contains(':') { "[::1]" } else { name };
        let mut stream = connect(&emulator, name, true);
        write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 OK"), "{name}: {reply}");
    }
    for name in ["abcdefghij.execute-api.us-east-1.amazonaws.com", "chat.example.com"] {
        assert_eq!(get(&emulator, name, "/dev"), "HTTP/1.1 403 Forbidden", "{name}");
    }
}

#[test]
fn whoever_does_not_trust_it_is_not_served() {
    let mut emulator = Setup::new("tls-stranger").start();
    let mut stream = connect(&emulator, "localhost", false);
    let error = stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    let line = emulator.wait_for("a TLS client was not served (received fatal alert: UnknownCA)");
    assert!(line.ends_with(emulator.ready["caFile"].as_str().unwrap()), "{line}");
    // And nobody else is disturbed.
    assert_eq!(Client::connect(&emulator).ask("reply hi"), "hi");
}

#[test]
fn a_websocket_may_be_opened_through_it() {
    let mut emulator = Setup::new("tls-websocket").start();
    let url = format!("wss://{}/dev", emulator.address());
    let (mut socket, _) = client(url, connect(&emulator, "127.0.0.1", true)).unwrap();
    socket.send(Message::text("reply secret")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("secret"));
    socket.send(Message::text("post posted")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("posted"));
    socket.close(None).unwrap();
    emulator.wait_for("gone: 1005");
}

#[test]
fn the_host_name_of_an_api_leads_to_it() {
    let mut emulator = Setup::new("tls-host").start();
    let (_, state) = http(&emulator, "GET /_herald/state", "", "");
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let api = state["stages"][0]["apiId"].as_str().unwrap();
    let name = format!("{api}.execute-api.us-east-1.amazonaws.com");
    let (mut socket, _) =
        client(format!("wss://{name}/dev"), connect(&emulator, &name, true)).unwrap();
    socket.send(Message::text("reply by name")).unwrap();
    assert_eq!(socket.read().unwrap(), Message::text("by name"));
    drop(socket);
    emulator.wait_for("gone: 1006");
}

#[test]
fn the_files_are_gone_when_it_has_ended() {
    let mut emulator = Setup::new("tls-files").start();
    let file = std::path::PathBuf::from(emulator.ready["caFile"].as_str().unwrap());
    assert!(file.exists());
    emulator.signal("-TERM");
    assert!(emulator.end().success());
    assert!(!file.parent().unwrap().exists());
}
