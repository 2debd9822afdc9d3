//! Exports and backups onto a full disk: a small file system in memory, which only the command sees.

use crate::support::{Database, Program, both_databases, sql};
use data_encoding::HEXLOWER;
use rstest_reuse::apply;
use std::{collections::BTreeMap, path::Path};
use walkdir::WalkDir;

/// The length of a text in bytes, before it is written in hexadecimal digits. It can't be compressed to less.
const TEXT: usize = 400_000;
/// The size of a media file.
const FILE: usize = 6_000_000;
/// The size of a disk that has no room for the text, and of one that has none for the media file.
const WITHOUT_TEXT: &str = "256k";
const WITHOUT_FILE: &str = "4m";

/// Runs a command on a disk of this size, then again when there is room. What is on the disk is copied each time.
const SCRIPT: &str = r#"
mkdir -p full
rm -rf first again
exec unshare --map-root-user --mount sh -c '
    mount -t tmpfs -o size=SIZE none full || exit 90
    "$0" ARGUMENTS >/dev/null 2>complaint
    echo $? >code
    cp -R full first || exit 91
    mount -o remount,size=64m none full || exit 92
    "$0" ARGUMENTS >/dev/null || exit 93
    cp -R full again || exit 94
' "$0"
"#;

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    bytes
}

/// Creates a publication with a long text and a large media file.
async fn publication(database: Database) -> Program {
    let mut program = Program::new(database).await;
    program.set("PAMPHLET_BACKUP_PASSPHRASE", "five quite random words here");
    program.create_database().await;
    let lines = random(TEXT);
    let lines: Vec<String> = lines.chunks(30).map(|part| HEXLOWER.encode(part)).collect();
    let name = format!("{:032x}.jpg", 7);
    std::fs::create_dir_all(program.folder.path().join("media")).unwrap();
    program.file(&format!("media/{name}"), random(FILE));
    let statements = format!(
        "INSERT INTO articles (slug, title, markdown, published_at) VALUES ('long', 'Long', '{}', 1700000000000);
         INSERT INTO media (name, kind, content_type, bytes, created_at) VALUES ('{name}', 'picture', 'image/jpeg', {FILE}, 1)",
        lines.join("\n")
    );
    sql::run(&program.database_url, &statements).await;
    program
}

/// Returns the files in a folder, with their contents.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap();
            let content = std::fs::read(entry.path()).unwrap();
            (name.display().to_string(), content)
        })
        .collect()
}

/// Returns the names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

/// Runs a command on a disk without room for its `target`. The complaint must name it, and a second run must succeed once
/// there is room.
async fn fails_and_then_succeeds(program: &Program, arguments: &str, target: &str, size: &str) {
    let arguments = format!("{arguments} full/{target}");
    let script = SCRIPT
        .replace("ARGUMENTS", &arguments)
        .replace("SIZE", size);
    let mut command = program.commands().shell(&script);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let later = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{arguments}: {:?}: {later}",
        output.status
    );
    let complaint = program.output("complaint");
    assert_eq!(program.output("code").trim(), "1", "{arguments}");
    // One sentence, which says once what is wrong.
    assert!(complaint.starts_with("pamphlet: "), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{arguments}: {complaint}");
    assert!(
        complaint.contains(&format!("full/{target}")) && complaint.contains("can't be written"),
        "{arguments}: {complaint}"
    );
    let reason = "No space left on device";
    assert_eq!(
        complaint.matches(reason).count(),
        1,
        "{arguments}: {complaint}"
    );
    let again = names(&program.folder.path().join("again"));
    assert_eq!(again, [target], "{arguments}");
}

#[apply(both_databases)]
async fn a_full_disk_leaves_nothing_of_an_export_or_a_backup(#[case] database: Database) {
    let program = publication(database).await;
    for (arguments, target, size) in [
        ("export site", "site.tar.gz", WITHOUT_TEXT),
        ("export site", "site.tar.gz", WITHOUT_FILE),
        ("export site", "site", WITHOUT_TEXT),
        ("export site", "site", WITHOUT_FILE),
        ("export wordpress", "site.xml", WITHOUT_TEXT),
        ("backup create", "site.age", WITHOUT_TEXT),
        ("backup create", "site.age", WITHOUT_FILE),
    ] {
        fails_and_then_succeeds(&program, arguments, target, size).await;
        let left = names(&program.folder.path().join("first"));
        assert_eq!(left, [] as [&str; 0], "{arguments} {target}, {size}");
    }
    // Files that were written while there was room are whole.
    program.admin(&["backup", "verify", "again/site.age"]).await;
}

#[apply(both_databases)]
async fn a_full_disk_leaves_whole_pages_of_a_static_site(#[case] database: Database) {
    let program = publication(database).await;
    fails_and_then_succeeds(&program, "export static", "public", WITHOUT_TEXT).await;
    let folder = program.folder.path();
    let (first, again) = (files(&folder.join("first")), files(&folder.join("again")));
    assert!(first.len() < again.len());
    for (name, content) in &first {
        // The list of files, which the second run completed.
        if name == "public/.pamphlet-files" {
            continue;
        }
        assert!(again.get(name) == Some(content), "{name} is not whole");
    }
    let listed = String::from_utf8(again["public/.pamphlet-files"].clone()).unwrap();
    let listed: Vec<String> = listed
        .lines()
        .map(|line| format!("public/{line}"))
        .collect();
    let found = again
        .keys()
        .filter(|name| !name.ends_with("/.pamphlet-files"));
    assert!(found.eq(&listed), "{listed:?}");
}
