//! `posts.csv`.

use super::{
    super::positions::{broken, located},
    blog::Blog,
    post::Post,
};
use crate::importing::{
    formats::json_values::parse_time,
    model::{Item, Read},
};
use csv::{ReaderBuilder, StringRecord};
use std::{
    collections::{HashSet, VecDeque},
    fs::File,
    io,
    path::Path,
};
use url::Url;

/// The maximum size of a row, in bytes.
const MAX_ROW: usize = 32 << 20;

/// The columns that make a table one of posts.
const REQUIRED: [&str; 3] = ["id", "created", "body"];

/// Reads the posts of a table. Returns `None` if `start`, the first line, does not name its columns.
pub(super) fn read(
    file: impl io::Read + Send + 'static,
    start: &str,
) -> Option<impl Iterator<Item = Read> + Send + 'static> {
    let columns: Vec<String> = start
        .lines()
        .next()?
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect();
    let has = |name: &&str| columns.iter().any(|column| column == name);
    REQUIRED.iter().all(has).then(|| {
        let mut rows = ReaderBuilder::new()
            .flexible(true)
            .from_reader(Bounded::new(file));
        let mut known = HashSet::new();
        let mut queue: VecDeque<Read> = VecDeque::new();
        let mut has_ended = false;
        std::iter::from_fn(move || {
            while queue.is_empty() && !has_ended {
                let mut row = StringRecord::new();
                rows.get_mut().left = MAX_ROW;
                match rows.read_record(&mut row) {
                    Ok(true) => take(&columns, &row, &mut known, &mut queue),
                    Ok(false) => has_ended = true,
                    Err(error) => {
                        let line = error.position().map_or(0, csv::Position::line);
                        has_ended = matches!(error.kind(), csv::ErrorKind::Io(_));
                        queue.push_back(broken(
                            "",
                            line,
                            "",
                            format!("the row can't be read: {error}"),
                        ));
                    }
                }
            }
            queue.pop_front()
        })
    })
}

/// Returns the address of the site that a table names first.
pub(super) fn base_of(path: &Path) -> Option<Url> {
    let mut rows = ReaderBuilder::new()
        .flexible(true)
        .from_reader(Bounded::new(File::open(path).ok()?));
    let column = rows.headers().ok()?.iter().position(|name| name == "url")?;
    let mut row = StringRecord::new();
    loop {
        rows.get_mut().left = MAX_ROW;
        match rows.read_record(&mut row) {
            Ok(true) => {
                let url = row.get(column).and_then(|url| Url::parse(url).ok());
                if let Some(site) = url.and_then(|url| url.join("/").ok()) {
                    return Some(site);
                }
            }
            Ok(false) => return None,
            Err(error) if error.is_io_error() => return None,
            Err(_) => {}
        }
    }
}

/// A table of which a row has only some bytes left: one that is too long fails.
struct Bounded<R> {
    table: R,
    left: usize,
}

impl<R> Bounded<R> {
    fn new(table: R) -> Bounded<R> {
        Bounded {
            table,
            left: MAX_ROW,
        }
    }
}

impl<R: io::Read> io::Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let limit = MAX_ROW >> 20;
            return Err(io::Error::other(format!("it is larger than {limit} MiB")));
        }
        let read = self.table.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

fn take(
    columns: &[String],
    row: &StringRecord,
    known: &mut HashSet<String>,
    queue: &mut VecDeque<Read>,
) {
    let line = row.position().map_or(0, csv::Position::line);
    let value = |name: &str| {
        let at = columns.iter().position(|column| column == name)?;
        row.get(at)
            .map(|value| value.replace('\0', ""))
            .filter(|value| !value.is_empty())
    };
    let url = value("url").and_then(|url| Url::parse(&url).ok());
    let slug = value("slug");
    let blog = value("blog").map(|alias| Blog {
        // The address of a post is that of its blog with the slug.
        url: url.as_ref().and_then(|url| url.join("./").ok()),
        alias,
        ..Blog::default()
    });
    if let Some(blog) = &blog
        && known.insert(blog.alias.clone())
    {
        let author = Item::Author(blog.author());
        queue.push_back(located("", line, format!("blog {}", blog.alias), author));
    }
    let id = value("id").unwrap_or_default();
    let name = format!("post {id}");
    let site = url.as_ref().and_then(|url| url.join("/").ok());
    let post = Post {
        id,
        slug,
        title: value("title"),
        // The export writes line ends as `\n`.
        text: value("body").unwrap_or_default().replace("\\n", "\n"),
        created: value("created").and_then(|time| parse_time(&time)),
        url,
        ..Post::default()
    };
    queue.push_back(match post.article(blog.as_ref(), site.as_ref()) {
        Ok(article) => located("", line, name, Item::Article(Box::new(article))),
        Err(reason) => broken("", line, name, reason),
    });
}
