//! Ordered collections with keyset pagination: the address of a page contains the number at which it starts.

use crate::{
    federation::objects::documents,
    protocol::{Collection, CollectionPage, First},
    web::response::{self, WebError},
};
use axum::{http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::Value;

pub use crate::federation::objects::replies::{PAGE, cut};

/// `?page=`: absent for the collection itself, `first`, or a number.
#[derive(Debug, Deserialize)]
pub struct PageQuery {
    page: Option<String>,
}

/// What part of a collection is asked for.
pub enum Part {
    Whole,
    First,
    From(i64),
}

impl PageQuery {
    pub fn part(&self) -> Result<Part, WebError> {
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

/// The collection itself; `open` if its pages can be seen.
pub fn whole(headers: &HeaderMap, id: &str, total_items: i64, open: bool) -> Response {
    let collection = Collection {
        id: id.to_owned(),
        kind: "OrderedCollection",
        attributed_to: None,
        total_items,
        first: (open && total_items > 0).then(|| First::At(format!("{id}?page=first"))),
    };
    response::activity(headers, documents::plain(&collection))
}

/// The collection of a conversation, which names its owner (FEP-7888).
pub fn conversation(headers: &HeaderMap, id: &str, owner: &str, total_items: i64) -> Response {
    let collection = Collection {
        id: id.to_owned(),
        kind: "OrderedCollection",
        attributed_to: Some(owner.to_owned()),
        total_items,
        first: Some(First::At(format!("{id}?page=first"))),
    };
    response::activity(headers, documents::plain(&collection))
}

/// A page as it was read from the database.
pub struct Page {
    pub items: Vec<Value>,
    /// The number that the next page begins from, if there is one.
    pub next: Option<i64>,
    /// The number that the page before begins from; `None` for the first.
    pub prev: Option<Option<i64>>,
}

/// One page.
pub fn page(headers: &HeaderMap, id: &str, part: &Part, page: Page) -> Response {
    let link = |from: Option<i64>| match from {
        Some(number) => format!("{id}?page={number}"),
        None => format!("{id}?page=first"),
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
