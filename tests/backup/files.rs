//! The files of backups: their names, their rights, and failures to write them.

use crate::support::{Database, Program, sql};
use std::{
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime},
};

const PASSPHRASE: &str = "five quite random words here";

/// Returns the names in a folder that begin with a dot or end as backups do.
fn backups(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".pamphlet") || name.ends_with(".age"))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_are_private_never_half_written_and_old_ones_are_removed() {
    let mut program = Program::new(Database::Sqlite).await;
    program.create_database().await;
    let folder = program.folder.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    let create = ["backup", "create", "backups", "--keep", "2"];
    let refused = program.run(&create).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{complaint}");
    assert!(
        complaint.contains("PAMPHLET_BACKUP_PASSPHRASE"),
        "{complaint}"
    );
    program.set("PAMPHLET_BACKUP_PASSPHRASE", "short");
    let refused = program.run(&create).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("too short"), "{complaint}");

    program.set("PAMPHLET_BACKUP_PASSPHRASE", PASSPHRASE);
    let host = program
        .origin
        .strip_prefix("http://")
        .unwrap()
        .replace(':', "_");
    let older: Vec<String> = [2024, 2025]
        .map(|year| format!("{host}-{year}0131T183000Z.pamphlet.age"))
        .to_vec();
    for name in older.iter().map(String::as_str).chain(["by-hand.age"]) {
        std::fs::write(folder.join(name), "").unwrap();
    }
    // The rest of an interrupted backup is removed, and one that is being written stays.
    let leftovers = ["old", "new"].map(|name| folder.join(format!(".pamphlet-backup-{name}")));
    for path in &leftovers {
        std::fs::write(path, "half").unwrap();
    }
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    let old = std::fs::File::options()
        .write(true)
        .open(&leftovers[0])
        .unwrap();
    old.set_modified(yesterday).unwrap();
    program.admin(&create).await;
    assert!(!leftovers[0].exists());
    std::fs::remove_file(&leftovers[1]).unwrap();
    let names = backups(&folder);
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&older[1]) && names.contains(&"by-hand.age".to_owned()));
    let newest = names
        .iter()
        .find(|name| !older.contains(name) && *name != "by-hand.age");
    let newest = folder.join(newest.unwrap());
    let mode = newest.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // An existing file stays as it is, and a full disk leaves nothing.
    let newest = newest.display().to_string();
    let refused = program.run(&["backup", "create", &newest]).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains("exists already"), "{complaint}");
    // A text that can't be compressed: the backup is larger than the files that the shell permits.
    sql::run(
        &program.database_url,
        "INSERT INTO articles (slug, title, markdown) VALUES ('long', 'Long', hex(randomblob(300000)))",
    )
    .await;
    let script = "trap '' XFSZ; ulimit -f 200; \"$0\" backup create full.age";
    let mut full = program.commands().shell(script);
    let full = tokio::task::spawn_blocking(move || full.output().unwrap());
    let full = full.await.unwrap();
    let complaint = String::from_utf8_lossy(&full.stderr).into_owned();
    assert_eq!(full.status.code(), Some(1), "{complaint}");
    assert!(
        complaint.contains("full.age can't be written"),
        "{complaint}"
    );
    assert_eq!(backups(program.folder.path()), [] as [&str; 0]);
}
