//! Permissions of the node's files. Only its own user may read them: the database has the keys, the secret of all
//! tokens and mail addresses.
//!
//! New files are created that way (`base::private_files`). The permissions of existing ones are corrected when the node
//! or a command starts.

use super::{Config, paths::sqlite_path};
use std::{
    fs::{self, Metadata, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The permission bits of the group and of all others.
const OTHERS: u32 = 0o077;
/// The bit of a folder that many users share, like `/tmp`.
const STICKY: u32 = 0o1000;
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// The suffixes of SQLite's files and of the worker's lock.
const BESIDE_DATABASE: [&str; 5] = ["", "-wal", "-shm", "-journal", "-worker"];
/// The folders in the data folder.
const FOLDERS: [&str; 2] = ["media", "copies"];

/// A path that others can read or change.
#[derive(Debug)]
pub struct TooPermissive {
    pub path: PathBuf,
    pub mode: u32,
    /// The command that corrects it.
    pub remedy: String,
}

/// Removes the permissions of others on the data folder and the database, which an older version may have left. With
/// `pictures`, also on each picture.
pub fn restrict(config: &Config, pictures: bool) {
    let mut paths = own_paths(config);
    if pictures {
        paths.extend(
            FOLDERS
                .iter()
                .flat_map(|name| files_in(&config.data.join(name))),
        );
    }
    for path in paths {
        if let Some(metadata) = metadata_of(&path).filter(is_open)
            && metadata.mode() & STICKY == 0
            && let Err(error) = fs::set_permissions(&path, without_others(&metadata))
        {
            let path = path.display();
            tracing::warn!(%path, %error, "the permissions of a file that others can read can't be restricted");
        }
    }
}

/// Returns the paths that others can access: the data folder and the folders in it, the files of the database, the
/// configuration if it has secrets, and a folder of the database outside the data folder, if others can write to it.
pub fn too_permissive(config: &Config) -> Vec<TooPermissive> {
    let mut found: Vec<TooPermissive> = own_paths(config)
        .into_iter()
        .filter_map(|path| {
            metadata_of(&path)
                .filter(is_open)
                .map(|metadata| (path, metadata))
        })
        .map(|(path, metadata)| TooPermissive {
            remedy: format!("chmod go= {}", quoted(&path)),
            mode: metadata.mode() & 0o7777,
            path,
        })
        .collect();
    found.extend(open_configuration(config));
    found.extend(open_foreign_folder(config));
    found
}

/// Returns the data folder, the folders in it, and the files of the database.
fn own_paths(config: &Config) -> Vec<PathBuf> {
    let mut paths = vec![config.data.clone()];
    paths.extend(FOLDERS.iter().map(|name| config.data.join(name)));
    if let Some(database) = database_file(config) {
        paths.extend(BESIDE_DATABASE.iter().map(|suffix| {
            let mut name = database.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        }));
    }
    paths
}

/// Returns the file of the database, if it is SQLite.
pub(crate) fn database_file(config: &Config) -> Option<PathBuf> {
    sqlite_path(&config.database_url)
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Returns the metadata of an existing file or folder. A symbolic link to a file is skipped, since the file need not be
/// ours. One to a folder is followed: the data folder may be one.
fn metadata_of(path: &Path) -> Option<Metadata> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if metadata.is_symlink() {
        fs::metadata(path).ok().filter(Metadata::is_dir)
    } else {
        Some(metadata)
    }
}

fn is_open(metadata: &Metadata) -> bool {
    metadata.mode() & OTHERS != 0
}

fn without_others(metadata: &Metadata) -> Permissions {
    Permissions::from_mode(metadata.mode() & 0o7777 & !OTHERS)
}

/// Returns the configuration file, if it has secrets and others can read it. The group may do so, since it may be the
/// node's own. Others can't reach a file in a folder that they can't enter.
fn open_configuration(config: &Config) -> Option<TooPermissive> {
    let path = config.file.clone().filter(|_| has_secrets(config))?;
    let metadata = fs::metadata(&path).ok()?;
    let is_reachable = fs::canonicalize(&path).is_ok_and(|path| {
        let mut above = path.ancestors().skip(1);
        above.all(|folder| fs::metadata(folder).is_ok_and(|metadata| metadata.mode() & 0o001 != 0))
    });
    (is_reachable && metadata.mode() & 0o007 != 0).then(|| TooPermissive {
        remedy: format!("chmod o= {}", quoted(&path)),
        mode: metadata.mode() & 0o7777,
        path,
    })
}

fn has_secrets(config: &Config) -> bool {
    let has_password = |url: &str| url::Url::parse(url).is_ok_and(|url| url.password().is_some());
    has_password(&config.database_url)
        || has_password(config.direct_database_url())
        || config.mail.server.is_some()
        || config.notices.webhook_secret.is_some()
        || config.spam.akismet_key.is_some()
}

/// Returns the folder of a database outside the data folder, if others can write to it. Its mode is never changed, since
/// other programs may rely on it.
fn open_foreign_folder(config: &Config) -> Option<TooPermissive> {
    let database = database_file(config)?;
    let folder = match database.parent()? {
        here if here.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    if fs::canonicalize(folder).ok()? == fs::canonicalize(&config.data).ok()? {
        return None;
    }
    let mode = fs::metadata(folder).ok()?.mode();
    let is_open = mode & WRITABLE_BY_OTHERS != 0 && mode & STICKY == 0;
    is_open.then(|| TooPermissive {
        path: folder.to_owned(),
        mode: mode & 0o7777,
        remedy: format!("chmod go-w {}", quoted(folder)),
    })
}

/// Quotes a path for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::private_files::create_folder, config::Overrides};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn config(data: &Path, database: &Path) -> Config {
        let overrides = Overrides {
            data: Some(data.into()),
            database_url: Some(format!("sqlite://{}?mode=rwc", database.display())),
            without_file: true,
            ..Overrides::default()
        };
        Config::load_with(&overrides, &|_| None).unwrap()
    }

    #[test]
    fn own_files_are_restricted_and_others_are_reported() {
        let root = tempfile::tempdir().unwrap();
        let (data, elsewhere) = (root.path().join("data"), root.path().join("databases"));
        let picture = data.join("media/a.png");
        let database = elsewhere.join("p.sqlite");
        let foreign = data.join("notes.txt");
        create_folder(&data.join("media")).unwrap();
        create_folder(&elsewhere).unwrap();
        for (path, bits) in [(&picture, 0o644), (&database, 0o640), (&foreign, 0o644)] {
            fs::write(path, "").unwrap();
            set(path, bits);
        }
        std::os::unix::fs::symlink(&foreign, data.join("media/link.png")).unwrap();
        set(&data, 0o755);
        set(&elsewhere, 0o777);
        let config = config(&data, &database);
        let named: Vec<PathBuf> = too_permissive(&config)
            .into_iter()
            .map(|it| it.path)
            .collect();
        assert_eq!(named, [data.clone(), database.clone(), elsewhere.clone()]);
        restrict(&config, true);
        assert_eq!(
            (mode(&data), mode(&database), mode(&picture)),
            (0o700, 0o600, 0o600)
        );
        assert_eq!((mode(&elsewhere), mode(&foreign)), (0o777, 0o644));
        let left = too_permissive(&config);
        assert_eq!((left.len(), &left[0].path), (1, &elsewhere));
        assert!(
            left[0].remedy.starts_with("chmod go-w "),
            "{}",
            left[0].remedy
        );
        set(&elsewhere, 0o1777);
        assert!(too_permissive(&config).is_empty());
        set(&data, 0o1777);
        restrict(&config, true);
        assert_eq!(
            mode(&data),
            0o1777,
            "a folder that all users share is left as it is"
        );
    }
}
