//! The authors of imported articles.

use super::{Importer, index::Meeting};
use crate::{
    content::clean_line,
    importing::{
        ImportError,
        model::{ImportedAuthor, Place},
        prepare::{Ready, is_web_address},
        report::Fate,
    },
    store::{AuthorFields, Conn, ImportKind, ImportRecord, ProfileLink, Tx},
};
use std::collections::HashMap;

const AUTHORS: &str = "authors";
/// The maximum length of a user name.
const MAX_USERNAME: usize = 64;

/// The authors of the publication.
#[derive(Default)]
pub(super) struct Authors {
    /// Ids by user name.
    ids: HashMap<String, i64>,
    /// Names by id.
    names: HashMap<i64, String>,
    /// The pictures of authors on the other site that are not here yet, with the records of the authors.
    pub(super) pictures: Vec<(Place, ImportRecord, String)>,
}

impl Authors {
    pub(super) async fn read(conn: &mut Conn) -> Result<Authors, ImportError> {
        let mut authors = Authors::default();
        for author in conn.authors().await? {
            authors.insert(author.id, author.username, author.name);
        }
        Ok(authors)
    }

    fn insert(&mut self, id: i64, username: String, name: String) {
        self.ids.insert(username, id);
        self.names.insert(id, name);
    }
}

impl Importer<'_> {
    /// Stores an author, or recognizes one by the user name.
    pub(super) async fn store_author(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: Ready<ImportedAuthor>,
    ) -> Result<(), ImportError> {
        let author = &ready.item;
        let fate = match self
            .index
            .meet(ImportKind::Author, &author.key, &ready.hash)
        {
            Meeting::New => self.add_author(tx, place, &ready).await?,
            // Authors' profiles are the admin's as soon as they are here.
            Meeting::Unchanged | Meeting::Changed(_) => {
                // A picture that an earlier import could not take in is tried again.
                if let Some(id) = self.index.open_id(ImportKind::Author, &author.key) {
                    self.want_picture(place, &ready, id);
                }
                Fate::Unchanged
            }
            Meeting::Twice => {
                let message = format!("another author has the key {}", author.key);
                self.report.broken.push(place, message);
                return Ok(());
            }
        };
        self.report.count(AUTHORS, fate);
        Ok(())
    }

    async fn add_author(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedAuthor>,
    ) -> Result<Fate, ImportError> {
        let author = &ready.item;
        let wanted = username_of(&author.username)
            .or_else(|| username_of(&author.key))
            .or_else(|| username_of(&author.name))
            .unwrap_or_else(|| "author".to_owned());
        let taken = self.authors.ids.get(&wanted).copied();
        let same = taken.filter(|id| !self.is_another(*id, &author.key));
        let (id, username, fate) = match same {
            Some(id) => (id, wanted.clone(), Fate::Unchanged),
            None => {
                let username = self.free_username(tx, &wanted).await?;
                if taken.is_some() {
                    let message = format!(
                        "another author of the source has the user name {wanted}: this one gets {username}"
                    );
                    self.warn(place, message);
                }
                let name = match author.name.is_empty() {
                    true => username.clone(),
                    false => author.name.clone(),
                };
                let website = author.website.as_deref().filter(|url| is_web_address(url));
                let fields = AuthorFields {
                    name: name.clone(),
                    bio: ready.text.trim().to_owned(),
                    links: website
                        .map(|url| ProfileLink {
                            label: label_of(url),
                            url: url.to_owned(),
                        })
                        .into_iter()
                        .collect(),
                    ..AuthorFields::default()
                };
                let id = match self.options.is_dry_run {
                    true => self.index.fake_id(),
                    false => tx.add_author(&username, &fields).await?,
                };
                self.authors.insert(id, username.clone(), name);
                (id, username, Fate::Added)
            }
        };
        for path in &author.former_paths {
            self.store_redirect(tx, place, path, &format!("/authors/{username}"))
                .await?;
        }
        let is_new = fate == Fate::Added;
        self.index.note(record_of(ready, id, is_new));
        if is_new {
            self.want_picture(place, ready, id);
        }
        Ok(fate)
    }

    /// Returns whether an author here is another one of the source: logins differ in more than capitals.
    fn is_another(&self, id: i64, key: &str) -> bool {
        let claimed = self.index.key_of(ImportKind::Author, id);
        claimed.is_some_and(|other| other.to_lowercase() != key.to_lowercase())
    }

    /// Notes the picture of an author, which is taken in at the end.
    fn want_picture(&mut self, place: &Place, ready: &Ready<ImportedAuthor>, id: i64) {
        if let Some(picture) = ready.item.picture.clone() {
            let record = record_of(ready, id, true);
            self.authors.pictures.push((place.clone(), record, picture));
        }
    }

    /// Returns a user name that no author has, no local actor, and no deleted one.
    async fn free_username(&self, tx: &mut Tx, wanted: &str) -> Result<String, ImportError> {
        let mut number = 1_u32;
        loop {
            let suffix = match number {
                1 => String::new(),
                number => number.to_string(),
            };
            let start: String = wanted.chars().take(MAX_USERNAME - suffix.len()).collect();
            let candidate = format!("{start}{suffix}");
            if !self.authors.ids.contains_key(&candidate)
                && !tx.is_retired_name(&candidate).await?
                && tx.local_actor(&candidate).await?.is_none()
            {
                return Ok(candidate);
            }
            number += 1;
        }
    }

    /// Returns the id and the name of an article's author. One that the source did not describe is stored by its key.
    pub(super) async fn author_of(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        key: Option<&str>,
    ) -> Result<Option<(i64, String)>, ImportError> {
        let Some(key) = key.map(str::trim).filter(|key| !key.is_empty()) else {
            let author = self.default_author.as_ref();
            return Ok(author.map(|author| (author.id, author.name.clone())));
        };
        if self.index.id(ImportKind::Author, key).is_none() {
            let author = ImportedAuthor {
                key: key.to_owned(),
                username: key.to_owned(),
                name: clean_line(key, 200),
                ..ImportedAuthor::default()
            };
            let ready = Ready {
                item: author,
                text: String::new(),
                hash: String::new(),
                warnings: Vec::new(),
            };
            self.store_author(tx, place, ready).await?;
        }
        // An author who was removed here stays removed.
        let id = self.index.id(ImportKind::Author, key);
        let name = id.and_then(|id| self.authors.names.get(&id));
        Ok(id.zip(name.cloned()))
    }
}

