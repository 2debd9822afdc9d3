//! Yields the items of an export, one after the other.

use super::{
    addresses, comments,
    input::Export,
    items::{self, Outcome, Term},
    lookup::Lookup,
    repair,
    split::{Kind, Piece, Splitter},
    tree::{self, Element},
};
use crate::importing::{
    formats::tag_page::tag_page,
    model::{ImportedAuthor, ImportedComment, Item, Located, Place, Read},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
    vec,
};

/// The number of comments, and of bytes in their texts, that are kept until their post has been read. The others come
/// before it.
const MAX_WAITING: usize = 500;
const MAX_WAITING_BYTES: usize = 4 << 20;
/// The maximum number of items that are looked for in one that is not well-formed.
const MAX_HIDDEN: usize = 100;

/// Items whose comments are left out because they can't be read.
const UNREADABLE: &str = "items that can't be read";

/// Yields the items of an export.
pub(super) struct Items {
    exports: vec::IntoIter<Export>,
    lookup: Lookup,
    /// The file that is read, and its name.
    current: Option<(Splitter, String)>,
    /// The comments of the item that is being read.
    comments: Vec<Located<ImportedComment>>,
    comments_size: usize,
    ready: VecDeque<Read>,
    /// The logins of authors that were yielded, and their ids.
    authors: HashSet<String>,
    author_ids: HashSet<String>,
    /// The number of comments that authors wrote.
    own_comments: u64,
    /// The terms of published posts.
    terms: BTreeSet<Term>,
    notices: BTreeSet<String>,
    /// How many items are left out by design, by what they are.
    left_out: BTreeMap<String, u64>,
    is_done: bool,
}

impl Iterator for Items {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.ready.pop_front() {
                return Some(read);
            }
            if self.is_done {
                return None;
            }
            self.advance();
        }
    }
}

impl Items {
    pub(super) fn of(exports: Vec<Export>, lookup: Lookup) -> Items {
        let mut items = Items {
            exports: exports.into_iter(),
            lookup,
            current: None,
            comments: Vec::new(),
            comments_size: 0,
            ready: VecDeque::new(),
            authors: HashSet::new(),
            author_ids: HashSet::new(),
            own_comments: 0,
            terms: BTreeSet::new(),
            notices: BTreeSet::new(),
            left_out: BTreeMap::new(),
            is_done: false,
        };
        let problems = std::mem::take(&mut items.lookup.problems);
        items.ready.extend(problems.into_iter().map(Err));
        let authors = std::mem::take(&mut items.lookup.channel.authors);
        for author in authors {
            items.author(&author.id, author.login, author.name);
        }
        items
    }

    /// Reads the next part of the export.
    fn advance(&mut self) {
        let Some((splitter, file)) = &mut self.current else {
            match self.exports.next() {
                Some(export) => match export.text() {
                    Ok(text) => self.current = Some((Splitter::new(text), export.name)),
                    Err(error) => self.broken(
                        place(&export.name, 0, ""),
                        format!("the file can't be read: {error}"),
                    ),
                },
                None => self.finish(),
            }
            return;
        };
        let file = file.clone();
        match splitter.next_piece() {
            Ok(Some(piece)) => match (piece.kind, &piece.problem) {
                (Kind::Head, _) => {}
                (Kind::Comment, None) => self.comment(&file, &piece),
                (Kind::Comment, Some(problem)) => {
                    self.broken(place(&file, piece.line, "comment"), problem.clone());
                }
                (Kind::Item, None) => self.item(&file, &piece),
                (Kind::Item, Some(problem)) => {
                    let name = if piece.text.is_empty() {
                        String::new()
                    } else {
                        items::name_of_text(&piece.text)
                    };
                    self.broken(place(&file, piece.line, &name), problem.clone());
                    self.drop_comments(UNREADABLE);
                }
            },
            Ok(None) => self.current = None,
            Err(error) => {
                self.broken(
                    place(&file, 0, ""),
                    format!("the rest of the file can't be read: {error}"),
                );
                self.current = None;
            }
        }
    }

    fn broken(&mut self, place: Place, reason: String) {
        self.ready.push_back(Err(Located {
            place,
            value: reason,
        }));
    }

    fn author(&mut self, id: &str, login: String, name: String) {
        let author = ImportedAuthor {
            former_paths: addresses::of_author(id, &login, &self.lookup.channel),
            username: login.clone(),
            key: login.clone(),
            name,
            ..ImportedAuthor::default()
        };
        let place = place("", 0, &format!("author {login}"));
        self.authors.insert(login);
        if !id.is_empty() && id != "0" {
            self.author_ids.insert(id.to_owned());
        }
        self.ready.push_back(Ok(Located {
            place,
            value: Item::Author(author),
        }));
    }

    fn comment(&mut self, file: &str, piece: &Piece) {
        let comment = match tree::read(&piece.text) {
            Ok(comment) => comment,
            Err(malformed) => {
                self.broken(
                    place(file, piece.line + malformed.line, "comment"),
                    malformed.reason,
                );
                return;
            }
        };
        let Some(comment) = comment.children.first() else {
            return;
        };
        let place = place(
            file,
            piece.line,
            &format!("comment {}", comment.text_of("wp:comment_id")),
        );
        let user = comment.text_of("wp:comment_user_id");
        match comments::read(comment, self.lookup.offset()) {
            comments::Outcome::Comment(mut comment) => {
                if comment.remote.is_none() {
                    comment.former_path = addresses::of_comment(&comment.key, &self.lookup.channel);
                    self.own_comments += u64::from(self.author_ids.contains(user));
                }
                self.comments_size += piece.text.len();
                self.comments.push(Located {
                    place,
                    value: *comment,
                });
                if self.comments.len() >= MAX_WAITING || self.comments_size > MAX_WAITING_BYTES {
                    self.yield_comments();
                }
            }
            comments::Outcome::Foreign(kind) => {
                self.leave_out(format!("comments of the type `{kind}`"), 1)
            }
            comments::Outcome::Broken(reason) => self.broken(place, reason),
        }
    }

