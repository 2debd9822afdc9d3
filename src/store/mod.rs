//! The shared database: every SQL statement of the project, in one folder for each subject.
//!
//! A [`Store`] gives a [`Conn`] to read with and a [`Tx`] to write with. Statements are their methods, written once for
//! SQLite and PostgreSQL; `database/dialect.rs` has what the two do differently. A method is defined in the file of the
//! table that it is about, and callers import everything from here.

mod actors;
mod articles;
mod backfill;
mod comments;
mod database;
mod delivery;
mod inbox;
mod interactions;
mod mail;
mod moderation;
mod personal_data;
mod quota;
mod spam;

pub use actors::{
    ActorKind, ActorPictures, CommentPictures, Follower, FollowerDigest, FollowerState, Handover,
    KeyFailure, KeyPurpose, LocalActorRow, NewRemoteActor, PictureOwner, ReactionPicture,
    RemoteActorRow, RemoteKey, StoredFollow, StoredKey,
};
pub use articles::{
    Article, ArticleFields, ArticleFilter, ArticleGate, Author, Change, ChangeKind, Cursor,
    Listing, NewNote, Note, PostCursor, PostKind, Publication,
};
pub use backfill::{
    BusyLookups, Crawl, Lookup, LookupPriority, LookupRoom, NewLookup, Queued, Recheck,
};
pub use comments::{
    Comment, CommentState, Edit, Guest, GuestFields, GuestNote, GuestPart, GuestPosts, NewComment,
    OwnComment, PageComment, Person,
};
pub use database::{Conn, Result, Store, StoreError, Tx, moment, new_row_id, new_uid, now};
pub use delivery::{
    Deferral, Destination, DestinationStatus, DueDelivery, ListedDelivery, NewActivity, Overview,
    Place, Refusals, RetriedRefusals, Settlement, StoredActivity, Throughput, Verdict,
};
pub use inbox::EndedBy;
pub use interactions::{
    Approval, ApprovalKind, Feature, Followed, Interaction, InteractionKind, NewApproval,
    NewFeature, Quote, Reaction, ReactionCount, ReactionKind, ReactionTotals, ShownQuote,
};
pub use mail::{
    Answer, Channel, Mail, Message, NewNotice, Notice, NoticeKind, ToldComment, Unmailed, Waiting,
};
pub use moderation::{
    Allow, Block, BlockKind, BlockRules, CommentEdit, CommentFilter, CommentGate, Decision,
    ListedComment, ListedReaction, LogEntry, NewBlock, ReactionFilter, ReactionGate, Severity,
};
pub use personal_data::{Kept, KnownGuest, Trace};
pub use quota::{LimitHit, RootRequests};
pub use spam::{
    Allowed, AuthorFacts, Filter, FilterAction, FilterKind, LearnedWord, Lesson, ServiceState,
    ServiceTask, SpamStamp,
};
