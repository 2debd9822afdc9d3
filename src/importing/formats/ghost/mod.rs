//! Exports of Ghost, versions 0.11 to 6: one JSON file with the tables of its database.
//!
//! The file is read twice, and never as a whole: first the small tables, to which posts refer by ids, then the posts and
//! comments one by one.

mod cards;
mod comments;
mod lexical;
mod mobiledoc;
mod permalinks;
mod posts;
mod rendered;
mod tables;
#[cfg(test)]
mod tests;

use super::{
    json_items::{JsonItem, JsonItems, Want},
    json_values::text,
    positions::{broken, located},
    tag_page::tag_page,
};
use crate::importing::{
    ImportError, Source,
    archive::Archive,
    model::{Body, ImportedAuthor, Item, Read},
};
use permalinks::Permalinks;
use posts::at_site;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};
use tables::{KEPT, Tables};
use url::Url;

type Rows = JsonItems<BufReader<File>, fn(&[String]) -> Want>;

/// An export, unpacked if it was in an archive.
pub(crate) struct Export {
    file: PathBuf,
    /// The archive, whose files are there as long as this value.
    archive: Option<Archive>,
}

impl Export {
    /// Finds the JSON file: the file itself, or the largest one of an archive or a folder, such as the backup of Ghost-CLI.
    ///
    /// # Errors
    /// If there is none, or the archive can't be unpacked.
    pub(crate) fn find(path: &Path) -> Result<Export, ImportError> {
        if !path.is_dir() && !Archive::is_archive(path) {
            return Ok(Export {
                file: path.to_owned(),
                archive: None,
            });
        }
        let archive = Archive::open(path)?;
        let size = |path: &PathBuf| path.metadata().map_or(0, |metadata| metadata.len());
        let file = archive
            .files()
            .filter(|(name, _)| name.ends_with(".json"))
            .map(|(_, file)| file)
            .max_by_key(size);
        match file {
            Some(file) => Ok(Export {
                file,
                archive: Some(archive),
            }),
            None => Err(ImportError::mistake(format!(
                "{} has no JSON file: export the content in Ghost's settings, under import and export",
                path.display()
            ))),
        }
    }

    /// Opens the export. Relative addresses in it refer to `site`.
    ///
    /// # Errors
    /// If the file can't be read, or is no export of Ghost's.
    pub(crate) fn open(&self, site: Option<Url>) -> Result<Source, ImportError> {
        let mut tables = Tables::default();
        for item in self.rows(first)? {
            match item {
                Ok(item) => tables.count_or_take(&item),
                // The second reading reports it.
                Err(_) => break,
            }
        }
        if !tables.has_posts {
            return Err(ImportError::mistake(format!(
                "{} is no export of Ghost: it has no posts under db, data",
                self.file.display()
            )));
        }
        let total = tables.total;
        // The same in all exports of a site, with and without its address.
        let own_name = tables.settings.get("db_hash");
        let own_name = own_name.map(|hash| format!("ghost:{hash}"));
        let left_out = self.archive.iter().flat_map(|archive| &archive.left_out);
        let left_out = left_out.map(|reason| broken("", 0, "the archive", reason.clone()));
        let problems = std::mem::take(&mut tables.problems).into_iter();
        let problems = problems.map(|(line, reason)| broken("", line, "", reason));
        let reader = Reader {
            rows: self.rows(second)?,
            permalinks: Permalinks::of(&tables),
            queue: left_out
                .chain(problems)
                .chain(authors(&tables))
                .chain(redirects(&tables))
                .collect(),
            tables,
            counts: BTreeMap::new(),
            has_ended: false,
        };
        let folders = self
            .archive
            .iter()
            .map(|archive| archive.folder().to_owned());
        let source = Source {
            folders: folders.collect(),
            total: Some(total),
            ..Source::new("ghost", reader)
        };
        let source = match site {
            Some(site) => source.at(site),
            None => source,
        };
        Ok(match own_name {
            Some(name) => Source {
                name,
                generic: None,
                ..source
            },
            None => source,
        })
    }

    fn rows(&self, want: fn(&[String]) -> Want) -> Result<Rows, ImportError> {
        let file = File::open(&self.file).map_err(|source| ImportError::Read {
            path: self.file.display().to_string(),
            source,
        })?;
        Ok(JsonItems::new(
            BufReader::with_capacity(256 << 10, file),
            want,
        ))
    }
}

/// Returns the names of a path without the outermost object, which older versions leave out.
fn names(path: &[String]) -> Vec<&str> {
    let names = path.iter().map(String::as_str);
    names.skip_while(|name| *name == "db").collect()
}

fn first(path: &[String]) -> Want {
    match names(path).as_slice() {
        [] | ["data" | "meta"] => Want::Enter,
        ["meta", "version"] => Want::Items,
        ["data", table] if KEPT.contains(table) || is_counted(table) => Want::Items,
        _ => Want::Skip,
    }
}

