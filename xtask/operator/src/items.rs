//! The table, read by its keys: items, queries, never a scan.
//!
//! It only reads; what is written, and under which condition, is the functions' affair.

use crate::calls::{BATCH_GET_ITEM, GET_ITEM, QUERY};
use crate::cloud::Cloud;
use crate::ui::Result;
use anyhow::anyhow;
use aws_wire::Client;
use herald_contract::Millis;
use herald_contract::table::{EXP, Index, Key, PK, SK};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What DynamoDB gives at once.
const BATCH_MAX: usize = 100;

/// How often it is asked again for what it left out.
const ROUNDS_MAX: usize = 16;

/// The table of a stack.
pub(crate) struct Items<'a> {
    client: &'a Client,
    table: &'a str,
}

/// One item, as DynamoDB writes it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Item(BTreeMap<String, Value>);

impl Item {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.get("S")?.as_str()
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.get("N")?.as_str()?.parse().ok()
    }

    fn key(&self) -> Option<Key> {
        Some(Key { pk: self.text(PK)?.to_owned(), sk: self.text(SK)?.to_owned() })
    }

    /// Whether its time has not passed; it may be there for long afterwards.
    fn is_live(&self, now: Millis) -> bool {
        self.number(EXP).is_none_or(|exp| exp > now.get() / 1000)
    }
}

/// Which items of a partition.
pub(crate) struct Query<'a> {
    pub(crate) index: Option<Index>,
    pub(crate) pk: String,
    /// What their sort keys begin with.
    pub(crate) prefix: &'a str,
    pub(crate) latest_first: bool,
    pub(crate) limit: usize,
}

impl<'a> Items<'a> {
    pub(crate) fn of(cloud: &'a Cloud) -> Result<Self> {
        Ok(Self { client: &cloud.client, table: cloud.need("TableName")? })
    }

    /// One item as it stands now.
    pub(crate) async fn get(&self, key: &Key, now: Millis) -> Result<Option<Item>> {
        #[derive(Deserialize)]
        struct Got {
            #[serde(rename = "Item")]
            item: Option<Item>,
        }
        let input =
            json!({ "TableName": self.table, "Key": attributes(key), "ConsistentRead": true });
        let Got { item } = self.client.json(&GET_ITEM, &input).await?;
        Ok(item.filter(|item| item.is_live(now)))
    }

    /// Those of these items that there are.
    pub(crate) async fn get_all(&self, keys: &[Key], now: Millis) -> Result<BTreeMap<Key, Item>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Got {
            responses: BTreeMap<String, Vec<Item>>,
            #[serde(default)]
            unprocessed_keys: Map<String, Value>,
        }
        let mut found = BTreeMap::new();
        for keys in keys.chunks(BATCH_MAX) {
            let keys: Vec<_> = keys.iter().map(attributes).collect();
            let mut wanted = Map::new();
            wanted.insert(self.table.to_owned(), json!({ "Keys": keys }));
            for round in 0.. {
                if round == ROUNDS_MAX {
                    return Err(
                        anyhow!("the table leaves out items again and again; try later").into()
                    );
                }
                let input = json!({ "RequestItems": wanted });
                let got: Got = self.client.json(&BATCH_GET_ITEM, &input).await?;
                let items = got.responses.into_values().flatten();
                let live = items.filter(|item| item.is_live(now));
                found.extend(live.filter_map(|item| Some((item.key()?, item))));
                if got.unprocessed_keys.is_empty() {
                    break;
                }
                wanted = got.unprocessed_keys;
            }
        }
        Ok(found)
    }

    /// The items of a query, `limit` at most; an index has their keys only.
    pub(crate) async fn query(&self, query: Query<'_>, now: Millis) -> Result<Vec<(Key, Item)>> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Page {
            items: Vec<Item>,
            last_evaluated_key: Option<Value>,
        }
        let Query { index, pk, prefix, latest_first, limit } = query;
        let (pk_name, sk_name) = index.map_or((PK, SK), |index| (index.pk(), index.sk()));
        let mut input = json!({
            "TableName": self.table,
            "KeyConditionExpression": "#pk = :pk AND begins_with(#sk, :sk)",
            "ExpressionAttributeNames": { "#pk": pk_name, "#sk": sk_name },
            "ExpressionAttributeValues": { ":pk": { "S": pk }, ":sk": { "S": prefix } },
            "ScanIndexForward": !latest_first,
            "Limit": limit,
        });
        if let Some(index) = index {
            input["IndexName"] = index.name().into();
        }
        let mut found = Vec::new();
        loop {
            let page: Page = self.client.json(&QUERY, &input).await?;
            let live = page.items.into_iter().filter(|item| item.is_live(now));
            found.extend(live.filter_map(|item| Some((item.key()?, item))));
            match page.last_evaluated_key {
                Some(key) if found.len() < limit => input["ExclusiveStartKey"] = key,
                _ => break,
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}

fn attributes(key: &Key) -> Value {
    json!({ PK: { "S": key.pk }, SK: { "S": key.sk } })
}
