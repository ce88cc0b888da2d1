//! Routes whose integration is an HTTP server.

use crate::client::Client;
use crate::emulator::Setup;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

/// `$default` goes to this port, and the reply to the client.
fn setup(name: &str, port: u16) -> Setup {
    let mut setup = Setup::new(name);
    let resources = &mut setup.template["Resources"];
    resources["Backend"] = json!({ "Type": "AWS::ApiGatewayV2::Integration", "Properties": {
        "ApiId": { "Ref": "Api" }, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "POST",
        "IntegrationUri": format!("http://127.0.0.1:{port}/answers?to=all") } });
    resources["Default"]["Properties"]["Target"] = json!({ "Fn::Sub": "integrations/${Backend}" });
    setup
}

#[test]
fn a_backend_is_asked_and_its_reply_reaches_the_client() {
    let backend = TcpListener::bind("127.0.0.1:0").unwrap();
    let emulator = setup("backend", backend.local_addr().unwrap().port()).start();
    let mut client = Client::connect(&emulator);
    client.send("what is it?");

    let (stream, _) = backend.accept().unwrap();
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
    }
    assert!(head.starts_with("POST /answers?to=all HTTP/1.1\r\n"), "{head}");
    let mut body = [0; "what is it?".len()];
    stream.read_exact(&mut body).unwrap();
    assert_eq!(&body, b"what is it?");
    stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42").unwrap();

    assert_eq!(client.receive(), "42");
}

#[test]
fn a_backend_that_cannot_be_reached_is_an_error_for_the_client_and_a_reason_in_the_log() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut emulator = setup("no-backend", nobody).start();
    let said = Client::connect(&emulator).ask("hello?");
    assert!(said.contains(r#""message": "Internal server error""#), "{said}");
    emulator.wait_for("cannot be reached");
}
