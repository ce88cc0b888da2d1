//! One variable as serde sees it: a text that becomes what the field's type asks for.

use super::Stop;
use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Visitor};
use std::str::FromStr;

/// The value of a variable; nothing where it is not set.
#[derive(Clone, Copy)]
pub(super) struct Variable<'a>(pub(super) Option<&'a str>);

impl<'a> Variable<'a> {
    fn text(self) -> Result<&'a str, Stop> {
        self.0.ok_or_else(|| Stop::Wrong("is missing".to_owned()))
    }

    fn parse<T: FromStr>(self, kind: &str) -> Result<T, Stop> {
        let text = self.text()?;
        text.parse().map_err(|_| Stop::Wrong(format!("is `{text}`, which is no {kind}")))
    }
}

macro_rules! parsed {
    ($($ty:ident: $deserialize:ident $visit:ident,)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            visitor.$visit(self.parse::<$ty>(stringify!($ty))?)
        })*
    };
}

impl<'de> Deserializer<'de> for Variable<'_> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.0 {
            Some(_) => visitor.visit_some(self),
            None => visitor.visit_none(),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let text = self.text()?;
        if !variants.contains(&text) {
            let known = variants.join("`, `");
            return Err(Stop::Wrong(format!("is `{text}`, which is none of `{known}`")));
        }
        visitor.visit_enum(StrDeserializer::new(text))
    }

    parsed! {
        bool: deserialize_bool visit_bool,
        i8: deserialize_i8 visit_i8,
        i16: deserialize_i16 visit_i16,
        i32: deserialize_i32 visit_i32,
        i64: deserialize_i64 visit_i64,
        u8: deserialize_u8 visit_u8,
        u16: deserialize_u16 visit_u16,
        u32: deserialize_u32 visit_u32,
        u64: deserialize_u64 visit_u64,
        f32: deserialize_f32 visit_f32,
        f64: deserialize_f64 visit_f64,
        char: deserialize_char visit_char,
    }

    serde::forward_to_deserialize_any! {
        i128 u128 str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
