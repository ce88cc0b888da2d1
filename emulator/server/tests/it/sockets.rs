//! WebSocket connections, with real frames on real sockets.

use crate::client::{Client, open, read_line};
use crate::emulator::Setup;
use std::io::{Read as _, Write as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

#[test]
fn a_message_reaches_the_function_and_its_post_reaches_the_client() {
    let emulator = Setup::new("post").start();
    let mut client = Client::connect(&emulator);
    client.send("post hello there");
    assert_eq!(client.receive(), "hello there");
    assert_eq!(client.receive(), "", "the answer itself, as the route has a route response");
    assert_eq!(client.ask("reply again"), "again");
}

#[test]
fn a_refused_connection_gets_the_status_that_the_function_chose() {
    let emulator = Setup::new("refused").start();
    let reply = Client::connect_to(&emulator, "?do=refuse", &[]).err().unwrap();
    assert_eq!(reply.status(), 401);
}

#[test]
fn a_function_that_crashes_on_connect_is_a_bad_gateway_and_the_next_one_gets_in() {
    let mut emulator = Setup::new("crash-on-connect").start();
    let reply = Client::connect_to(&emulator, "?do=crash", &[]).err().unwrap();
    assert_eq!(reply.status(), 502);
    emulator.wait_for("exit status: 7");
    assert_eq!(Client::connect(&emulator).ask("reply fine"), "fine");
}

#[test]
fn a_protocol_is_agreed_on_only_if_the_function_names_it() {
    let emulator = Setup::new("protocol").start();
    let offer = [("sec-websocket-protocol", "chat.v1, chat.v2")];
    let (_client, response) = Client::connect_to(&emulator, "?do=chat.v2", &offer).ok().unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "chat.v2");
}

#[test]
fn headers_reach_the_function_as_the_client_wrote_them() {
    let mut emulator = Setup::new("headers").start();
    let mut stream = open(&emulator);
    let upgrade = "GET /dev HTTP/1.1\r\nHost: HERE\r\nX-MiXed-CaSe: Yes\r\nlower: no\r\nUpgrade: websocket\r\n\
                   Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(upgrade.replace("HERE", emulator.address()).as_bytes()).unwrap();
    assert_eq!(read_line(&stream), "HTTP/1.1 101 Switching Protocols");
    let line = emulator.wait_for("headers:");
    for header in [r#""X-MiXed-CaSe":"Yes""#, r#""lower":"no""#] {
        assert!(line.contains(header), "{line}");
    }
}

#[test]
fn a_client_that_is_still_sending_too_large_a_frame_sees_1009() {
    let emulator = Setup::new("large-frame").start();
    let mut client = Client::connect(&emulator);
    // More than fits into the buffers in between: it is refused while it is on its way.
    client.send(&"x".repeat(8 * 1024 * 1024));
    let said = client.receive();
    assert!(said.starts_with("close 1009"), "{said}");
}

#[test]
fn a_message_in_small_frames_may_be_too_large_as_well() {
    let emulator = Setup::new("large-message").start();
    let mut client = Client::connect(&emulator);
    for index in 0..5 {
        let opcode = if index == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![b'x'; 32 * 1024], OpCode::Data(opcode), index == 4);
        client.0.send(Message::Frame(frame)).unwrap();
    }
    let said = client.receive();
    assert!(said.starts_with("close 1009"), "{said}");
}

#[test]
fn a_frame_of_just_the_limit_is_let_through() {
    let emulator = Setup::new("limit-frame").start();
    let mut client = Client::connect(&emulator);
    let text = "y".repeat(32 * 1024 - "reply ".len());
    assert_eq!(client.ask(&format!("reply {text}")), text);
}

#[test]
fn binary_messages_and_broken_utf8_end_a_connection() {
    let emulator = Setup::new("binary").start();
    let mut client = Client::connect(&emulator);
    client.0.send(Message::binary(vec![1, 2, 3])).unwrap();
    let said = client.receive();
    assert!(said.starts_with("close 1003"), "{said}");

    let mut client = Client::connect(&emulator);
    client
        .0
        .send(Message::Frame(Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true)))
        .unwrap();
    let said = client.receive();
    assert!(said.starts_with("close 1007"), "{said}");
}

#[test]
fn a_ping_is_answered() {
    let emulator = Setup::new("ping").start();
    let mut client = Client::connect(&emulator);
    client.0.send(Message::Ping("are you there".into())).unwrap();
    assert_eq!(client.0.read().unwrap(), Message::Pong("are you there".into()));
}

#[test]
fn the_function_learns_why_a_client_left() {
    let mut emulator = Setup::new("leave").start();

    let mut client = Client::connect(&emulator);
    let frame = CloseFrame { code: CloseCode::Library(4001), reason: "lunch".into() };
    client.0.close(Some(frame)).unwrap();
    assert_eq!(client.receive(), "close 4001 lunch");
    emulator.wait_for(r#"gone: 4001 "lunch""#);

    let mut client = Client::connect(&emulator);
    client.0.close(None).unwrap();
    emulator.wait_for("gone: 1005");

    drop(Client::connect(&emulator));
    emulator.wait_for("gone: 1006");
}

#[test]
fn a_client_that_gives_up_before_the_answer_leaves_nothing_behind() {
    let mut emulator = Setup::new("give-up").start();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    drop(listener);
    let mut stream = open(&emulator);
    stream.write_all(b"GET /dev HTTP/1.1\r\nHost: x\r\n").unwrap();
    drop(stream);
    emulator.signal("-TERM");
    assert!(emulator.end().success());
}

#[test]
fn an_upgrade_that_breaks_the_rules_is_told_which() {
    let emulator = Setup::new("malformed").start();
    let mut stream = open(&emulator);
    stream
        .write_all(
            b"GET /dev HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        )
        .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 426 ") && reply.contains("Sec-WebSocket-Version: 13"),
        "{reply}"
    );
}
