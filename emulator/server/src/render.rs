//! One readable line for each thing that happens.

mod data;

use crate::report::Message;
use gateway_core::Time;
use gateway_core::log::{Log, SentBy};
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// Characters of a message or of a function's line that are shown.
const TEXT_MAX: usize = 120;
const FUNCTION_TEXT_MAX: usize = 2000;

/// A line before it is coloured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What kind of thing it is, in one word.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

/// How a line wants to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    In,
    Out,
    Quiet,
    Good,
    Bad,
}

impl Tone {
    /// Select Graphic Rendition.
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "1",
            Self::In => "36",
            Self::Out => "35",
            Self::Quiet => "2",
            Self::Good => "32",
            Self::Bad => "31",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::In => "in",
            Self::Out => "out",
            Self::Quiet => "quiet",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// Writes lines, with colour or without.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Painter {
    pub(crate) color: bool,
}

impl Painter {
    pub(crate) fn paint(self, time: Time, line: &Line, to: &mut String) {
        let Line { kind, text, tone } = line;
        let time = time_of_day(time);
        _ = if self.color {
            let code = tone.code();
            let (start, end) =
                if matches!(tone, Tone::Quiet | Tone::Bad) { (code, "") } else { ("0", "") };
            writeln!(
                to,
                "\u{1b}[2m{time}\u{1b}[0m \u{1b}[{code}m{kind:<9}\u{1b}[0m \u{1b}[{start}m{text}{end}\u{1b}[0m"
            )
        } else {
            writeln!(to, "{time} {kind:<9} {text}")
        };
    }
}

impl Line {
    fn new(kind: &'static str, tone: Tone, text: String) -> Self {
        Self { kind, text, tone }
    }

    /// For consoles.
    pub(crate) fn to_json(&self, time: Time) -> String {
        let (kind, text, tone) = (self.kind, self.text.as_str(), self.tone.name());
        serde_json::json!({ "time": time_of_day(time), "kind": kind, "text": text, "tone": tone })
            .to_string()
    }
}

/// UTC, like the functions' own log lines.
fn time_of_day(time: Time) -> String {
    let iso = time.iso8601();
    iso[11..23].to_owned()
}

/// Some things are not worth a line.
pub(crate) fn render(message: Message) -> Option<Line> {
    match message {
        Message::Log(log) => render_log(log),
        Message::FunctionLine { function, text } => {
            let text = format!("{function} | {}", shown(&text, FUNCTION_TEXT_MAX));
            Some(Line::new("log", Tone::Quiet, text))
        }
        Message::Note(text) => Some(Line::new("local", Tone::Plain, text)),
        Message::Trouble(text) => Some(Line::new("local", Tone::Bad, text)),
        Message::Text(_) => None,
    }
}

