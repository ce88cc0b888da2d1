//! Findings as a JUnit report: a suite for each template, in it a failed case for each error. What
//! is no error stands in the output of the suite.

use super::{Report, advice};
use infra_gen::validate::{Diagnostic, Severity};
use std::fmt::Write as _;

// Writing to a string does not fail, here and below.
pub(super) fn render(reports: &[Report]) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for report in reports {
        suite(report, &mut out);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(Report { file, diagnostics }: &Report, out: &mut String) {
    let (errors, others): (Vec<&Diagnostic>, Vec<_>) =
        diagnostics.iter().partition(|d| d.severity == Severity::Error);
    let (file, failures) = (escaped(file), errors.len());
    let tests = failures.max(1);
    _ = writeln!(
        out,
        "  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">"
    );
    if errors.is_empty() {
        _ = writeln!(out, "    <testcase classname=\"{file}\" name=\"is valid\"/>");
    }
    for error in errors {
        let name = escaped(&format!("{} {}", error.code, error.at));
        let message = escaped(&advice(error));
        _ = write!(
            out,
            "    <testcase classname=\"{file}\" name=\"{name}\">\n      \
             <failure type=\"{}\" message=\"{message}\">{file}:{}</failure>\n    </testcase>\n",
            error.code, error.line
        );
    }
    if !others.is_empty() {
        out.push_str("    <system-out>");
        for other in others {
            let (severity, code) = (other.severity.name(), other.code);
            let line = format!("{}: {severity} {code}: {}\n", other.line, advice(other));
            out.push_str(&escaped(&line));
        }
        out.push_str("</system-out>\n");
    }
    out.push_str("  </testsuite>\n");
}

/// As text or attribute of XML 1.0, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use expect_test::expect;

    #[test]
    fn an_error_is_a_failed_case_and_a_warning_is_output() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="a dir/broken.yaml" tests="2" failures="2" errors="0" skipped="0">
                <testcase classname="a dir/broken.yaml" name="HR102 Resources.Queue.Properties.DelaySecond">
                  <failure type="HR102" message="Resources.Queue.Properties.DelaySecond is no property here; did you mean DelaySeconds?">a dir/broken.yaml:5</failure>
                </testcase>
                <testcase classname="a dir/broken.yaml" name="HR005 Parameters.A&amp;B">
                  <failure type="HR005" message="Parameters.A&amp;B is no logical ID; write 1 to 255 letters and digits">a dir/broken.yaml:7</failure>
                </testcase>
                <system-out>7: warning HR207: Parameters.A&amp;B is referred to by nothing; delete it
            </system-out>
              </testsuite>
              <testsuite name="fine.yaml" tests="1" failures="0" errors="0" skipped="0">
                <testcase classname="fine.yaml" name="is valid"/>
              </testsuite>
            </testsuites>
        "#]].assert_eq(&render(&example()));
    }

    #[test]
    fn what_means_something_to_xml_is_escaped() {
        assert_eq!(escaped("<a b=\"c\">&\u{1}"), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}");
    }
}
