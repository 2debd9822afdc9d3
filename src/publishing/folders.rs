//! The files to which names in a text refer.

use super::Source;
use std::path::{Path, PathBuf};

/// The maximum number of folders in which the beginning of a site is looked for.
const MOST_FOLDERS: usize = 12;

/// The folders in which the files of a text are.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    /// The folder of the text's file.
    own: PathBuf,
    /// The folders of names that begin with `/`.
    site: Vec<PathBuf>,
}

impl Folders {
    pub(super) fn of(source: &Source) -> Option<Folders> {
        Some(Folders {
            own: source.folder.clone()?,
            site: source.site_folders.clone(),
        })
    }

    /// Finds the file that a name in a text refers to: the name as it is, with its escapes decoded, or as the path of a
    /// URL.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        let path = name.split(['?', '#']).next().unwrap_or(name);
        let names = [name.to_owned(), decoded(name), decoded(path)];
        let of_site = names.iter().filter_map(|name| name.strip_prefix('/'));
        let of_site =
            of_site.flat_map(|name| self.site.iter().map(move |folder| folder.join(name)));
        let files: Vec<PathBuf> = of_site
            .chain(names.iter().map(|name| self.own.join(name)))
            .collect();
        let found = files.iter().find(|file| file.is_file()).cloned();
        let found = found.or_else(|| file_of_site(&self.own, &decoded(path)));
        found.unwrap_or_else(|| files[files.len() - 2].clone())
    }
}

/// Finds a file by its address on the site of Hugo, Jekyll or Zola to which a folder belongs: `/images/a.jpg` is in
/// `static`, or in the folder of the site itself.
fn file_of_site(folder: &Path, address: &str) -> Option<PathBuf> {
    const MARKS: [&str; 8] = [
        "static",
        "_config.yml",
        "hugo.toml",
        "hugo.yaml",
        "hugo.json",
        "config.toml",
        "config.yaml",
        "zola.toml",
    ];
    let name = address.strip_prefix('/')?;
    if name.split('/').any(|part| part == "..") {
        return None;
    }
    let folder = std::path::absolute(folder).ok()?;
    let mut above = folder.ancestors().take(MOST_FOLDERS);
    let site = above.find(|folder| MARKS.iter().any(|mark| folder.join(mark).exists()))?;
    [site.join("static").join(name), site.join(name)]
        .into_iter()
        .find(|file| file.is_file())
}

/// Decodes escapes, such as `a%20b` to `a b` (RFC 3986 2.1).
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_in_names_are_decoded() {
        for (name, file) in [
            ("a%20b.jpg", "a b.jpg"),
            ("%C3%A9.png", "é.png"),
            ("100%.png", "100%.png"),
            ("%zz%4", "%zz%4"),
            ("%+1%FF", "%+1%FF"),
        ] {
            assert_eq!(decoded(name), file);
        }
    }
}
