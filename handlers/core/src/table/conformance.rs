//! What every implementation of [`Table`] has to do, as one check.
//!
//! The rules of this crate lean on each of these. The fake passes it here; the adapter to DynamoDB
//! passes it in `herald-lambda`, against an emulator. It panics at the first thing that differs.

mod querying;
mod writing;

use super::{Attribute, Condition, Item, Table, Write, WriteError};
use herald_contract::table::Key;
use std::fmt::Debug;

/// Checks an implementation with a table that is empty.
///
/// # Panics
/// Where it differs from what the port says.
pub async fn check<T: Table>(table: &T) {
    writing::items_come_back_as_they_were_put(table).await;
    writing::numbers_keep_every_digit(table).await;
    writing::an_update_sets_adds_and_removes(table).await;
    writing::an_update_makes_the_item_where_there_is_none(table).await;
    writing::conditions_hold_or_nothing_is_written(table).await;
    writing::a_comparison_with_something_else_does_not_hold(table).await;
    writing::a_delete_needs_no_item(table).await;
    writing::a_transaction_is_all_or_nothing(table).await;
    writing::a_failed_transaction_names_the_conditions(table).await;
    writing::a_check_writes_nothing(table).await;
    writing::a_transaction_has_its_limits(table).await;
    writing::what_has_expired_is_still_read(table).await;
    querying::a_partition_is_in_order_both_ways(table).await;
    querying::a_prefix_and_an_end_bound_the_query(table).await;
    querying::pages_follow_each_other_without_gaps(table).await;
    querying::a_page_may_begin_after_what_is_not_there(table).await;
    querying::an_index_has_only_items_with_its_keys(table).await;
    querying::an_index_is_paged_past_equal_sort_keys(table).await;
}

fn key(pk: &str, sk: &str) -> Key {
    Key { pk: format!("conformance#{pk}"), sk: sk.to_owned() }
}

fn item<const N: usize>(attributes: [(&str, Attribute); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn put(key: Key, item: Item) -> Write {
    Write::Put { key, item, condition: None }
}

#[track_caller]
fn ok<T, E: Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(e) => panic!("the table refused what it must do: {e:?}"),
    }
}

/// Writes until no other transaction is in the way.
async fn write<T: Table>(table: &T, write: Write) -> Result<Option<Item>, WriteError> {
    for _ in 0..10 {
        match table.write(write.clone()).await {
            Err(WriteError::Conflict) => {}
            other => return other,
        }
    }
    Err(WriteError::Conflict)
}

#[track_caller]
fn failed<T: Debug>(result: Result<T, WriteError>, index: usize) {
    match result {
        Err(e) if e.failed_at(index) => {}
        other => panic!("the condition of write {index} must not hold, but: {other:?}"),
    }
}

async fn holds<T: Table>(table: &T, at: &Key, condition: Condition) -> bool {
    let check = Write::Check { key: at.clone(), condition };
    // Beside another write, since a check alone is none.
    let other = put(Key { pk: format!("{}#other", at.pk), sk: at.sk.clone() }, Item::new());
    match table.transact(vec![check, other]).await {
        Ok(()) => true,
        Err(e) if e.failed_at(0) => false,
        Err(e) => panic!("a check neither holds nor fails: {e:?}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::table::fake::FakeTable;
    use crate::testing::now_or_never;

    #[test]
    fn the_fake_conforms() {
        now_or_never(super::check(&FakeTable::default()));
    }
}
