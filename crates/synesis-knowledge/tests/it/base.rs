//! Adding, searching and forgetting.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use synesis_knowledge::limits::FILE_BYTES_MAX;
use synesis_knowledge::{KnowledgeBase, KnowledgeError, Report, SkipReason};

struct World {
    folder: tempfile::TempDir,
    base: KnowledgeBase,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        let base = KnowledgeBase::open(folder.path().join("knowledge.db")).unwrap();
        Self { folder, base }
    }

    fn docs(&self) -> PathBuf {
        self.folder.path().join("docs")
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.docs().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn add(&mut self) -> Report {
        let docs = self.docs();
        self.base.add(&[docs]).unwrap()
    }

    /// Added, updated, unchanged, removed.
    fn counts(&mut self) -> (usize, usize, usize, usize) {
        let report = self.add();
        (
            report.added,
            report.updated,
            report.unchanged,
            report.removed,
        )
    }

    fn places(&self, typed: &str) -> Vec<String> {
        let hits = self.base.search(typed, 5).unwrap();
        hits.iter()
            .map(|hit| {
                let name = hit.path.file_name().unwrap().to_string_lossy();
                format!("{name}:{}-{}", hit.line_start, hit.line_end)
            })
            .collect()
    }
}

#[test]
fn what_was_added_is_found_with_its_lines() {
    let mut world = World::new();
    world.write(
        "guide.md",
        "# Guide\n\nWelcome.\n\n## Owners\n\nThe red bicycle belongs to Mara Olsen.\n",
    );
    world.write("src/main.rs", "fn main() {\n    launch();\n}\n");
    world.write("notes.txt", "Rain on Tuesday.\n");
    assert_eq!(world.counts(), (3, 0, 0, 0));
    assert_eq!(world.places("Who owns the bicycles?"), ["guide.md:5-7"]);
    assert_eq!(world.places("launch"), ["main.rs:1-3"]);
    let hit = &world.base.search("mara", 1).unwrap()[0];
    assert_eq!(hit.heading, "Guide > Owners");
    assert!(hit.text.contains("Mara Olsen") && hit.score > 0.0);
}

#[test]
fn the_better_fit_comes_first() {
    let mut world = World::new();
    world.write(
        "a.txt",
        "The harbour is old. Boats, boats and more boats lie in it.",
    );
    world.write(
        "b.txt",
        "The harbour master is Ines Duarte, and the harbour closes at nine.",
    );
    world.add();
    assert_eq!(world.places("harbour master"), ["b.txt:1-1", "a.txt:1-1"]);
}

#[test]
fn only_what_changed_is_read_again() {
    let mut world = World::new();
    let notes = world.write("notes.txt", "Rain on Tuesday.");
    world.write("other.txt", "Sun on Friday.");
    assert_eq!(world.counts(), (2, 0, 0, 0));
    assert_eq!(world.counts(), (0, 0, 2, 0));
    fs::write(&notes, "Snow on Tuesday, all day long.").unwrap();
    assert_eq!(world.counts(), (0, 1, 1, 0));
    assert!(world.places("rain").is_empty());
    assert_eq!(world.places("snow"), ["notes.txt:1-1"]);
    let later = SystemTime::now() + Duration::from_secs(60);
    fs::File::options()
        .write(true)
        .open(&notes)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert_eq!(world.counts(), (0, 0, 2, 0));
}

#[test]
fn what_is_gone_is_forgotten() {
    let mut world = World::new();
    let notes = world.write("notes.txt", "Rain on Tuesday.");
    let turned = world.write("turned.txt", "Fog on Monday.");
    world.add();
    fs::remove_file(notes).unwrap();
    fs::write(turned, b"\x00\x01").unwrap();
    let report = world.add();
    assert_eq!((report.removed, report.skipped.len()), (2, 1));
    assert!(world.places("rain fog").is_empty());
    assert_eq!(world.base.stats().unwrap().chunks, 0);
}