/// Returns the record of an author, which is open if a picture may still come.
fn record_of(ready: &Ready<ImportedAuthor>, id: i64, may_get_picture: bool) -> ImportRecord {
    ImportRecord {
        kind: ImportKind::Author,
        key: ready.item.key.clone(),
        ref_id: id,
        source_hash: ready.hash.clone(),
        stored_hash: String::new(),
        is_open: may_get_picture && ready.item.picture.is_some(),
        address: None,
    }
}

/// Makes a user name of a login or a name: `a` to `z`, digits and `_`.
fn username_of(text: &str) -> Option<String> {
    let text = text.split('@').next().unwrap_or(text);
    let mut username = String::new();
    for c in deunicode::deunicode(text).chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => username.push(c),
            _ if username.is_empty() || username.ends_with('_') => {}
            _ => username.push('_'),
        }
    }
    username.truncate(MAX_USERNAME);
    let username = username.trim_end_matches('_').to_owned();
    (!username.is_empty()).then_some(username)
}

/// Returns the host of an address, as the label of a link.
fn label_of(url: &str) -> String {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::username_of;

    #[test]
    fn user_names_are_made_of_logins() {
        for (login, username) in [
            ("ada", Some("ada")),
            ("Ada Lovelace", Some("ada_lovelace")),
            ("ada@example.org", Some("ada")),
            ("Jürgen.K.", Some("jurgen_k")),
            ("***", None),
        ] {
            assert_eq!(username_of(login).as_deref(), username, "{login}");
        }
    }
}