fn render_log(log: Log) -> Option<Line> {
    let line = match log {
        Log::Connected { api, stage, connection, source_ip } => Line::new(
            "connect",
            Tone::Good,
            format!("{connection} from {source_ip} to stage {stage} of API {api}"),
        ),
        Log::Refused { path, status, why } => Line::new(
            "refuse",
            Tone::Bad,
            format!("{} {status}: {}", shown(&path, TEXT_MAX), shown(&why, 500)),
        ),
        Log::Received { connection, bytes, text, route } => {
            let route = route.as_deref().unwrap_or("no route");
            Line::new(
                "in",
                Tone::In,
                format!("{connection} → {route} {}", message_text(bytes, &text)),
            )
        }
        Log::Sent { connection, bytes, text, by } => {
            let by = match by {
                SentBy::Route => "route response",
                SentBy::Post => "post",
                SentBy::Gateway => "gateway",
            };
            Line::new(
                "out",
                Tone::Out,
                format!("{connection} ← {by} {}", message_text(bytes, &text)),
            )
        }
        Log::Disconnected { connection, code, reason } => {
            let text = format!("{connection} {code} {}", shown(&reason, TEXT_MAX));
            Line::new("close", Tone::Plain, text.trim_end().to_owned())
        }
        Log::Integration { connection, route, target, took, outcome, failed } => {
            let tone = if failed { Tone::Bad } else { Tone::Plain };
            let (took, outcome) = (duration(took), shown(&outcome, 500));
            Line::new(
                "route",
                tone,
                format!("{connection} {route} → {target}: {outcome} in {took}"),
            )
        }
        Log::Management { method, connection, status } => {
            let tone = if status < 400 { Tone::Plain } else { Tone::Bad };
            Line::new(
                "callback",
                tone,
                format!("{method} @connections/{} {status}", shown(&connection, TEXT_MAX)),
            )
        }
        Log::Denied { request, why } => {
            let text = format!("{}: {}", shown(&request, TEXT_MAX), shown(&why, 700));
            Line::new("denied", Tone::Bad, text)
        }
        Log::EnvironmentStarting { function, environment } => {
            Line::new("function", Tone::Quiet, format!("{function} #{} is starting", environment.0))
        }
        Log::EnvironmentReady { function, environment, took } => {
            let text = format!("{function} #{} is ready after {}", environment.0, duration(took));
            Line::new("function", Tone::Good, text)
        }
        Log::EnvironmentFailed { function, environment, why } => {
            let text = format!("{function} #{} did not start: {}", environment.0, shown(&why, 500));
            Line::new("function", Tone::Bad, text)
        }
        Log::EnvironmentEnded { function, environment, why } => {
            let text = format!("{function} #{} has ended: {}", environment.0, shown(&why, 500));
            Line::new("function", Tone::Quiet, text)
        }
        Log::FunctionLine { function, line } => Line::new(
            "invoke",
            Tone::Quiet,
            format!("{function} | {}", shown(&invocation(&line)?, 500)),
        ),
        log @ (Log::EventRetried { .. }
        | Log::EventGivenUp { .. }
        | Log::Batch { .. }
        | Log::Mapping { .. }
        | Log::Rule { .. }
        | Log::Queued { .. }) => return data::line(log),
        Log::Access { stage, line } => {
            Line::new("access", Tone::Quiet, format!("{stage} | {}", shown(&line, 2000)))
        }
        Log::Control { what } => Line::new("control", Tone::Quiet, shown(&what, 1000)),
        Log::Warning { what } => Line::new("warning", Tone::Bad, shown(&what, 1000)),
    };
    Some(line)
}

/// Lambda's own line, as text or as JSON, if it is the one that counts: a report says what the lines
/// at the start and the end frame.
fn invocation(line: &str) -> Option<String> {
    let Ok(platform) = serde_json::from_str::<Value>(line) else {
        let framing = line.starts_with("START ") || line.starts_with("END ");
        return (!framing).then(|| line.replace('\t', " "));
    };
    let record = &platform["record"];
    match (platform["type"].as_str(), record["requestId"].as_str()) {
        (Some("platform.start"), _) => None,
        (Some("platform.report"), Some(request_id)) => {
            let status = record["status"].as_str().unwrap_or("unknown");
            let ms = |name: &str| record["metrics"][name].as_f64();
            let took_ms = ms("durationMs").unwrap_or_default();
            let init = ms("initDurationMs").map(|ms| format!(" Init Duration: {ms:.2} ms"));
            let init = init.unwrap_or_default();
            Some(format!(
                "REPORT RequestId: {request_id} Duration: {took_ms:.2} ms{init} Status: {status}"
            ))
        }
        _ => Some(line.to_owned()),
    }
}

fn message_text(bytes: usize, text: &str) -> String {
    format!("({bytes} B) {}", shown(text, TEXT_MAX))
}

