//! Exports of WordPress (WXR 1.0 to 1.2): RSS with the posts, pages, authors, terms, attachments and comments of a site.
//!
//! An export is read twice, and never as a whole: `input.rs` decodes it, `split.rs` cuts it into items and comments, and
//! `tree.rs` reads each of them as XML. The first time, `lookup.rs` remembers what posts refer to by numbers. `items.rs` and
//! `comments.rs` make items of the importer from it, and `content/` makes HTML of their texts.
//!
//! The key of a post, page or comment is its id in WordPress.

mod addresses;
mod channel;
mod comments;
mod content;
mod dates;
mod input;
mod items;
mod lookup;
mod repair;
mod split;
mod stream;
#[cfg(test)]
mod tests;
mod tree;

use crate::importing::{ImportError, Source, model::Located};
use input::Export;
use lookup::Lookup;
use split::{Kind, Splitter};
use std::path::{Path, PathBuf};
use stream::Items;

/// Opens the files of one export: XML, gzipped XML, or zip archives of XML.
pub(crate) fn open(paths: &[PathBuf]) -> Result<Source, ImportError> {
    let mut exports = Vec::new();
    for path in paths {
        let opened = input::open(path)?;
        exports.extend(opened.into_iter().map(|export| (path.clone(), export)));
    }
    if exports.len() > 1 {
        for (path, export) in &mut exports {
            if export.name.is_empty() {
                let name = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                export.name = name.unwrap_or_default();
            }
        }
    }
    let mut lookup = Lookup::default();
    for (path, export) in &exports {
        survey(path, export, &mut lookup)?;
    }
    let (base, total) = (lookup.channel.url(), lookup.count);
    let items = Items::of(
        exports.into_iter().map(|(_, export)| export).collect(),
        lookup,
    );
    let source = Source::new("wordpress", items);
    Ok(Source {
        total: Some(total),
        ..match base {
            Some(base) => source.at(base),
            None => source,
        }
    })
}

/// Reads an export for the first time.
fn survey(path: &Path, export: &Export, lookup: &mut Lookup) -> Result<(), ImportError> {
    let failed = |error| input::unreadable(path, error);
    let mut splitter = Splitter::new(export.text().map_err(failed)?);
    while let Some(piece) = splitter.next_piece().map_err(failed)? {
        match piece.kind {
            Kind::Head => {
                let (head, malformed) = tree::read_beginning(&piece.text);
                lookup.channel.add(&head);
                if !lookup.channel.is_wordpress() {
                    return Err(input::not_wordpress(path));
                }
                let malformed = malformed.map(|malformed| (malformed.line, malformed.reason));
                if let Some((line, reason)) =
                    malformed.or(piece.problem.map(|problem| (0, problem)))
                {
                    let place = stream::place(
                        &export.name,
                        piece.line + line,
                        "what stands before the items",
                    );
                    lookup.problems.push(Located {
                        place,
                        value: reason,
                    });
                }
            }
            Kind::Item if piece.problem.is_none() => {
                lookup.count += 1;
                lookup.see(&piece.text);
            }
            Kind::Item | Kind::Comment => {}
        }
    }
    Ok(())
}
