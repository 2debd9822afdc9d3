//! Places of files: where the configuration is looked for, and what its relative paths mean.

use super::{ConfigError, DEFAULT_FILE, Picture, Site, Tls};
use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The folder of configurations for the whole system.
const SYSTEM_FOLDER: &str = "/etc/pamphlet";
/// The name of the database in the data folder.
const DATABASE: &str = "pamphlet.sqlite";

/// Looks for the configuration file in the working folder and its parents, in the user's configuration folder
/// (`$XDG_CONFIG_HOME/pamphlet`), and in `/etc/pamphlet`.
///
/// # Errors
/// If the file in a parent folder belongs to somebody else, who could have put it there as a trap.
pub(super) fn find_file(
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<PathBuf>, ConfigError> {
    let here = PathBuf::from(DEFAULT_FILE);
    if here.exists() {
        return Ok(Some(here));
    }
    let working_folder = std::env::current_dir().unwrap_or_default();
    for folder in working_folder.ancestors().skip(1) {
        let path = folder.join(DEFAULT_FILE);
        if path.exists() {
            return check_owner(path, &working_folder).map(Some);
        }
    }
    let user_folder = match env("XDG_CONFIG_HOME") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => env("HOME").map(|home| Path::new(&home).join(".config")),
    };
    let others = [
        user_folder.map(|folder| folder.join("pamphlet")),
        Some(PathBuf::from(SYSTEM_FOLDER)),
    ];
    Ok(others
        .into_iter()
        .flatten()
        .map(|folder| folder.join(DEFAULT_FILE))
        .find(|path| path.exists()))
}

/// Refuses a file that neither root nor the owner of the working folder owns, such as one in `/tmp`.
fn check_owner(path: PathBuf, working_folder: &Path) -> Result<PathBuf, ConfigError> {
    let owner = |path: &Path| std::fs::metadata(path).map(|about| about.uid()).ok();
    match owner(&path) {
        Some(uid) if uid != 0 && Some(uid) != owner(working_folder) => Err(ConfigError::Foreign {
            path: path.display().to_string(),
        }),
        _ => Ok(path),
    }
}

/// Returns what a path in the configuration file means: a relative one begins at the file's folder.
pub(super) fn resolve(file: Option<&Path>, path: PathBuf) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(folder) if !folder.as_os_str().is_empty() && path.is_relative() => {
            folder.join(path.strip_prefix("./").unwrap_or(&path))
        }
        _ => path,
    }
}

/// Resolves the files of TLS.
pub(super) fn resolve_tls(file: Option<&Path>, tls: &mut Tls) {
    for path in [&mut tls.certificate, &mut tls.key].into_iter().flatten() {
        *path = resolve(file, std::mem::take(path));
    }
}

/// Resolves the files of the site.
pub(super) fn resolve_site(file: Option<&Path>, site: &mut Site) {
    for path in [&mut site.theme, &mut site.stylesheet]
        .into_iter()
        .flatten()
    {
        *path = resolve(file, std::mem::take(path));
    }
    for (_, picture) in site.pictures_mut() {
        if let Some(Picture::File(path)) = picture {
            *path = resolve(file, std::mem::take(path));
        }
    }
}

/// The place of the data as the configuration file has it, before it is resolved.
pub(super) struct Written<'a> {
    pub(super) file: Option<&'a Path>,
    /// The data folder, unless a flag or variable overrides it.
    pub(super) data: Option<&'a Path>,
    /// The URL of the database, if it is not in the data folder.
    pub(super) database_url: Option<&'a str>,
}

