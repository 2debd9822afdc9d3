//! `posts.zip`: files called `BLOG/SLUG_ID.txt`, with the date of the post as their time of change.

use super::{
    super::positions::{broken, located},
    blog::Blog,
    post::Post,
};
use crate::importing::{
    archive::Archive,
    model::{Item, Read},
};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The maximum size of a post, in bytes.
const MAX_BYTES: u64 = 8 << 20;

/// Reads the posts of an unpacked archive.
pub(super) fn read(archive: Archive) -> impl Iterator<Item = Read> + Send + 'static {
    let files: Vec<(String, PathBuf)> = archive
        .files()
        .filter(|(name, _)| name.ends_with(".txt"))
        .collect();
    let left_out: Vec<Read> = archive
        .left_out
        .iter()
        .map(|reason| broken("", 0, "the archive", reason))
        .collect();
    let mut known = HashSet::new();
    let posts = files.into_iter().flat_map(move |(name, path)| {
        // The files are there as long as the archive.
        let _ = &archive;
        let blog = name.rsplit_once('/').map(|(folder, _)| Blog {
            alias: folder.rsplit('/').next().unwrap_or(folder).to_owned(),
            ..Blog::default()
        });
        let author = blog
            .as_ref()
            .filter(|blog| known.insert(blog.alias.clone()))
            .map(|blog| located(&name, 0, "", Item::Author(blog.author())));
        let article = match post(&name, &path).and_then(|post| post.article(blog.as_ref(), None)) {
            Ok(article) => located(&name, 0, "", Item::Article(Box::new(article))),
            Err(reason) => broken(&name, 0, "", reason),
        };
        [author, Some(article)].into_iter().flatten()
    });
    left_out.into_iter().chain(posts)
}

fn post(name: &str, path: &Path) -> Result<Post, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("it can't be read: {error}"))?;
    if metadata.len() > MAX_BYTES {
        return Err(format!("it is larger than {} MiB", MAX_BYTES >> 20));
    }
    let bytes = fs::read(path).map_err(|error| format!("it can't be read: {error}"))?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let stem = name.rsplit('/').next().unwrap_or(name);
    let stem = stem.strip_suffix(".txt").unwrap_or(stem);
    // Slugs have no underscore, and ids have neither.
    let (slug, id) = match stem.rsplit_once('_') {
        Some((slug, id)) => (Some(slug.to_owned()), id),
        None => (None, stem),
    };
    let created = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .and_then(|time| i64::try_from(time.as_millis()).ok());
    Ok(Post {
        id: id.to_owned(),
        slug: slug.filter(|slug| !slug.is_empty()),
        text: text.trim_start_matches('\u{feff}').to_owned(),
        created,
        ..Post::default()
    })
}
