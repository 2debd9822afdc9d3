//! A backup of a gigabyte, made while deliveries go on, and one that is read without Pamphlet.

use crate::support::{
    Database, Peer, Program, Terminal, eventually, eventually_within, postgres, sql,
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use pamphlet::store::Store;
use std::{
    collections::BTreeMap,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

const PASSPHRASE: &str = "five quite random words here";
/// The number and size of the media files, which can't be compressed.
const FILES: usize = 900;
const FILE_SIZE: usize = 1_000_000;
/// The number of comments, with texts of 500 characters.
const COMMENTS: usize = 50_000;
/// The number of notes that are published during the backup: more would only slow it down.
const NOTES: usize = 20;

/// Returns the peak resident memory of a process, in MiB, while it runs.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// Waits until a process ends. Returns its time and peak memory.
async fn measure(name: &str, mut child: Child) -> (Duration, u64) {
    let (start, mut memory) = (Instant::now(), 0);
    let patience = Duration::from_secs(600);
    let status = eventually_within(patience, "the command ends", || {
        memory = peak(child.id()).unwrap_or(memory).max(memory);
        let status = child.try_wait().unwrap();
        async move { status }
    })
    .await;
    assert!(status.success(), "{name}");
    let time = start.elapsed();
    println!("{name}: {:.1} s, at most {memory} MiB", time.as_secs_f64());
    (time, memory)
}

/// Writes media files with their rows.
async fn add_media(program: &Program) {
    let folder = program.folder.path().join("media");
    std::fs::create_dir_all(&folder).unwrap();
    let mut rows = Vec::new();
    let mut bytes = vec![0; FILE_SIZE];
    for number in 0..FILES {
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        let name = format!("{number:032x}.jpg");
        std::fs::write(folder.join(&name), &bytes).unwrap();
        rows.push(format!(
            "('{name}', 'picture', 'image/jpeg', {FILE_SIZE}, 1)"
        ));
    }
    let insert = "INSERT INTO media (name, kind, content_type, bytes, created_at) VALUES";
    sql::run(
        &program.database_url,
        &format!("{insert} {}", rows.join(", ")),
    )
    .await;
}

async fn add_comments(program: &Program) {
    let statement = format!(
        "WITH RECURSIVE n (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM n WHERE n < {})
         INSERT INTO comments (article_id, number, uri, author_name, author_handle, content, state, published_at, received_at)
         SELECT (SELECT MIN(id) FROM articles), n, 'https://many.example/' || n, 'A. Reader', '@reader@many.example',
            '<p>' || hex(randomblob(250)) || '</p>', 'visible', n, n FROM n",
        1000 + COMMENTS
    );
    sql::run(&program.database_url, &statement).await;
}

/// Returns a hash of all rows of the tables that the notes meanwhile do not change, in the order of their JSON.
async fn tables(url: &str) -> BTreeMap<String, (usize, String)> {
    const UNCHANGED: [&str; 6] = [
        "comments",
        "followers",
        "local_actors",
        "local_keys",
        "media",
        "remote_actors",
    ];
    let store = Store::open(url).await.unwrap();
    let mut snapshot = store.snapshot().await.unwrap();
    let mut found = BTreeMap::new();
    for table in snapshot.tables().to_vec() {
        if !UNCHANGED.contains(&table.name.as_str()) {
            continue;
        }
        // The databases have their columns in different orders.
        let rows = snapshot.all(&table).await.unwrap().into_iter();
        let mut rows: Vec<String> = rows
            .map(|row| serde_json::to_string(&BTreeMap::from_iter(row)).unwrap())
            .collect();
        rows.sort_unstable();
        let hash = digest(&SHA256, rows.join("\n").as_bytes());
        found.insert(table.name, (rows.len(), HEXLOWER.encode(hash.as_ref())));
    }
    assert_eq!(found.len(), UNCHANGED.len());
    snapshot.close().await.unwrap();
    store.close().await;
    found
}

fn media_hashes(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder.join("media")).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let hash = digest(&SHA256, &std::fs::read(&path).unwrap());
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, HEXLOWER.encode(hash.as_ref()))
        })
        .collect()
}

