#![no_main]

#[path = "../http_head.rs"]
mod http_head;
#[path = "../../../server/src/head/parse.rs"]
#[expect(dead_code, reason = "some wishes are found while reading")]
mod parse;

use parse::{Wish, parse};

libfuzzer_sys::fuzz_target!(|data: &[u8]| http_head::check(data));
