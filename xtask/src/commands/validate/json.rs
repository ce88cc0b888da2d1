//! Findings as one JSON document.

use super::Report;
use serde::Serialize;

/// The form of the document.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    files: &'r [Report],
}

pub(super) fn render(reports: &[Report]) -> String {
    let document = Document { version: VERSION, files: reports };
    let text =
        serde_json::to_string_pretty(&document).expect("strings and whole numbers are always JSON");
    format!("{text}\n")
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use expect_test::expect;

    #[test]
    fn every_file_has_its_findings() {
        expect![[r#"
            {
              "version": 1,
              "files": [
                {
                  "file": "a dir/broken.yaml",
                  "diagnostics": [
                    {
                      "code": "HR102",
                      "severity": "error",
                      "at": "Resources.Queue.Properties.DelaySecond",
                      "line": 5,
                      "message": "is no property here",
                      "help": "did you mean DelaySeconds?"
                    },
                    {
                      "code": "HR005",
                      "severity": "error",
                      "at": "Parameters.A&B",
                      "line": 7,
                      "message": "is no logical ID",
                      "help": "write 1 to 255 letters and digits"
                    },
                    {
                      "code": "HR207",
                      "severity": "warning",
                      "at": "Parameters.A&B",
                      "line": 7,
                      "message": "is referred to by nothing",
                      "help": "delete it"
                    }
                  ]
                },
                {
                  "file": "fine.yaml",
                  "diagnostics": []
                }
              ]
            }
        "#]]
        .assert_eq(&render(&example()));
    }
}
