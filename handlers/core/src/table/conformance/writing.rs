//! Puts, updates, deletes, conditions and transactions.

use super::{failed, holds, item, key, ok, put, write};
use crate::table::{Attribute, Condition, Item, Live as _, Table, Update, Write, WriteError};
use herald_contract::Millis;
use herald_contract::table::EXP;
use std::collections::BTreeMap;

pub(super) async fn items_come_back_as_they_were_put<T: Table>(table: &T) {
    let at = key("types", "1");
    assert_eq!(ok(table.get(&at).await), None, "an item that was never put");
    let map = BTreeMap::from([("a".to_owned(), Attribute::L(vec![Attribute::N(1)]))]);
    let item = item([
        ("text", "ü\n\"\u{1F600}".into()),
        ("empty", "".into()),
        ("long", "x".repeat(100_000).into()),
        ("number", Attribute::N(-7)),
        ("yes", true.into()),
        ("no", false.into()),
        ("null", Attribute::Null),
        ("list", Attribute::L(vec![Attribute::from("a"), Attribute::Null, Attribute::L(vec![])])),
        ("map", Attribute::M(map)),
    ]);
    let answer = ok(write(table, put(at.clone(), item.clone())).await);
    assert_eq!(answer, None, "a put answers with no item");
    assert_eq!(ok(table.get(&at).await), Some(item), "without the key among its attributes");
    ok(write(table, put(at.clone(), Item::new())).await);
    assert_eq!(ok(table.get(&at).await), Some(Item::new()), "a put replaces all attributes");
}

pub(super) async fn numbers_keep_every_digit<T: Table>(table: &T) {
    let at = key("numbers", "1");
    for number in [0, 1, -1, 10, 1000, 9_007_199_254_740_993, i64::MAX, i64::MIN] {
        let item = item([("n", Attribute::N(number))]);
        ok(write(table, put(at.clone(), item.clone())).await);
        assert_eq!(ok(table.get(&at).await), Some(item), "{number}");
        assert!(holds(table, &at, Condition::Eq("n".to_owned(), Attribute::N(number))).await);
    }
    // As numbers, not as texts.
    ok(write(table, put(at.clone(), item([("n", Attribute::N(9))]))).await);
    assert!(holds(table, &at, Condition::Lt("n".to_owned(), Attribute::N(10))).await);
}

pub(super) async fn an_update_sets_adds_and_removes<T: Table>(table: &T) {
    let at = key("update", "1");
    let before = item([("keep", 1_u64.into()), ("go", "x".into()), ("sum", 5_u64.into())]);
    ok(write(table, put(at.clone(), before)).await);
    let update = Update::of(at.clone())
        .set("new", "n")
        .set("type", "a reserved word")
        .add("sum", -2)
        .add("fresh", 3)
        .remove("go")
        .remove("never there");
    let answer = ok(write(table, Write::Update(update)).await);
    let after = item([
        ("keep", 1_u64.into()),
        ("new", "n".into()),
        ("type", "a reserved word".into()),
        ("sum", 3_u64.into()),
        ("fresh", 3_u64.into()),
    ]);
    assert_eq!(answer.as_ref(), Some(&after), "an update answers with the new item");
    assert_eq!(ok(table.get(&at).await), Some(after));
}

pub(super) async fn an_update_makes_the_item_where_there_is_none<T: Table>(table: &T) {
    let at = key("upsert", "1");
    let answer = ok(write(table, Write::Update(Update::of(at.clone()).add("n", 1))).await);
    assert_eq!(answer, Some(item([("n", 1_u64.into())])));
    let at = key("upsert", "2");
    let guarded = Update::of(at.clone()).set("n", 1_u64).when(Condition::present());
    failed(write(table, Write::Update(guarded)).await, 0);
    assert_eq!(ok(table.get(&at).await), None);
}

pub(super) async fn conditions_hold_or_nothing_is_written<T: Table>(table: &T) {
    let at = key("conditions", "1");
    ok(write(table, Write::insert(at.clone(), item([("n", 5_u64.into())]))).await);
    failed(write(table, Write::insert(at.clone(), Item::new())).await, 0);
    assert_eq!(ok(table.get(&at).await), Some(item([("n", 5_u64.into())])));
    let n = |make: fn(String, Attribute) -> Condition, number| {
        make("n".to_owned(), Attribute::N(number))
    };
    let cases = [
        (Condition::present(), true),
        (Condition::absent(), false),
        (Condition::Exists("n".to_owned()), true),
        (Condition::lacks("n"), false),
        (Condition::lacks("m"), true),
        (n(Condition::Eq, 5), true),
        (n(Condition::Eq, 4), false),
        (n(Condition::Lt, 6), true),
        (n(Condition::Lt, 5), false),
        (n(Condition::Le, 5), true),
        (n(Condition::Le, 4), false),
        (n(Condition::Eq, 5).and(Condition::lacks("n")), false),
        (n(Condition::Eq, 5).and(Condition::lacks("m")), true),
        (n(Condition::Eq, 4).or(Condition::lacks("m")), true),
        (n(Condition::Eq, 4).or(Condition::lacks("n")), false),
        (Condition::And(vec![Condition::present()]), true),
    ];
    for (condition, want) in cases {
        assert_eq!(holds(table, &at, condition.clone()).await, want, "{condition:?}");
    }
    let gone = Write::Delete { key: at.clone(), condition: Some(n(Condition::Lt, 5)) };
    failed(write(table, gone).await, 0);
    let gone = Write::Delete { key: at.clone(), condition: Some(n(Condition::Le, 5)) };
    ok(write(table, gone).await);
    assert_eq!(ok(table.get(&at).await), None);
}

