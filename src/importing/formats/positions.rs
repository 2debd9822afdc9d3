//! Items with their positions.

use crate::importing::model::{Item, Located, Place, Read};

/// Returns an item with its position: the file within an archive, the line, and a name for people.
#[expect(
    clippy::unnecessary_wraps,
    reason = "readers yield results, as `broken` makes them"
)]
pub(super) fn located(file: &str, line: u64, name: impl Into<String>, value: Item) -> Read {
    Ok(Located {
        place: place(file, line, name),
        value,
    })
}

/// Returns the reason why an item can't be read, with its position.
pub(super) fn broken(
    file: &str,
    line: u64,
    name: impl Into<String>,
    reason: impl Into<String>,
) -> Read {
    Err(Located {
        place: place(file, line, name),
        value: reason.into(),
    })
}

fn place(file: &str, line: u64, name: impl Into<String>) -> Place {
    Place {
        file: file.to_owned(),
        line,
        item: name.into(),
    }
}
