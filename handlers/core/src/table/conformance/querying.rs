//! Queries of the table and of its indices.

use super::{item, key, ok, put, write};
use crate::table::{Item, Page, Position, Query, Range, Table};
use herald_contract::table::Index;

async fn fill<T: Table>(table: &T, pk: &str, sks: &[&str]) -> String {
    for sk in sks {
        ok(write(table, put(key(pk, sk), item([("sk", (*sk).into())]))).await);
    }
    key(pk, "").pk
}

fn sort_keys(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.key.sk.as_str()).collect()
}

/// Follows the pages of a query to their end.
async fn all<T: Table>(table: &T, mut query: Query) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..100 {
        let page = ok(table.query(&query).await);
        assert!(page.rows.len() <= query.limit as usize, "no more than asked for");
        found.extend(page.rows.into_iter().map(|row| row.key.sk));
        match page.next {
            None => return found,
            next => query.after = next,
        }
    }
    panic!("the pages of {query:?} do not end");
}

pub(super) async fn a_partition_is_in_order_both_ways<T: Table>(table: &T) {
    // By their bytes: capitals before small letters, and these before what is not ASCII.
    let pk = fill(table, "order", &["b", "a", "ü", "B", "10", "9"]).await;
    fill(table, "order2", &["other"]).await;
    let query = Query::of(pk, 100);
    let page = ok(table.query(&query).await);
    assert_eq!(sort_keys(&page), ["10", "9", "B", "a", "b", "ü"]);
    assert_eq!(page.next, None);
    assert_eq!(page.rows[0].item, item([("sk", "10".into())]), "with their attributes");
    let page = ok(table.query(&Query { forward: false, ..query }).await);
    assert_eq!(sort_keys(&page), ["ü", "b", "a", "B", "9", "10"]);
    let none = ok(table.query(&Query::of("conformance#nothing", 1)).await);
    assert_eq!(none, Page::default());
}

pub(super) async fn a_prefix_and_an_end_bound_the_query<T: Table>(table: &T) {
    let pk = fill(table, "range", &["C", "C#1", "C#2", "D#1", "HEAD"]).await;
    let within = |range| Query { range, ..Query::of(pk.clone(), 100) };
    let page = ok(table.query(&within(Range::BeginsWith("C#".to_owned()))).await);
    assert_eq!(sort_keys(&page), ["C#1", "C#2"]);
    let page = ok(table.query(&within(Range::Before("C#2".to_owned()))).await);
    assert_eq!(sort_keys(&page), ["C", "C#1"], "without the end");
}

pub(super) async fn pages_follow_each_other_without_gaps<T: Table>(table: &T) {
    let pk = fill(table, "pages", &["1", "2", "3", "4", "5"]).await;
    for limit in 1..=6 {
        let query = Query::of(pk.clone(), limit);
        assert_eq!(all(table, query.clone()).await, ["1", "2", "3", "4", "5"], "{limit}");
        let back = Query { forward: false, ..query };
        assert_eq!(all(table, back).await, ["5", "4", "3", "2", "1"], "{limit}");
    }
}

pub(super) async fn a_page_may_begin_after_what_is_not_there<T: Table>(table: &T) {
    let pk = fill(table, "after", &["1", "3", "5"]).await;
    let after = |sk| {
        let position = Position { key: key("after", sk), index_sk: None };
        Query { after: Some(position), ..Query::of(pk.clone(), 100) }
    };
    for (sk, want) in
        [("0", &["1", "3", "5"][..]), ("1", &["3", "5"]), ("2", &["3", "5"]), ("5", &[])]
    {
        assert_eq!(all(table, after(sk)).await, want, "{sk}");
    }
}

fn indexed(index: Index, pk: &str, sk: &str) -> Item {
    item([(index.pk(), pk.into()), (index.sk(), sk.into())])
}

pub(super) async fn an_index_has_only_items_with_its_keys<T: Table>(table: &T) {
    for index in Index::ALL {
        let name = format!("index{}", index.name());
        let of = |pk: &str, sk: &str| indexed(*index, &format!("conformance#{name}#{pk}"), sk);
        ok(write(table, put(key(&name, "b"), of("p", "2"))).await);
        ok(write(table, put(key(&name, "a"), of("p", "3"))).await);
        let mut with_more = of("p", "1");
        with_more.insert("more".to_owned(), "x".into());
        ok(write(table, put(key(&name, "c"), with_more)).await);
        ok(write(table, put(key(&name, "d"), of("q", "1"))).await);
        ok(write(table, put(key(&name, "e"), Item::new())).await);
        let query =
            Query { index: Some(*index), ..Query::of(format!("conformance#{name}#p"), 100) };
        assert_eq!(all(table, query.clone()).await, ["c", "b", "a"], "by the index's sort key");
        let page = ok(table.query(&Query { range: Range::Before("3".to_owned()), ..query }).await);
        assert_eq!(sort_keys(&page), ["c", "b"]);
        assert_eq!(page.rows[0].item, of("p", "1"), "with the keys of the index only");
    }
}

pub(super) async fn an_index_is_paged_past_equal_sort_keys<T: Table>(table: &T) {
    let index = Index::Due;
    for sk in ["a", "b", "c"] {
        let same = indexed(index, "conformance#equal", "0001");
        ok(write(table, put(key("equal", sk), same)).await);
    }
    let query = Query { index: Some(index), ..Query::of("conformance#equal", 1) };
    let mut found = all(table, query).await;
    // Equal sort keys have no order among themselves.
    found.sort();
    assert_eq!(found, ["a", "b", "c"]);
}
