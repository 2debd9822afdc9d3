//! The files that an article names: all of them are taken in with the article, or none.

pub(super) use super::folders::Folders;
use super::{PublishError, Source};
use crate::{
    content::{FileRole, ImageSource, markdown, markdown::Picture},
    media,
    node::{
        Node,
        media::{Claims, LibraryError, NewMedia},
    },
    store::{MediaKind, StoreError, Tx},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The maximum number of mistakes to report at once.
const MAX_ERRORS: usize = 3;

/// How mistakes are treated.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leniency<'a> {
    /// Whether a file that can't be taken in is only warned of.
    pub(crate) is_lenient: bool,
    /// The previous text: files that it names may be missing.
    pub(crate) known: Option<&'a str>,
}

impl Leniency<'_> {
    /// Creates the leniency for a text without a predecessor.
    pub(crate) fn new(is_lenient: bool) -> Self {
        Leniency {
            is_lenient,
            known: None,
        }
    }
}

/// The files of an article, ready to be stored with it.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    files: HashMap<PathBuf, NewMedia>,
    /// New points of focus of pictures that are stored already.
    focuses: Vec<(String, (f64, f64))>,
}

/// Stored files, which are claimed until the article is stored.
#[must_use]
pub(super) struct StoredPictures<'a> {
    node: &'a Node,
    claims: Claims,
    focuses: &'a [(String, (f64, f64))],
}

/// Reads the files that an article names, relative to its own file, and replaces the names by addresses.
///
/// # Errors
/// All files that are missing or refused, with their lines.
pub(super) async fn read(
    node: &Node,
    source: &mut Source,
    leniency: Leniency<'_>,
) -> Result<Pictures, PublishError> {
    let mut pictures = Pictures::default();
    let mut errors = Vec::new();
    if let Some(error) = pictures.read_lead(node, source).await? {
        errors.push(error);
        if leniency.is_lenient {
            source.article.image = None;
        }
    }
    let folders = Folders::of(source);
    let known = leniency.known.map(markdown::pictures).unwrap_or_default();
    let mut addresses = HashMap::new();
    for picture in markdown::pictures(&source.article.markdown) {
        let file = folders.as_ref().map(|folders| folders.file(&picture.name));
        let may_be_missing =
            !picture.is_required || known.iter().any(|old| old.name == picture.name);
        let line = source.line(picture.line);
        if picture.name.starts_with("/media/") {
            match pictures.refocus(&picture.name) {
                Ok(address) => drop(addresses.insert(picture.name, address)),
                Err(error) => errors.push(format!("line {line}: {error}")),
            }
        } else if may_be_missing && !file.as_deref().is_some_and(Path::is_file) {
            let is_new = !known.iter().any(|old| old.name == picture.name);
            if is_new && let Some(warning) = missing(&picture) {
                source.warnings.push(format!("line {line}: {warning}"));
            }
        } else {
            match pictures.read_file(node, file.as_deref(), &picture).await? {
                Ok(address) => drop(addresses.insert(picture.name, address)),
                Err(error) => errors.push(format!("line {line}: {error}")),
            }
        }
    }
    warn_of_missing_texts(source);
    if leniency.is_lenient {
        source.warnings.append(&mut errors);
    }
    report(source, &errors)?;
    match markdown::replace_pictures(&source.article.markdown, &addresses) {
        Some(text) => source.article.markdown = text,
        None => {
            return Err(PublishError::mistake(format!(
                "{}: cannot replace the name of a picture by its address: write pictures as ![text](file)",
                source.name
            )));
        }
    }
    Ok(pictures)
}

/// Returns a warning about a file that is not there, but need not be.
fn missing(picture: &Picture) -> Option<String> {
    let name = &picture.name;
    match (picture.role == FileRole::Link, name.starts_with('/')) {
        (true, false) => Some(format!("{name} is linked, but is no file")),
        (false, true) => Some(format!(
            "{name} is no file here, and must be an address on this site"
        )),
        _ => None,
    }
}

/// Fails with the first mistakes, if there are any.
fn report(source: &Source, errors: &[String]) -> Result<(), PublishError> {
    let shown = &source.name;
    match errors.len() {
        0 => Ok(()),
        1..=MAX_ERRORS => Err(PublishError::mistake(format!(
            "{shown}: {}",
            errors.join("; ")
        ))),
        all => Err(PublishError::mistake(format!(
            "{shown}: {}; and {} more",
            errors[..MAX_ERRORS].join("; "),
            all - MAX_ERRORS
        ))),
    }
}