impl Written<'_> {
    /// Compares the places of database and media with those of earlier versions, which resolved some relative paths
    /// against the working folder.
    ///
    /// # Errors
    /// If only the earlier place holds a publication: a new database there would have new keys, which other servers
    /// refuse.
    pub(super) fn check_old_place(
        &self,
        data: &Path,
        database_url: &str,
    ) -> Result<(), ConfigError> {
        let old_data = self.data.map(Path::to_owned);
        let old_database = match (self.database_url, &old_data) {
            (Some(url), _) => sqlite_path(url),
            (None, Some(folder)) => Some(folder.join(DATABASE)),
            (None, None) => None,
        };
        if let (Some(old), Some(new)) = (old_database, sqlite_path(database_url)) {
            self.compare("database", &old, &new)?;
        }
        match old_data {
            Some(old) => self.compare("media", &old.join("media"), &data.join("media")),
            None => Ok(()),
        }
    }

    fn compare(&self, what: &'static str, old: &Path, new: &Path) -> Result<(), ConfigError> {
        if old == new || !old.exists() || new.exists() {
            return Ok(());
        }
        let absolute = |path: &Path| {
            let path = path.strip_prefix("./").unwrap_or(path);
            let absolute = std::path::absolute(path);
            absolute.map_or_else(
                |_| path.display().to_string(),
                |path| path.display().to_string(),
            )
        };
        let file = self.file.map_or(DEFAULT_FILE.into(), Path::to_string_lossy);
        Err(ConfigError::OldPlace {
            what,
            old: absolute(old),
            new: absolute(new),
            file: file.into_owned(),
        })
    }
}

/// Returns the URL of the database in the data folder.
pub(super) fn database_in(data: &Path) -> String {
    sqlite_url(&data.join(DATABASE))
}

/// Returns the URL of the database that the configuration file names.
pub(super) fn resolve_database_url(file: Option<&Path>, url: String) -> String {
    let Some(path) = sqlite_path(&url) else {
        return url;
    };
    let resolved = resolve(file, path.clone());
    if resolved == path {
        return url;
    }
    let parameters = url.split_once('?').map(|(_, parameters)| parameters);
    match parameters {
        Some(parameters) => format!("{}?{parameters}", sqlite_url(&resolved)),
        None => sqlite_url(&resolved),
    }
}

/// Returns the URL of a database that is named on the command line, for a configuration file: there, a relative path
/// begins at the file, not at the working folder.
pub(crate) fn absolute_database_url(url: &str) -> String {
    let working_folder = std::env::current_dir().unwrap_or_default();
    let file = working_folder.join(DEFAULT_FILE);
    resolve_database_url(Some(&file), url.to_owned())
}

/// Returns the URL of a database file.
fn sqlite_url(path: &Path) -> String {
    let mut url = "sqlite://".to_owned();
    for character in path.display().to_string().chars() {
        // These would end the path, or be decoded.
        match character {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            other => url.push(other),
        }
    }
    url
}

/// Returns the path in `sqlite://PATH`, without parameters.
pub(crate) fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    if path.is_empty() || path == ":memory:" {
        return None;
    }
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8();
    Some(decoded.map_or_else(|_| path.into(), |path| path.into_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_begin_at_the_configuration_file() {
        let at = |file: &str, path: &str| resolve(Some(Path::new(file)), path.into());
        assert_eq!(at("/srv/p.toml", "./data"), Path::new("/srv/data"));
        assert_eq!(at("conf/p.toml", "data"), Path::new("conf/data"));
        assert_eq!(at("p.toml", "./data"), Path::new("./data"));
        assert_eq!(at("/srv/p.toml", "/var/data"), Path::new("/var/data"));
        assert_eq!(resolve(None, "data".into()), Path::new("data"));
    }

    #[test]
    fn database_urls_begin_there_too() {
        let at = |url: &str| resolve_database_url(Some(Path::new("/a b/50%/p.toml")), url.into());
        assert_eq!(at("sqlite://x.sqlite"), "sqlite:///a b/50%25/x.sqlite");
        assert_eq!(
            at("sqlite:./x.sqlite?mode=rw"),
            "sqlite:///a b/50%25/x.sqlite?mode=rw"
        );
        for url in ["sqlite:///x.sqlite", "sqlite::memory:", "postgres://h/x"] {
            assert_eq!(at(url), url);
        }
        let path = Path::new("/50%/a?b#c/pamphlet.sqlite");
        assert_eq!(
            sqlite_path(&database_in(path.parent().unwrap())).unwrap(),
            path
        );
    }
}
