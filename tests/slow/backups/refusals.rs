//! Backups that are damaged, foreign or newer are refused, by a check and before a restoration touches anything.

use super::restoration::{PASSPHRASE, Target, back_up};
use crate::support::{Database, TestNode};
use age::{Decryptor, Encryptor, scrypt};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// Returns the lines of a backup.
fn lines(path: &str) -> Vec<String> {
    let file = std::fs::File::open(path).unwrap();
    let identity = scrypt::Identity::new(PASSPHRASE.to_owned().into());
    let decryptor = Decryptor::new(file).unwrap();
    let decrypted = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .unwrap();
    let mut text = String::new();
    let mut decompressed = zstd::stream::read::Decoder::new(decrypted).unwrap();
    decompressed.read_to_string(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Encrypts these bytes as a backup is.
fn encrypt(path: &Path, compressed: &[u8]) {
    let mut recipient = scrypt::Recipient::new(PASSPHRASE.to_owned().into());
    recipient.set_work_factor(4);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = encryptor.wrap_output(file).unwrap();
    writer.write_all(compressed).unwrap();
    writer.finish().unwrap();
}

/// Writes a backup with these lines. Its end has the right number and hash of lines.
fn write(path: &Path, lines: &[String]) {
    let (last, before) = lines.split_last().unwrap();
    let text: String = before.iter().map(|line| format!("{line}\n")).collect();
    let mut end: Value = serde_json::from_str(last).unwrap();
    if end.get("end").is_some() {
        end["end"]["lines"] = json!(before.len());
        end["end"]["sha256"] = json!(HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref()));
    }
    let compressed = zstd::encode_all(format!("{text}{end}\n").as_bytes(), 1).unwrap();
    encrypt(path, &compressed);
}

/// Replaces a line, given as JSON.
fn with(lines: &[String], index: usize, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut changed = lines.to_vec();
    let mut line: Value = serde_json::from_str(&changed[index]).unwrap();
    change(&mut line);
    changed[index] = line.to_string();
    changed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_not_whole_and_ours_is_refused_and_nothing_is_touched() {
    let node = TestNode::start(Database::Sqlite).await;
    for number in 0..3 {
        node.publish(&format!("---\ntitle: Article {number}\n---\nText.\n"))
            .await;
    }
    let (backup, _) = back_up(&node, "whole.age").await;
    let folder = node.folder.path().to_owned();
    let verified = node
        .admin_json(&[
            "backup",
            "verify",
            &backup,
            "--passphrase-file",
            "passphrase",
        ])
        .await;
    assert_eq!(verified["tables"]["articles"], 3);
    let configuration = node
        .admin(&[
            "backup",
            "config",
            &backup,
            "--passphrase-file",
            "passphrase",
        ])
        .await;
    let written = std::fs::read_to_string(&node.config_file).unwrap();
    assert_eq!(configuration, written);

    let bytes = std::fs::read(&backup).unwrap();
    let whole = lines(&backup);
    let article = whole
        .iter()
        .position(|line| line.starts_with("{\"articles\":"))
        .unwrap();
    let name = |name: &str| folder.join(name);
    let raw = |file: &str, bytes: &[u8]| {
        std::fs::write(name(file), bytes).unwrap();
        name(file)
    };
    let made = |file: &str, lines: &[String]| {
        write(&name(file), lines);
        name(file)
    };
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    let mut shorter = whole.clone();
    shorter.remove(article);
    let unfinished = &whole[..whole.len() - 1];
    let schema = |line: &mut Value| line["schema"] = json!(9_999);
    let format = |line: &mut Value| line["pamphlet_backup"] = json!(2);
    let orphan = |line: &mut Value| line["articles"]["author_id"] = json!(4_711);
    let number = |line: &mut Value| line["articles"]["title"] = json!(5);
    let column = |line: &mut Value| line["articles"]["colour"] = json!("red");
    let mut end_in_parts = whole.clone();
    let last = end_in_parts.pop().unwrap();
    end_in_parts.push(json!({"file": {"name": "../x.png", "data": ""}}).to_string());
    end_in_parts.push(last);
    let zeros = zstd::encode_all(vec![0_u8; 5_000_000].as_slice(), 1).unwrap();
    encrypt(&name("zeros.age"), &zeros);
    encrypt(
        &name("text.age"),
        &zstd::encode_all(&b"{\"a\": 1}\n"[..], 1).unwrap(),
    );
    encrypt(&name("uncompressed.age"), b"{}\n");

    // Refused requests, with a part of the reason.
    let cases: Vec<(PathBuf, &str)> = vec![
        (
            raw("half.age", &bytes[..bytes.len() / 2]),
            "damaged in line",
        ),
        (
            raw("short.age", &bytes[..bytes.len() - 1]),
            "damaged in line",
        ),
        (raw("header.age", &bytes[..100]), "no backup of Pamphlet"),
        (raw("empty.age", b""), "no backup of Pamphlet"),
        (raw("flipped.age", &flipped), "damaged in line"),
        (raw("notes.txt", b"Only a text.\n"), "no backup of Pamphlet"),
        (name("zeros.age"), "is incomplete"),
        (name("text.age"), "its first line is not that of one"),
        (name("uncompressed.age"), "no backup"),
        (
            made("newer.age", &with(&whole, 0, schema)),
            "install that version",
        ),
        (
            made("format.age", &with(&whole, 0, format)),
            "install that version",
        ),
        (made("unfinished.age", unfinished), "is incomplete"),
        (
            made("shorter.age", &shorter),
            "the table articles has 2 rows instead of 3",
        ),
        (made("parts.age", &end_in_parts), "another number or size"),
        (
            made("orphan.age", &with(&whole, article, orphan)),
            "row 4711 of the table authors",
        ),
        (made("number.age", &with(&whole, article, number)), "title"),
        (made("column.age", &with(&whole, article, column)), "colour"),
        (name("nowhere.age"), "can't be read"),
        (folder.clone(), "can't be read"),
    ];
    for (path, reason) in cases {
        let path = path.display().to_string();
        let check = ["backup", "verify", &path, "--passphrase-file", "passphrase"];
        let refused = node.cli(&check).await;
        let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{path}: {complaint}");
        assert!(complaint.contains(reason), "{path}: {complaint}");
        let is_restored = [
            "half",
            "notes",
            "newer",
            "unfinished",
            "shorter",
            "parts",
            "orphan",
        ]
        .iter()
        .any(|name| path.contains(&format!("/{name}.")));
        if !is_restored {
            continue;
        }
        let target = Target::new(Database::Sqlite, &node).await;
        let restore = [
            "backup",
            "restore",
            &path,
            "--passphrase-file",
            "passphrase",
        ];
        let refused = target.run(&restore).await;
        let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{path}: {complaint}");
        let database = target.folder.path().join("restored.sqlite");
        let is_about_rows = ["shorter", "parts", "orphan"]
            .iter()
            .any(|one| path.ends_with(&format!("{one}.age")));
        assert_eq!(database.exists(), is_about_rows, "{path}: {complaint}");
        if is_about_rows {
            let rows = crate::support::sql::number(&target.url, "SELECT COUNT(*) FROM settings");
            assert_eq!(rows.await, Some(0), "{path}");
        }
        assert!(!target.folder.path().join("media").exists(), "{path}");
    }
    refuses_wrong_circumstances(&node, &backup).await;
}

/// A wrong passphrase, an occupied database, another publication.
async fn refuses_wrong_circumstances(node: &TestNode, backup: &str) {
    let complaint = async |target: &Target, passphrase: &str| {
        let restore = ["backup", "restore", backup, "--passphrase-file", passphrase];
        let refused = target.run(&restore).await;
        assert_eq!(refused.status.code(), Some(1));
        String::from_utf8_lossy(&refused.stderr).into_owned()
    };
    let target = Target::new(Database::Sqlite, node).await;
    std::fs::write(target.folder.path().join("wrong"), "another passphrase").unwrap();
    let text = complaint(&target, "wrong").await;
    assert!(text.contains("the passphrase does not open"), "{text}");
    assert!(!target.folder.path().join("restored.sqlite").exists());

    target.restore(backup).await;
    let text = complaint(&target, "passphrase").await;
    assert!(
        text.contains("is not empty: its table articles has rows"),
        "{text}"
    );

    let target = Target::new(Database::Sqlite, node).await;
    let config = target.folder.path().join("pamphlet.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replacen("localhost:", "elsewhere.localhost:", 1);
    std::fs::write(&config, text).unwrap();
    let text = complaint(&target, "passphrase").await;
    assert!(text.contains("the backup is of @blog@localhost"), "{text}");
}
