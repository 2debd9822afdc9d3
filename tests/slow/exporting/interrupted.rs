//! Ctrl-C in the middle of an export or a backup: the program ends, and what it leaves looks like no result.

use crate::support::{Database, Program, both_databases, eventually, sql};
use rstest_reuse::apply;
use serde_json::Value;
use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// The numbers of articles and comments: enough for several seconds.
const ARTICLES: usize = 500;
const COMMENTS: usize = 10_000;

async fn large_publication(database: Database) -> Program {
    publication(database, ARTICLES, COMMENTS).await
}

async fn publication(database: Database, articles: usize, comments: usize) -> Program {
    let mut program = Program::new(database).await;
    program.set("PAMPHLET_BACKUP_PASSPHRASE", "five quite random words here");
    program.create_database().await;
    let paragraph = "Some *words* and [a link](https://a.example/). ".repeat(20);
    let comment = "A thought. ".repeat(20);
    let statements = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {articles})
         INSERT INTO articles (slug, title, markdown, published_at)
         SELECT 'article-' || i, 'Article ' || i, '{paragraph}', 1700000000000 + CAST(i AS BIGINT) * 1000 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {comments})
         INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at)
         SELECT a.id, i, 'https://talk.example/notes/' || i, 'Ben', '@ben@talk.example', '<p>{comment}</p>', 'visible', 1, 1
         FROM n, articles a WHERE a.slug = 'article-1';"
    );
    sql::run(&program.database_url, &statements).await;
    std::fs::create_dir(program.folder.path().join("out")).unwrap();
    program
}

/// Starts a command that Ctrl-C ends, also if the tests run in the background of a shell, which ignores it.
fn start(program: &Program, arguments: &str) -> Child {
    let script = format!("exec env --default-signal=INT \"$0\" {arguments}");
    let mut command = program.commands().shell(&script);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Returns the names in a folder with the sizes of the files.
fn entries(folder: &Path) -> Vec<(String, u64)> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            // It may be gone already.
            Some((name, entry.metadata().ok()?.len()))
        })
        .collect()
}

/// Presses Ctrl-C as soon as the temporary file or folder has so many bytes. Returns how the program ended.
async fn interrupt(mut child: Child, folder: &Path, bytes: u64) -> Output {
    eventually("the command is in the middle of its work", || {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "the command ended too early: {ended:?}");
        let is_begun = entries(folder)
            .iter()
            .any(|(name, length)| name.starts_with(".pamphlet-") && *length >= bytes);
        async move { is_begun.then_some(()) }
    })
    .await;
    let process = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &process]).status();
    assert!(sent.unwrap().success());
    eventually("the command ends", || {
        let ended = child.try_wait().unwrap();
        async move { ended }
    })
    .await;
    child.wait_with_output().unwrap()
}

#[apply(both_databases)]
async fn an_interrupted_export_or_backup_leaves_nothing_and_can_be_run_again(
    #[case] database: Database,
) {
    let program = large_publication(database).await;
    let out = program.folder.path().join("out");
    for (command, target) in [
        (["export", "site"], "out/site.tar.gz"),
        (["export", "site"], "out/site"),
        (["backup", "create"], "out/site.age"),
    ] {
        let arguments = format!("{} {target}", command.join(" "));
        let ended = interrupt(start(&program, &arguments), &out, 0).await;
        let complaint = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{arguments}: {complaint}");
        assert_eq!(
            complaint, "pamphlet: interrupted, and nothing was written\n",
            "{arguments}"
        );
        assert!(entries(&out).is_empty(), "{arguments}");
        program.admin(&[command[0], command[1], target]).await;
        let written = program.folder.path().join(target);
        if written.is_dir() {
            assert!(written.join("end.json").is_file());
            std::fs::remove_dir_all(&written).unwrap();
        } else {
            std::fs::remove_file(&written).unwrap();
        }
        assert!(entries(&out).is_empty(), "{arguments}");
    }
}

#[apply(both_databases)]
async fn an_interrupted_export_for_wordpress_has_no_file_and_can_be_run_again(
    #[case] database: Database,
) {
    let program = large_publication(database).await;
    let out = program.folder.path().join("out");
    let file = out.join("site.xml");
    let complaint = "pamphlet: interrupted, and nothing was written\n";
    let child = start(&program, "export wordpress out/site.xml");
    let ended = interrupt(child, &out, 1).await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), complaint);
    assert!(entries(&out).is_empty());

    // An earlier file stays as it was.
    std::fs::write(&file, "an earlier export").unwrap();
    let child = start(&program, "export wordpress out/site.xml --force");
    let ended = interrupt(child, &out, 1).await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), complaint);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "an earlier export");
    assert_eq!(entries(&out).len(), 1);

    let again = ["export", "wordpress", "out/site.xml", "--force"];
    program.admin(&again).await;
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with("</channel>\n</rss>\n"));
    assert_eq!(text.matches("<item>").count(), ARTICLES);
    assert_eq!(text.matches("<wp:comment>").count(), COMMENTS);
}

#[apply(both_databases)]
async fn an_interrupted_static_export_has_whole_pages_and_is_completed_by_the_next(
    #[case] database: Database,
) {
    let program = publication(database, 60, 1).await;
    let folder = program.folder.path().join("out/public");
    std::fs::create_dir(&folder).unwrap();
    let unfinished = || {
        let entries = entries(&folder).into_iter();
        let names = entries.map(|(name, _)| name);
        let names = names.filter(|name| name.starts_with(".pamphlet-"));
        names.collect::<Vec<_>>()
    };
    // The list of files grows with each one.
    let child = start(&program, "export static out/public");
    let ended = interrupt(child, &folder, 1000).await;
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&ended.stderr),
        "pamphlet: interrupted, and out/public has whole pages, but not all: the same command completes it\n"
    );
    assert_eq!(unfinished(), [".pamphlet-files"]);

    // The next export removes the leftovers of a process that was killed.
    std::fs::write(folder.join(".pamphlet-page-a1b2c3"), "half").unwrap();
    let again = ["export", "static", "out/public", "--json"];
    let report: Value = serde_json::from_str(&program.admin(&again).await).unwrap();
    assert!(report["pages"].as_u64() > Some(60), "{report}");
    assert!(report["written"].as_u64() < report["files"].as_u64());
    assert_eq!(unfinished(), [".pamphlet-files"]);
}