/// Warns of pictures without a description for people who can't see them.
fn warn_of_missing_texts(source: &mut Source) {
    const ADVICE: &str = "has no alternative text: describe it for people who can't see it";
    if let Some(image) = &source.article.image
        && source.article.image_alt.is_none()
    {
        let warning = format!("the picture {image} {ADVICE}, in `image_alt`");
        source.warnings.push(warning);
    }
    for (line, name) in markdown::without_alt(&source.article.markdown) {
        let line = source.line(line);
        source
            .warnings
            .push(format!("line {line}: {name} {ADVICE}"));
    }
}

/// The address of a file, or a description of the mistake.
type Found = Result<String, String>;

impl Pictures {
    /// Reads the lead picture, and replaces its name by its address. Returns a description of the mistake, if there is one.
    async fn read_lead(
        &mut self,
        node: &Node,
        source: &mut Source,
    ) -> Result<Option<String>, PublishError> {
        let folders = Folders::of(source);
        let Some(ImageSource::Path(name)) = &mut source.article.image else {
            return Ok(None);
        };
        let found = if name.starts_with("/media/") {
            self.refocus(name)
        } else {
            let picture = Picture {
                name: name.clone(),
                line: 0,
                role: FileRole::Picture,
                is_required: true,
            };
            let file = folders.map(|folders| folders.file(name));
            self.read_file(node, file.as_deref(), &picture).await?
        };
        Ok(match found {
            Ok(address) => {
                *name = address;
                None
            }
            Err(error) => Some(format!("image: {error}")),
        })
    }

    /// Reads a file, once. An error of the database or the storage is no mistake of the author.
    async fn read_file(
        &mut self,
        node: &Node,
        path: Option<&Path>,
        picture: &Picture,
    ) -> Result<Found, PublishError> {
        let Some(path) = path else {
            let name = &picture.name;
            return Ok(Err(format!(
                "{name} is a file, which can't be read here: upload it first, and write its address"
            )));
        };
        let focus = match media::focus(&picture.name) {
            Ok(focus) => focus,
            Err(error) => return Ok(Err(error)),
        };
        let known = self.files.remove(path);
        let is_known = known.is_some();
        let read = match known {
            Some(known) => Ok(known),
            None => node.media.read(path).await,
        };
        let mut new = match read {
            Ok(new) => new,
            Err(LibraryError::Media(error)) => return Ok(Err(error.to_string())),
            Err(other) => return Err(other.into()),
        };
        if let Some(error) = misuse(picture, new.kind()) {
            if is_known {
                self.files.insert(path.to_owned(), new);
            }
            return Ok(Err(error));
        }
        if let Some(focus) = focus {
            new.set_focus(focus);
        }
        let address = new.address();
        self.files.insert(path.to_owned(), new);
        Ok(Ok(address))
    }

    /// Reads the focus of a picture that is stored already. Returns its address.
    fn refocus(&mut self, name: &str) -> Found {
        let address = name.split('#').next().unwrap_or(name);
        if let Some(focus) = media::focus(name)? {
            let file = address.trim_start_matches("/media/");
            self.focuses.push((file.to_owned(), focus));
        }
        Ok(address.to_owned())
    }

    /// Returns whether points of focus of stored pictures change.
    pub(super) fn has_focuses(&self) -> bool {
        !self.focuses.is_empty()
    }

    /// Stores all files, and claims them until the article is stored.
    ///
    /// # Errors
    /// If one can't be stored; then none of them is.
    pub(super) async fn store<'a>(
        &'a self,
        node: &'a Node,
    ) -> Result<StoredPictures<'a>, LibraryError> {
        let files: Vec<&NewMedia> = self.files.values().collect();
        Ok(StoredPictures {
            node,
            claims: node.media.store(&files).await?,
            focuses: &self.focuses,
        })
    }
}

impl StoredPictures<'_> {
    /// Ends the claims in the transaction that stores the article.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn release(&self, tx: &mut Tx) -> Result<(), StoreError> {
        for (name, focus) in self.focuses {
            tx.set_media_focus(name, *focus).await?;
        }
        self.claims.release(tx).await
    }

    /// Removes the files again if the article could not be stored.
    pub(super) async fn settle<T, E>(self, outcome: Result<T, E>) -> Result<T, E> {
        if outcome.is_err() {
            self.give_up().await;
        }
        outcome
    }

    /// Removes the files again, because the article is not stored.
    pub(super) async fn give_up(self) {
        self.node.media.give_up(&self.claims).await;
    }
}

/// Returns a sentence if a text plays a picture, or if audio or video is where only a picture can be.
fn misuse(picture: &Picture, kind: MediaKind) -> Option<String> {
    let is_recording = matches!(kind, MediaKind::Audio | MediaKind::Video);
    let name = &picture.name;
    match picture.role {
        FileRole::Picture if is_recording => Some(format!(
            "{name} is no picture: a player for it can only be in the text"
        )),
        FileRole::Recording if !is_recording => {
            Some(format!("{name} is a picture, which can't be played"))
        }
        _ => None,
    }
}
