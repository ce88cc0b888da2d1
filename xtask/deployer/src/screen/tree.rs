//! The live tree: the resources of a stack, each with what is done to it and how long it takes.
//!
//! A model that takes news, and text for one moment of it. Who draws it over the last one is the
//! screen's business.

use super::{color_of, paint};
use crate::estimate::Estimates;
use crate::news::News;
use crate::state;
use crate::time::{between, clock, parse};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

/// The stack as it changes.
#[derive(Clone, Debug)]
pub struct Tree {
    stack: String,
    status: String,
    began: SystemTime,
    rows: Vec<Row>,
    estimates: Estimates,
}

#[derive(Clone, Debug)]
struct Row {
    id: String,
    type_name: String,
    status: Option<String>,
    reason: Option<String>,
    began: Option<SystemTime>,
    ended: Option<SystemTime>,
}

/// How wide the columns are.
#[derive(Clone, Copy)]
struct Widths {
    id: usize,
    time: usize,
}

/// The moment and the place to draw it in.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// The moment.
    pub now: SystemTime,
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Whether there is colour.
    pub color: bool,
}

impl Tree {
    /// One in which nothing has happened; ids and types of what will change, in order.
    pub fn new(
        stack: &str,
        expected: Vec<(String, String)>,
        estimates: Estimates,
        began: SystemTime,
    ) -> Self {
        let row = |(id, type_name)| Row::new(id, type_name);
        let rows = expected.into_iter().map(row).collect();
        Self { stack: stack.to_owned(), status: String::new(), began, rows, estimates }
    }

    /// Takes in what happened; no, if that has no place in a tree.
    pub fn take(&mut self, news: &News) -> bool {
        match news {
            News::Stack { status, .. } => {
                // A rollback goes over the same resources again.
                if status.ends_with("ROLLBACK_IN_PROGRESS") && self.status != *status {
                    self.rows.retain(|row| row.status.is_some());
                }
                status.clone_into(&mut self.status);
                true
            }
            News::Resource { id, type_name, status, reason, at, .. } => {
                let at = parse(at);
                let row = match self.rows.iter().position(|row| row.id == *id) {
                    Some(index) => &mut self.rows[index],
                    None => {
                        self.rows.push(Row::new(id.clone(), type_name.clone()));
                        let last = self.rows.len() - 1;
                        &mut self.rows[last]
                    }
                };
                row.take(status, reason.as_ref(), at);
                true
            }
            _ => false,
        }
    }

    /// The text of one moment; every line ends.
    pub fn render(&self, frame: Frame) -> String {
        let mut out = self.head(frame);
        let times: Vec<_> =
            self.rows.iter().map(|row| row.time(frame.now, self.estimates.of(&row.id))).collect();
        let widths = Widths {
            id: self.rows.iter().map(|row| row.id.chars().count()).max().unwrap_or(0),
            time: times.iter().map(String::len).max().unwrap_or(0),
        };
        let done = self.rows.iter().filter(|row| row.is_done()).count();
        // One line for the head, one for the count, one below for the cursor.
        let room = frame.height.saturating_sub(3).max(1);
        let hidden = self.rows.len().saturating_sub(room);
        // What is done makes room for what is not.
        let mut hide = hidden;
        for (row, time) in self.rows.iter().zip(&times) {
            if hide > 0 && row.is_done() && !row.is_failed() {
                hide -= 1;
                continue;
            }
            out.push_str(&row.line(time, widths, frame));
        }
        _ = writeln!(out, "  {done} of {} done", self.rows.len());
        // Whatever does not fit is what comes last: it has not begun.
        let lines: Vec<_> = out.lines().collect();
        match lines.len() > room + 2 {
            true => lines[..room + 2].join("\n") + "\n",
            false => out,
        }
    }

    fn head(&self, frame: Frame) -> String {
        let elapsed = between(self.began, frame.now);
        let left = match self.estimates.whole() {
            Some(whole) if state::is_running(&self.status) && whole > elapsed => {
                format!(", about {} left", clock(whole - elapsed))
            }
            _ => String::new(),
        };
        let plain = format!("{} {} {}{left}", self.stack, self.status, clock(elapsed));
        // A line that wraps is two, and what is drawn over it would be one short.
        if plain.chars().count() >= frame.width {
            return plain.chars().take(frame.width.saturating_sub(1)).chain(['\n']).collect();
        }
        let status = paint(frame.color, color_of(&self.status), &self.status);
        let stack = paint(frame.color, "1", &self.stack);
        format!("{stack} {status} {}{left}\n", clock(elapsed))
    }
}

impl Row {
    fn new(id: String, type_name: String) -> Self {
        Self { id, type_name, status: None, reason: None, began: None, ended: None }
    }

    fn take(&mut self, status: &str, reason: Option<&String>, at: Option<SystemTime>) {
        let running = state::is_running(status);
        if running && !self.status.as_deref().is_some_and(state::is_running) {
            (self.began, self.ended) = (at, None);
        }
        if !running {
            self.ended = at;
        }
        // The words of a failure stay, whatever is done about it afterwards.
        if state::is_failure(status) || !self.reason_matters() {
            self.reason = reason.cloned();
        }
        self.status = Some(status.to_owned());
    }

    fn reason_matters(&self) -> bool {
        self.reason.is_some() && self.is_failed()
    }

    fn is_failed(&self) -> bool {
        self.status.as_deref().is_some_and(state::is_failure)
    }

    fn is_done(&self) -> bool {
        self.status.as_deref().is_some_and(|status| !state::is_running(status))
    }