fn spawn(program: &Program, arguments: &[&str]) -> Child {
    let mut command = program.commands().command(arguments);
    command.stdout(Stdio::null()).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_is_backed_up_while_deliveries_go_on_and_restored_on_postgres() {
    let mut program = Program::new(Database::Sqlite).await;
    program.set("PAMPHLET_BACKUP_PASSPHRASE", PASSPHRASE);
    program.serve().await;
    let article = program.file("article.md", "---\ntitle: A title\n---\nText.\n");
    program
        .admin(&["post", "publish", article.to_str().unwrap()])
        .await;
    add_media(&program).await;
    add_comments(&program).await;
    let peer = Peer::start("follower").await;
    let reader = peer.actor("reader").await;
    let inbox = format!("{}/inbox", program.origin);
    reader
        .follow(&inbox, &format!("{}/users/blog", program.origin))
        .await;
    peer.wait_for("Accept").await;

    // During the backup, notes are published and delivered.
    let backup = spawn(&program, &["backup", "create", "big.age"]);
    let process = backup.id();
    let commands = program.commands();
    let publishing = tokio::spawn(async move {
        let mut slowest = Duration::ZERO;
        let mut count = 0;
        while count < NOTES && peak(process).is_some() {
            let before = peer.received_of("Create").len();
            let start = Instant::now();
            commands.admin(&["note", &format!("Note {count}.")]).await;
            eventually("the note is delivered", || async {
                (peer.received_of("Create").len() > before).then_some(())
            })
            .await;
            slowest = slowest.max(start.elapsed());
            count += 1;
        }
        (count, slowest)
    });
    let (_, memory) = measure("backup create", backup).await;
    let (count, slowest) = publishing.await.unwrap();
    println!("{count} notes were published and delivered meanwhile, the slowest in {slowest:?}");
    assert!(count > 2, "{count} notes");
    let size = program
        .folder
        .path()
        .join("big.age")
        .metadata()
        .unwrap()
        .len();
    println!("the backup has {} MB", size / 1_000_000);
    assert!(size > 900_000_000);
    assert!(memory < 300, "{memory} MiB");

    program.terminate().await;
    let mut other = Program::on(tempfile::tempdir().unwrap(), postgres::new_database().await);
    other.set("PAMPHLET_BACKUP_PASSPHRASE", PASSPHRASE);
    other.set("PAMPHLET_PUBLIC_URL", &program.origin);
    let big = program.folder.path().join("big.age").display().to_string();
    let (_, memory) = measure(
        "backup restore",
        spawn(&other, &["backup", "restore", &big]),
    )
    .await;
    assert!(memory < 300, "{memory} MiB");
    assert_eq!(
        tables(&other.database_url).await,
        tables(&program.database_url).await
    );
    assert_eq!(
        media_hashes(other.folder.path()),
        media_hashes(program.folder.path())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn age_zstd_and_jq_read_a_backup_and_the_terminal_asks_for_the_passphrase() {
    let program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    let article = program.file(
        "article.md",
        "---\ntitle: A title\nslug: first\n---\nText.\n",
    );
    program
        .admin(&["post", "publish", article.to_str().unwrap()])
        .await;
    let create = ["backup", "create", "small.age"];
    let terminal = Terminal::of_program(&program.commands(), &create).await;
    terminal.wait_for("Passphrase for the backup:").await;
    terminal.enter(PASSPHRASE).await;
    terminal.wait_for("again:").await;
    terminal.enter(PASSPHRASE).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains(PASSPHRASE), "{screen}");

    let script = "age --decrypt small.age | zstd --decompress --quiet > small.jsonl \
                  && jq -r 'select(.articles) | .articles | \"\\(.slug): \\(.title)\"' small.jsonl";
    let terminal = Terminal::start(&program.commands().shell(script)).await;
    terminal.wait_for("Enter passphrase").await;
    terminal.enter(PASSPHRASE).await;
    let (code, screen) = terminal.wait_for_end().await;
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("first: A title"), "{screen}");
}
