//! What a resource type consists of, as data: properties, their types, rules and attributes.
//!
//! Generated source has one table a type. `lower` holds typed values against it, `validate` and
//! `diff` templates that anybody wrote. What a single rule means stands in `rule`.

use crate::lower::Between;
use crate::resource::Resource;
use crate::rule::Rule;

/// What a value is made of.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true`, `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A string; the values it is known to have, any if there are none.
    Text(&'static [&'static str]),
    /// A document without a type here.
    Any,
    /// A list of these.
    List(&'static Self),
    /// A map of these, with keys of one's own choice.
    Map(&'static Self),
    /// An object with properties of its own.
    Object(&'static Object),
}

/// The properties of an object.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// By name.
    pub fields: &'static [Field],
    /// What holds between them.
    pub between: &'static [Between],
}

impl Object {
    /// The property of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One property.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// As AWS spells it.
    pub name: &'static str,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it is a list whose order means nothing.
    pub unordered: bool,
    /// What it is made of.
    pub shape: Shape,
    /// What a literal must keep to.
    pub rules: &'static [Rule],
}

impl Field {
    /// One that may be left out.
    pub(crate) const fn new(name: &'static str, shape: Shape, rules: &'static [Rule]) -> Self {
        Self { name, required: false, unordered: false, shape, rules }
    }

    /// The same, but it must be given.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, but its order means nothing.
    pub(crate) const fn unordered(self) -> Self {
        Self { unordered: true, ..self }
    }
}

/// All that is known of a resource type.
#[derive(Clone, Copy, Debug)]
pub struct ResourceType {
    /// `AWS::Lambda::Function`.
    pub name: &'static str,
    /// Its properties.
    pub shape: Shape,
    /// Properties whose change replaces the resource; `A/B` is `B` inside `A`.
    pub create_only: &'static [&'static str],
    /// Properties whose change may replace the resource; `*` is any item of a list.
    pub conditional_create_only: &'static [&'static str],
    /// What `Fn::GetAtt` gives; `A.B` is `B` inside `A`.
    pub attributes: &'static [&'static str],
}

impl ResourceType {
    pub(crate) const fn of<R: Resource>() -> Self {
        Self {
            name: R::TYPE,
            shape: R::SHAPE,
            create_only: R::CREATE_ONLY,
            conditional_create_only: R::CONDITIONAL_CREATE_ONLY,
            attributes: R::ATTRIBUTES,
        }
    }

    /// The type of this name, if it is one of those generated here.
    ///
    /// ```
    /// use infra_gen::ResourceType;
    /// let table = ResourceType::find("AWS::DynamoDB::Table").unwrap();
    /// assert!(table.create_only.contains(&"TableName"));
    /// ```
    pub fn find(name: &str) -> Option<&'static Self> {
        crate::aws::TYPES.iter().find(|known| known.name == name)
    }

    /// All of them, by name.
    pub fn all() -> &'static [Self] {
        crate::aws::TYPES
    }
}
