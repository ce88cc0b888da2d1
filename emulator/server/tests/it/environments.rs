//! Functions as child processes.

use crate::client::{Client, read_line};
use crate::emulator::{PATIENCE, Setup, runs};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};

/// Lets functions meet: they connect here and wait to be let go.
struct Meeting(TcpListener);

impl Meeting {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn command(&self) -> String {
        format!("meet {}", self.0.local_addr().unwrap())
    }

    /// Waits for one function: its process and the line to it.
    fn next(&self) -> (u32, TcpStream) {
        let (stream, _) = self.0.accept().unwrap();
        (read_line(&stream).parse().unwrap(), stream)
    }
}

#[test]
fn messages_at_the_same_time_run_in_processes_of_their_own() {
    let emulator = Setup::new("overlap").start();
    let meeting = Meeting::new();
    let mut clients = [(); 3].map(|()| Client::connect(&emulator));
    for client in &mut clients {
        client.send(&meeting.command());
    }
    let guests = [(); 3].map(|()| meeting.next());
    let pids: BTreeSet<u32> = guests.iter().map(|(pid, _)| *pid).collect();
    assert_eq!(pids.len(), 3, "{pids:?}");
    for (_, mut stream) in guests {
        stream.write_all(b"go\n").unwrap();
    }
    for client in &mut clients {
        assert_eq!(client.receive(), "met");
    }
}

#[test]
fn the_number_of_processes_is_bounded_and_the_rest_wait() {
    let emulator =
        Setup::new("bounded").arguments(&["--no-watch", "--limits", "environments=2"]).start();
    let meeting = Meeting::new();
    let mut clients = [(); 4].map(|()| Client::connect(&emulator));
    for client in &mut clients {
        client.send(&meeting.command());
    }
    let mut pids = BTreeSet::new();
    for _ in 0..2 {
        // Two at a time: the others come only when these have gone.
        let pair = [meeting.next(), meeting.next()];
        assert_eq!(emulator.children().len(), 2);
        for (pid, mut stream) in pair {
            pids.insert(pid);
            stream.write_all(b"go\n").unwrap();
        }
    }
    assert_eq!(pids.len(), 2, "processes are used again: {pids:?}");
    for client in &mut clients {
        assert_eq!(client.receive(), "met");
    }
}

#[test]
fn a_crash_is_an_error_for_its_message_only() {
    let mut emulator = Setup::new("crash").start();
    let mut client = Client::connect(&emulator);
    let said = client.ask("crash");
    assert!(said.contains(r#""message": "Internal server error""#), "{said}");
    emulator.wait_for("exit status: 7");
    assert_eq!(client.ask("reply still here"), "still here");
}

#[test]
fn a_function_that_hangs_is_ended_when_its_time_is_over() {
    let mut setup = Setup::new("hang");
    setup.template["Resources"]["Fn"]["Properties"]["Timeout"] = 1.into();
    let mut emulator = setup.start();
    let meeting = Meeting::new();
    let mut client = Client::connect(&emulator);
    client.send(&meeting.command());
    let (pid, _never_let_go) = meeting.next();
    let said = client.receive();
    assert!(said.contains(r#""message": "Internal server error""#), "{said}");
    emulator.wait_for("Task timed out after 1.00 seconds");
    emulator.wait_for("has ended");
    assert!(!runs(pid));
}

#[test]
fn nothing_is_left_after_an_end_in_the_midst_of_work() {
    for signal in ["-TERM", "-INT"] {
        let mut emulator = Setup::new(&format!("end{signal}")).start();
        let meeting = Meeting::new();
        let mut clients = [(); 2].map(|()| Client::connect(&emulator));
        for client in &mut clients {
            client.send(&meeting.command());
        }
        let guests = [(); 2].map(|()| meeting.next());
        emulator.signal(signal);
        for client in &mut clients {
            assert_eq!(client.receive(), "close 1001 Going away");
            drop(client.0.flush());
        }
        let status = emulator.end();
        assert!(status.success(), "{status}");
        for (pid, _) in guests {
            assert!(!runs(pid), "{pid} is left after {signal}");
        }
        assert!(!emulator.ready_file.exists());
    }
}

#[test]
fn functions_end_when_the_emulator_is_killed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut emulator = Setup::new("killed").variable("ALIVE", &address).start();
    let (alive, _) = listener.accept().unwrap();
    alive.set_read_timeout(Some(PATIENCE)).unwrap();
    emulator.process.kill().unwrap();
    emulator.end();
    // Its Runtime API is gone, and with that the function's reason to live.
    assert_eq!(read_line(&alive), "");
}

#[test]
fn a_function_gets_no_variables_but_its_own() {
    let setup = Setup::new("variables").variable("VERSION", "7");
    let mut emulator = setup.start();
    assert_eq!(Client::connect(&emulator).ask("version"), "7");
    let environment = std::fs::read(format!("/proc/{}/environ", emulator.children()[0])).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let names: BTreeSet<&str> =
        environment.split('\0').filter_map(|v| Some(v.split_once('=')?.0)).collect();
    for name in [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_ACCESS_KEY_ID",
        "AWS_REGION",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "PATH",
    ] {
        assert!(names.contains(name), "{name} is missing in {names:?}");
    }
    for name in ["HOME", "USER", "CARGO_MANIFEST_DIR", "CARGO"] {
        assert!(!names.contains(name), "{name} is in {names:?}");
    }
    emulator.signal("-TERM");
    emulator.end();
}
