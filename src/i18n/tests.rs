//! The files with texts are complete, and pages use no others.

use super::{Locale, Value, messages::Files};
use fluent_bundle::FluentResource;
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The texts of one file by their keys.
type Texts = BTreeMap<String, String>;

fn topics(locale: Locale) -> BTreeSet<String> {
    let folder = format!("{}/", locale.tag());
    Files::iter()
        .filter_map(|path| path.strip_prefix(&folder).map(str::to_owned))
        .collect()
}

fn file(locale: Locale, topic: &str) -> String {
    let path = format!("{}/{topic}", locale.tag());
    let file = Files::get(&path).unwrap_or_else(|| panic!("{path} is missing"));
    String::from_utf8(file.data.into_owned()).unwrap()
}

/// Divides a file into its texts.
fn texts(file: &str) -> Texts {
    let beginning = Regex::new(r"^([a-z][a-z0-9-]*) *=(.*)$").unwrap();
    let mut texts = Texts::new();
    let mut key = None;
    for line in file.lines() {
        if let Some(found) = beginning.captures(line) {
            let previous = texts.insert(found[1].to_owned(), found[2].to_owned());
            assert_eq!(previous, None, "{} occurs twice", &found[1]);
            key = Some(found[1].to_owned());
        } else if line.starts_with(' ')
            && let Some(key) = &key
        {
            let text = texts.entry(key.clone()).or_default();
            text.push('\n');
            text.push_str(line);
        }
    }
    texts
}

fn arguments(text: &str) -> BTreeSet<String> {
    let argument = Regex::new(r"\$([a-zA-Z0-9_-]+)").unwrap();
    let names = argument.captures_iter(text);
    names.map(|name| name[1].to_owned()).collect()
}

#[test]
fn each_file_is_well_formed_and_all_languages_have_the_same_texts() {
    let english: BTreeSet<String> = topics(Locale::En);
    assert!(!english.is_empty());
    for locale in Locale::ALL {
        assert_eq!(topics(locale), english, "files in {locale:?}");
        let mut keys = BTreeSet::new();
        for topic in &english {
            let place = format!("{}/{topic}", locale.tag());
            if let Err((_, errors)) = FluentResource::try_new(file(locale, topic)) {
                panic!("{place}: {errors:?}");
            }
            let expected = texts(&file(Locale::En, topic));
            let found = texts(&file(locale, topic));
            let names = |texts: &Texts| texts.keys().cloned().collect::<BTreeSet<String>>();
            assert_eq!(names(&found), names(&expected), "{place}");
            for (key, text) in found {
                assert_eq!(
                    arguments(&text),
                    arguments(&expected[&key]),
                    "{place}: {key}"
                );
                // The texts stand in HTML without being escaped.
                assert!(!text.contains(['<', '&', '"']), "{place}: {key}");
                assert!(keys.insert(key.clone()), "{key} is in two files");
            }
        }
    }
}

#[test]
fn arabic_has_all_forms_of_the_plural() {
    for topic in topics(Locale::Ar) {
        for (key, text) in texts(&file(Locale::Ar, &topic)) {
            if !text.contains("[one]") && !text.contains("[few]") {
                continue;
            }
            for form in ["[one]", "[two]", "[few]", "[many]", "*[other]"] {
                assert!(text.contains(form), "{topic}: {key} lacks {form}");
            }
        }
    }
}

/// Returns all files of a folder whose names end so.
fn read_folder(folder: &Path, ending: &str, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(&path, ending, into);
        } else if path.to_str().unwrap().ends_with(ending) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let text = code.collect::<Vec<_>>().join("\n");
            into.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn pages_use_texts_that_exist_and_no_text_is_unused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    read_folder(&root.join("src"), ".rs", &mut files);
    // Other files may have methods of the same names.
    files.retain(|(_, text)| text.contains("ocale"));
    read_folder(&root.join("templates"), "", &mut files);
    let known: BTreeSet<String> = topics(Locale::En)
        .iter()
        .flat_map(|topic| texts(&file(Locale::En, topic)).into_keys())
        .collect();
    let used =
        Regex::new(r#"(?:[^a-z_]t\(|\.text\(|\.text_with\()\s*"([a-z0-9-]+)"\s*[,)]"#).unwrap();
    for (path, text) in &files {
        for key in used.captures_iter(text) {
            assert!(
                known.contains(&key[1]),
                "{path} uses {}, which does not exist",
                &key[1]
            );
        }
    }
    let all: String = files.into_iter().map(|(_, text)| text).collect();
    // A key may be made of a beginning and a variable: `t("paging-newer-" ~ paged)`.
    let beginning = Regex::new(r#"\bt\("([a-z0-9-]+-)"\s*~"#).unwrap();
    let beginnings: Vec<&str> = beginning
        .captures_iter(&all)
        .map(|found| found.get(1).unwrap().as_str())
        .collect();
    let is_used = |key: &str| {
        all.contains(&format!("\"{key}\"")) || beginnings.iter().any(|start| key.starts_with(start))
    };
    let unused = known.iter().filter(|key| !is_used(key));
    assert_eq!(
        unused.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "texts that nothing uses"
    );
}

#[test]
fn a_tag_finds_its_language() {
    for (tag, locale) in [
        ("de", Locale::De),
        ("de-AT", Locale::De),
        ("FR_ca", Locale::Fr),
        ("ar-EG", Locale::Ar),
        ("es-419", Locale::Es),
        ("pl", Locale::En),
        ("", Locale::En),
        ("deutsch", Locale::En),
        ("\u{0}", Locale::En),
    ] {
        assert_eq!(Locale::from_tag(tag), locale, "{tag}");
    }
    assert_eq!(Locale::known("pl"), None);
}

#[test]
fn a_foreign_argument_is_isolated() {
    let args: [(&str, Value); 2] = [("date", "12".into()), ("time", "مرحبا".into())];
    let text = Locale::En.text_with("date-and-time", &args);
    assert_eq!(text, "12, \u{2068}مرحبا\u{2069}");
}
