//! Permissions of the node's files. Only its own user may read them: the database has the keys, the secret of all
//! tokens and mail addresses.
//!
//! New files are created that way (`base::private_files`). The permissions of existing ones are corrected when the node
//! or a command starts.

use super::Config;
use std::{
    fs::{self, Metadata, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Permissions of the group and of all others.
const OTHERS: u32 = 0o077;
/// The bit of a folder that many users share, as `/tmp`.
const STICKY: u32 = 0o1000;
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// SQLite's files beside a database, and the lock of the working process.
const BESIDE_DATABASE: [&str; 5] = ["", "-wal", "-shm", "-journal", "-worker"];
/// The folders below the data folder.
const FOLDERS: [&str; 2] = ["media", "copies"];

/// A path that others can read or change.
#[derive(Debug)]
pub struct TooPermissive {
    pub path: PathBuf,
    pub mode: u32,
    /// The command that mends it.
    pub remedy: String,
}

/// Takes from others what an older version, or an admin by mistake, let them do: in the data folder and at the
/// database. With `pictures`, also at each picture.
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
        if let Some(about) = existing(&path).filter(is_open)
            && about.mode() & STICKY == 0
            && let Err(error) = fs::set_permissions(&path, without_others(&about))
        {
            let path = path.display();
            tracing::warn!(%path, %error, "others can read this, and it can't be changed");
        }
    }
}

/// Returns the paths that are open to others: in the data folder, at the database, the configuration if it has
/// secrets, and a foreign folder of the database in which others can write.
pub fn too_permissive(config: &Config) -> Vec<TooPermissive> {
    let mut found: Vec<TooPermissive> = own_paths(config)
        .into_iter()
        .filter_map(|path| existing(&path).filter(is_open).map(|about| (path, about)))
        .map(|(path, about)| TooPermissive {
            remedy: format!("chmod go= {}", quoted(&path)),
            mode: about.mode() & 0o7777,
            path,
        })
        .collect();
    found.extend(open_configuration(config));
    found.extend(open_foreign_folder(config));
    found
}

/// The data folder, the folders in it, and the files of the database.
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

/// Returns the path in `sqlite://PATH`, without parameters.
fn database_file(config: &Config) -> Option<PathBuf> {
    let rest = config.database_url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Returns a file's or folder's metadata. A link leads to what is not ours, but for the data folder itself.
fn existing(path: &Path) -> Option<Metadata> {
    let about = fs::symlink_metadata(path).ok()?;
    match about.is_symlink() {
        true => fs::metadata(path).ok().filter(Metadata::is_dir),
        false => Some(about),
    }
}

fn is_open(about: &Metadata) -> bool {
    about.mode() & OTHERS != 0
}

fn without_others(about: &Metadata) -> Permissions {
    Permissions::from_mode(about.mode() & 0o7777 & !OTHERS)
}

/// The group may be the node's own. A file in a folder that others can't enter is out of their reach.
fn open_configuration(config: &Config) -> Option<TooPermissive> {
    let path = config.file.clone().filter(|_| has_secrets(config))?;
    let about = fs::metadata(&path).ok()?;
    let is_reachable = fs::canonicalize(&path).is_ok_and(|path| {
        let mut above = path.ancestors().skip(1);
        above.all(|folder| fs::metadata(folder).is_ok_and(|about| about.mode() & 0o001 != 0))
    });
    (is_reachable && about.mode() & 0o007 != 0).then(|| TooPermissive {
        remedy: format!("chmod o= {}", quoted(&path)),
        mode: about.mode() & 0o7777,
        path,
    })
}

fn has_secrets(config: &Config) -> bool {
    let has_password =
        url::Url::parse(&config.database_url).is_ok_and(|url| url.password().is_some());
    has_password
        || config.mail.server.is_some()
        || config.notices.webhook_secret.is_some()
        || config.spam.akismet_key.is_some()
}

/// The mode of a folder that is not ours is never changed: other programs may rely on it.
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

/// Writes a path as one word for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
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
    fn only_what_is_ours_is_tightened_and_the_rest_is_named() {
        let place = tempfile::tempdir().unwrap();
        let (data, else_where) = (place.path().join("data"), place.path().join("databases"));
        let picture = data.join("media/a.png");
        let database = else_where.join("p.sqlite");
        let foreign = data.join("notes.txt");
        create_folder(&data.join("media")).unwrap();
        create_folder(&else_where).unwrap();
        for (path, bits) in [(&picture, 0o644), (&database, 0o640), (&foreign, 0o644)] {
            fs::write(path, "").unwrap();
            set(path, bits);
        }
        std::os::unix::fs::symlink(&foreign, data.join("media/link.png")).unwrap();
        set(&data, 0o755);
        set(&else_where, 0o777);
        let config = config(&data, &database);
        let named: Vec<PathBuf> = too_permissive(&config)
            .into_iter()
            .map(|it| it.path)
            .collect();
        assert_eq!(named, [data.clone(), database.clone(), else_where.clone()]);
        restrict(&config, true);
        assert_eq!(
            (mode(&data), mode(&database), mode(&picture)),
            (0o700, 0o600, 0o600)
        );
        assert_eq!((mode(&else_where), mode(&foreign)), (0o777, 0o644));
        let left = too_permissive(&config);
        assert_eq!((left.len(), &left[0].path), (1, &else_where));
        assert!(
            left[0].remedy.starts_with("chmod go-w "),
            "{}",
            left[0].remedy
        );
        set(&else_where, 0o1777);
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
