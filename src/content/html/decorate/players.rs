//! Players for audio and video.

use super::{
    Writer,
    media::{Lone, MediaFile, MediaFileKind, shown_size},
    pieces::StartTag,
    push_attribute,
};
use crate::content::html::escape::push_content;
use std::borrow::Cow;

impl<'a> Writer<'a> {
    /// Returns whether the files of all players are here.
    pub(super) fn are_known(&self, lone: &[Lone]) -> bool {
        let media = self.decoration.media;
        let mut players = lone.iter().filter(|lone| lone.image.name != "img");
        players.all(|player| {
            let src = player.image.get("src").unwrap_or_default();
            media.get(&src).is_some_and(MediaFile::is_recording)
        })
    }

    /// Writes the author's player, which is empty. A file that is on another site is linked, because a page loads none from
    /// elsewhere.
    pub(super) fn start_player(&mut self, tag: StartTag<'a>) {
        let src = tag.get("src").unwrap_or_default();
        let is_elsewhere = ["https:", "http:", "//"]
            .iter()
            .any(|start| src.to_ascii_lowercase().starts_with(start));
        match self.decoration.media.get(&src) {
            Some(file) if file.is_recording() => self.player(&tag, file),
            _ if is_elsewhere && !self.decoration.media.is_here(&src) => {
                self.out.push_str("<a");
                push_attribute(&mut self.out, "href", &src);
                self.out.push('>');
                push_content(&mut self.out, &name_of(&tag).unwrap_or(src));
                self.end_tag("a");
            }
            _ => {
                self.out.push_str(tag.raw);
                self.end_tag(tag.name);
            }
        }
    }

    /// Writes a player for a file, in the size and with the picture that the author chose.
    pub(super) fn player(&mut self, tag: &StartTag, file: &MediaFile) {
        let out = &mut self.out;
        let element = if file.kind == MediaFileKind::Video {
            "video"
        } else {
            "audio"
        };
        out.push_str(&format!("<{element} controls preload=\"metadata\""));
        push_attribute(out, "src", &file.address);
        if element == "video" {
            if let Some((width, height)) = shown_size(tag, file.size) {
                out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
            } else if let Some(width) = tag.get("width") {
                push_attribute(out, "width", &width);
            }
            if let Some(poster) = tag.get("poster") {
                push_attribute(out, "poster", &poster);
            }
        }
        if let Some(name) = name_of(tag) {
            push_attribute(out, "aria-label", &name);
        }
        out.push_str(&format!("></{element}>"));
    }
}

/// Returns the name of a player, which may be written as an image.
fn name_of<'t>(tag: &StartTag<'t>) -> Option<Cow<'t, str>> {
    let names = ["alt", "aria-label", "title"].iter();
    let mut names = names.filter_map(|name| tag.get(name));
    names.find(|name| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use crate::content::html::decorate::tests::shown;

    #[test]
    fn audio_and_video_have_players() {
        for (markdown, expected) in [
            (
                "![Waves](/media/v.mp4 \"At sea\")",
                "<figure><video controls preload=\"metadata\" src=\"/media/v.mp4\" width=\"640\" height=\"360\" aria-label=\"Waves\">\
                 </video><figcaption>At sea</figcaption></figure>",
            ),
            (
                "![](/media/a.mp3)",
                "<figure><audio controls preload=\"metadata\" src=\"/media/a.mp3\"></audio></figure>",
            ),
            (
                "<video src=/media/v.mp4 poster=/media/a.jpg width=320 title=\"Sea & sand\" loop>no</video>",
                "<figure><video controls preload=\"metadata\" src=\"/media/v.mp4\" width=\"320\" height=\"180\" poster=\"/media/a.jpg\">\
                 </video><figcaption>Sea &amp; sand</figcaption></figure>",
            ),
            (
                "<video title=\"Sea & sand\">\n<source src=/media/v.mp4>\n</video>",
                "<video controls preload=\"metadata\" src=\"/media/v.mp4\" width=\"640\" height=\"360\" aria-label=\"Sea &amp; sand\"></video>",
            ),
            (
                "Hear <audio><source src=https://example.org/media/a.mp3></audio> \"this\"",
                "<p>Hear <audio controls preload=\"metadata\" src=\"/media/a.mp3\"></audio> “this”</p>",
            ),
            (
                "<audio src=b.mp3></audio> <video src=https://a.example/b.mp4></video>",
                "<p><audio controls=\"\" preload=\"metadata\" src=\"b.mp3\"></audio> <a href=\"https://a.example/b.mp4\">https://a.example/b.mp4</a></p>",
            ),
        ] {
            assert_eq!(shown(markdown), expected);
        }
    }
}
