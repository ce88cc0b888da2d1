//! Conditions and changes as expressions of DynamoDB.
//!
//! Every name and every value is a placeholder: names may be reserved words, and what comes from
//! outside never becomes part of an expression.

use super::attribute;
use herald_core::table::{Attribute, Condition, Update};
use serde_json::{Map, Value};

/// The placeholders of the expressions of one request.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    names: Vec<String>,
    values: Vec<Attribute>,
}

impl Expressions {
    /// The placeholder of a name.
    pub(super) fn name(&mut self, name: &str) -> String {
        let place = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        format!("#{place}")
    }

    /// The placeholder of a value.
    pub(super) fn value(&mut self, value: Attribute) -> String {
        self.values.push(value);
        format!(":{}", self.values.len() - 1)
    }

    pub(super) fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Exists(name) => format!("attribute_exists({})", self.name(name)),
            Condition::NotExists(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Eq(name, value) => self.comparison(name, "=", value),
            Condition::Lt(name, value) => self.comparison(name, "<", value),
            Condition::Le(name, value) => self.comparison(name, "<=", value),
            Condition::And(all) => self.joined(all, " AND "),
            Condition::Or(any) => self.joined(any, " OR "),
        }
    }

    fn comparison(&mut self, name: &str, operator: &str, value: &Attribute) -> String {
        format!("{} {operator} {}", self.name(name), self.value(value.clone()))
    }

    fn joined(&mut self, conditions: &[Condition], with: &str) -> String {
        match conditions {
            // DynamoDB takes no brackets around brackets, and none are needed.
            [one] => self.condition(one),
            all => {
                let all: Vec<_> = all.iter().map(|c| format!("({})", self.condition(c))).collect();
                all.join(with)
            }
        }
    }

    /// The changes of an update; none where it has none.
    pub(super) fn update(&mut self, update: Update) -> Option<String> {
        let Update { key: _, set, add, remove, condition: _ } = update;
        let set: Vec<_> = set
            .into_iter()
            .map(|(name, value)| format!("{} = {}", self.name(&name), self.value(value)))
            .collect();
        let add: Vec<_> = add
            .into_iter()
            .map(|(name, n)| format!("{} {}", self.name(&name), self.value(Attribute::N(n))))
            .collect();
        let remove: Vec<_> = remove.iter().map(|name| self.name(name)).collect();
        let clauses = [("SET", set), ("ADD", add), ("REMOVE", remove)];
        let clauses = clauses.into_iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<_> =
            clauses.map(|(clause, parts)| format!("{clause} {}", parts.join(", "))).collect();
        (!clauses.is_empty()).then(|| clauses.join(" "))
    }

    /// Adds what the placeholders stand for to a request.
    pub(super) fn write_to(self, request: &mut Value) {
        let names: Map<_, _> = (0..)
            .zip(self.names)
            .map(|(n, name): (usize, _)| (format!("#{n}"), name.into()))
            .collect();
        let values: Map<_, _> = (0..)
            .zip(self.values)
            .map(|(n, value): (usize, _)| (format!(":{n}"), attribute::of(value)))
            .collect();
        if !names.is_empty() {
            request["ExpressionAttributeNames"] = names.into();
        }
        if !values.is_empty() {
            request["ExpressionAttributeValues"] = values.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use herald_contract::table::Key;
    use serde_json::json;

    fn check(of: impl FnOnce(&mut Expressions) -> Option<String>, want: Expect) {
        let mut expressions = Expressions::default();
        let expression = of(&mut expressions);
        let mut request = json!({});
        expressions.write_to(&mut request);
        want.assert_eq(&format!("{}\n{request}\n", expression.unwrap_or_default()));
    }

    #[test]
    fn conditions_are_written_with_placeholders_only() {
        let expired = Condition::Le("exp".to_owned(), Attribute::N(7));
        let either = Condition::absent().or(expired);
        check(
            |e| Some(e.condition(&either)),
            expect![[r##"
                (attribute_not_exists(#0)) OR (#1 <= :0)
                {"ExpressionAttributeNames":{"#0":"PK","#1":"exp"},"ExpressionAttributeValues":{":0":{"N":"7"}}}
            "##]],
        );
        let nested =
            Condition::eq("user", "x OR 1").and(Condition::And(vec![Condition::lt("n", 5_u64)]));
        check(
            |e| Some(e.condition(&nested)),
            expect![[r##"
                (#0 = :0) AND (#1 < :1)
                {"ExpressionAttributeNames":{"#0":"user","#1":"n"},"ExpressionAttributeValues":{":0":{"S":"x OR 1"},":1":{"N":"5"}}}
            "##]],
        );
    }

    #[test]
    fn an_update_has_the_clauses_it_needs() {
        let of = || Update::of(Key { pk: String::new(), sk: String::new() });
        let all = of().set("type", "a").set("n", 1_u64).add("sum", -2).remove("go").remove("type");
        check(
            |e| e.update(all),
            expect![[r##"
                SET #0 = :0, #1 = :1 ADD #2 :2 REMOVE #3, #0
                {"ExpressionAttributeNames":{"#0":"type","#1":"n","#2":"sum","#3":"go"},"ExpressionAttributeValues":{":0":{"S":"a"},":1":{"N":"1"},":2":{"N":"-2"}}}
            "##]],
        );
        check(
            |e| e.update(of().remove("go")),
            expect![[r##"
                REMOVE #0
                {"ExpressionAttributeNames":{"#0":"go"}}
            "##]],
        );
        check(
            |e| e.update(of()),
            expect![[r#"

                {}
            "#]],
        );
    }
}