#[test]
fn what_git_ignores_stays_out() {
    let mut world = World::new();
    world.write(".gitignore", "target/\n*.log\n");
    world.write("target/out.txt", "secret build");
    world.write("run.log", "secret log");
    world.write(".env", "TOKEN=secret");
    world.write("kept.txt", "no secret");
    assert_eq!(world.counts(), (1, 0, 0, 0));
    assert_eq!(world.places("secret"), ["kept.txt:1-1"]);
}

#[test]
fn every_file_left_out_has_its_reason() {
    let mut world = World::new();
    world.write("a.bin", b"\x7fELF\x00\x01");
    world.write(
        "b.txt",
        vec![b'x'; usize::try_from(FILE_BYTES_MAX).unwrap() + 1],
    );
    world.write("c.txt", " \n");
    world.write("d.html", "<p>hello</p>");
    world.write("e.txt", b"caf\xe9");
    let reasons: Vec<SkipReason> = world.add().skipped.into_iter().map(|s| s.reason).collect();
    let too_large = SkipReason::TooLarge {
        bytes: FILE_BYTES_MAX + 1,
        bytes_max: FILE_BYTES_MAX,
    };
    let html = SkipReason::Form {
        extension: "html".into(),
    };
    assert_eq!(
        reasons,
        [
            SkipReason::Binary,
            too_large,
            SkipReason::Empty,
            html,
            SkipReason::Binary
        ]
    );
    assert!(world.base.list().unwrap().is_empty());
}

#[test]
fn a_folder_is_removed_with_all_its_files_even_after_it_is_gone() {
    let mut world = World::new();
    world.write("a/one.txt", "one");
    world.write("a/two.txt", "two");
    world.write("ab.txt", "three");
    world.add();
    let docs = fs::canonicalize(world.docs()).unwrap();
    fs::remove_dir_all(docs.join("a")).unwrap();
    assert_eq!(world.base.remove(docs.join("a")).unwrap(), 2);
    assert_eq!(world.base.remove(docs.join("a")).unwrap(), 0);
    let left: Vec<_> = world
        .base
        .list()
        .unwrap()
        .into_iter()
        .map(|d| d.path)
        .collect();
    assert_eq!(left, [docs.join("ab.txt")]);
}

#[test]
fn a_single_file_is_added_without_its_neighbours() {
    let mut world = World::new();
    let one = world.write("one.txt", "one");
    world.write("two.txt", "two");
    world.add();
    let report = world.base.add(&[one]).unwrap();
    assert_eq!((report.unchanged, report.removed), (1, 0));
    assert_eq!(world.base.stats().unwrap().documents, 2);
}

#[test]
fn nothing_typed_breaks_a_search() {
    let mut world = World::new();
    world.write("one.txt", "it's one \"quoted\" AND (odd) text");
    world.add();
    for typed in [
        "",
        "\"",
        "AND",
        "one*",
        "NEAR(",
        "text:one",
        "'; DROP TABLE chunk; --",
        "^one",
        "-one",
        "\0",
    ] {
        world.base.search(typed, 5).unwrap();
    }
    assert_eq!(world.places("(odd) AND"), ["one.txt:1-1"]);
}

#[test]
fn the_base_outlives_its_process() {
    let mut world = World::new();
    world.write("one.txt", "the lighthouse");
    world.add();
    let again = KnowledgeBase::open(world.folder.path().join("knowledge.db")).unwrap();
    assert_eq!(again.search("lighthouse", 5).unwrap().len(), 1);
}

#[test]
fn errors_name_the_file() {
    let mut world = World::new();
    let missing = world.docs().join("missing");
    let error = world.base.add(&[&missing]).unwrap_err();
    assert!(matches!(&error, KnowledgeError::Unreadable { path, .. } if *path == missing));
    let not_a_base = world.write(
        "one.txt",
        "this is no database, only text that is long enough",
    );
    let error = KnowledgeBase::open(&not_a_base).unwrap_err();
    assert!(error.to_string().contains("one.txt"));
}