fn second(path: &[String]) -> Want {
    match names(path).as_slice() {
        [] | ["data"] => Want::Enter,
        ["data", table] if is_counted(table) => Want::Items,
        _ => Want::Skip,
    }
}

fn is_counted(table: &str) -> bool {
    matches!(table, "posts" | "comments")
}

impl Tables {
    fn count_or_take(&mut self, item: &JsonItem) {
        if !is_counted(item.name()) {
            return self.take(item);
        }
        self.total += 1;
        if item.name() == "posts" {
            self.has_posts = true;
            // Without the table of authors, the posts name them.
            if let Ok(post) = item.parse::<Value>() {
                self.writers.extend(text(&post, "author_id"));
            }
        }
    }
}

/// Returns the authors that have written something.
fn authors(tables: &Tables) -> impl Iterator<Item = Read> {
    let mut writers: Vec<(&String, &tables::User)> = tables
        .users
        .iter()
        .filter(|(id, _)| tables.writers.contains(*id))
        .collect();
    writers.sort_by(|a, b| a.1.slug.cmp(&b.1.slug));
    writers.into_iter().map(|(id, user)| {
        let author = ImportedAuthor {
            key: id.clone(),
            username: user.slug.clone(),
            name: user.name.clone(),
            bio: user.bio.clone().map(Body::Markdown),
            website: user.website.clone(),
            picture: user.picture.as_deref().map(at_site),
            former_paths: vec![format!("/author/{}/", user.slug)],
        };
        located("", 0, format!("author {}", user.name), Item::Author(author))
    })
}

/// Returns the old addresses of tags.
fn redirects(tables: &Tables) -> impl Iterator<Item = Read> {
    tables
        .public_tags()
        .filter(|tag| !tag.slug.is_empty())
        .map(|tag| {
            let redirect = Item::Redirect {
                from: format!("/tag/{}/", tag.slug),
                to: tag_page(&tag.name),
            };
            located("", 0, format!("tag {}", tag.name), redirect)
        })
}

struct Reader {
    rows: Rows,
    tables: Tables,
    permalinks: Permalinks,
    queue: VecDeque<Read>,
    /// Changes and omissions, counted.
    counts: BTreeMap<&'static str, u64>,
    has_ended: bool,
}

impl Reader {
    fn take(&mut self, item: &JsonItem) {
        let row: Value = match item.parse() {
            Ok(row) => row,
            Err(reason) => return self.queue.push_back(broken("", item.line, "", reason)),
        };
        let id = text(&row, "id").unwrap_or_default();
        let kind = if item.name() == "posts" {
            "post"
        } else {
            "comment"
        };
        let name = match text(&row, "title") {
            Some(title) if id.is_empty() => format!("{kind} {title}"),
            Some(title) => format!("{kind} {id} ({title})"),
            None => format!("{kind} {id}"),
        };
        if kind == "comment" {
            match comments::read(&row, &self.tables) {
                Ok(Some(comment)) => {
                    let comment = Item::Comment(Box::new(comment));
                    self.queue.push_back(located("", item.line, name, comment));
                }
                Ok(None) => {
                    *self
                        .counts
                        .entry("deleted comments that were left out")
                        .or_default() += 1
                }
                Err(reason) => self.queue.push_back(broken("", item.line, name, reason)),
            }
            return;
        }
        match posts::read(&row, &self.tables, &self.permalinks) {
            Ok(post) => {
                for remark in post.remarks {
                    let remark = Item::Notice(remark.to_owned());
                    self.queue
                        .push_back(located("", item.line, name.clone(), remark));
                }
                self.queue
                    .push_back(located("", item.line, name, post.item));
            }
            Err(reason) => self.queue.push_back(broken("", item.line, name, reason)),
        }
    }

    /// Queues what is known only at the end.
    fn end(&mut self) {
        let members = self.tables.members.len() as u64;
        if members > 0 {
            self.counts
                .insert("members, who stay with your mail service", members);
        }
        for (what, count) in std::mem::take(&mut self.counts) {
            let remark = Item::Notice(format!("{what}: {count}"));
            self.queue.push_back(located("", 0, "the export", remark));
        }
    }
}

impl Iterator for Reader {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.queue.pop_front() {
                return Some(read);
            }
            if self.has_ended {
                return None;
            }
            match self.rows.next() {
                Some(Ok(item)) => self.take(&item),
                Some(Err(error)) => {
                    let reason = format!("the rest can't be read: {}", error.reason);
                    self.queue.push_back(broken("", error.line, "", reason));
                }
                None => {
                    self.has_ended = true;
                    self.end();
                }
            }
        }
    }
}
