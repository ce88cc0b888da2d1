//! Lines that are too long for rustfmt, broken where it would break them.

/// `max_width` in rustfmt.toml.
pub(crate) const WIDTH: usize = 100;

/// `name: value,`, or the value on a line of its own.
pub(crate) fn pair(indent: usize, name: &str, value: &str) -> String {
    let space = " ".repeat(indent);
    let line = format!("{space}{name}: {value},\n");
    if fits(&line) { line } else { format!("{space}{name}:\n{space}    {value},\n") }
}

/// `name: impl Into<Val<T>>,`, or the argument of `Into` on a line of its own.
pub(crate) fn parameter(indent: usize, name: &str, value: &str) -> String {
    let space = " ".repeat(indent);
    let line = format!("{space}{name}: impl Into<{value}>,\n");
    if fits(&line) {
        return line;
    }
    format!("{space}{name}: impl Into<\n{space}    {value},\n{space}>,\n")
}

/// `pattern => value,`, or the value in a block.
pub(crate) fn arm(indent: usize, pattern: &str, value: &str) -> String {
    let space = " ".repeat(indent);
    let line = format!("{space}{pattern} => {value},\n");
    if fits(&line) {
        return line;
    }
    format!("{space}{pattern} => {{\n{space}    {value}\n{space}}}\n")
}

/// Whether a line, with its line feed, is not too long.
pub(crate) fn fits(line: &str) -> bool {
    line.trim_end_matches('\n').len() <= WIDTH
}
