//! Archives of Mastodon accounts, those of Pleroma and Akkoma, which write the same files, and the posts of Pixelfed.
//!
//! `actor.json` is the account, `outbox.json` has its activities, and `media_attachments/` its pictures. The outbox can be
//! large: it is read twice, once for the posts that continue which other, and once for the posts themselves.

mod actor;
mod attachments;
mod pixelfed;
mod post;
#[cfg(test)]
mod tests;
mod threads;

use super::{
    json_items::{JsonItem, JsonItems, Want},
    json_values::{list, text},
    positions::{broken, located},
};
use crate::importing::{
    ImportError, Source,
    archive::Archive,
    model::{Item, Read},
};
use actor::Actor;
use attachments::Files;
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};
use threads::{Thread, Threads};
use url::Url;

/// How posts are read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choices {
    /// Whether posts become articles.
    pub(crate) as_articles: bool,
}

const OUTBOX: &str = "outbox.json";
const ACTOR: &str = "actor.json";

type Outbox = JsonItems<BufReader<File>, fn(&[String]) -> Want>;

/// An archive, unpacked.
pub(crate) struct Export {
    outbox: PathBuf,
    /// The files of the account, which are there as long as this value. A single file has none.
    archive: Option<Archive>,
}

impl Export {
    /// Finds the posts: in an archive, in a folder, or in the file itself, whose folder has the rest.
    ///
    /// # Errors
    /// If there are none, or the archive can't be unpacked.
    pub(crate) fn find(path: &Path) -> Result<Export, ImportError> {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        if is_json && path.is_file() {
            let folder = path.parent().filter(|folder| folder.join(ACTOR).is_file());
            return Ok(Export {
                outbox: path.to_owned(),
                archive: folder.map(Archive::open).transpose()?,
            });
        }
        let archive = Archive::open(path)?;
        match archive.find(OUTBOX) {
            Some(outbox) => Ok(Export {
                outbox,
                archive: Some(archive),
            }),
            None => Err(ImportError::mistake(format!(
                "{} has no outbox.json: request the archive of your account in Mastodon's settings, under import and export",
                path.display()
            ))),
        }
    }

    /// Opens the archive for reading.
    ///
    /// # Errors
    /// If a file can't be read.
    pub(crate) fn open(&self, choices: Choices) -> Result<Source, ImportError> {
        let Export { outbox, archive } = self;
        let archive = archive.as_ref();
        let document = archive.and_then(|archive| archive.find(ACTOR));
        let actor = Actor::read(document.as_deref(), outbox)?;
        let threads = Threads::read(items_of(outbox)?, &actor.id);
        let left_out = archive.into_iter().flat_map(|archive| &archive.left_out);
        let left_out = left_out.map(|reason| broken("", 0, "the archive", reason.clone()));
        // Notes are by the publication.
        let author = choices.as_articles.then(|| Item::Author(actor.author()));
        let author = author.map(|author| located(ACTOR, 0, "", author));
        let folder = outbox.parent().unwrap_or(Path::new(""));
        let collections = [("likes.json", "like"), ("bookmarks.json", "bookmark")];
        let reader = Reader {
            outbox: items_of(outbox)?,
            files: archive.map(Files::new).unwrap_or_default(),
            author: actor.key(),
            threads,
            choices,
            queue: left_out.chain(author).collect(),
            left_out: BTreeMap::new(),
            has_ended: false,
            collections: collections
                .map(|(file, what)| (folder.join(file), what))
                .to_vec(),
        };
        let base = Url::parse(&actor.id).and_then(|id| id.join("/"));
        Ok(Source {
            base: base.ok(),
            folders: archive
                .iter()
                .map(|archive| archive.folder().to_owned())
                .collect(),
            ..Source::new(actor.id.clone(), reader)
        })
    }
}

/// Reads the activities of an outbox.
fn items_of(outbox: &Path) -> Result<Outbox, ImportError> {
    let file = File::open(outbox).map_err(|source| ImportError::Read {
        path: outbox.display().to_string(),
        source,
    })?;
    let want: fn(&[String]) -> Want = |path| match path {
        // Pixelfed's file is a list.
        [] => Want::Items,
        [name] if name == "orderedItems" || name == "items" => Want::Items,
        _ => Want::Skip,
    };
    Ok(JsonItems::new(
        BufReader::with_capacity(256 << 10, file),
        want,
    ))
}

