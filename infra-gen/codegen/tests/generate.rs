//! What a schema becomes, on schemas made up for the purpose.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::{Expect, expect};
use std::collections::BTreeMap;

fn generate(schema: &str) -> Result<BTreeMap<String, String>, infra_codegen::Error> {
    infra_codegen::generate(&BTreeMap::from([("aws-toy-lid.json".to_owned(), schema.to_owned())]))
}

/// The module of `AWS::Toy::Lid`, without its first lines, which never change.
fn check(schema: &str, expect: Expect) {
    let files = generate(schema).unwrap();
    let module = &files["toy/lid.rs"];
    expect.assert_eq(module.split_once("use crate::generated::*;\n\n").unwrap().1);
}

fn check_refused(schema: &str, expect: Expect) {
    expect.assert_eq(&generate(schema).unwrap_err().to_string());
}

/// A schema with these properties and whatever else.
fn lid(properties: &str, more: &str) -> String {
    format!(r#"{{"typeName": "AWS::Toy::Lid", "properties": {{{properties}}}{more}}}"#)
}

#[test]
fn a_resource_has_a_struct_a_table_of_rules_and_attributes() {
    check(
        &lid(
            r#"
            "Arn": {"type": "string"},
            "HTTPPort": {"type": "integer", "minimum": 1, "maximum": 65535},
            "Name": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^[a-z\"]+$"},
            "State": {"type": "object", "properties": {"Open": {"type": "boolean"}}},
            "Type": {"type": "string"}"#,
            r#",
            "required": ["Name"],
            "readOnlyProperties": ["/properties/Arn", "/properties/State", "/properties/State/Open"],
            "createOnlyProperties": ["/properties/Name"],
            "conditionalCreateOnlyProperties": ["/properties/Type"]"#,
        ),
        expect![[r##"
            /// [`AWS::Toy::Lid`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-toy-lid.html).
            #[derive(Clone, Debug, PartialEq)]
            pub struct Lid {
                pub http_port: Option<Val<i64>>,
                /// A new value replaces the resource.
                pub name: Val<String>,
                pub r#type: Option<Val<String>>,
            }

            impl Lid {
                /// With what is required; the rest is left to AWS.
                pub fn new(name: impl Into<Val<String>>) -> Self {
                    Self { http_port: None, name: name.into(), r#type: None }
                }
            }

            #[rustfmt::skip]
            impl Lid {
                const OBJECT: &'static Object = &Object {
                    fields: &[
                        Field::new("HTTPPort", i64::SHAPE, &[Least(1.0), Most(65535.0)]),
                        Field::new("Name", String::SHAPE, &[Length(1, 8), Pattern(r#"^[a-z"]+$"#)]).required(),
                        Field::new("Type", String::SHAPE, &[]),
                    ],
                    between: &[],
                };
            }

            #[rustfmt::skip]
            impl Value for Lid {
                const SHAPE: Shape = Shape::Object(Self::OBJECT);

                fn lower(&self, lower: &mut Lower<'_>) -> Node {
                    lower.object(Self::OBJECT, &[
                        &self.http_port,
                        &self.name,
                        &self.r#type,
                    ])
                }
            }

            #[rustfmt::skip]
            impl Resource for Lid {
                type Ref = String;
                const TYPE: &'static str = "AWS::Toy::Lid";
                const CREATE_ONLY: &'static [&'static str] = &["Name"];
                const CONDITIONAL_CREATE_ONLY: &'static [&'static str] = &["Type"];
                const ATTRIBUTES: &'static [&'static str] = &["Arn", "State.Open"];
            }

            /// Attributes: `Fn::GetAtt`.
            impl Handle<Lid> {
                /// `Arn`.
                pub fn arn(&self) -> Val<String> {
                    self.attribute("Arn")
                }

                /// `State.Open`.
                pub fn state_open(&self) -> Val<bool> {
                    self.attribute("State.Open")
                }
            }
        "##]],
    );
}

#[test]
fn more_than_three_required_properties_are_given_by_name() {
    let text = r#"{"type": "string"}"#;
    check(
        &lid(
            &format!(r#""A": {text}, "B": {text}, "C": {text}, "D": {text}, "E": {text}"#),
            r#", "required": ["A", "B", "C", "D"]"#,
        ),
        expect![[r#"
            /// [`AWS::Toy::Lid`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-toy-lid.html).
            #[derive(Clone, Debug, PartialEq)]
            pub struct Lid {
                pub a: Val<String>,
                pub b: Val<String>,
                pub c: Val<String>,
                pub d: Val<String>,
                pub e: Option<Val<String>>,
            }

            /// What [`Lid::new`] requires.
            #[derive(Clone, Debug, PartialEq)]
            pub struct LidRequired {
                pub a: Val<String>,
                pub b: Val<String>,
                pub c: Val<String>,
                pub d: Val<String>,
            }

            impl Lid {
                /// With what is required; the rest is left to AWS.
                pub fn new(required: LidRequired) -> Self {
                    Self { a: required.a, b: required.b, c: required.c, d: required.d, e: None }
                }
            }

            #[rustfmt::skip]
            impl Lid {
                const OBJECT: &'static Object = &Object {
                    fields: &[
                        Field::new("A", String::SHAPE, &[]).required(),
                        Field::new("B", String::SHAPE, &[]).required(),
                        Field::new("C", String::SHAPE, &[]).required(),
                        Field::new("D", String::SHAPE, &[]).required(),
                        Field::new("E", String::SHAPE, &[]),
                    ],
                    between: &[],
                };
            }

            #[rustfmt::skip]
            impl Value for Lid {
                const SHAPE: Shape = Shape::Object(Self::OBJECT);

                fn lower(&self, lower: &mut Lower<'_>) -> Node {
                    lower.object(Self::OBJECT, &[
                        &self.a,
                        &self.b,
                        &self.c,
                        &self.d,
                        &self.e,
                    ])
                }
            }

            #[rustfmt::skip]
            impl Resource for Lid {
                type Ref = String;
                const TYPE: &'static str = "AWS::Toy::Lid";
                const CREATE_ONLY: &'static [&'static str] = &[];
            }
        "#]],
    );
}

#[test]
fn enums_are_open_and_named_after_what_they_are_of() {
    check(
        &lid(
            r#"
            "Colours": {"type": "array", "items": {"type": "string", "enum": ["DARK_RED", "*"]}},
            "Position": {"type": "string", "pattern": "(LATEST|TRIM_HORIZON)+"}"#,
            "",
        ),
        expect![[r#"
            /// [`AWS::Toy::Lid`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-toy-lid.html).
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct Lid {
                pub colours: Option<Val<List<Colour>>>,
                pub position: Option<Val<Position>>,
            }

            impl Lid {
                /// With what is required; the rest is left to AWS.
                pub fn new() -> Self {
                    Self::default()
                }
            }

            #[rustfmt::skip]
            impl Lid {
                const OBJECT: &'static Object = &Object {
                    fields: &[
                        Field::new("Colours", List::<Colour>::SHAPE, &[]),
                        Field::new("Position", Position::SHAPE, &[]),
                    ],
                    between: &[],
                };
            }

            #[rustfmt::skip]
            impl Value for Lid {
                const SHAPE: Shape = Shape::Object(Self::OBJECT);

                fn lower(&self, lower: &mut Lower<'_>) -> Node {
                    lower.object(Self::OBJECT, &[
                        &self.colours,
                        &self.position,
                    ])
                }
            }

            #[rustfmt::skip]
            impl Resource for Lid {
                type Ref = String;
                const TYPE: &'static str = "AWS::Toy::Lid";
                const CREATE_ONLY: &'static [&'static str] = &[];
            }

            /// Values of `Colour`.
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum Colour {
                DarkRed,
                Any,
                /// A value AWS added since.
                Other(String),
            }

            impl Text for Colour {
                #[rustfmt::skip]
                const VALUES: &'static [&'static str] = &["DARK_RED", "*"];

                fn as_str(&self) -> &str {
                    match self {
                        Self::DarkRed => "DARK_RED",
                        Self::Any => "*",
                        Self::Other(value) => value,
                    }
                }
            }

            /// Values of `Position`.
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum Position {
                Latest,
                TrimHorizon,
                /// A value AWS added since.
                Other(String),
            }

            impl Text for Position {
                #[rustfmt::skip]
                const VALUES: &'static [&'static str] = &["LATEST", "TRIM_HORIZON"];

                fn as_str(&self) -> &str {
                    match self {
                        Self::Latest => "LATEST",
                        Self::TrimHorizon => "TRIM_HORIZON",
                        Self::Other(value) => value,
                    }
                }
            }
        "#]],
    );
}

#[test]
fn lists_maps_and_nested_types_carry_their_rules() {
    check(
        &lid(
            r##"
            "Days": {"type": "integer", "enum": [1, 3]},
            "Free": {"type": ["object", "string"], "format": "json"},
            "Hinges": {"type": "array", "minItems": 1, "uniqueItems": true,
                "items": {"$ref": "#/definitions/Hinge"}},
            "Labels": {"type": "object", "patternProperties": {"^[a-z]+$": {"type": "string", "maxLength": 9}}},
            "Names": {"type": "array", "items": {"type": "string", "maxLength": 5}}"##,
            r#",
            "definitions": {"Hinge": {"type": "object",
                "properties": {"Left": {"type": "number"}, "Right": {"type": "number"}},
                "anyOf": [{"required": ["Left"]}, {"required": ["Right"]}],
                "dependentRequired": {"Left": ["Right"]}}}"#,
        ),
        expect![[r#"
            /// [`AWS::Toy::Lid`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-toy-lid.html).
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct Lid {
                pub days: Option<Val<i64>>,
                pub free: Option<Val<Json>>,
                pub hinges: Option<Val<List<Hinge>>>,
                pub labels: Option<Val<Map<String>>>,
                pub names: Option<Val<List<String>>>,
            }

            impl Lid {
                /// With what is required; the rest is left to AWS.
                pub fn new() -> Self {
                    Self::default()
                }
            }

            #[rustfmt::skip]
            impl Lid {
                const OBJECT: &'static Object = &Object {
                    fields: &[
                        Field::new("Days", i64::SHAPE, &[OneOf(&[1, 3])]),
                        Field::new("Free", Json::SHAPE, &[]),
                        Field::new("Hinges", List::<Hinge>::SHAPE, &[Count(1, NO_LIMIT), Unique]),
                        Field::new("Labels", Map::<String>::SHAPE, &[Keys("^[a-z]+$"), Each(&[Length(0, 9)])]),
                        Field::new("Names", List::<String>::SHAPE, &[Each(&[Length(0, 5)])]),
                    ],
                    between: &[],
                };
            }

            #[rustfmt::skip]
            impl Value for Lid {
                const SHAPE: Shape = Shape::Object(Self::OBJECT);

                fn lower(&self, lower: &mut Lower<'_>) -> Node {
                    lower.object(Self::OBJECT, &[
                        &self.days,
                        &self.free,
                        &self.hinges,
                        &self.labels,
                        &self.names,
                    ])
                }
            }

            #[rustfmt::skip]
            impl Resource for Lid {
                type Ref = String;
                const TYPE: &'static str = "AWS::Toy::Lid";
                const CREATE_ONLY: &'static [&'static str] = &[];
            }

            /// `Hinge` of `AWS::Toy::Lid`.
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct Hinge {
                pub left: Option<Val<f64>>,
                pub right: Option<Val<f64>>,
            }

            impl Hinge {
                /// With what is required; the rest is left to AWS.
                pub fn new() -> Self {
                    Self::default()
                }
            }

            #[rustfmt::skip]
            impl Hinge {
                const OBJECT: &'static Object = &Object {
                    fields: &[
                        Field::new("Left", f64::SHAPE, &[]),
                        Field::new("Right", f64::SHAPE, &[]),
                    ],
                    between: &[Between::Any(&[&["Left"], &["Right"]]), Between::Needs("Left", &["Right"])],
                };
            }

            #[rustfmt::skip]
            impl Value for Hinge {
                const SHAPE: Shape = Shape::Object(Self::OBJECT);

                fn lower(&self, lower: &mut Lower<'_>) -> Node {
                    lower.object(Self::OBJECT, &[
                        &self.left,
                        &self.right,
                    ])
                }
            }
        "#]],
    );
}

#[test]
fn a_pattern_beyond_us_is_named_in_the_documentation() {
    let files = generate(&lid(r#""Name": {"type": "string", "pattern": "^(?!x)"}"#, "")).unwrap();
    let module = &files["toy/lid.rs"];
    assert!(
        module.contains("/// AWS alone checks the pattern `^(?!x)`.\n    pub name:"),
        "{module}"
    );
}

#[test]
fn the_other_files_list_services_types_and_ids() {
    let files = generate(&lid(r#""Role": {"type": "string", "format": "AWS::IAM::Role.Arn"}"#, ""));
    let files = files.unwrap();
    let paths: Vec<_> = files.keys().collect();
    assert_eq!(paths, ["ids.rs", "mod.rs", "toy.rs", "toy/lid.rs"]);
    expect![[r#"
        //! Ids, names and ARNs, each a type of its own.
        //!
        //! Generated by `cargo xtask codegen` from `infra-gen/schemas`; do not edit.

        use crate::text::arn;

        arn!(RoleArn);
    "#]]
    .assert_eq(&files["ids.rs"]);
    expect![[r#"
        //! Resource types of AWS, one module a service.
        //!
        //! Generated by `cargo xtask codegen` from `infra-gen/schemas`; do not edit.

        pub mod ids;
        pub mod toy;

        /// Every resource type there is here, by name.
        #[rustfmt::skip]
        pub(crate) static TYPES: &[crate::ResourceType] = &[
            crate::ResourceType::of::<toy::Lid>(),
        ];

        //! `AWS::Toy`: a module a resource type.
        //!
        //! Generated by `cargo xtask codegen` from `infra-gen/schemas`; do not edit.

        pub mod lid;

        pub use lid::Lid;
    "#]]
    .assert_eq(&format!("{}\n{}", files["mod.rs"], files["toy.rs"]));
}

#[test]
fn what_is_not_understood_is_refused_with_file_and_place() {
    let property = |schema: &str| lid(&format!(r#""P": {schema}"#), "");
    check_refused("{", expect!["schema aws-toy-lid.json is not valid JSON"]);
    check_refused(
        r#"{"typeName": "Lid", "properties": {}}"#,
        expect!["schema aws-toy-lid.json: /typeName is not of the form AWS::Service::Type"],
    );
    check_refused(
        &lid("", r#", "surprise": 1"#),
        expect!["schema aws-toy-lid.json: /surprise is a keyword this generator does not know"],
    );
    check_refused(
        &property(r#"{"type": "string", "not": {}}"#),
        expect![
            "schema aws-toy-lid.json: /properties/P/not is a keyword this generator does not know"
        ],
    );
    check_refused(
        &property(r#"{"type": "float"}"#),
        expect!["schema aws-toy-lid.json: /properties/P has a type this generator does not know"],
    );
    check_refused(
        &property(r#"{"type": "string", "format": "roman"}"#),
        expect!["schema aws-toy-lid.json: /properties/P has the unknown format roman"],
    );
    check_refused(
        &property(r#"{"type": "string", "pattern": "["}"#),
        expect![
            "schema aws-toy-lid.json: /properties/P has the pattern [, which is not understood: found unclosed character class"
        ],
    );
    check_refused(
        &property(r#"{"type": "string", "enum": ["a", "A"]}"#),
        expect![[r#"schema aws-toy-lid.json: /properties/P "A" has no name of its own in Rust"#]],
    );
    check_refused(
        &property(r#"{"type": "string", "maxLength": "9"}"#),
        expect!["schema aws-toy-lid.json: /properties/P/maxLength is not a number"],
    );
    check_refused(
        &property(r##"{"$ref": "#/definitions/Gone"}"##),
        expect!["schema aws-toy-lid.json: /properties/P points to Gone, which is not there"],
    );
    check_refused(
        &property(r#"{"anyOf": [{"type": "string"}]}"#),
        expect![
            "schema aws-toy-lid.json: /properties/P/anyOf/0 is a choice this generator does not know"
        ],
    );
    check_refused(
        &lid("", r#", "required": ["Gone"]"#),
        expect!["schema aws-toy-lid.json: /properties requires Gone, which is not there"],
    );
    check_refused(
        &lid("", r#", "readOnlyProperties": ["/properties/Gone"]"#),
        expect!["schema aws-toy-lid.json: /properties/Gone is read-only and not there"],
    );
    check_refused(
        &lid(r#""A-b": {"type": "string"}, "A_b": {"type": "string"}"#, ""),
        expect![
            "schema aws-toy-lid.json: /properties has two properties that Rust would spell alike"
        ],
    );
    let tree = r##", "definitions": {"Tree": {"type": "object", "properties": {"Left": {"$ref": "#/definitions/Tree"}}}}"##;
    check_refused(
        &lid(r##""T": {"$ref": "#/definitions/Tree"}"##, tree),
        expect!["schema aws-toy-lid.json: /properties/T/Left is a type that holds itself"],
    );
    let loops = r##", "definitions": {"A": {"$ref": "#/definitions/A"}}"##;
    check_refused(
        &lid(r##""T": {"$ref": "#/definitions/A"}"##, loops),
        expect!["schema aws-toy-lid.json: /properties/T is a reference that leads to itself"],
    );
}

#[test]
fn a_type_stands_in_one_file() {
    let schema = lid("", "");
    let twice = BTreeMap::from([("a".to_owned(), schema.clone()), ("b".to_owned(), schema)]);
    expect!["schema b: /typeName is AWS::Toy::Lid a second time"]
        .assert_eq(&infra_codegen::generate(&twice).unwrap_err().to_string());
}
