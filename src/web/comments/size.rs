//! Estimates of how many bytes comments take on a page.

use crate::{
    content::Html,
    web::views::{self, CommentState, Link},
};

/// The markup around a comment, in bytes.
pub(super) const FRAME: usize = 2048;
/// The markup around each picture, file, poll option and emoji, in bytes.
pub(super) const PART: usize = 256;

/// Returns about how many bytes a comment takes on the page.
pub(super) fn size_of(comment: &views::Comment) -> usize {
    let CommentState::Visible(body) = &comment.state else {
        return FRAME;
    };
    let html = |html: &Html| html.as_str().len();
    let link = |link: &Option<Link>| link.as_ref().map_or(0, |link| link.as_str().len());
    let author = &body.author;
    let names = 3 * author.name.len() + html(&body.name) + link(&author.url);
    let texts = html(&body.content) + body.content_warning.as_ref().map_or(0, html);
    let links = [&body.original, &body.reply, &body.report, &body.quote];
    let pictures = body.pictures.iter().map(|picture| PART + picture.alt.len());
    let files = body
        .files
        .iter()
        .map(|file| PART + file.label.len() + file.url.as_str().len());
    let choices = body.poll.iter().flat_map(|poll| &poll.options);
    let choices = choices.map(|(text, _)| PART + html(text));
    let emoji = body
        .reactions
        .emoji
        .iter()
        .map(|(emoji, _)| PART + html(emoji));
    let parts: usize = pictures.chain(files).chain(choices).chain(emoji).sum();
    FRAME + names + texts + links.into_iter().map(link).sum::<usize>() + parts
}