/// Reads the posts of an account.
struct Reader {
    outbox: Outbox,
    files: Files,
    author: String,
    threads: Threads,
    choices: Choices,
    queue: VecDeque<Read>,
    /// Omissions, counted by their names in the singular.
    left_out: BTreeMap<&'static str, u64>,
    has_ended: bool,
    /// Files with what is not imported, which is counted.
    collections: Vec<(PathBuf, &'static str)>,
}

impl Reader {
    /// Reads one activity into the queue.
    fn take(&mut self, item: &JsonItem) {
        let activity = match item.parse() {
            Ok(activity) => pixelfed::as_activity(activity),
            Err(reason) => return self.queue.push_back(broken(OUTBOX, item.line, "", reason)),
        };
        match text(&activity, "type").as_deref() {
            Some("Create") => {}
            Some("Announce") => return self.leave_out("boost"),
            _ => return self.leave_out("activity of another kind"),
        }
        let Some(object @ Value::Object(_)) = activity.get("object") else {
            return self.leave_out("post that is only named");
        };
        let id = text(object, "id").or_else(|| text(&activity, "id"));
        let Some(id) = id.filter(|id| Url::parse(id).is_ok()) else {
            let reason = "the post has no id".to_owned();
            return self.queue.push_back(broken(OUTBOX, item.line, "", reason));
        };
        match post::visibility(&activity, object) {
            post::Visibility::Public => {}
            post::Visibility::Followers => return self.leave_out("post for followers only"),
            post::Visibility::Direct => return self.leave_out("direct message"),
        }
        let continues = match self.threads.of(&id) {
            Thread::Start => None,
            Thread::Continues(parent) => Some(parent.to_owned()),
            Thread::Reply => return self.leave_out("reply to somebody else"),
        };
        let context = post::Context {
            author: &self.author,
            files: &self.files,
            as_articles: self.choices.as_articles,
        };
        match post::read(&id, object, continues, &context) {
            Ok(article) => {
                let article = Item::Article(Box::new(article));
                self.queue
                    .push_back(located(OUTBOX, item.line, id, article));
            }
            Err(reason) => self.queue.push_back(broken(OUTBOX, item.line, id, reason)),
        }
    }

    fn leave_out(&mut self, what: &'static str) {
        *self.left_out.entry(what).or_default() += 1;
    }

    /// Queues what is known only at the end: counts of what was left out.
    fn end(&mut self) {
        for (path, what) in std::mem::take(&mut self.collections) {
            let count = items_of(&path).map_or(0, |items| items.flatten().count());
            *self.left_out.entry(what).or_default() += count as u64;
        }
        for (what, count) in std::mem::take(&mut self.left_out) {
            let remark = match count {
                0 => continue,
                1 => format!("left out: 1 {what}"),
                _ => format!("left out: {count} {}", plural(what)),
            };
            let remark = Item::Notice(remark);
            self.queue.push_back(located(OUTBOX, 0, "", remark));
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
            match self.outbox.next() {
                Some(Ok(item)) => self.take(&item),
                Some(Err(error)) => {
                    let reason = format!("the rest can't be read: {}", error.reason);
                    self.queue.push_back(broken(OUTBOX, error.line, "", reason));
                }
                None => {
                    self.has_ended = true;
                    self.end();
                }
            }
        }
    }
}

/// Returns the plural of something that is left out.
fn plural(what: &str) -> String {
    match what.split_once(' ') {
        Some(("reply", rest)) => format!("replies {rest}"),
        Some(("post", rest)) => format!("posts {}", rest.replace("is only", "are only")),
        Some(("activity", rest)) => format!("activities {rest}"),
        _ => format!("{what}s"),
    }
}

/// Returns whether a list of recipients has one of these.
fn addresses(object: &Value, name: &str, is_it: impl Fn(&str) -> bool) -> bool {
    list(object, name)
        .iter()
        .filter_map(Value::as_str)
        .any(is_it)
}
