//! Ordered collections with keyset pagination: the address of a page contains the number at which it starts.

use crate::{
    federation::objects::{documents, replies},
    protocol::{Collection, CollectionPage, FirstPage},
    web::response::{self, WebError},
};
use axum::{http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::Value;

pub(super) use crate::federation::objects::replies::PAGE;

/// `?page=`: absent for the collection itself, `first`, or a number.
#[derive(Debug, Deserialize)]
pub(crate) struct PageQuery {
    page: Option<String>,
}

/// The requested part of a collection.
pub(crate) enum Part {
    Whole,
    First,
    From(i64),
}

impl PageQuery {
    pub(crate) fn part(&self) -> Result<Part, WebError> {
        match self.page.as_deref() {
            None => Ok(Part::Whole),
            Some("first" | "true") => Ok(Part::First),
            Some(number) => number
                .parse()
                .map(Part::From)
                .map_err(|_| WebError::NotFound),
        }
    }
}

/// Returns a collection. It links to its pages if they are public.
pub(super) fn whole(
    headers: &HeaderMap,
    id: &str,
    total_items: i64,
    has_public_pages: bool,
) -> Response {
    let collection = Collection {
        id: id.to_owned(),
        kind: "OrderedCollection",
        attributed_to: None,
        total_items,
        first: (has_public_pages && total_items > 0).then(|| FirstPage::Id(page_of(id, "first"))),
    };
    response::activity(headers, documents::plain(&collection))
}

/// Returns the collection of a conversation, which names its owner (FEP-7888).
pub(super) fn conversation(
    headers: &HeaderMap,
    id: &str,
    owner: &str,
    total_items: i64,
) -> Response {
    let collection = Collection {
        id: id.to_owned(),
        kind: "OrderedCollection",
        attributed_to: Some(owner.to_owned()),
        total_items,
        first: Some(FirstPage::Id(page_of(id, "first"))),
    };
    response::activity(headers, documents::plain(&collection))
}

/// Returns the address of a page. The id of a collection can have a query.
fn page_of(id: &str, page: &str) -> String {
    let separator = if id.contains('?') { '&' } else { '?' };
    format!("{id}{separator}page={page}")
}

/// The items of a page, and the numbers at which its neighbours start.
pub(super) struct Page {
    pub items: Vec<Value>,
    /// `None` for the last page.
    pub next: Option<i64>,
    /// `None` for the first page, `Some(None)` if the previous page is the first one.
    pub prev: Option<Option<i64>>,
}

impl Page {
    /// Creates a page from rows, of which one more than [`PAGE`] was requested.
    pub(super) fn new<T>(
        mut rows: Vec<T>,
        prev: Option<Option<i64>>,
        number: impl Fn(&T) -> i64,
        item: impl Fn(&T) -> Value,
    ) -> Page {
        Page {
            next: replies::cut(&mut rows, number),
            prev,
            items: rows.iter().map(item).collect(),
        }
    }
}

/// Returns a page of a collection.
pub(super) fn page(headers: &HeaderMap, id: &str, part: &Part, page: Page) -> Response {
    let link = |from: Option<i64>| match from {
        Some(number) => page_of(id, &number.to_string()),
        None => page_of(id, "first"),
    };
    let own = match part {
        Part::From(number) => Some(*number),
        Part::Whole | Part::First => None,
    };
    let document = CollectionPage {
        id: link(own),
        kind: "OrderedCollectionPage",
        part_of: id.to_owned(),
        next: page.next.map(|number| link(Some(number))),
        prev: page.prev.map(link),
        ordered_items: page.items,
    };
    response::activity(headers, documents::plain(&document))
}
