//! YAML as CloudFormation reads it: block style, short tags, and quotes around every string that a
//! YAML 1.1 parser could take for something else.
//!
//! Writes only; `template_file` reads.

use crate::node::Node;
use std::fmt::Write as _;

/// The whole document.
pub(crate) fn write(node: &Node) -> String {
    let mut out = String::new();
    match node {
        Node::Map(pairs) if !pairs.is_empty() && tag(node).is_none() => map(&mut out, pairs, 0),
        Node::List(items) if !items.is_empty() => list(&mut out, items, 0),
        _ => {
            value(&mut out, node, 0);
            out = out.trim_start().to_owned();
        }
    }
    out
}

fn map(out: &mut String, pairs: &[(std::borrow::Cow<'static, str>, Node)], depth: usize) {
    for (key, node) in pairs {
        indent(out, depth);
        out.push_str(&scalar(key));
        out.push(':');
        value(out, node, depth + 1);
    }
}

fn list(out: &mut String, items: &[Node], depth: usize) {
    for item in items {
        indent(out, depth);
        out.push('-');
        match item {
            // The first pair stands on the line of the dash.
            Node::Map(pairs) if !pairs.is_empty() && tag(item).is_none() => {
                let mut inner = String::new();
                map(&mut inner, pairs, depth + 1);
                out.push(' ');
                out.push_str(inner.trim_start());
            }
            _ => value(out, item, depth + 1),
        }
    }
}

/// What follows a `:` or `-`, to the end of its line or block.
fn value(out: &mut String, node: &Node, depth: usize) {
    if let Some((tag, argument)) = tag(node) {
        let _ = write!(out, " !{tag}");
        if let (true, Node::List(parts)) = (tag == "GetAtt", argument)
            && let Some(path) = parts.iter().map(Node::as_text).collect::<Option<Vec<_>>>()
        {
            return line(out, &scalar(&path.join(".")));
        }
        return value(out, argument, depth);
    }
    match node {
        Node::Bool(b) => line(out, &b.to_string()),
        Node::Int(n) => line(out, &n.to_string()),
        Node::Float(n) => line(out, &n.to_string()),
        Node::Text(text) => line(out, &scalar(text)),
        Node::List(items) if items.is_empty() => line(out, "[]"),
        Node::Map(pairs) if pairs.is_empty() => line(out, "{}"),
        Node::List(items) => {
            out.push('\n');
            list(out, items, depth);
        }
        Node::Map(pairs) => {
            out.push('\n');
            map(out, pairs, depth);
        }
    }
}

/// The short tag, where YAML allows it: a node has one tag, so a function whose argument is a
/// function keeps its long name.
fn tag(node: &Node) -> Option<(&str, &Node)> {
    let (name, argument) = node.as_function()?;
    if argument.as_function().is_some() {
        return None;
    }
    Some((name.strip_prefix("Fn::").unwrap_or(name), argument))
}

fn line(out: &mut String, text: &str) {
    out.push(' ');
    out.push_str(text);
    out.push('\n');
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// A string: plain if no parser can mistake it, else in quotes.
fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    double_quoted(text)
}

fn is_plain(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/$_".contains(c));
    let known =
        |c: char| c.is_ascii_alphanumeric() || " $_/.:-{}()<>=,;+@*!?'\"[]|&~^%".contains(c);
    starts_well
        && text.chars().all(known)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Words that YAML 1.1 reads as a boolean or as nothing.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // YAML breaks lines at these, too; a byte order mark may not stand in the middle.
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
