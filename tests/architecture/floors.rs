//! The rooms of `src/` stand on floors: a room imports from floors below, and rooms import in no circle.

use super::{
    modules::{ModulePath, Modules, Reference},
    sources,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::LazyLock,
};

/// The rooms, from the ground up. Those of one floor may import each other, without a circle.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["content", "protocol", "crypto", "http_client", "media"],
    &["i18n"],
    &["config"],
    &["store"],
    &["spam", "quota"],
    &["node"],
    &["mail", "search", "federation::remote"],
    &["federation::objects"],
    &["moderation"],
    &[
        "guests",
        "federation::verified_activity",
        "federation::comments",
    ],
    &["federation::outbox", "federation::backfill"],
    &[
        "federation::account",
        "federation::followers_sync",
        "publishing",
    ],
    &["federation::inbox", "federation::delivery"],
    &["importing", "adoption", "backup"],
    &["web", "background"],
    &["exporting"],
    &["cli"],
];

/// The files that put the crate together, above all floors.
const ROOFS: [&str; 3] = ["", "entry_points", "federation"];

/// The folders whose folders and files import in no circle either.
const WITHOUT_CIRCLES: [&str; 4] = ["federation", "web", "store", "cli"];

/// One reference for each pair of rooms of which the first imports the second.
type Imports = BTreeMap<(String, String), Reference>;

