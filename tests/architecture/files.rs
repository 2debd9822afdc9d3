//! How files and folders are laid out.

use super::sources;
use std::collections::BTreeMap;

const MOST_LINES: usize = 400;
const MOST_FILES: usize = 16;

#[test]
fn each_file_begins_by_saying_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert_eq!(
        silent,
        [] as [&str; 0],
        "they have no `//!` at the beginning"
    );
}

#[test]
fn no_file_is_long() {
    let long: Vec<(String, usize)> = sources()
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .collect();
    assert_eq!(long, [], "they have more than {MOST_LINES} lines");
}

#[test]
fn no_folder_has_many_files() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in sources().into_keys() {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        *counts.entry(folder.to_owned()).or_default() += 1;
    }
    counts.retain(|_, count| *count > MOST_FILES);
    assert_eq!(
        counts,
        BTreeMap::new(),
        "they have more than {MOST_FILES} files"
    );
}

#[test]
fn a_module_with_children_is_the_mod_rs_of_their_folder() {
    let all = sources();
    let beside: Vec<&String> = all
        .keys()
        .filter(|file| {
            let folder = file.replace(".rs", "/");
            all.keys().any(|other| other.starts_with(&folder))
        })
        .collect();
    assert_eq!(
        beside,
        [] as [&str; 0],
        "they have a folder of the same name"
    );
}