/// The beginning of a text, on one line and harmless to a terminal.
fn shown(text: &str, chars_max: usize) -> String {
    // Nearly always.
    if text.len() <= chars_max && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == chars_max {
            shown.push('…');
            break;
        }
        if c.is_control() || is_invisible(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that turn the direction of what follows, or cannot be seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn duration(took: Duration) -> String {
    let ms = took.as_millis();
    if ms < 10_000 { format!("{ms} ms") } else { format!("{:.1} s", took.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::{Painter, render};
    use crate::report::Message;
    use expect_test::{Expect, expect};
    use gateway_core::log::{Log, SentBy};
    use gateway_core::{EnvironmentId, Time};
    use std::time::Duration;

    fn check(messages: impl IntoIterator<Item = Message>, expected: &Expect) {
        let mut text = String::new();
        for line in messages.into_iter().filter_map(render) {
            Painter { color: false }.paint(Time(1_605_442_994_726), &line, &mut text);
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn a_connection_reads_from_top_to_bottom() {
        let (api, stage, connection) = ("push", "dev", "PJqB0fHsqRcCHlw=");
        let (api, stage, connection) = (api.to_owned(), stage.to_owned(), connection.to_owned());
        let text = r#"{"action":"ask"}"#.to_owned();
        let logs = [
            Log::Connected {
                api,
                stage,
                connection: connection.clone(),
                source_ip: "127.0.0.1".into(),
            },
            Log::Received {
                connection: connection.clone(),
                bytes: 16,
                text,
                route: Some("$default".into()),
            },
            Log::Integration {
                connection: connection.clone(),
                route: "$default".into(),
                target: "local-Fn".into(),
                took: Duration::from_millis(12),
                outcome: "200".into(),
                failed: false,
            },
            Log::Sent {
                connection: connection.clone(),
                bytes: 2,
                text: "ok".into(),
                by: SentBy::Post,
            },
            Log::Management { method: "POST".into(), connection: connection.clone(), status: 200 },
            Log::Disconnected { connection, code: 1001, reason: String::new() },
        ];
        check(
            logs.map(Message::Log),
            &expect![[r#"
                12:23:14.726 connect   PJqB0fHsqRcCHlw= from 127.0.0.1 to stage dev of API push
                12:23:14.726 in        PJqB0fHsqRcCHlw= → $default (16 B) {"action":"ask"}
                12:23:14.726 route     PJqB0fHsqRcCHlw= $default → local-Fn: 200 in 12 ms
                12:23:14.726 out       PJqB0fHsqRcCHlw= ← post (2 B) ok
                12:23:14.726 callback  POST @connections/PJqB0fHsqRcCHlw= 200
                12:23:14.726 close     PJqB0fHsqRcCHlw= 1001
            "#]],
        );
    }

    #[test]
    fn an_invocation_is_one_line() {
        let function = "local-Fn".to_owned();
        let lines = [
            "START RequestId: 1 Version: $LATEST",
            "END RequestId: 1",
            "REPORT RequestId: 1\tDuration: 2.00 ms",
        ];
        let lines =
            lines.map(|line| Log::FunctionLine { function: function.clone(), line: line.into() });
        let ended = Log::EnvironmentEnded {
            function: function.clone(),
            environment: EnvironmentId(3),
            why: "idle".into(),
        };
        check(
            lines.into_iter().chain([ended]).map(Message::Log),
            &expect![[r"
                12:23:14.726 invoke    local-Fn | REPORT RequestId: 1 Duration: 2.00 ms
                12:23:14.726 function  local-Fn #3 has ended: idle
            "]],
        );
    }

    #[test]
    fn an_invocation_of_a_function_that_logs_json_is_one_line_too() {
        let lines = [
            r#"{"record":{"requestId":"1","version":"$LATEST"},"time":"t","type":"platform.start"}"#,
            r#"{"record":{"metrics":{"durationMs":3.5},"requestId":"1","status":"success"},"time":"t","type":"platform.report"}"#,
            r#"{"record":{"metrics":{"durationMs":3.5,"initDurationMs":20},"requestId":"2","status":"success"},"time":"t","type":"platform.report"}"#,
            r#"{"record":{"status":"timeout"},"time":"t","type":"platform.initReport"}"#,
        ];
        let lines =
            lines.map(|line| Log::FunctionLine { function: "local-Fn".into(), line: line.into() });
        check(
            lines.map(Message::Log),
            &expect![[r#"
            12:23:14.726 invoke    local-Fn | REPORT RequestId: 1 Duration: 3.50 ms Status: success
            12:23:14.726 invoke    local-Fn | REPORT RequestId: 2 Duration: 3.50 ms Init Duration: 20.00 ms Status: success
            12:23:14.726 invoke    local-Fn | {"record":{"status":"timeout"},"time":"t","type":"platform.initReport"}
        "#]],
        );
    }

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        let text = "a\u{1b}[2J\r\nb\u{202e}c".to_owned();
        let long = "x".repeat(200);
        let received = |text: String| {
            Message::Log(Log::Received {
                connection: "A=".into(),
                bytes: text.len(),
                text,
                route: None,
            })
        };
        check(
            [received(text), received(long)],
            &expect![[r"
                12:23:14.726 in        A= → no route (12 B) a\u{1b}[2J\r\nb\u{202e}c
                12:23:14.726 in        A= → no route (200 B) xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
            "]],
        );
    }
}