/// Returns the room of a module: `federation` is divided into rooms, other folders are one each.
fn room_of(module: &ModulePath) -> String {
    let depth = match module.first() {
        Some(first) if first == "federation" => 2,
        _ => 1,
    };
    module[..depth.min(module.len())].join("::")
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// Groups references by the rooms of their two ends. `room_of` returns `None` for what is in no room.
fn imports(references: &[Reference], room_of: impl Fn(&ModulePath) -> Option<String>) -> Imports {
    let mut imports = Imports::new();
    for reference in references {
        if let (Some(from), Some(to)) = (room_of(&reference.from), room_of(&reference.to))
            && from != to
        {
            imports
                .entry((from, to))
                .or_insert_with(|| reference.clone());
        }
    }
    imports
}

fn imports_of_rooms(references: &[Reference]) -> Imports {
    imports(references, |module| {
        Some(room_of(module)).filter(|room| !ROOFS.contains(&room.as_str()))
    })
}

/// Returns the imports between what a folder contains. Its `mod.rs` is left out: it holds the others together.
fn imports_within(folder: &str, references: &[Reference]) -> Imports {
    imports(references, |module| match module.as_slice() {
        [first, second, ..] if first == folder => Some(format!("{first}::{second}")),
        _ => None,
    })
}

fn described(reference: &Reference) -> String {
    format!("    {} imports {}", reference.at, reference.defined)
}

/// Returns a description of each import from a higher floor.
fn upward(imports: &Imports) -> Vec<String> {
    imports
        .iter()
        .filter(|((from, to), _)| floor_of(from) < floor_of(to))
        .map(|((from, to), reference)| format!("{from} -> {to}\n{}", described(reference)))
        .collect()
}

/// Returns a description of circles, the shortest first. Without their last imports there are none.
fn circles(imports: &Imports) -> Vec<String> {
    let mut left = imports.clone();
    let mut found = Vec::new();
    while let Some(circle) = shortest_circle(&left) {
        let steps: Vec<(String, String)> = circle
            .windows(2)
            .map(|step| (step[0].clone(), step[1].clone()))
            .collect();
        let lines: Vec<String> = steps.iter().map(|step| described(&left[step])).collect();
        found.push(format!("{}\n{}", circle.join(" -> "), lines.join("\n")));
        left.remove(steps.last().expect("a circle has steps"));
    }
    found
}

fn shortest_circle(imports: &Imports) -> Option<Vec<String>> {
    let rooms: BTreeSet<&String> = imports.keys().map(|(from, _)| from).collect();
    rooms
        .into_iter()
        .filter_map(|room| shortest_way_back(imports, room))
        .min_by_key(Vec::len)
}

/// Returns the shortest way from a room to itself.
fn shortest_way_back(imports: &Imports, room: &str) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = VecDeque::from([vec![room.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        let last = way.last().expect("a way has a beginning");
        for (_, next) in imports.keys().filter(|(from, _)| from == last) {
            let longer: Vec<String> = way.iter().chain([next]).cloned().collect();
            if next == room {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// The references of this crate.
static REFERENCES: LazyLock<Vec<Reference>> =
    LazyLock::new(|| Modules::read(&sources(), "lib.rs").references());

fn assert_none(found: &[String], rule: &str) {
    assert!(
        found.is_empty(),
        "{rule}, but {} times:\n\n{}\n",
        found.len(),
        found.join("\n\n")
    );
}

#[test]
fn each_room_is_on_a_floor() {
    let rooms: BTreeSet<String> = imports_of_rooms(&REFERENCES)
        .into_keys()
        .flat_map(|(from, to)| [from, to])
        .filter(|room| floor_of(room).is_none())
        .collect();
    assert_eq!(rooms, BTreeSet::new(), "add them to `FLOORS`");
}

#[test]
fn no_room_imports_from_a_higher_floor() {
    let found = upward(&imports_of_rooms(&REFERENCES));
    assert_none(&found, "a room imports from its floor and those below");
}

#[test]
fn rooms_import_in_no_circle() {
    let mut imports = imports_of_rooms(&REFERENCES);
    imports.retain(|(from, to), _| floor_of(from) == floor_of(to));
    assert_none(&circles(&imports), "rooms of one floor import in no circle");
}

#[test]
fn folders_and_files_of_one_room_import_in_no_circle() {
    let found: Vec<String> = WITHOUT_CIRCLES
        .iter()
        .flat_map(|folder| circles(&imports_within(folder, &REFERENCES)))
        .collect();
    assert_none(&found, "what a folder contains imports in no circle");
}

/// Returns the references of a crate with these files.
fn references_of(files: &[(&str, &str)]) -> Vec<Reference> {
    let sources = files
        .iter()
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
        .collect();
    Modules::read(&sources, "lib.rs").references()
}

const LIB: (&str, &str) = (
    "lib.rs",
    "mod content;\nmod store;\nmod web;\nmod federation;",
);

/// Returns the upward imports of a crate in which the file `content.rs` has this text.
fn upward_from_content(text: &str) -> Vec<String> {
    let references = references_of(&[
        LIB,
        ("content.rs", text),
        (
            "store/mod.rs",
            "mod rows;\npub use rows::{self, Row as Line};\npub use crate::web::*;",
        ),
        (
            "store/rows.rs",
            "\npub struct Row;\npub mod inner { pub fn read() {} }",
        ),
        ("web/mod.rs", "pub mod pages;\npub use pages::*;"),
        ("web/pages.rs", "\n\npub fn page() {}"),
        ("federation/mod.rs", "pub mod inbox;"),
        ("federation/inbox.rs", "pub struct Inbox;"),
    ]);
    let mut imports = imports_of_rooms(&references);
    imports.retain(|(from, _), _| from == "content");
    upward(&imports)
}

#[test]
fn an_upward_import_is_found_in_each_form() {
    let row = "content -> store\n    src/content.rs:2 imports src/store/rows.rs:2";
    let page = "content -> web\n    src/content.rs:2 imports src/web/pages.rs:3";
    for (text, expected) in [
        ("\nuse crate::store::Line;", row),
        ("\nuse crate::store::rows::Row;", row),
        (
            "use std::fmt;\npub use super::store::{Line, Line as Other};",
            row,
        ),
        ("use crate::{\nstore::{rows::{Row}, Line as Kept}};", row),
        ("fn f() {\n crate::store::Line::new() }", row),
        ("mod inner {\n use super::super::store::Line; }", row),
        (
            "mod inner { struct A;\n fn f() { super::super::store::Line::new(); } }",
            row,
        ),
        ("\nuse self::super::store::rows::Row;", row),
        ("\nuse crate::web::page;", page),
        ("\nuse crate::store::page;", page),
        ("macro_rules! m { () => {\n $crate::web::page() } }", page),
        (
            "\nuse crate::federation::inbox::Inbox;",
            "content -> federation::inbox\n    src/content.rs:2 imports src/federation/inbox.rs:1",
        ),
    ] {
        assert_eq!(upward_from_content(text), [expected], "{text}");
    }
}

#[test]
fn a_path_behind_an_imported_module_is_followed() {
    let found = upward_from_content("use crate::store as kept;\nfn f() { kept::inner::read() }");
    assert_eq!(found.len(), 1);
    let references = references_of(&[
        ("lib.rs", "mod a;\nmod b;"),
        ("a.rs", "use crate::b;\nfn f() { b::inner::read() }"),
        ("b/mod.rs", "pub mod inner;"),
        ("b/inner.rs", "\npub fn read() {}"),
    ]);
    let ends: Vec<String> = references.iter().map(described).collect();
    assert_eq!(
        ends,
        [
            "    src/a.rs:1 imports src/b/mod.rs:1",
            "    src/a.rs:2 imports src/b/inner.rs:2"
        ]
    );
}

#[test]
fn what_only_tests_import_is_left_out() {
    for text in [
        "#[cfg(test)]\nmod tests { use crate::web::page; }",
        "#[cfg(test)]\nuse crate::web::page;",
        "// crate::web::page\nconst TEXT: &str = \"crate::web::page\";",
    ] {
        assert_eq!(upward_from_content(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_circle_in_a_folder_is_found_with_its_lines() {
    let references = references_of(&[
        ("lib.rs", "mod web;"),
        (
            "web/mod.rs",
            "mod a;\nmod b;\nmod c;\npub use a::A;\npub use c::deep::C;",
        ),
        ("web/a.rs", "use super::b::B;\n\n\npub struct A;"),
        ("web/b.rs", "use super::C;\npub struct B;"),
        ("web/c/mod.rs", "pub mod deep;"),
        ("web/c/deep.rs", "pub struct C(crate::web::A);"),
    ]);
    assert_eq!(
        circles(&imports_within("web", &references)),
        ["web::a -> web::b -> web::c -> web::a
    src/web/a.rs:1 imports src/web/b.rs:2
    src/web/b.rs:1 imports src/web/c/deep.rs:1
    src/web/c/deep.rs:1 imports src/web/a.rs:4"]
    );
}

#[test]
fn imports_without_a_circle_are_accepted() {
    let references = references_of(&[
        ("lib.rs", "mod web;"),
        ("web/mod.rs", "mod a;\nmod b;\nmod c;"),
        ("web/a.rs", "use super::{b::B, c::C};"),
        ("web/b.rs", "use super::c::C;\npub struct B;"),
        ("web/c.rs", "pub struct C;"),
    ]);
    assert_eq!(
        circles(&imports_within("web", &references)),
        [] as [&str; 0]
    );
}
