//! The author that a file names.

use super::PublishError;
use crate::store::{Author, Conn};

/// Finds the author of a name or user name. Returns a warning if there are authors, but not this one.
///
/// # Errors
/// If the database fails.
pub(super) async fn find(
    conn: &mut Conn,
    name: &str,
) -> Result<(Option<Author>, Option<String>), PublishError> {
    if let Some(author) = conn.author(name).await? {
        return Ok((Some(author), None));
    }
    let authors = conn.authors().await?;
    if authors.is_empty() {
        return Ok((None, None));
    }
    let nearest = authors
        .iter()
        .map(|author| (distance(name, author), author))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2.max(name.chars().count() / 4));
    let advice = match nearest {
        Some((_, author)) => format!("did you mean {} ({})?", author.username, author.name),
        None => "run `pamphlet author list` for those that there are".to_owned(),
    };
    Ok((
        None,
        Some(format!(
            "no author is called {name:?}, so that it is a name without a page: {advice} `pamphlet author add` adds one"
        )),
    ))
}

/// Returns how far a text is from an author's names.
fn distance(text: &str, author: &Author) -> usize {
    let text = text.to_lowercase();
    [&author.username, &author.name]
        .iter()
        .map(|name| strsim::damerau_levenshtein(&name.to_lowercase(), &text))
        .min()
        .unwrap_or(usize::MAX)
}
