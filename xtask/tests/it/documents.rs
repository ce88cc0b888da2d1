//! Documents lead to what is there: their links, and the files and tests that the architecture
//! names.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every document of ours below a folder.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_ours = !name.starts_with('.') && !["target", "node_modules"].contains(&name);
        if is_ours && path.is_dir() {
            documents(&path, found);
        } else if is_ours && name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// Where the links and images of a document lead, as they are written.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

#[test]
fn every_relative_link_of_a_document_leads_somewhere() {
    let mut found = Vec::new();
    documents(root(), &mut found);
    let (mut count, mut broken) = (0, Vec::new());
    for document in &found {
        let text = std::fs::read_to_string(document).unwrap();
        for link in links(&text).filter(|link| !link.contains("://") && !link.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            count += 1;
            if !document.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
    assert!(count > 10, "the documents have {count} links");
}

/// What stands in backticks in a text.
fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether there is such a file or folder, and in it such a test, where one is named behind `::`.
fn exists(named: &str) -> bool {
    let (file, test) = match named.split_once("::") {
        Some((file, test)) => (file, Some(test)),
        None => (named, None),
    };
    let path = root().join(file);
    match test {
        None => path.exists(),
        Some(test) => {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {test}(")))
        }
    }
}

/// `FANOUT_TABLE`: what a table is filled in for later. Names of AWS and of variables stand in
/// backticks, single or by threes.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('`')
        .step_by(2)
        .flat_map(|prose| prose.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')))
        .filter(|word| {
            word.contains('_')
                && word.starts_with(|c: char| c.is_ascii_uppercase())
                && !word.contains(|c: char| c.is_ascii_lowercase())
        })
}

#[test]
fn no_document_has_a_gap_that_was_to_be_filled() {
    let mut found = Vec::new();
    documents(root(), &mut found);
    let mut gaps = Vec::new();
    for document in &found {
        let text = std::fs::read_to_string(document).unwrap();
        gaps.extend(placeholders(&text).map(|gap| format!("{}: {gap}", document.display())));
    }
    assert_eq!(gaps, [""; 0], "measure it, or leave the sentence out");
    let example = "| FANOUT_TABLE |\n`AWS_REGION`\n```\nA_B=1\n```\nP99_MS";
    assert_eq!(placeholders(example).collect::<Vec<_>>(), ["FANOUT_TABLE", "P99_MS"]);
}

/// Without the pictures, whose marks are in pairs of three.
fn architecture() -> String {
    let text = include_str!("../../../docs/architecture.md");
    text.split("```").step_by(2).collect()
}

#[test]
fn every_file_and_test_of_the_architecture_exists() {
    let text = architecture();
    let named = ticked(&text).filter(|word| word.contains('/') && !word.contains([' ', ':', '$']));
    let tests = ticked(&text).filter(|word| word.contains(".rs::"));
    let missing: Vec<_> = named.chain(tests).filter(|word| !exists(word)).collect();
    assert_eq!(missing, [""; 0], "each is written from the root of the repository on");
}

#[test]
fn every_invariant_says_what_holds_it() {
    let text = architecture();
    let rows = text.lines().skip_while(|line| !line.starts_with("| invariant |")).skip(2);
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10, "there are {} invariants", rows.len());
    for row in rows {
        let holds = row.split('|').nth(2).unwrap();
        assert!(ticked(holds).any(|word| word.contains('/') && exists(word)), "{row}");
    }
}
