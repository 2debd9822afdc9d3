//! The shared database: every SQL statement of the project, in one folder for each subject.
//!
//! A [`Store`] gives a [`Conn`] to read with and a [`Tx`] to write with. Statements are their methods, written once for
//! SQLite and PostgreSQL; `database/dialect.rs` has what the two do differently. A method is defined in the file of the
//! table that it is about, and callers import everything from here.

mod actors;
mod addresses;
mod api;
mod articles;
mod backfill;
mod bin;
mod comments;
mod database;
mod delivery;
mod imports;
mod inbox;
mod interactions;
mod leaving;
mod mail;
mod media;
mod moderation;
mod names;
mod personal_data;
mod quota;
mod search;
mod snapshot;
mod spam;
mod statistics;
mod sync;
mod tags;
mod versions;

pub use actors::{
    ActorAddresses, ActorKind, ActorPictures, ActorToStore, CommentPictures, Follower,
    FollowerAddress, FollowerDigest, FollowerState, KeyAnnouncement, KeyFailure, KeyPurpose,
    LocalActorRow, NewFollow, NewRemoteActor, PictureOwner, ReactionPicture, RemoteActorRow,
    RemoteKey, StoredActors, StoredFollow, StoredKey,
};
pub use api::{ApiToken, ArticleQuery, Begun, KeyedRequest, NewApiToken};
pub use articles::{
    Article, ArticleFields, ArticleFilter, ArticleHeader, ArticleLink, ArticleOrder,
    ArticleSelection, ArticleStatus, Author, AuthorFields, Change, ChangeKind, ChangeMark, Cursor,
    FormerPage, ListedAuthor, MenuEntry, MonthCount, Neighbours, NewNote, Note, NoteEdit,
    NoteFilter, NoteState, PageFields, PendingAnnouncement, PinState, ProfileLink, Publication,
    PublicationState, SitemapArticle, SitemapName, StaticPage, StatusFilter,
};
pub use backfill::{
    BusyLookups, Crawl, Lookup, LookupLimits, LookupPriority, NewLookup, NewRecheck, QueueOutcome,
    Recheck,
};
pub use bin::{BinEntry, BinKind};
pub use comments::{
    Comment, CommentState, Commenter, Edit, ExportedComment, Guest, GuestFields, GuestNote,
    GuestPart, GuestPosts, NewComment, OwnComment, OwnGuestComment, PageComment, ThreadedComment,
};
pub use database::{Conn, Result, Store, StoreError, Tx, moment, new_row_id, new_uid, now};
pub use delivery::{
    BatchResult, Deferral, DeliveryHold, DeliveryOverview, Destination, DestinationHealth,
    DestinationState, DestinationStatus, DueDelivery, HoldCause, ListedDelivery, NewActivity,
    NewDelivery, ObjectFetch, Refusals, RetriedRefusals, RunningWorker, StoredActivity, Throughput,
    UrgentDestination, WorkerLock,
};
pub use imports::{CommentChange, ImportKind, ImportRecord, ImportedCommentRow};
pub use inbox::DeletionCause;
pub use interactions::{
    Approval, ApprovalKind, ApprovalState, AuthorizationState, Feature, FollowedActor, Interaction,
    InteractionKind, InteractionState, NewApproval, NewFeature, NewReaction, Quote, Reaction,
    ReactionCount, ReactionKind, ReactionTotals, ShownQuote,
};
pub use leaving::{Closing, ClosingProgress, DomainMove};
pub use mail::{
    Channel, Mail, MailPending, Message, NewNotice, Notice, NoticeKind, NotifiedComment,
    PendingNotifications, ReplyToGuest,
};
pub use media::{Media, MediaKind, MediaUse, MediaUser, Variant, Variants};
pub use moderation::{
    Allow, Block, BlockKind, BlockRules, CommentAdmission, CommentEdit, CommentFilter, Decision,
    ListedComment, ListedReaction, LogEntry, NewBlock, PostToAdmit, ReactionAdmission,
    ReactionFilter, ReactionState, ReactionToAdmit, Severity,
};
pub use names::NameKind;
pub use personal_data::{GuestProfile, PersonalDataCounts, PersonalDataRow};
pub use quota::{LimitHit, RootRequests};
pub use search::{Found, FoundPage, SearchDocument, SearchKind, SearchPending, SearchableDocument};
pub use snapshot::{Column, ColumnKind, Loader, Reference, Row, Snapshot, Table};
pub use spam::{
    Allowed, AuthorAndText, AuthorFacts, Filter, FilterAction, FilterKind, LearnedWord,
    SpamCheckState, SpamCheckTask, SpamLabel, SpamRulesVersion,
};
pub use statistics::{
    ArticleReach, Event, EventDirection, FollowerCount, FollowerDay, Happening, HappeningKind,
    HostStatistics, KnownObject, LastArticle, NewEvent, Overview, ReachedBy, ScheduledArticle,
    TroubledServer,
};
pub use sync::{SyncLock, SyncedFile, SyncedKind, SyncedPicture};
pub use tags::{ListedTag, PostCursor, PostKind, TaggedArticle};
pub use versions::{ArticleVersion, PageVersion};
