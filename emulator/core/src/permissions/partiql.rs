//! `PartiQL` statements, read as far as permissions need: what is done to which table or index.

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The action after `dynamodb:`.
    pub(super) action: &'static str,
    pub(super) table: String,
    pub(super) index: Option<String>,
}

/// `None` when it is no statement; `DynamoDB` will say what is wrong with it.
pub(super) fn read(text: &str) -> Option<Statement> {
    let tokens = tokens(text);
    let is = |n: usize, word: &str| {
        tokens.get(n).is_some_and(|t| !t.quoted && t.text.eq_ignore_ascii_case(word))
    };
    let (action, at) = if is(0, "INSERT") && is(1, "INTO") {
        ("PartiQLInsert", 2)
    } else if is(0, "UPDATE") {
        ("PartiQLUpdate", 1)
    } else if is(0, "DELETE") && is(1, "FROM") {
        ("PartiQLDelete", 2)
    } else {
        // `SELECT … FROM`, alone or within `EXISTS(…)`.
        let select = (0..tokens.len()).find(|n| is(*n, "SELECT"))?;
        ("PartiQLSelect", (select..tokens.len()).find(|n| is(*n, "FROM"))? + 1)
    };
    let table = tokens.get(at)?.text.to_owned();
    let index =
        is(at + 1, ".").then(|| tokens.get(at + 2).map(|token| token.text.to_owned())).flatten();
    Some(Statement { action, table, index })
}

struct Token<'t> {
    text: &'t str,
    quoted: bool,
}

/// Words and names; strings are left out, everything else is one character.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        rest = match first {
            '"' | '\'' => {
                let (inner, behind) = after.split_once(first).unwrap_or((after, ""));
                if first == '"' {
                    tokens.push(Token { text: inner, quoted: true });
                }
                behind
            }
            first if is_part(first) => {
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                tokens.push(Token { text: &rest[..end], quoted: false });
                &rest[end..]
            }
            _ => {
                tokens.push(Token { text: &rest[..first.len_utf8()], quoted: false });
                after
            }
        }
        .trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::{Statement, read};

    #[test]
    fn statements_tell_action_table_and_index() {
        let statement = |action, table: &str, index: Option<&str>| {
            Some(Statement { action, table: table.into(), index: index.map(Into::into) })
        };
        for (text, expected) in [
            ("SELECT * FROM T WHERE pk = 'from x'", statement("PartiQLSelect", "T", None)),
            (
                "select a, 'FROM' from \"T.1\".\"by-user\"",
                statement("PartiQLSelect", "T.1", Some("by-user")),
            ),
            ("EXISTS(SELECT * FROM \"T\" WHERE pk=?)", statement("PartiQLSelect", "T", None)),
            ("INSERT INTO \"T\" VALUE {'pk': ?}", statement("PartiQLInsert", "T", None)),
            ("update T set a=1 where pk='x'", statement("PartiQLUpdate", "T", None)),
            ("DELETE FROM T WHERE pk='x'", statement("PartiQLDelete", "T", None)),
            ("SELECT *", None),
            ("DROP TABLE T", None),
            ("'", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
