//! What a template consists of once it is read.

/// Where something stands, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Print(Reference),
    Set {
        target: Reference,
        value: Expression,
    },
    If {
        branches: Vec<(Expression, Vec<Self>)>,
        otherwise: Vec<Self>,
    },
    Foreach {
        variable: String,
        list: Expression,
        body: Vec<Self>,
    },
    /// `#define($name)`: rendered anew wherever the name is printed.
    Define {
        name: String,
        body: Vec<Self>,
    },
    Break,
    Stop,
}

/// `$name.member.method(argument)[index]`.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) at: Position,
    /// As it is written, which is what an undefined reference prints.
    pub(super) source: String,
    /// `$!name`: an undefined reference prints nothing.
    pub(super) quiet: bool,
    /// How many `\` stand before the `$`: an odd number keeps a defined reference from being used.
    pub(super) backslashes: usize,
    pub(super) root: String,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Member(String),
    Method(String, Vec<Expression>),
    Index(Expression),
}

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// A text in double quotes that holds references or directives.
    Interpolated(Vec<Node>),
    Reference(Reference),
    List(Vec<Self>),
    Range(Box<Self>, Box<Self>),
    Map(Vec<(Self, Self)>),
    Not(Box<Self>),
    /// Operators of one precedence, from left to right. Flat, so that a long sum is not a deep tree.
    Chain(Box<Self>, Vec<(Operator, Self)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
