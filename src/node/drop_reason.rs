//! The reasons for which an authentic activity changes nothing.

use std::{fmt, str::FromStr};

/// Defines [`DropReason`]: the variant, its code, its text for people.
macro_rules! drop_reasons {
    ($($variant:ident = $code:literal, $text:literal;)*) => {
        /// The reason for which an authentic activity is dropped. Its sender gets a success response, and the reason is
        /// counted in `inbox_counts`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum DropReason {
            $(#[doc = $text] $variant,)*
        }

        impl DropReason {
            /// Every reason.
            pub const ALL: &[DropReason] = &[$(DropReason::$variant,)*];

            /// Returns the stable code: the key in `inbox_counts`, in log lines and in the JSON of `notices dropped`.
            /// The codes read like texts because texts were the keys once. They never change, so that the counters of
            /// older versions still add up; [`fmt::Display`] has the text for people.
            pub fn code(self) -> &'static str {
                match self {
                    $(DropReason::$variant => $code,)*
                }
            }
        }

        impl fmt::Display for DropReason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(DropReason::$variant => $text,)*
                })
            }
        }
    };
}

drop_reasons! {
    Duplicate = "repeat", "activity received before";
    OwnActivityReturned = "activity of our own that came back", "local activity that another server delivered";
    UnknownActivityType = "unknown activity type", "unknown activity type";
    ResponseTooLarge = "request whose answer is too large for its inbox", "request whose response would exceed the size allowed for its inbox";
    RequestForUnknownObject = "request about nothing here", "request for an unknown object";
    ResponseToUnknownRequest = "answer to nothing that was asked", "Accept or Reject of an unknown request";
    ResponseByWrongActor = "answer to what another was asked", "Accept or Reject by an actor that was not asked";
    ResponseToEndedRequest = "answer to what is over", "Accept or Reject of a request that has ended";
    FollowOfNonLocalActor = "follow of nobody here", "Follow of an actor that is not local";
    BlockOfNonLocalActor = "block of nobody here", "Block of an actor that is not local";
    UndoOfUnknownActivity = "undo of nothing here", "Undo of an unknown activity";
    DeleteOfUnknownActor = "deletion of an unknown actor", "Delete of an unknown actor";
    UpdateOfUnknownActor = "update of an unknown actor", "Update of an unknown actor";
    UpdateOfUnknownObject = "update of nothing here", "Update of an unknown object";
    UpdateOfDeletedObject = "update of what was deleted before", "Update of a deleted object";
    OutdatedUpdate = "update that is older than what is here", "Update older than the stored version";
    ActorUnconfirmed = "update of an actor that its own host does not confirm", "Update of an actor that its origin does not confirm";
    MoveOfUnfollowedActor = "move of somebody whom nobody here follows", "Move of an actor without local followers";
    MoveToBlockedAccount = "move to a blocked account", "Move to a blocked account";
    MoveTargetUnavailable = "move to an account that can't be had", "Move to an account that could not be fetched";
    MoveTargetWithoutAlias = "move to an account that does not name the old one", "Move to an account that does not list the old one in alsoKnownAs";
    ForeignCollection = "change of a collection that is not ours", "Add or Remove in a collection that is not local";
    FeatureRequestForNonLocalActor = "feature request for nobody here", "FeatureRequest for an actor that is not local";
    FeatureRequestForForeignCollection = "feature request for another's collection", "FeatureRequest for another actor's collection";
    BoostOfUnknownObject = "boost of nothing here", "Announce of an unknown object";
    BoostNotPublic = "boost that is not public", "Announce that is not public";
    ReactionToUnknownObject = "reaction to nothing here", "reaction to an unknown object";
    ReactionWithoutEmoji = "reaction without an emoji that can be shown", "reaction without a displayable emoji";
    ReactionActorBlocked = "reaction of a blocked actor", "reaction by a blocked actor";
    ReactionByNonFollower = "reaction of somebody who does not follow", "reaction by an actor that does not follow";
    ReactionsClosed = "reaction where no comments are taken", "reaction to an article whose comments are closed";
    TooManyReactions = "more reactions of one actor than one thing takes", "more reactions to one object than an actor may have";
    QuoteOfUnknownObject = "quote of nothing here", "quote of an unknown object";
    QuoteRequestMismatch = "quote request for another post", "QuoteRequest for a post that quotes something else";
    QuoteRequestForForeignPost = "quote request for another's post", "QuoteRequest for another actor's post";
    QuoteNotAllowed = "quote that the article does not allow", "quote that the article does not allow";
    ReplyRequestForForeignPost = "reply request for another's post", "ReplyRequest for another actor's post";
    ReportOfUnknownObject = "report of nothing here", "report of an unknown object";
    ReportsRejected = "report that is not wanted from there", "report from a server whose reports are rejected";
    TooManyNotices = "notice beyond the number that its domain may cause", "notice beyond the limit of its domain";
    CommentsClosed = "comment where none are taken", "comment on an article whose comments are closed";
    CommentByNonFollower = "comment of somebody who does not follow", "comment by an actor that does not follow";
    CommentAuthorBlocked = "comment of a blocked author", "comment by a blocked author";
    CommentAlreadyStored = "comment that is here already", "comment that is already stored";
    CommentDeleted = "comment that was deleted before", "comment that was deleted";
    EmptyComment = "comment without text or attachment", "comment without text or attachment";
    UnrelatedPost = "post that is not about us", "post unrelated to this server";
    UnrelatedPrivatePost = "private post that is not for us", "private post unrelated to this server";
    UnreadableObject = "object that can't be read", "malformed object";
    ObjectNotText = "object that is no text", "object of a type that has no text";
    ObjectUnconfirmed = "object that its own host does not confirm", "object that its origin does not confirm";
    MissingIdOrAuthor = "object without id or author", "object without id or author";
    IdTooLong = "object whose id is too long", "object whose id is too long";
    IdMismatch = "object with another id", "object whose id differs from its address";
    AuthorMismatch = "object of another author", "object by another author";
    AuthorOnOtherHost = "object of an author on another host", "object whose author is on another host";
    AuthorUnavailable = "object of an author who can't be had", "object whose author could not be fetched";
    UnrelatedReply = "reply to nothing of ours", "reply whose thread leads to no local post";
    CircularReply = "reply in a circle", "reply in a circular thread";
    ReplyTooDeep = "reply too deep in a conversation", "reply too deep in a thread";
    ReplyUnavailable = "reply that can't be had", "reply that could not be fetched";
    ParentUnavailable = "reply to something that can't be had", "reply to a post that could not be fetched";
    ParentBlocked = "reply to something that is blocked", "reply to a blocked post";
    ParentNotPublic = "reply to something that is not public", "reply to a post that is not public";
    UnrelatedListedReply = "listed reply to nothing of ours", "item of a replies collection that replies to no local post";
    HintWithoutAuthor = "hint at a comment of nobody", "hint about a comment without a known author";
    HintAlreadyQueued = "hint at an object that is noted already", "hint about an object that is already queued";
}

/// No reason has this code.
#[derive(Debug, thiserror::Error)]
#[error("unknown drop reason: {0}")]
pub struct UnknownDropReason(String);

impl FromStr for DropReason {
    type Err = UnknownDropReason;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        DropReason::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
            .ok_or_else(|| UnknownDropReason(code.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_read_back() {
        for reason in DropReason::ALL {
            assert_eq!(reason.code().parse::<DropReason>().unwrap(), *reason);
        }
        assert!("something else".parse::<DropReason>().is_err());
    }

    #[test]
    fn no_two_reasons_share_a_text() {
        let texts: HashSet<_> = DropReason::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), DropReason::ALL.len());
    }
}
