//! The exports that are read.

use super::{Export, Software};
use crate::adoption::AdoptionError;

const HEAD: &str = r#"{"format":"pamphlet-actors","version":1,"software":"wordpress","site":"https://example.org/"}"#;
const ACTOR: &str = r#"{"kind":"actor","key":"1","type":"user","handle":"Ada.Writes","id":"https://example.org/?author=1","inbox":"https://example.org/wp-json/activitypub/1.0/actors/1/inbox","private_key":"SECRET"}"#;
const FOLLOWER: &str =
    r#"{"kind": "follower", "actor": "1", "id": "https://reader.example/users/a", "inbox": null}"#;
const OBJECT: &str =
    r#"{"kind":"object","key":"12","actor":"1","id":"https://example.org/?p=12","federated":true}"#;
const LATER: &str = r#"{"kind":"badge","of":"a later version"}"#;
const END: &str = r#"{"kind":"end"}"#;

fn read(text: &str) -> Result<Export, AdoptionError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let export = Export::read(file.path(), Software::WordPress)?;
    // The second reading finds what the first one checked.
    let followers: Result<Vec<_>, _> = export.followers()?.collect();
    let objects: Result<Vec<_>, _> = export.objects()?.collect();
    assert_eq!((followers?.len(), objects?.len()), (1, 1));
    Ok(export)
}

#[test]
fn a_complete_export_is_read() {
    let lines = [HEAD, "", FOLLOWER, ACTOR, LATER, OBJECT, END];
    for text in [
        lines.join("\n"),
        lines.join("\r\n") + "\r\n\r\n",
        format!("\u{feff}{}\n", lines.join("\n")),
    ] {
        let export = read(&text).unwrap();
        assert_eq!(export.actors.len(), 1);
        assert_eq!(export.actors[0].handle, "Ada.Writes");
        assert!(!format!("{export:?}").contains("SECRET"));
    }
}

#[test]
fn anything_else_is_refused_with_a_sentence() {
    let foreign = ACTOR.replace(
        "https://example.org/?author=1",
        "https://other.example/?author=1",
    );
    let other_key = ACTOR.replace("\"key\":\"1\"", "\"key\":\"2\"");
    let newer = HEAD.replace("\"version\":1", "\"version\":2");
    let ghost = HEAD.replace("wordpress", "ghost");
    let no_type = ACTOR.replace("\"type\":\"user\",", "");
    let long = format!("{{\"kind\":\"{}\"}}", "x".repeat(2_000_000));
    for (lines, sentence) in [
        (vec![""], "is not an export"),
        (vec!["<rss/>"], "is not an export"),
        (
            vec!["{\"format\":\"other\",\"version\":1}"],
            "is not an export",
        ),
        (vec![&newer, ACTOR, END], "upgrade Pamphlet"),
        (vec![&ghost, ACTOR, END], "use pamphlet import ghost"),
        (vec![HEAD, ACTOR], "was cut off"),
        (vec![HEAD, ACTOR, END, FOLLOWER], "was cut off"),
        (vec![HEAD, END], "names no actor"),
        (
            vec![HEAD, &foreign, END],
            "is not an actor of this export's site: line 2",
        ),
        (vec![HEAD, ACTOR, ACTOR, END], "line 3"),
        (vec![HEAD, ACTOR, &other_key, END], "again"),
        (vec![HEAD, &no_type, END], "a property is missing"),
        (
            vec![HEAD, ACTOR, "{\"kind\":", END],
            "line 3 of the export can't be read: it is not JSON",
        ),
        (
            vec![HEAD, ACTOR, &long, END],
            "line 3 of the export can't be read: it is too long",
        ),
    ] {
        let error = read(&lines.join("\n")).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}, not {sentence}");
        assert!(!error.contains("SECRET"), "{error}");
    }
    let missing = Export::read("/nowhere/actors.jsonl".as_ref(), Software::Ghost).unwrap_err();
    assert!(missing.to_string().contains("can't be read"), "{missing}");
}
