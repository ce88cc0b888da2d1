//! AWS's Query protocol: a form in, XML out. CloudFormation speaks it, and so do older clients of SQS.
//!
//! What an action means is for its service to know; here is only how it is written down.

use crate::http::Reply;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The parameters of a request.
#[derive(Debug)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(decoded).collect())
    }

    /// A parameter that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All parameters below a prefix such as `Attribute.1.`, by what follows it.
    pub(crate) fn below<'f>(
        &'f self,
        prefix: &'f str,
    ) -> impl Iterator<Item = (&'f str, &'f str)> + 'f {
        let from = self.0.range(prefix.to_owned()..);
        from.map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

fn decoded((name, value): (&str, &str)) -> (String, String) {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    (decode(name), decode(value))
}

/// A service, as its XML names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) namespace: &'static str,
}

impl Dialect {
    /// The answer of an action.
    pub(crate) fn answer(
        self,
        action: &str,
        request_id: &str,
        result: impl FnOnce(&mut Xml),
    ) -> Reply {
        let mut xml = Xml::default();
        let root = format!("{action}Response");
        xml.root(&root, self.namespace, |xml| {
            xml.within(&format!("{action}Result"), result);
            xml.within("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        });
        xml.reply(200)
    }

    /// The refusal of an action, by whose fault it is: the sender's.
    pub(crate) fn error(self, status: u16, code: &str, message: &str, request_id: &str) -> Reply {
        let mut xml = Xml::default();
        xml.root("ErrorResponse", self.namespace, |xml| {
            xml.within("Error", |xml| {
                xml.text("Type", "Sender");
                xml.text("Code", code);
                xml.text("Message", message);
            });
            xml.text("RequestId", request_id);
        });
        xml.reply(status)
    }
}

/// XML that is being written.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    fn root(&mut self, name: &str, namespace: &str, inside: impl FnOnce(&mut Self)) {
        // Writing to a string cannot fail.
        _ = write!(self.0, "<{name} xmlns=\"{namespace}\">");
        inside(self);
        _ = write!(self.0, "</{name}>");
    }

    /// An element with elements in it.
    pub(crate) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        _ = write!(self.0, "<{name}>");
        inside(self);
        _ = write!(self.0, "</{name}>");
    }

    /// An element with text in it.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.within(name, |xml| xml.escape(text));
    }

    /// The same, if there is text.
    pub(crate) fn text_if(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A list, each of whose items is a `member`.
    pub(crate) fn members<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T),
    ) {
        self.within(name, |xml| {
            for item in items {
                xml.within("member", |xml| each(xml, item));
            }
        });
    }

    /// What XML cannot hold becomes U+FFFD. A carriage return would be read as a line feed.
    pub(crate) fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(c),
                c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => self.0.push('\u{fffd}'),
                c => self.0.push(c),
            }
        }
    }

    fn reply(self, status: u16) -> Reply {
        let headers = vec![("Content-Type".to_owned(), "text/xml".to_owned())];
        Reply { status, headers, body: self.0.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = Form::parse(b"Action=A&Name.1.Key=a+b&Name.1.Value=%3D%26&Name.10.Key=x&Empty=");
        assert_eq!(form.get("Action"), Some("A"));
        assert_eq!(form.get("Empty"), None);
        assert_eq!((form.get("Name.1.Key"), form.get("Name.1.Value")), (Some("a b"), Some("=&")));
    }

    #[test]
    fn text_cannot_become_markup() {
        let mut xml = Xml::default();
        xml.text("T", "<a href=\"x\">&\r\n\u{1}</a>");
        assert_eq!(xml.0, "<T>&lt;a href=&quot;x&quot;&gt;&amp;&#xD;\n\u{fffd}&lt;/a&gt;</T>");
    }
}
