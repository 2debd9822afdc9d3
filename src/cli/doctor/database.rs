//! The database and the disk below it.

use super::{report::Check, site::Site};
use crate::{
    config::{Config, permissions},
    store::StoreError,
};
use std::{collections::BTreeSet, path::PathBuf};

/// The size from which a write-ahead log is large, in bytes. SQLite empties it at 4 MB unless a reader never ends.
const LARGE_WAL: u64 = 512 * 1024 * 1024;
/// The free space and the free inodes below which a disk is nearly full.
const LITTLE_SPACE: u64 = 256 * 1024 * 1024;
const FEW_INODES: u64 = 1000;

/// The remedy of a damaged database.
const RESTORE: &str = "stop the node, copy the database, and restore the last backup; `sqlite3 FILE .recover` saves the rest";

/// Returns the check of a database that can't be opened.
pub(super) fn unusable(error: &anyhow::Error, config: &Config) -> Check {
    let mut check = Check::new("database", "");
    let what = format!("{error:#}");
    let is_sqlite = permissions::database_file(config).is_some();
    if let Some(StoreError::NewerVersion(_)) = error.downcast_ref::<StoreError>() {
        let mend = "install the newer version of Pamphlet again";
        check.find("database-newer", what, mend);
    } else if is_sqlite && what.contains("malformed") {
        check.find("database-damaged", what, RESTORE);
    } else if is_sqlite {
        let mend = "make room on the disk (df -h), run this as the owner of the database (ls -l), and compare public_url \
                    and domain in the configuration with those of the first start";
        check.find("database-failed", what, mend);
    } else {
        let mend = "start the database (systemctl start postgresql), and compare database_url, public_url and domain in \
                    the configuration with those of the first start";
        check.find("database-failed", what, mend);
    }
    check.or(|_| "The database can't be used, so that most checks are skipped.".into())
}

pub(super) async fn database(site: &Site) -> Check {
    let Some(node) = &site.node else {
        return Check::skipped("database", "the database can't be used");
    };
    let found = async {
        let mut conn = node.store.read().await?;
        Ok::<_, StoreError>((conn.server_version().await?, conn.damages().await?))
    };
    let (version, damages) = match found.await {
        Ok(found) => found,
        Err(error) => return unusable(&error.into(), &site.config),
    };
    let mut check = Check::new("database", format!("The database ({version}) is in order."));
    for damage in damages {
        check.find("database-damaged", damage, RESTORE);
    }
    if let Some(wal) = wal_of(site)
        && let Ok(metadata) = wal.metadata()
        && metadata.len() > LARGE_WAL
    {
        let what = format!("{} has {}", wal.display(), size(metadata.len()));
        check.find("wal-large", what, "end the program that reads the database without end (fuser FILE), and restart the node");
    }
    check.or(|_| format!("The database ({version}) is not in order."))
}

fn wal_of(site: &Site) -> Option<PathBuf> {
    let mut name = permissions::database_file(&site.config)?.into_os_string();
    name.push("-wal");
    Some(name.into())
}

pub(super) fn disk(site: &Site) -> Check {
    let config = &site.config;
    let mut folders = BTreeSet::from([config.data.clone()]);
    if let Some(parent) = permissions::database_file(config)
        .as_deref()
        .and_then(|file| file.parent())
    {
        folders.insert(parent.to_owned());
    }
    let mut check = Check::new("disk", "There is room on the disk.");
    let mut free = Vec::new();
    for folder in folders.iter().filter(|folder| folder.exists()) {
        let Ok(disk) = rustix::fs::statvfs(folder.as_path()) else {
            continue;
        };
        let space = disk.f_bavail.saturating_mul(disk.f_frsize);
        free.push(space);
        let shown = folder.display();
        if space < LITTLE_SPACE {
            let mend = "remove files, or enlarge the disk; `pamphlet media prune` removes files that nothing uses";
            check.find(
                "disk-full",
                format!("{shown} has only {} left", size(space)),
                mend,
            );
        }
        if disk.f_files > 0 && disk.f_favail < FEW_INODES {
            let what = format!("{shown} has only {} inodes left", disk.f_favail);
            check.find(
                "inodes-full",
                what,
                "remove small files: df -i names the disk, and du --inodes finds them",
            );
        }
    }
    match free.iter().min() {
        Some(least) if check.is_well() => {
            Check::new("disk", format!("The disk has {} left.", size(*least)))
        }
        _ => check.or(|_| "The disk is nearly full.".into()),
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 10 * 1024 && unit + 1 < UNITS.len() {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_short() {
        let shown: Vec<_> = [0, 9000, 300 * 1024 * 1024, u64::MAX]
            .map(super::size)
            .into();
        assert_eq!(shown, ["0 bytes", "9000 bytes", "300 MiB", "16777215 TiB"]);
    }
}
