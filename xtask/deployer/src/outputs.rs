//! `outputs`: what a stack tells, for people, programs, `.env` files and shells.

use crate::cli::{Outputs, OutputsFormat as Format};
use crate::cloudformation::{Output, describe_stack};
use crate::state::{self, State};
use crate::{Context, Exit, Failure, Result, target};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Prints the outputs of all stacks of the assembly.
///
/// # Errors
/// When a stack is not there, or a call fails.
pub async fn run(args: &Outputs, context: &Context) -> Result {
    let (_, targets) = target::read(&context.assembly)?;
    let mut all = Vec::new();
    for target in targets {
        let name = &target.entry.name;
        let stack = describe_stack(&context.client, name).await?;
        let is_there = |stack: &_| !matches!(state::of(Some(stack)), State::Absent | State::Review);
        let Some(stack) = stack.filter(is_there) else {
            let region = context.client.region();
            return Err(Failure::new(format!("there is no stack {name} in {region}"))
                .hint(context.command("deploy", "")));
        };
        all.extend(stack.outputs);
    }
    context.console.print(&render(&all, args.format));
    Ok(Exit::Done)
}

/// The outputs as a text, by name.
pub fn render(outputs: &[Output], format: Format) -> String {
    let by_name: BTreeMap<&str, &str> = outputs
        .iter()
        .map(|output| (output.output_key.as_str(), output.output_value.as_str()))
        .collect();
    if format == Format::Json {
        // A map of strings is always JSON.
        return serde_json::to_string_pretty(&by_name).unwrap_or_default() + "\n";
    }
    let width = by_name.keys().map(|name| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in by_name {
        // Writing to a string does not fail.
        _ = match format {
            Format::Dotenv => writeln!(text, "{}={}", variable(name), dotenv(value)),
            Format::Shell => writeln!(text, "export {}={}", variable(name), shell(value)),
            Format::Text | Format::Json => writeln!(text, "{name:<width$}  {value}"),
        };
    }
    text
}

/// Writes them to a file whose name says how: `.json`, `.env` or `.sh`.
///
/// # Errors
/// When the name says nothing of the kind, or the file system refuses.
pub fn write_file(path: &Path, outputs: &[Output]) -> Result<()> {
    let text = render(outputs, format_of(path)?);
    infra_gen::assembly::write_if_changed(path, text.as_bytes())
        .map(drop)
        .map_err(|e| Failure::new(format!("failed to write {}: {e}", path.display())))
}

/// How a file is to be written.
///
/// # Errors
/// When its name does not say.
pub fn format_of(path: &Path) -> Result<Format> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => Ok(Format::Json),
        Some("sh") => Ok(Format::Shell),
        // `.env.local`, too.
        _ if name.split('.').skip(1).any(|part| part == "env") => Ok(Format::Dotenv),
        _ => Err(Failure::new(format!(
            "{} says not how to write outputs: end it with .json, .env or .sh",
            path.display()
        ))
        .exit(Exit::Usage)),
    }
}

/// `WebSocketUrl` as `WEB_SOCKET_URL`.
fn variable(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
        before = c;
    }
    out
}

/// In double quotes, with what these let through escaped.
fn dotenv(value: &str) -> String {
    let mut out = "\"".to_owned();
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | '"' | '$' | '`' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// In single quotes, in which a shell reads nothing.
fn shell(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(format: Format, expected: Expect) {
        let output = |name: &str, value: &str| Output {
            output_key: name.to_owned(),
            output_value: value.to_owned(),
        };
        let outputs = [
            output("WebSocketUrl", "wss://a.example/dev"),
            output("Api2Id", "it's \"$HOME\" `x` \\"),
        ];
        expected.assert_eq(&render(&outputs, format));
    }

    #[test]
    fn text_has_the_names_in_order() {
        check(
            Format::Text,
            expect![[r#"
                Api2Id        it's "$HOME" `x` \
                WebSocketUrl  wss://a.example/dev
            "#]],
        );
    }

    #[test]
    fn json_is_one_object() {
        check(
            Format::Json,
            expect![[r#"
                {
                  "Api2Id": "it's \"$HOME\" `x` \\",
                  "WebSocketUrl": "wss://a.example/dev"
                }
            "#]],
        );
    }

    #[test]
    fn nothing_in_a_value_is_read_by_dotenv_or_a_shell() {
        check(
            Format::Dotenv,
            expect![[r#"
                API2_ID="it's \"\$HOME\" \`x\` \\"
                WEB_SOCKET_URL="wss://a.example/dev"
            "#]],
        );
        check(
            Format::Shell,
            expect![[r#"
                export API2_ID='it'\''s "$HOME" `x` \'
                export WEB_SOCKET_URL='wss://a.example/dev'
            "#]],
        );
    }

    #[test]
    fn a_file_is_written_as_its_name_says() {
        let of = |name: &str| format_of(Path::new(name)).map_err(|failure| failure.exit);
        assert_eq!(of("out/outputs.json").ok(), Some(Format::Json));
        assert_eq!(of(".env").ok(), Some(Format::Dotenv));
        assert_eq!(of(".env.local").ok(), Some(Format::Dotenv));
        assert_eq!(of("prod.env").ok(), Some(Format::Dotenv));
        assert_eq!(of("vars.sh").ok(), Some(Format::Shell));
        assert_eq!(of("outputs.txt").err(), Some(Exit::Usage));
        assert_eq!(of("environment").err(), Some(Exit::Usage));
    }
}
