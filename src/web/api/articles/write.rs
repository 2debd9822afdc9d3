//! What clients send to store articles, and its way into the room `publishing`.

use super::view::{Fields, Status, field_error};
use crate::{
    content::article::ArticleFile,
    publishing::{Announcement, Source, is_old},
    store::{ArticleStatus, now},
    web::api::{
        body::of_json,
        problem::{ApiError, Code},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whether followers and other servers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Announce {
    /// They are told.
    Tell,
    /// They are not told of a new article.
    Silent,
    /// They are not told of a change.
    Quiet,
}

impl Announce {
    /// Returns the announcement that a client chose, or the usual one.
    pub(crate) fn of(choice: Option<Announce>) -> Announcement {
        match choice {
            None | Some(Announce::Tell) => Announcement::Tell,
            Some(Announce::Silent | Announce::Quiet) => Announcement::Silent,
        }
    }
}

/// Checks that a client that publishes an old article has said whether followers are told.
///
/// # Errors
/// If it has not.
pub(crate) fn check_date(published_at: i64, choice: Option<Announce>) -> Result<(), ApiError> {
    if choice.is_some() || !is_old(published_at) {
        return Ok(());
    }
    Err(ApiError {
        field: Some("announcement".to_owned()),
        ..ApiError::new(
            Code::AnnouncementNeeded,
            "the date is older than a day: set announcement to \"tell\", so that followers get the article, or to \
             \"silent\", so that nobody is told",
        )
    })
}

/// What a client says beside the article itself.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web::api) struct Choices {
    /// The whole article as a file, front matter and text, in place of its properties.
    pub(super) source: Option<String>,
    /// The state. A new article is a draft by default. One whose date is in the future is `scheduled`.
    pub(super) status: Option<Status>,
    /// Whether followers are told. An article that is older than a day is published only with this.
    pub(super) announcement: Option<Announce>,
}

/// The body that stores an article: its properties, or its file as `source`, and the choices.
#[derive(Debug, ToSchema)]
#[allow(
    dead_code,
    reason = "it describes the body, which is read in two parts"
)]
pub(in crate::web::api) struct ArticleInput {
    #[schema(inline)]
    choices: Choices,
    fields: Fields,
}

/// A body, divided into the article and the choices.
#[derive(Debug)]
pub(in crate::web::api) struct Input {
    pub(super) choices: Choices,
    pub(super) fields: Map<String, Value>,
}

impl Input {
    /// Divides a body.
    ///
    /// # Errors
    /// If a choice is invalid.
    pub(super) fn of(mut body: Map<String, Value>) -> Result<Input, ApiError> {
        let mut choices = Map::new();
        for name in ["source", "status", "announcement"] {
            if let Some(value) = body.remove(name) {
                choices.insert(name.to_owned(), value);
            }
        }
        let choices = serde_json::from_value(choices.into()).map_err(|error| of_json(&error))?;
        Ok(Input {
            choices,
            fields: body,
        })
    }

    /// Returns the file of a new article, or of one that replaces another.
    ///
    /// # Errors
    /// If a property is unknown or invalid.
    pub(super) fn source(&self) -> Result<Source, ApiError> {
        match &self.choices.source {
            Some(text) if self.fields.is_empty() => parse(text),
            Some(_) => Err(ApiError::field(
                "source",
                "source is the whole article: send no other properties with it",
            )),
            None => parse(&fields(self.fields.clone().into())?.to_file_text()),
        }
    }

    /// Returns the file of an article with changed properties: a JSON merge patch (RFC 7396).
    ///
    /// # Errors
    /// If a property is unknown or invalid.
    pub(super) fn patched(&self, old: Fields) -> Result<Source, ApiError> {
        if self.choices.source.is_some() {
            return self.source();
        }
        let mut value = serde_json::to_value(old).map_err(|error| of_json(&error))?;
        if let Value::Object(value) = &mut value {
            for (name, new) in self.fields.clone() {
                match new {
                    Value::Null => drop(value.shift_remove(&name)),
                    new => drop(value.insert(name, new)),
                }
            }
        }
        // An unknown name is an error even if it has no value.
        fields(self.fields.clone().into())?;
        parse(&fields(value)?.to_file_text())
    }

    /// Returns the state in which an article is stored, and checks what it needs.
    ///
    /// # Errors
    /// If the date does not fit the state, or the client has not said whether followers are told of an old article.
    pub(super) fn status(
        &self,
        present: Status,
        published_at: i64,
    ) -> Result<ArticleStatus, ApiError> {
        let status = self.choices.status.unwrap_or(present);
        if self.choices.status == Some(Status::Scheduled) && published_at <= now() {
            return Err(ApiError::field(
                "date",
                "a scheduled article needs a date in the future",
            ));
        }
        if status == Status::Draft {
            return Ok(ArticleStatus::Draft);
        }
        if present == Status::Draft {
            check_date(published_at, self.choices.announcement)?;
        }
        Ok(ArticleStatus::Published)
    }
}

fn fields(value: Value) -> Result<Fields, ApiError> {
    serde_json::from_value(value).map_err(|error| of_json(&error))
}

/// Reads an article's file, which can name no files of the server.
pub(crate) fn parse(text: &str) -> Result<Source, ApiError> {
    // It is parsed twice, since only this error names its field.
    if let Err(error) = ArticleFile::parse(text, None) {
        return Err(field_error(&error));
    }
    Ok(Source::parse("the article".to_owned(), None, text)?)
}