    /// Yields the comments so far before their post, since they are many.
    fn yield_comments(&mut self) {
        let so_far = self
            .current
            .as_ref()
            .map_or("", |(splitter, _)| splitter.item_so_far());
        let (id, kind) = (
            items::field_of_text(so_far, "wp:post_id"),
            items::field_of_text(so_far, "wp:post_type"),
        );
        let id = id.unwrap_or_default().to_owned();
        let is_of_article = matches!(kind, None | Some("post"));
        self.comments_size = 0;
        let comments = std::mem::take(&mut self.comments);
        if !is_of_article {
            self.leave_out(
                format!(
                    "comments of items of the type `{}`",
                    kind.unwrap_or_default()
                ),
                comments.len() as u64,
            );
            return;
        }
        for Located { place, mut value } in comments {
            if id.is_empty() {
                self.broken(
                    place,
                    "it stands before the id of its post, with too many others".to_owned(),
                );
                continue;
            }
            value.article.clone_from(&id);
            self.ready.push_back(Ok(Located {
                place,
                value: Item::Comment(Box::new(value)),
            }));
        }
    }

    /// Reads an item. One that is not well-formed may hide others.
    fn item(&mut self, file: &str, piece: &Piece) {
        let (mut text, mut line) = (piece.text.as_str(), piece.line);
        for _ in 0..=MAX_HIDDEN {
            let malformed = match repair::read(text) {
                Ok(element) => return self.whole_item(file, line, &element),
                Err(malformed) => malformed,
            };
            let (broken, hidden) = repair::hidden_item(text);
            let name = items::name_of_text(broken);
            self.broken(place(file, line + malformed.line, &name), malformed.reason);
            let Some(hidden) = hidden else {
                return self.drop_comments(UNREADABLE);
            };
            line += broken.matches('\n').count() as u64;
            text = hidden;
        }
        self.broken(
            place(file, line, ""),
            format!("{MAX_HIDDEN} broken items follow each other: the next ones are not read"),
        );
        self.drop_comments(UNREADABLE);
    }

    fn whole_item(&mut self, file: &str, line: u64, element: &Element) {
        let Some(item) = element.children.first() else {
            return self.drop_comments(UNREADABLE);
        };
        let place = place(file, line, &items::name_of(item));
        let mut reader = items::Reader {
            lookup: &self.lookup,
            notices: &mut self.notices,
            terms: &mut self.terms,
        };
        match reader.read(item) {
            Outcome::Item(mut value) => {
                match &mut value {
                    Item::Article(article) => {
                        if let Some(login) = article
                            .author
                            .clone()
                            .filter(|login| !self.authors.contains(login))
                        {
                            self.author("", login.clone(), login);
                        }
                        article.comments = std::mem::take(&mut self.comments);
                        self.comments_size = 0;
                    }
                    _ => self.drop_comments("pages and attachments"),
                }
                self.ready.push_back(Ok(Located { place, value }));
            }
            Outcome::LeftOut(what) => {
                self.drop_comments(&format!("items {what}"));
                self.leave_out(format!("items {what}"), 1);
            }
            Outcome::Internal => self.drop_comments("items that WordPress keeps for itself"),
            Outcome::Broken(reason) => {
                self.drop_comments(UNREADABLE);
                self.broken(place, reason);
            }
        }
    }

    /// Leaves out the comments of an item that does not come in.
    fn drop_comments(&mut self, of: &str) {
        let count = std::mem::take(&mut self.comments).len() as u64;
        self.comments_size = 0;
        self.leave_out(format!("comments of {of}"), count);
    }

    fn leave_out(&mut self, what: String, count: u64) {
        if count > 0 {
            *self.left_out.entry(what).or_default() += count;
        }
    }

    /// Yields the addresses of terms, and what people should know about the whole.
    fn finish(&mut self) {
        self.is_done = true;
        for term in std::mem::take(&mut self.terms) {
            let to = tag_page(&term.name);
            for from in addresses::of_term(&term.domain, &term.slug, &self.lookup.channel) {
                let place = place("", 0, &format!("{} {}", term.domain, term.slug));
                let value = Item::Redirect {
                    from,
                    to: to.clone(),
                };
                self.ready.push_back(Ok(Located { place, value }));
            }
        }
        if self.own_comments > 0 {
            let count = self.own_comments;
            self.notices.insert(format!(
                "comments that authors wrote: {count}, which come in as those of guests"
            ));
        }
        let left_out = std::mem::take(&mut self.left_out).into_iter();
        let sentences =
            left_out.map(|(what, count)| format!("{what}: {count}, which are not imported"));
        for sentence in std::mem::take(&mut self.notices)
            .into_iter()
            .chain(sentences)
        {
            let place = place("", 0, "the export");
            self.ready.push_back(Ok(Located {
                place,
                value: Item::Notice(sentence),
            }));
        }
    }
}

pub(super) fn place(file: &str, line: u64, item: &str) -> Place {
    Place {
        file: file.to_owned(),
        line,
        item: item.to_owned(),
    }
}
