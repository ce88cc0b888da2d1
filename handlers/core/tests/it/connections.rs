//! The registry: who is let in, who is where, and how connections end.

use crate::house::{House, id, url};
use expect_test::expect;
use herald_contract::{Millis, Route};
use herald_core::auth::Principal;
use herald_core::registry::{self, GRACE_MS, Removal, SOCKETS_PER_USER_MAX};
use herald_core::testing::now_or_never;
use herald_core::{Delivery, Outcome};
use serde_json::json;

#[test]
fn a_connection_is_noted_by_itself_by_its_user_and_among_everyone() {
    let house = House::with(&["ada"]);
    expect![[r#"
        C#ada C
        T#$all#2 C#ada
        U#ada C#ada
    "#]]
    .assert_eq(&house.keys());
    assert_eq!(house.told(), "", "nothing is posted from $connect");
}

#[test]
fn a_connection_without_an_authorizer_has_a_user_of_its_own() {
    let house = House::new();
    let invocation = house.invocation("c1=", Route::Connect);
    assert_eq!(house.handle(&invocation), Ok(Outcome::Accepted(None)));
    expect![[r#"
        C#c1= C
        T#$all#7 C#c1=
        U#anonymous:c1= C#c1=
    "#]]
    .assert_eq(&house.keys());
}

#[test]
fn the_sub_protocol_is_answered_only_where_it_is_ours() {
    for (offered, chosen) in [
        ("herald.v1", Some("herald.v1")),
        ("herald.v1, bearer.eyJhbGciOi", Some("herald.v1")),
        ("chat,herald.v1", Some("herald.v1")),
        ("herald.v2", None),
        ("bearer.eyJhbGciOi", None),
        ("", None),
    ] {
        let house = House::new();
        let mut invocation = house.invocation("c1=", Route::Connect);
        invocation.protocols = Some(offered.to_owned());
        assert_eq!(house.handle(&invocation), Ok(Outcome::Accepted(chosen)), "{offered}");
    }
    let reply = Outcome::Accepted(Some("herald.v1")).reply();
    expect![[r#"{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"herald.v1"}}"#]]
        .assert_eq(&serde_json::to_string(&reply).unwrap());
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let mut house = House::new();
    house.origins = "https://app.example.com".parse().unwrap();
    let mut invocation = house.invocation("c1=", Route::Connect);
    invocation.origin = Some("https://evil.example".to_owned());
    assert_eq!(house.handle(&invocation), Ok(Outcome::Refused));
    assert_eq!(house.keys(), "");
    expect![[r#"{"statusCode":403}"#]]
        .assert_eq(&serde_json::to_string(&Outcome::Refused.reply()).unwrap());
}

#[test]
fn the_same_event_once_more_is_the_same_connection() {
    let mut house = House::with(&["ada"]);
    let before = house.table.rows();
    house.connect("ada", "ada");
    assert_eq!(house.table.rows(), before);
}

#[test]
fn the_oldest_connection_makes_room() {
    let mut house = House::new();
    for n in 0..=SOCKETS_PER_USER_MAX {
        house.connect("ada", &format!("c{n:02}"));
        house.clock.advance(1);
    }
    expect![[r#"
        c00 is closed
    "#]]
    .assert_eq(&house.told());
    assert!(!house.keys().contains("c00"), "and nothing of it is left");
    let presence = house.publish(json!({"op": "presence", "user": "ada"}));
    let presence = serde_json::to_value(presence).unwrap();
    assert_eq!(presence["devices"].as_array().unwrap().len(), SOCKETS_PER_USER_MAX);
}

#[test]
fn disconnect_removes_all_there_is_however_young() {
    let house = House::with(&["ada"]);
    house.says("ada", r#"{"action":"subscribe","topic":"news"}"#);
    house.disconnect("ada");
    assert_eq!(house.keys(), "");
    house.disconnect("ada");
}

#[test]
fn a_post_that_finds_nobody_removes_only_what_is_old_enough() {
    let house = House::with(&["ada"]);
    house.says("ada", r#"{"action":"subscribe","topic":"news"}"#);
    let remove = || {
        let before = house.now().minus(GRACE_MS);
        now_or_never(registry::remove(&house.table, &id("ada"), Some(before))).unwrap()
    };
    let keys = house.keys();
    house.clock.advance(GRACE_MS);
    assert_eq!(remove(), Removal::Young);
    assert_eq!(house.keys(), keys);
    house.clock.advance(1);
    assert_eq!(remove(), Removal::Removed);
    assert_eq!(house.keys(), "");
    assert_eq!(remove(), Removal::Absent);
}

#[test]
fn a_notification_that_finds_nobody_cleans_up() {
    let mut house = House::with(&["ada"]);
    house.stream();
    house.gateway.answers.lock().unwrap().insert("ada".to_owned(), Delivery::Gone);
    house.publish(json!({"to": {"user": "ada"}, "title": "Hello"}));
    house.stream();
    assert!(house.keys().contains("C#ada"), "it may be that $connect is not over");
    house.clock.advance(GRACE_MS + 1);
    house.publish(json!({"to": {"user": "ada"}, "title": "Hello?"}));
    house.stream();
    assert!(!house.keys().contains("C#ada"));
}

#[test]
fn what_has_expired_is_not_there_though_it_still_is() {
    let mut house = House::with(&["ada"]);
    house.clock.advance(2 * 60 * 60 * 1000 + 10 * 60 * 1000);
    let presence = house.publish(json!({"op": "presence", "user": "ada"}));
    expect![[r#"{"done":"presence","devices":[]}"#]]
        .assert_eq(&serde_json::to_string(&presence).unwrap());
    assert!(house.keys().contains("C#ada"));
}

#[test]
fn presence_tells_devices_and_no_addresses() {
    let mut house = House::with(&["ada"]);
    house.connect("ada", "c2=");
    house.says("c2=", r#"{"action":"hello","device":"phone"}"#);
    let presence = house.publish(json!({"op": "presence", "user": "ada"}));
    expect![[r#"{"done":"presence","devices":[{"connectedAt":1795514400000},{"device":"phone","connectedAt":1795514400000}]}"#]].assert_eq(&serde_json::to_string(&presence).unwrap());
}

#[test]
fn to_sign_out_closes_everything_of_a_user_and_of_nobody_else() {
    let mut house = House::with(&["ada", "bob"]);
    house.connect("ada", "c2=");
    let answer = house.publish(json!({"op": "signOut", "user": "ada"}));
    expect![[r#"
        SignedOut { connections: 2 }
        ada is closed
        c2= is closed
        C#bob C
        T#$all#2 C#bob
        U#bob C#bob
    "#]]
    .assert_eq(&format!("{answer:?}\n{}{}", house.told(), house.keys()));
}

#[test]
fn who_was_signed_out_is_not_served_any_more() {
    let mut house = House::with(&["ada"]);
    house.publish(json!({"op": "signOut", "user": "ada"}));
    house.told();
    expect![[r#"
        ada < {"type":"error","code":"unregistered","message":"this connection is not registered any more; connect again","requestId":"request-1","v":1}
        unregistered
    "#]].assert_eq(&house.says("ada", r#"{"action":"hello"}"#));
    expect![[r#"
        ada < {"type":"error","code":"unregistered","message":"this connection is not registered any more; connect again","requestId":"request-1","v":1}
        unregistered
    "#]].assert_eq(&house.says("ada", r#"{"action":"subscribe","topic":"news"}"#));
}

fn with_token_for(ms: u64) -> House {
    let mut house = House::new();
    let token_exp = Some(house.now().plus(ms));
    let principal = Principal { token_exp, ..Principal::of("ada".parse().unwrap()) };
    house.connect_as(principal, "ada");
    house
}

#[test]
fn a_socket_past_its_credentials_is_closed_by_its_next_message() {
    let house = with_token_for(60_000);
    house.clock.advance(59_999);
    assert!(house.says("ada", r#"{"action":"hello"}"#).contains("welcome"));
    house.clock.advance(1);
    expect![[r#"
        ada is closed
        expired
    "#]]
    .assert_eq(&house.says("ada", r#"{"action":"hello"}"#));
    assert_eq!(house.keys(), "");
}

#[test]
fn a_socket_past_its_credentials_is_closed_by_the_sweeper() {
    let house = with_token_for(60_000);
    house.clock.advance(59_999);
    assert_eq!(house.sweep().sockets, 0);
    house.clock.advance(1);
    assert_eq!(house.sweep().sockets, 1);
    expect![[r#"
        ada is closed
    "#]]
    .assert_eq(&house.told());
    assert_eq!(house.keys(), "");
}

#[test]
fn credentials_that_ran_out_on_the_way_let_nobody_in() {
    let house = House::new();
    let mut invocation = house.invocation("c1=", Route::Connect);
    let token_exp = Some(Millis::new(house.now().get()));
    invocation.principal = Some(Principal { token_exp, ..Principal::of("ada".parse().unwrap()) });
    assert_eq!(house.handle(&invocation), Ok(Outcome::Refused));
}

#[test]
fn the_open_exchange_is_as_it_was() {
    let house = House::with(&["ada"]);
    expect![[r#"
        ada < {"connectionId":"ada","callbackUrl":"https://ws.example.com/dev"}
        sent
    "#]]
    .assert_eq(&house.says("ada", "any text"));
    expect![[r#"
        ada < {"connectionId":"ada","callbackUrl":"https://ws.example.com/dev"}
        sent
    "#]]
    .assert_eq(&house.says("ada", r#"{"action":"dance"}"#.replace("action", "verb").as_str()));
    assert!(url().as_str().starts_with("https://"));
}

#[test]
fn a_connection_is_in_so_many_topics_and_no_more() {
    let house = House::with(&["ada"]);
    for n in 0..registry::TOPICS_PER_CONNECTION_MAX {
        let body = json!({"action": "subscribe", "topic": format!("t{n}")}).to_string();
        assert!(house.says("ada", &body).contains("\"ok\""));
    }
    expect![[r#"
        ada < {"type":"error","code":"rateLimited","message":"a connection is in at most 40 topics; leave one before you join another","requestId":"request-1","v":1}
        rateLimited
    "#]].assert_eq(&house.says("ada", r#"{"action":"subscribe","topic":"one-more"}"#));
    assert!(house.says("ada", r#"{"action":"subscribe","topic":"t0"}"#).contains("\"ok\""));
    house.says("ada", r#"{"action":"unsubscribe","topic":"t0"}"#);
    assert!(house.says("ada", r#"{"action":"subscribe","topic":"one-more"}"#).contains("\"ok\""));
    house.disconnect("ada");
    assert_eq!(house.keys(), "");
}

#[test]
fn a_private_topic_takes_a_scope() {
    let mut house = House::with(&["ada"]);
    let scopes = vec!["topic:private/orders".to_owned()];
    house.connect_as(Principal { scopes, ..Principal::of("bob".parse().unwrap()) }, "bob");
    let body = r#"{"action":"subscribe","topic":"private/orders"}"#;
    expect![[r#"
        ada < {"type":"error","code":"forbidden","message":"`private/orders` is private; it takes the scope `topic:private/orders`","requestId":"request-1","v":1}
        forbidden
    "#]].assert_eq(&house.says("ada", body));
    assert!(house.says("bob", body).contains("\"ok\""));
}
