//! The fuzz targets, on their corpus and on damaged copies of it. `cargo fuzz` goes on where this
//! stops: see `fuzz/README.md`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::PathBuf;

/// Runs a target on each file of its corpus, and on so many damaged copies. The seed is the same each
/// time, so what fails comes back.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "the corpus is files; the crate itself reads none")]
fn check(name: &str, target: fn(&[u8]), copies: usize) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!corpus.is_empty());
    let mut random = fastrand::Rng::with_seed(0x5eed);
    for data in &corpus {
        target(data);
        for _ in 0..copies {
            target(&damaged(data, &corpus, &mut random));
        }
    }
}

/// A copy with parts removed, doubled, changed, or taken from another file.
fn damaged(data: &[u8], corpus: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..random.usize(1..6) {
        let from = random.usize(0..=data.len());
        let to = (from + random.usize(0..16)).min(data.len());
        let part = match random.u8(0..5) {
            0 => Vec::new(),
            1 => data[from..to].repeat(2),
            2 => vec![random.u8(..)],
            3 => vec![*random.choice(b"${}[]().\"\\\n#*0".as_slice()).unwrap()],
            _ => {
                let other = random.choice(corpus).unwrap();
                let start = random.usize(0..=other.len());
                other[start..(start + random.usize(0..40)).min(other.len())].to_vec()
            }
        };
        data.splice(from..to, part);
    }
    data
}

#[test]
fn frames_are_handed_on_or_refused() {
    check("frame", targets::frame, 200);
}

#[test]
fn expressions_select_the_same_each_time() {
    check("expression", targets::expression, 2_000);
}

#[test]
fn mapping_templates_render_the_same_each_time() {
    check("mapping_template", targets::mapping_template, 300);
}

#[test]
fn the_runtime_api_answers_whatever_it_is_told() {
    check("runtime_api", targets::runtime_api, 200);
}
