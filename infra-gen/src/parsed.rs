//! A template that somebody wrote, with its resources to hand: what `diff` and `validate` read.
//!
//! Forgiving: what is not of the form of a template is left out here, and `validate` says so.

use crate::node::Node;
use crate::shape::ResourceType;
use serde_json::Value;
use std::borrow::Cow;

/// A key and its value.
pub(crate) type Pair = (Cow<'static, str>, Node);

/// A template.
pub(crate) struct Parsed {
    root: Node,
}

/// One of its resources.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'t> {
    pub(crate) id: &'t str,
    pub(crate) type_name: &'t str,
    /// All that stands below its id.
    pub(crate) body: &'t Node,
}

impl Parsed {
    pub(crate) fn new(template: &Value) -> Self {
        let mut root = Node::from_json(template.clone()).unwrap_or_else(|| Node::Map(Vec::new()));
        root.sort();
        Self { root }
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The entries of a section; none if it is not there.
    pub(crate) fn section(&self, name: &str) -> &[Pair] {
        self.root.get(name).map_or(&[], Node::pairs)
    }

    pub(crate) fn has(&self, section: &str, id: &str) -> bool {
        self.section(section).iter().any(|(key, _)| key == id)
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        self.section("Resources").iter().filter_map(|(id, body)| Resource::new(id, body))
    }

    pub(crate) fn resource(&self, id: &str) -> Option<Resource<'_>> {
        self.resources().find(|resource| resource.id == id)
    }

    /// The resource of this type that a value refers to by `Ref` or `Fn::GetAtt`.
    pub(crate) fn referred(&self, value: &Node, type_name: &str) -> Option<Resource<'_>> {
        let references = crate::references::references(value);
        let mut ids = references.iter().filter_map(|reference| reference.target.id());
        ids.find_map(|id| self.resource(id).filter(|r| r.type_name == type_name))
    }
}

impl<'t> Resource<'t> {
    fn new(id: &'t str, body: &'t Node) -> Option<Self> {
        let type_name = body.get("Type")?.as_text()?;
        Some(Self { id, type_name, body })
    }

    pub(crate) fn known(&self) -> Option<&'static ResourceType> {
        ResourceType::find(self.type_name)
    }

    pub(crate) fn properties(&self) -> &'t [Pair] {
        self.body.get("Properties").map_or(&[], Node::pairs)
    }

    pub(crate) fn property(&self, name: &str) -> Option<&'t Node> {
        self.properties().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// A property whose value is a text, known now.
    pub(crate) fn text(&self, name: &str) -> Option<&'t str> {
        self.property(name).and_then(Node::as_text)
    }

    /// What it waits for by `DependsOn`.
    pub(crate) fn depends_on(&self) -> Vec<&'t str> {
        match self.body.get("DependsOn") {
            Some(Node::Text(id)) => vec![id],
            Some(Node::List(ids)) => ids.iter().filter_map(Node::as_text).collect(),
            _ => Vec::new(),
        }
    }
}