pub(super) async fn a_comparison_with_something_else_does_not_hold<T: Table>(table: &T) {
    let at = key("comparisons", "1");
    ok(write(table, put(at.clone(), item([("text", "5".into())]))).await);
    for name in ["text", "missing"] {
        for make in [Condition::Eq, Condition::Lt, Condition::Le] {
            let condition = make(name.to_owned(), Attribute::N(9));
            assert!(!holds(table, &at, condition.clone()).await, "{condition:?}");
        }
    }
}

pub(super) async fn a_delete_needs_no_item<T: Table>(table: &T) {
    let at = key("delete", "1");
    ok(write(table, Write::Delete { key: at.clone(), condition: None }).await);
    ok(write(table, put(at.clone(), Item::new())).await);
    ok(write(table, Write::Delete { key: at.clone(), condition: None }).await);
    assert_eq!(ok(table.get(&at).await), None);
}

pub(super) async fn a_transaction_is_all_or_nothing<T: Table>(table: &T) {
    let at = |sk| key("transaction", sk);
    ok(write(table, put(at("old"), Item::new())).await);
    let writes = |sk| {
        vec![
            put(at("put"), item([("n", 1_u64.into())])),
            Write::Update(Update::of(at("updated")).add("n", 1)),
            Write::Delete { key: at("old"), condition: Some(Condition::present()) },
            Write::Check { key: at(sk), condition: Condition::absent() },
        ]
    };
    // The condition of the delete holds, that of the check does not.
    ok(write(table, put(at("there"), Item::new())).await);
    failed(table.transact(writes("there")).await, 3);
    assert_eq!(ok(table.get(&at("put")).await), None);
    assert_eq!(ok(table.get(&at("updated")).await), None);
    assert_eq!(ok(table.get(&at("old")).await), Some(Item::new()));
    ok(table.transact(writes("not there")).await);
    assert_eq!(ok(table.get(&at("put")).await), Some(item([("n", 1_u64.into())])));
    assert_eq!(ok(table.get(&at("updated")).await), Some(item([("n", 1_u64.into())])));
    assert_eq!(ok(table.get(&at("old")).await), None);
}

pub(super) async fn a_failed_transaction_names_the_conditions<T: Table>(table: &T) {
    let at = |sk: &str| key("reasons", sk);
    ok(write(table, put(at("1"), Item::new())).await);
    ok(write(table, put(at("3"), Item::new())).await);
    let writes = ["0", "1", "2", "3"].map(|sk| Write::insert(at(sk), Item::new()));
    match table.transact(writes.to_vec()).await {
        Err(WriteError::Failed(failed)) => assert_eq!(failed, [1, 3]),
        other => panic!("two conditions do not hold, but: {other:?}"),
    }
}

pub(super) async fn a_check_writes_nothing<T: Table>(table: &T) {
    let at = key("check", "1");
    assert!(holds(table, &at, Condition::absent()).await);
    assert_eq!(ok(table.get(&at).await), None);
    let alone = Write::Check { key: at, condition: Condition::absent() };
    match table.write(alone).await {
        Err(WriteError::Unavailable { retryable: false, .. }) => {}
        other => panic!("a check alone is no write, but: {other:?}"),
    }
}

pub(super) async fn a_transaction_has_its_limits<T: Table>(table: &T) {
    let puts = |n: usize| -> Vec<_> {
        (0..n).map(|i| put(key("limits", &format!("{i:03}")), Item::new())).collect()
    };
    ok(table.transact(puts(100)).await);
    let mut twice = puts(2);
    twice.extend(puts(1));
    for writes in [puts(0), puts(101), twice] {
        match table.transact(writes).await {
            Err(WriteError::Unavailable { retryable: false, .. }) => {}
            other => panic!("this is no transaction, but: {other:?}"),
        }
    }
}

pub(super) async fn what_has_expired_is_still_read<T: Table>(table: &T) {
    let at = key("expired", "1");
    let now = Millis::new(1_795_514_400_000);
    let expired = item([(EXP, Attribute::from(now.seconds()))]);
    ok(write(table, put(at.clone(), expired)).await);
    // The reader leaves it out, since nobody knows when Time to Live comes round.
    if let Some(item) = ok(table.get(&at).await) {
        assert!(!item.is_live(now));
        assert!(item.is_live(now.minus(1)));
    }
    let fresh = item([("n", 1_u64.into())]);
    ok(write(table, Write::insert_or_replace_expired(at.clone(), fresh.clone(), now)).await);
    failed(write(table, Write::insert_or_replace_expired(at.clone(), fresh, now)).await, 0);
}
