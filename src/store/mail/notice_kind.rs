//! The kinds of notices to the admin.

use std::fmt;

/// The event that a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Somebody reported an article, a comment or an actor.
    Report,
    /// A reader of the page reported a comment.
    ReaderReport,
    /// Somebody asks to follow an actor that approves its followers itself.
    FollowRequest,
    /// A private post to one of our actors.
    Private,
    /// A post that mentions one of our actors and becomes no comment.
    Mention,
    /// A post that quotes an article.
    Quote,
    /// Somebody asks to feature one of our actors in a collection, or does so.
    Feature,
    /// Somebody blocked one of our actors.
    Block,
    /// A follower was removed because their inbox has been gone for days.
    FollowerGone,
    /// A server has been unreachable for so long that deliveries to it are tried only once a day.
    ServerDead,
    /// A server rejects an article's Update because of its size.
    UpdateTooLarge,
}

impl NoticeKind {
    const ALL: [NoticeKind; 11] = [
        NoticeKind::Report,
        NoticeKind::ReaderReport,
        NoticeKind::FollowRequest,
        NoticeKind::Private,
        NoticeKind::Mention,
        NoticeKind::Quote,
        NoticeKind::Feature,
        NoticeKind::Block,
        NoticeKind::FollowerGone,
        NoticeKind::ServerDead,
        NoticeKind::UpdateTooLarge,
    ];

    /// Returns the stable code, which is the name of the webhook event.
    pub fn code(self) -> &'static str {
        match self {
            NoticeKind::Report => "report",
            NoticeKind::ReaderReport => "reader-report",
            NoticeKind::FollowRequest => "follow-request",
            NoticeKind::Private => "private",
            NoticeKind::Mention => "mention",
            NoticeKind::Quote => "quote",
            NoticeKind::Feature => "feature",
            NoticeKind::Block => "block",
            NoticeKind::FollowerGone => "follower-gone",
            NoticeKind::ServerDead => "server-dead",
            NoticeKind::UpdateTooLarge => "update-too-large",
        }
    }

    /// Returns the text in the column `notices.kind`, in the hash of a notice's subject and in the JSON of
    /// `notices list`. Existing rows and scripts have it, so that it never changes: it is the code, with spaces for
    /// hyphens.
    pub fn stored(self) -> &'static str {
        match self {
            NoticeKind::ReaderReport => "reader report",
            NoticeKind::FollowRequest => "follow request",
            NoticeKind::FollowerGone => "follower gone",
            NoticeKind::ServerDead => "server dead",
            NoticeKind::UpdateTooLarge => "update too large",
            NoticeKind::Report
            | NoticeKind::Private
            | NoticeKind::Mention
            | NoticeKind::Quote
            | NoticeKind::Feature
            | NoticeKind::Block => self.code(),
        }
    }
}

impl fmt::Display for NoticeKind {
    /// Writes the text for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoticeKind::Report => "report",
            NoticeKind::ReaderReport => "report by a reader",
            NoticeKind::FollowRequest => "follow request",
            NoticeKind::Private => "private message",
            NoticeKind::Mention => "mention",
            NoticeKind::Quote => "quote",
            NoticeKind::Feature => "feature",
            NoticeKind::Block => "block",
            NoticeKind::FollowerGone => "follower removed",
            NoticeKind::ServerDead => "server unreachable",
            NoticeKind::UpdateTooLarge => "update too large",
        })
    }
}

impl TryFrom<String> for NoticeKind {
    type Error = String;

    /// Reads the text in the column `notices.kind`.
    fn try_from(text: String) -> Result<Self, String> {
        NoticeKind::ALL
            .into_iter()
            .find(|kind| kind.stored() == text)
            .ok_or_else(|| format!("unknown kind of notice: {text}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_kind_is_read_back() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::try_from(kind.stored().to_owned()), Ok(kind));
        }
    }

    #[test]
    fn the_code_is_the_stored_text_with_hyphens() {
        for kind in NoticeKind::ALL {
            assert_eq!(kind.code(), kind.stored().replace(' ', "-"));
        }
    }
}