    /// How long it took; how long it takes and usually does.
    fn time(&self, now: SystemTime, usual: Option<Duration>) -> String {
        match (self.began, self.ended) {
            (Some(began), Some(ended)) => clock(between(began, ended)),
            (Some(began), None) => {
                let usual = usual.map(|usual| format!(" of about {}", clock(usual)));
                clock(between(began, now)) + &usual.unwrap_or_default()
            }
            (None, _) => String::new(),
        }
    }

    fn line(&self, time: &str, widths: Widths, frame: Frame) -> String {
        let (sign, code) = match self.status.as_deref() {
            None => ("·", "2"),
            Some(status) if state::is_failure(status) => ("✗", "31"),
            Some(status) if state::is_running(status) => ("▸", "33"),
            Some(_) => ("✓", "32"),
        };
        let verb = self.status.as_deref().map(verb).unwrap_or_default();
        let (id_width, time_width) = (widths.id, widths.time);
        let mut text = format!("{:<id_width$}  {verb:<9} {time:<time_width$}", self.id);
        match &self.reason {
            Some(reason) if self.is_failed() => _ = write!(text, "  {reason}"),
            _ => _ = write!(text, "  {}", self.type_name),
        }
        let text: String = match text.chars().count() + 4 > frame.width {
            true => text.chars().take(frame.width.saturating_sub(5)).chain(['…']).collect(),
            false => text,
        };
        format!("  {} {}\n", paint(frame.color, code, sign), text.replace('\n', " "))
    }
}

/// `creating`, `updated` and the like.
fn verb(status: &str) -> &'static str {
    match status {
        "CREATE_IN_PROGRESS" => "creating",
        "CREATE_COMPLETE" => "created",
        "UPDATE_IN_PROGRESS" => "updating",
        "UPDATE_COMPLETE" => "updated",
        "DELETE_IN_PROGRESS" => "deleting",
        "DELETE_COMPLETE" => "deleted",
        "DELETE_SKIPPED" => "kept",
        "IMPORT_IN_PROGRESS" => "importing",
        "IMPORT_COMPLETE" => "imported",
        status if state::is_failure(status) => "failed",
        status if state::is_running(status) => "undoing",
        _ => "undone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    const SECOND: Duration = Duration::from_secs(1);

    fn tree() -> Tree {
        let ids = ["Role", "Socket", "Table", "Stage"];
        let expected = ids.map(|id| (id.to_owned(), format!("AWS::Some::{id}")));
        let start = parse("2026-01-01T12:00:00Z").unwrap();
        let mut tree = Tree::new("chat", expected.to_vec(), Estimates::default(), start);
        for (id, status, reason, second) in [
            ("Role", "CREATE_IN_PROGRESS", None, 1),
            ("Role", "CREATE_COMPLETE", None, 9),
            ("Socket", "CREATE_IN_PROGRESS", None, 10),
            ("Table", "CREATE_IN_PROGRESS", None, 10),
            ("Table", "CREATE_FAILED", Some("a reason that is longer than the line\nis wide"), 12),
        ] {
            tree.take(&News::Resource {
                id: id.to_owned(),
                type_name: format!("AWS::Some::{id}"),
                physical_id: None,
                status: status.to_owned(),
                reason: reason.map(str::to_owned),
                at: format!("2026-01-01T12:00:{second:02}Z"),
            });
        }
        let status = "CREATE_IN_PROGRESS".to_owned();
        tree.take(&News::Stack { status, reason: None, at: String::new() });
        tree
    }

    fn check(width: usize, height: usize, color: bool, want: Expect) {
        let tree = tree();
        let now = tree.began + 13 * SECOND;
        want.assert_eq(&tree.render(Frame { now, width, height, color }).replace('\u{1b}', "^"));
    }

    #[test]
    fn every_resource_has_a_line_as_wide_as_the_terminal() {
        check(
            50,
            40,
            false,
            expect![[r#"
                chat CREATE_IN_PROGRESS 0:13
                  ✓ Role    created   0:08  AWS::Some::Role
                  ▸ Socket  creating  0:03  AWS::Some::Socket
                  ✗ Table   failed    0:02  a reason that is long…
                  · Stage                   AWS::Some::Stage
                  2 of 4 done
            "#]],
        );
    }

    #[test]
    fn no_line_is_wider_than_a_narrow_terminal() {
        check(
            20,
            40,
            false,
            expect![[r#"
            chat CREATE_IN_PROG
              ✓ Role    created…
              ▸ Socket  creatin…
              ✗ Table   failed …
              · Stage          …
              2 of 4 done
        "#]],
        );
    }

    #[test]
    fn what_is_done_makes_room_on_a_low_terminal_and_a_failure_never_does() {
        check(
            50,
            6,
            false,
            expect![[r#"
                chat CREATE_IN_PROGRESS 0:13
                  ▸ Socket  creating  0:03  AWS::Some::Socket
                  ✗ Table   failed    0:02  a reason that is long…
                  · Stage                   AWS::Some::Stage
                  2 of 4 done
            "#]],
        );
    }

    #[test]
    fn colours_tell_the_same_as_signs() {
        check(
            200,
            40,
            true,
            expect![[r#"
                ^[1mchat^[0m ^[33mCREATE_IN_PROGRESS^[0m 0:13
                  ^[32m✓^[0m Role    created   0:08  AWS::Some::Role
                  ^[33m▸^[0m Socket  creating  0:03  AWS::Some::Socket
                  ^[31m✗^[0m Table   failed    0:02  a reason that is longer than the line is wide
                  ^[2m·^[0m Stage                   AWS::Some::Stage
                  2 of 4 done
            "#]],
        );
    }
}
