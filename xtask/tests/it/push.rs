//! The push and job service, end to end: `cargo xtask dev` with the real template and the real
//! handlers, the commands against it, and devices that wait for what they are told.

pub(crate) mod device;

use crate::cli::xtask;
use crate::dev::Dev;
use device::Device;
use herald_client::{
    Client, Command, Config, Credentials, EventBus, OfUser, Publish, Publisher, SendError,
    SharedCredentialsProvider, SubmitJob, Target,
};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;

/// What the local cloud takes for one attempt of a sweep, and more.
const SWEEP: Duration = Duration::from_secs(5);

impl Dev {
    /// Runs a command against it; gives exit code, standard output and standard error.
    fn command(&self, args: &[&str], input: &str) -> (i32, String, String) {
        let mut command = xtask(args);
        command.args(["--endpoint-url", self.url("endpointUrl")]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// Runs a command that succeeds; gives its data.
    #[track_caller]
    fn text(&self, args: &[&str]) -> String {
        let (code, data, talk) = self.command(args, "");
        assert_eq!(code, 0, "{args:?}: {talk}");
        data
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[args, &["--format", "json"]].concat())).unwrap()
    }

    /// Where a user may connect once.
    #[track_caller]
    fn door(&self, user: &str) -> String {
        self.json(&["ticket", "--user", user])["url"].as_str().unwrap().to_owned()
    }

    async fn device(&self, user: &str) -> Device {
        Device::connect(&self.door(user)).await
    }

