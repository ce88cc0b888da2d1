//! Keys and roles, from outside: what is refused, and what people type to get in.

use crate::client::{Client, http, unsigned};
use crate::emulator::{Emulator, Setup};
use crate::signer::{administrator, now, presign};
use gateway_core::http::Request;
use std::process::Command;

fn connect(emulator: &mut Emulator) -> (Client, String) {
    let client = Client::connect(emulator);
    let line = emulator.wait_for("connect ");
    (client, line.split_whitespace().nth(2).unwrap().to_owned())
}

#[test]
fn a_function_posts_with_its_own_keys_as_its_role_allows() {
    let emulator = Setup::new("role").start();
    let mut client = Client::connect(&emulator);
    assert_eq!(client.ask("post hello"), "hello");
}

#[test]
fn a_function_without_the_permission_is_refused_and_the_log_says_what_to_add() {
    let mut setup = Setup::new("no-role");
    setup.template["Resources"]["Role"]["Properties"]["Policies"] = serde_json::json!([]);
    let mut emulator = setup.start();
    let mut client = Client::connect(&emulator);
    let said = client.ask("post hello");
    let expected = "User: arn:aws:sts::000000000000:assumed-role/local-Role/local-Fn is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:********0000:";
    assert!(said.contains(expected), "{said}");
    emulator.wait_for("add execute-api:ManageConnections to a policy of its role");
}

#[test]
fn unsigned_requests_are_refused_unless_iam_is_off() {
    for (arguments, statuses) in
        [(&["--no-watch"][..], [403, 403]), (&["--no-watch", "--iam", "off"], [410, 200])]
    {
        let emulator =
            Setup::new(&format!("unsigned-{}", arguments.len())).arguments(arguments).start();
        let paths = [
            "POST /dev/@connections/AAAAAAAAAAAAAAA=",
            "POST /2015-03-31/functions/local-Fn/invocations",
        ];
        for (path, status) in paths.into_iter().zip(statuses) {
            let (head, _) = unsigned(&emulator, path, "", "{}");
            assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {head}");
        }
    }
}

#[test]
fn the_console_posts_without_a_signature_and_nobody_else_does() {
    let mut emulator = Setup::new("console-post").start();
    let (mut client, id) = connect(&mut emulator);
    let path = format!("POST /_herald/callback/dev/@connections/{}", id.replace('=', "%3D"));
    let own = format!("Origin: http://{}\r\n", emulator.address());
    let (head, _) = http(&emulator, &path, &own, "from the console");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(client.receive(), "from the console");
    for foreign in ["", "Origin: null\r\n", "Origin: https://evil.example\r\n"] {
        let (head, _) = http(&emulator, &path, foreign, "from elsewhere");
        assert!(head.starts_with("HTTP/1.1 403"), "{foreign}: {head}");
    }
}

#[test]
fn the_curl_line_of_the_banner_works() {
    let mut emulator = Setup::new("curl").start();
    let line = emulator.said("curl --aws-sigv4");
    let (mut client, id) = connect(&mut emulator);
    for id in [id.clone(), id.replace('=', "%3D")] {
        let line = line.replace("CONNECTION_ID", &id);
        let command = line.trim().strip_prefix("post").unwrap().trim();
        let output = Command::new("sh")
            .args(["-c", &format!("{command} --silent --show-error")])
            .output()
            .unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{command}: {output:?}");
        assert_eq!(client.receive(), "hello");
    }
}

#[test]
fn a_browser_connects_by_a_presigned_url_where_the_route_asks_for_a_signature() {
    let mut setup = Setup::new("presigned");
    setup.template["Resources"]["Connect"]["Properties"]["AuthorizationType"] = "AWS_IAM".into();
    let emulator = setup.start();
    let mut request = Request {
        method: "GET".to_owned(),
        path: "/dev".to_owned(),
        headers: vec![("Host".to_owned(), emulator.address().to_owned())],
        ..Request::default()
    };
    presign(&mut request, &administrator(), "execute-api", now());
    let query = format!("?{}", request.query.unwrap());
    assert!(Client::connect_to(&emulator, &query, &[]).is_ok());
    for broken in [query.replace("X-Amz-Signature=", "X-Amz-Signature=0"), String::new()] {
        let reply = Client::connect_to(&emulator, &broken, &[]).err().unwrap();
        assert_eq!(reply.status(), 403);
    }
}
