//! The line of a place, told from the text by its indentation.
//!
//! The parser keeps no positions. This reads block YAML and JSON of one entry a line, which is what
//! people and tools write; in any other text the nearest line above is given.

use crate::path::{Path, Step};

/// A text by lines.
pub(super) struct Lines<'t> {
    lines: Vec<Line<'t>>,
}

#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

impl Line<'_> {
    fn is_empty(self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn is_key(self, key: &str) -> bool {
        let quoted = [format!("\"{key}\""), format!("'{key}'")];
        let rest =
            [key, &quoted[0], &quoted[1]].into_iter().find_map(|key| self.text.strip_prefix(key));
        rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    }

    /// The item that begins here, as if it had begun without its dash.
    fn item(self) -> Option<Self> {
        let rest = self.text.strip_prefix('-')?;
        let text = rest.trim_start();
        (rest.is_empty() || text.len() < rest.len())
            .then_some(Self { indent: self.indent + self.text.len() - text.len(), text })
    }
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let line = |line: &'t str| {
            let text = line.trim_start();
            Line { indent: line.len() - text.len(), text: text.trim_end() }
        };
        Self { lines: text.lines().map(line).collect() }
    }

    /// From 1.
    pub(super) fn line_of(&self, path: &Path) -> usize {
        // The entries of the place reached so far, each with its number.
        let mut block: Vec<(usize, Line<'t>)> = self.lines.iter().copied().enumerate().collect();
        block.retain(|(_, line)| !line.is_empty());
        // The braces around a document of JSON.
        if let [(_, first), .., (_, last)] = block[..]
            && (first.text, last.text) == ("{", "}")
        {
            block = block[1..block.len() - 1].to_vec();
        }
        let mut found = 0;
        for step in path.steps() {
            let Some(start) = start_of(step, &block) else { break };
            found = block[start].0;
            let opener = block[start].1;
            let below = |line: &Line<'_>| match step {
                // A list may stand as far left as its key.
                Step::Key(_) => {
                    line.indent > opener.indent
                        || (line.indent == opener.indent && line.item().is_some())
                }
                Step::Item(_) | Step::Named(_) => line.indent > opener.indent,
            };
            let end = block[start + 1..].iter().take_while(|(_, line)| below(line)).count();
            let mut inner = block[start + 1..start + 1 + end].to_vec();
            if let (Step::Item(_), Some(item)) = (step, opener.item()) {
                inner.insert(0, (found, item));
            }
            block = inner;
        }
        found + 1
    }
}

/// Where in a block the step leads to.
fn start_of(step: &Step, block: &[(usize, Line<'_>)]) -> Option<usize> {
    let indent = block.iter().map(|(_, line)| line.indent).min()?;
    let mut entries = block.iter().enumerate().filter(|(_, (_, line))| line.indent == indent);
    let entry = match step {
        Step::Key(key) => entries.find(|(_, (_, line))| line.is_key(key)),
        Step::Item(wanted) => entries
            .filter(|(_, (_, line))| line.item().is_some() || !line.text.starts_with(['}', ']']))
            .nth(*wanted),
        Step::Named(_) => None,
    };
    entry.map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &Path, expected: &str) {
        let line = Lines::new(text).line_of(path);
        assert_eq!(text.lines().nth(line - 1).unwrap_or_default().trim(), expected, "{path}");
    }

    const YAML: &str = "\
# first
Resources:
  A:
    Type: X
    Properties:
      List:
      - Key: a
        Value: b
      - Key: c

        Value: d
      Flow: {Key: [1, 2]}
  'B':
    Type: Y
";

    const JSON: &str = r#"{
  "Resources": {
    "A": {
      "Type": "X",
      "Properties": {
        "List": [
          {
            "Key": "a"
          },
          {
            "Key": "c"
          }
        ]
      }
    },
    "B": {
      "Type": "Y"
    }
  }
}"#;

    #[test]
    fn keys_and_items_of_yaml_are_found() {
        let list = Path::new(["Resources", "A", "Properties", "List"]);
        check(YAML, &list, "List:");
        check(YAML, &list.item(0).key("Value"), "Value: b");
        check(YAML, &list.item(1).key("Key"), "- Key: c");
        check(YAML, &list.item(1).key("Value"), "Value: d");
        check(YAML, &Path::new(["Resources", "B", "Type"]), "Type: Y");
    }

    #[test]
    fn what_cannot_be_told_is_on_the_nearest_line_above() {
        let flow = Path::new(["Resources", "A", "Properties", "Flow"]);
        check(YAML, &flow.key("Key").item(1), "Flow: {Key: [1, 2]}");
        check(YAML, &Path::new(["Resources", "B", "Properties"]), "'B':");
        check(r#"{"Resources":{}}"#, &Path::new(["Resources"]), r#"{"Resources":{}}"#);
        check("", &Path::new(["Resources"]), "");
    }

    #[test]
    fn keys_and_items_of_json_are_found() {
        let list = Path::new(["Resources", "A", "Properties", "List"]);
        check(JSON, &list.item(1).key("Key"), "\"Key\": \"c\"");
        check(JSON, &Path::new(["Resources", "B", "Type"]), "\"Type\": \"Y\"");
    }
}
