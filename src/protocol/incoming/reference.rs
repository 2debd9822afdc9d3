//! References between documents: by id, or with the document itself.

use super::{Activity, Object};
use crate::protocol::lenient;
use serde::Deserialize;
use serde_json::Value;

/// An activity's `object` or `instrument`: an id, or the embedded document.
#[derive(Debug, Clone, Default)]
pub enum Reference {
    #[default]
    Nothing,
    Id(String),
    Embedded(Box<Value>),
}

impl Reference {
    pub(super) fn read(value: Value) -> Self {
        match value {
            Value::String(_) => lenient::id_of(&value).map_or(Reference::Nothing, Reference::Id),
            Value::Object(_) => Reference::Embedded(Box::new(value)),
            Value::Array(list) => list
                .into_iter()
                .take(lenient::MAX_ENTRIES)
                .map(Reference::read)
                .find(|entry| !matches!(entry, Reference::Nothing))
                .unwrap_or_default(),
            _ => Reference::Nothing,
        }
    }

    /// Returns the id.
    pub fn id(&self) -> Option<String> {
        match self {
            Reference::Nothing => None,
            Reference::Id(id) => Some(id.clone()),
            Reference::Embedded(value) => lenient::id_of(value),
        }
    }

    /// Reads the embedded document as an activity.
    pub fn as_activity(&self) -> Option<Activity> {
        match self {
            Reference::Embedded(value) => Activity::read((**value).clone()),
            _ => None,
        }
    }

    /// Reads the embedded document as an object.
    pub fn as_object(&self) -> Option<Object> {
        match self {
            Reference::Embedded(value) => Object::read((**value).clone()),
            _ => None,
        }
    }
}

/// Deserializes a reference.
pub(super) fn reference<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Reference, D::Error> {
    Ok(Reference::read(Value::deserialize(deserializer)?))
}