    /// Moves time, or makes something go wrong.
    fn control(&self, command: &Value) -> Value {
        let address = self.url("endpointUrl").trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).unwrap();
        let body = command.to_string();
        let length = body.len();
        let request = format!(
            "POST /_herald/control HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Kills every process of a function.
    fn kill(&self, function: &str) {
        for pid in self.functions() {
            let program = std::fs::read_link(format!("/proc/{pid}/exe"));
            if program.is_ok_and(|program| program.ends_with(function)) {
                _ = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            }
        }
    }

    /// As a back end calls it.
    fn client(&self) -> Client {
        let keys = Credentials::new("test", "test", None, None, "test");
        let region = self.url("region");
        let mut config = Config::new(region, SharedCredentialsProvider::new(keys));
        config.endpoint_url = Some(self.url("endpointUrl").to_owned());
        Client::new(config)
    }

    fn publisher(&self) -> Publisher {
        Publisher::new(self.client(), "herald-dev-Publish")
    }
}

fn is(kind: &'static str) -> impl Fn(&Value) -> bool {
    move |event| event["type"] == kind
}

fn titles(notifications: &[Value]) -> Vec<&str> {
    notifications.iter().map(|n| n["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_a_device_has_missed_comes_in_order_and_once() {
    let dev = Dev::start("missed");
    let mut laptop = dev.device("ada").await;
    let mut phone = dev.device("ada").await;
    let mut stranger = dev.device("eve").await;
    for (device, name) in [(&mut laptop, "laptop"), (&mut phone, "phone"), (&mut stranger, "pc")] {
        assert_eq!(titles(&device.hello(name).await), [""; 0]);
    }

    let answer = dev.text(&["publish", "--to", "user:ada", "--title", "one", "--key", "k1"]);
    assert_eq!(answer, "n1 for the inbox of ada\n");
    assert_eq!(phone.notification().await["title"], "one");
    phone.leave().await;

    let again = dev.text(&["publish", "--to", "user:ada", "--title", "one", "--key", "k1"]);
    assert_eq!(again, "n1 for the inbox of ada, as before\n");
    let publish = ["publish", "--to", "user:ada", "--body", "b", "--level", "warning", "--title"];
    dev.text(&[&publish[..], &["two"]].concat());
    dev.text(&[&publish[..], &["three"]].concat());
    for (title, seq) in [("one", 1), ("two", 2), ("three", 3)] {
        let notification = laptop.notification().await;
        assert_eq!((&notification["title"], &notification["seq"]), (&json!(title), &json!(seq)));
    }

    let mut phone = dev.device("ada").await;
    assert_eq!(titles(&phone.hello("phone").await), ["one", "two", "three"]);
    phone.say(&json!({ "action": "ack", "upTo": 2 })).await;
    // It has no answer; what the device has acknowledged is not sent again.
    phone.hello_until("phone", |missed| titles(missed) == ["three"]).await;

    laptop.say(&json!({ "action": "read", "ids": ["n1", "n3"] })).await;
    assert_eq!(phone.until(is("readUpTo")).await["ids"], json!(["n1", "n3"]));

    stranger.say(&json!({ "action": "ping" })).await;
    assert_eq!(stranger.next().await["type"], "pong", "a stranger is told nothing");
}

#[tokio::test]
async fn a_job_whose_worker_dies_is_taken_up_by_another_and_ends_once() {
    let dev = Dev::start("job");
    let mut laptop = dev.device("ada").await;
    let mut phone = dev.device("ada").await;
    let mut stranger = dev.device("eve").await;
    laptop.hello("laptop").await;
    phone.hello("phone").await;
    stranger.hello("pc").await;

    let job = interrupted(&dev, &mut laptop).await;
    let is_end = |event: &Value| {
        event["type"] == "job" && event["jobId"] == job && event["state"] == "SUCCEEDED"
    };
    // The lease of the dead worker lasts half a minute of real time; each minute of the local
    // cloud's, the sweeper looks whether it has run out.
    let mut end = None;
    for _ in 0..12 {
        dev.control(&json!({ "do": "advance", "by": "1m" }));
        laptop.say(&json!({ "action": "ping" })).await;
        end = laptop.within(SWEEP, is_end).await;
        if end.is_some() {
            break;
        }
    }
    let end = end.unwrap();
    assert_eq!(end["result"]["bytes"], 90_000);
    assert_eq!(phone.until(is_end).await["percent"], 100);

    let jobs = dev.json(&["jobs", "list", "--user", "ada"]);
    let this = jobs.as_array().unwrap().iter().find(|j| j["jobId"] == job).unwrap();
    assert_eq!((&this["state"], &this["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{this}");
    let mut tablet = dev.device("ada").await;
    let told = tablet.hello("tablet").await;
    let told: Vec<_> = told.iter().filter(|n| n["jobId"] == job).collect();
    assert_eq!(told.len(), 1, "its end is told once: {told:?}");

    let (code, result, talk) = dev.command(&["jobs", "watch", job.as_str().unwrap()], "");
    assert_eq!((code, talk.as_str()), (0, "manifest.sha256 SUCCEEDED 100%, attempt 2\n"));
    assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), end["result"]);

    stranger.say(&json!({ "action": "ping" })).await;
    assert_eq!(stranger.next().await["type"], "pong", "a stranger is told nothing");
}

/// Submits jobs until one is running when its worker is killed; gives its name.
async fn interrupted(dev: &Dev, device: &mut Device) -> Value {
    let publisher = dev.publisher();
    // About the longest that there may be; still it may be over before the kill.
    let input = json!({ "blocks": vec!["0123456789".repeat(100); 90] });
    for _ in 0..20 {
        let job = SubmitJob::new("ada".parse().unwrap(), "manifest.sha256", input.clone());
        let answer = publisher.send(&Command::SubmitJob(job)).await.unwrap();
        let job = serde_json::to_value(answer).unwrap()["jobId"].clone();
        device.until(|event| event["type"] == "job" && event["jobId"] == job).await;
        dev.kill("worker");
        let jobs = dev.json(&["jobs", "list", "--user", "ada", "--limit", "1"]);
        if jobs[0]["jobId"] == job && jobs[0]["state"] == "RUNNING" {
            return job;
        }
    }
    panic!("no job was caught while it was running");
}

#[tokio::test]
async fn a_user_is_let_in_by_one_ticket_and_thrown_out_everywhere() {
    let dev = Dev::start("tickets");
    let door = dev.door("ada");
    let mut laptop = Device::connect(&door).await;
    let Err(Error::Http(refusal)) = connect_async(&door).await else {
        panic!("a ticket opens one connection")
    };
    assert!([401, 403].contains(&refusal.status().as_u16()), "{refusal:?}");
    let mut phone = dev.device("ada").await;
    let mut stranger = dev.device("eve").await;
    laptop.hello("laptop").await;
    phone.hello("phone").await;

    let list = dev.json(&["connections", "list"]);
    let mut users: Vec<_> =
        list.as_array().unwrap().iter().map(|c| c["user"].as_str().unwrap()).collect();
    users.sort_unstable();
    assert_eq!(users, ["ada", "ada", "eve"]);
    let own = dev.json(&["connections", "list", "--user", "ada"]);
    let id = |device: &str| {
        let own = own.as_array().unwrap();
        own.iter().find(|c| c["device"] == device).unwrap()["connectionId"].as_str().unwrap()
    };
    let shown = dev.text(&["connections", "show", id("phone")]);
    for part in ["ada", "phone", "127.0.0.1"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    dev.text(&["connections", "post", id("phone"), r#"{"type":"note"}"#]);
    phone.until(is("note")).await;
    let table = dev.text(&["connections", "list", "--user", "ada"]);
    assert_eq!(table.lines().count(), 3, "{table}");

    dev.text(&["connections", "close", id("phone")]);
    phone.closed().await;
    let (code, _, talk) = dev.command(&["connections", "post", id("phone"), "late"], "");
    assert_eq!(code, 1, "{talk}");
    assert!(talk.starts_with("error: connection") && talk.contains("is gone\n"), "{talk}");

    let mut phone = dev.device("ada").await;
    phone.hello("phone").await;
    let closed = dev.text(&["connections", "close", "--user", "ada"]);
    assert_eq!(closed, "closed 2 of ada\n");
    laptop.closed().await;
    phone.closed().await;
    let ada = OfUser { user: "ada".parse().unwrap() };
    let presence = dev.publisher().send(&Command::Presence(ada)).await.unwrap();
    assert_eq!(serde_json::to_value(presence).unwrap()["devices"], json!([]));
    stranger.say(&json!({ "action": "ping" })).await;
    stranger.until(is("pong")).await;
}

#[tokio::test]
async fn a_topic_and_everyone_are_told_by_command_and_by_event_bus() {
    let dev = Dev::start("topics");
    let mut ada = dev.device("ada").await;
    let mut eve = dev.device("eve").await;
    ada.hello("laptop").await;
    eve.hello("pc").await;
    ada.say(&json!({ "action": "subscribe", "topic": "news" })).await;
    ada.until(is("ok")).await;

    dev.text(&["publish", "--to", "topic:news", "--title", "to the topic"]);
    assert_eq!(ada.notification().await["title"], "to the topic");
    let bus = EventBus::new(dev.client(), "com.example.test");
    let news = Publish::new(Target::Topic("news".parse().unwrap()), "by the bus");
    bus.send(&Command::Publish(news)).await.unwrap();
    assert_eq!(ada.notification().await["title"], "by the bus");
    dev.text(&["publish", "--to", "all", "--title", "to all"]);
    assert_eq!(ada.notification().await["title"], "to all");
    assert_eq!(eve.notification().await["title"], "to all", "who is not in the topic is not told");
}

#[tokio::test]
async fn nobody_is_flooded() {
    let dev = Dev::start("flood");
    let mut ada = dev.device("ada").await;
    ada.hello("laptop").await;
    let publisher = dev.publisher();
    let mut sent = 0_u64;
    let refusal = loop {
        let title = format!("{}", sent + 1);
        let publish = Publish::new(Target::User("ada".parse().unwrap()), title);
        match publisher.send(&Command::Publish(publish)).await {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
        assert!(sent < 2000, "there is a limit");
    };
    assert!(refusal.is_retryable(), "{refusal}");
    let SendError::Refused { code, .. } = refusal else { panic!("{refusal}") };
    assert_eq!(code, "rateLimited");
    for seq in 1..=sent {
        assert_eq!(ada.notification_at(seq).await["title"], seq.to_string());
    }
}

#[tokio::test]
async fn jobs_are_submitted_and_cancelled_by_command() {
    let dev = Dev::start("commands");
    let input = r#"{"columns": ["n"], "rows": [[1], [2]]}"#;
    let submit = ["jobs", "submit", "--user", "ada", "--kind", "report.csv", "--input", "-"];
    let (code, result, talk) = dev.command(&[&submit[..], &["--watch"]].concat(), input);
    assert_eq!(code, 0, "{talk}");
    let result: Value = serde_json::from_str(&result).unwrap();
    assert!(result["csv"].as_str().unwrap().starts_with('n'), "{result}");

    let (code, _, talk) = dev.command(&submit, "[]");
    assert_eq!(code, 1, "{talk}");
    assert!(talk.starts_with("error: `input` is none of `report.csv`: "), "{talk}");

    let (code, job, talk) = dev.command(&[&submit[..], &["--key", "k"]].concat(), input);
    assert_eq!(code, 0, "{talk}");
    let (_, same, _) = dev.command(&[&submit[..], &["--key", "k"]].concat(), input);
    assert_eq!(job, same, "the same key is the same job");
    dev.text(&["jobs", "watch", job.trim()]);
    let cancelled = dev.text(&["jobs", "cancel", job.trim()]);
    assert_eq!(cancelled, format!("{} is SUCCEEDED\n", job.trim()), "it had ended before");
    let table = dev.text(&["jobs", "list", "--user", "ada"]);
    assert_eq!(table.lines().filter(|line| line.contains("SUCCEEDED")).count(), 2, "{table}");
}
