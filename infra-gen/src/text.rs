//! Strings of a kind: ids, names, ARNs, enum values. Most are generated (`aws::ids`); the ones that
//! belong to no single resource are here.

use crate::value::Val;

/// A string whose kind is a type of its own.
pub trait Text {
    /// The values it is known to have; any, if there are none.
    const VALUES: &'static [&'static str] = &[];

    /// As CloudFormation reads it.
    fn as_str(&self) -> &str;
}

/// A [`Text`] that is an ARN.
pub trait Arn: Text {}

impl<T: Text> Val<T> {
    /// The same as a plain string, where AWS does not say of which kind.
    pub fn text(&self) -> Val<String> {
        match self {
            Self::Lit(text) => Val::Lit(text.as_str().to_owned()),
            Self::Expr(expr) => Val::Expr(expr.clone()),
        }
    }
}

impl<T: Arn> From<Val<T>> for Val<AnyArn> {
    fn from(arn: Val<T>) -> Self {
        match arn {
            Val::Lit(arn) => Self::Lit(AnyArn(arn.as_str().to_owned())),
            Val::Expr(expr) => Self::Expr(expr),
        }
    }
}

/// The parts that all kinds share.
macro_rules! kind {
    ($name:ident) => {
        #[doc = concat!("`", stringify!($name), "`, as a literal or from a handle.")]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// An existing one, given literally.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }

        impl $crate::Text for $name {
            fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

/// What `Ref` of some resource gives.
macro_rules! referable {
    ($name:ident) => {
        impl<R: $crate::Resource<Ref = $name>> From<&$crate::Handle<R>> for $crate::Val<$name> {
            fn from(handle: &$crate::Handle<R>) -> Self {
                handle.reference()
            }
        }

        impl<R: $crate::Resource<Ref = $name>> From<$crate::Handle<R>> for $crate::Val<$name> {
            fn from(handle: $crate::Handle<R>) -> Self {
                handle.reference()
            }
        }
    };
}

/// Made up by AWS: no literal turns into one by itself.
macro_rules! id {
    ($name:ident) => {
        $crate::text::kind!($name);
        $crate::text::referable!($name);
    };
}

/// Made up by people: a literal is one.
macro_rules! name {
    ($name:ident) => {
        $crate::text::kind!($name);
        $crate::text::referable!($name);

        impl From<&str> for $crate::Val<$name> {
            fn from(text: &str) -> Self {
                Self::Lit($name::new(text))
            }
        }

        impl From<String> for $crate::Val<$name> {
            fn from(text: String) -> Self {
                Self::Lit($name::new(text))
            }
        }
    };
}

/// An ARN of one kind of resource.
macro_rules! arn {
    ($name:ident) => {
        $crate::text::kind!($name);
        $crate::text::referable!($name);
        impl $crate::Arn for $name {}
    };
}

/// Where AWS takes the one for the other.
macro_rules! widen {
    ($from:ident => $to:ident) => {
        impl From<$crate::Val<$from>> for $crate::Val<$to> {
            fn from(value: $crate::Val<$from>) -> Self {
                match value {
                    $crate::Val::Lit(text) => Self::Lit($to(text.0)),
                    $crate::Val::Expr(expr) => Self::Expr(expr),
                }
            }
        }
    };
}

pub(crate) use {arn, id, kind, name, referable, widen};

kind!(AnyArn);
kind!(RouteTarget);
kind!(Url);

impl From<Val<crate::aws::ids::IntegrationId>> for Val<RouteTarget> {
    fn from(integration: Val<crate::aws::ids::IntegrationId>) -> Self {
        Self::sub(&[&"integrations/", &integration])
    }
}

impl From<&crate::Handle<crate::aws::apigatewayv2::Integration>> for Val<RouteTarget> {
    fn from(integration: &crate::Handle<crate::aws::apigatewayv2::Integration>) -> Self {
        integration.reference().into()
    }
}
