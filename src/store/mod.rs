//! The shared database: every SQL statement of the project, one file per table group.
//!
//! A [`Store`] gives a [`Conn`] to read with and a [`Tx`] to write with; the statements are methods
//! of [`Conn`], written once for SQLite and PostgreSQL. Where the two differ, see `dialect.rs`.

mod activities;
mod activity_requests;
mod allows;
mod approvals;
mod article_gate;
mod articles;
mod authors;
mod blocks;
mod changes;
mod comment_gate;
mod comment_lists;
mod comments;
mod conn;
mod deliveries;
mod delivery_lists;
mod delivery_repairs;
mod destinations;
mod dialect;
mod features;
mod filters;
mod follower_digests;
mod followers;
mod forwards;
mod guests;
mod inbox;
mod interactions;
mod key_failures;
mod keys;
mod learned;
mod limit_hits;
mod local_actors;
mod log;
mod lookups;
mod mentions;
mod messages;
mod notes;
mod notice_kind;
mod open;
mod page_comments;
mod paths;
mod people;
mod pins;
mod quotes;
mod reactions;
mod rechecks;
mod refusals;
mod remote_actors;
mod settings;
mod settlements;
mod shown_pictures;
mod spam_facts;
mod spam_service;
mod spellings;
mod tags;
mod taken_back;
mod telling;
mod withheld_reactions;
mod workers;
mod writer;

pub use activities::{NewActivity, StoredActivity};
pub use activity_requests::RootRequests;
pub use allows::Allow;
pub use approvals::{Approval, ApprovalKind, NewApproval};
pub use article_gate::ArticleGate;
pub use articles::{Article, ArticleFields, ArticleFilter, Cursor, Listing};
pub use authors::Author;
pub use blocks::{Block, BlockKind, BlockRules, NewBlock, Severity};
pub use changes::{Change, ChangeKind, Publication};
pub use comment_gate::CommentGate;
pub use comment_lists::{CommentEdit, CommentFilter, ListedComment};
pub use comments::{Comment, CommentState, Edit, GuestPart, NewComment};
pub use conn::{Conn, Tx};
pub use deliveries::DueDelivery;
pub use delivery_lists::{DestinationStatus, ListedDelivery, Overview};
pub use delivery_repairs::RetriedRefusals;
pub use destinations::Destination;
pub use features::{Feature, NewFeature};
pub use filters::{Filter, FilterAction, FilterKind};
pub use follower_digests::FollowerDigest;
pub use followers::{Follower, FollowerState, StoredFollow};
pub use guests::{Guest, GuestFields, GuestNote, GuestPosts};
pub use inbox::{NewNotice, Notice};
pub use interactions::{Followed, Interaction, InteractionKind};
pub use key_failures::KeyFailure;
pub use keys::{Handover, StoredKey};
pub use learned::{LearnedWord, Lesson};
pub use limit_hits::LimitHit;
pub use local_actors::{ActorKind, LocalActor};
pub use log::{Decision, LogEntry};
pub use lookups::{BusyLookups, Crawl, Lookup, LookupPriority, LookupRoom, NewLookup, Queued};
pub use messages::{Channel, Mail, Message};
pub use notes::{NewNote, Note, OwnComment};
pub use notice_kind::NoticeKind;
pub use open::Store;
pub use page_comments::PageComment;
pub use people::{Kept, KnownGuest, Person, Trace};
pub use quotes::{Quote, ShownQuote};
pub use reactions::{Reaction, ReactionCount, ReactionKind, ReactionTotals};
pub use rechecks::Recheck;
pub use refusals::Refusals;
pub use remote_actors::{KeyPurpose, NewRemoteActor, RemoteActorRow, RemoteKey};
pub use settlements::{Deferral, Settlement, Verdict};
pub use shown_pictures::{ActorPictures, CommentPictures, PictureOwner, ReactionPicture};
pub use spam_facts::{Allowed, AuthorFacts, SpamStamp};
pub use spam_service::{ServiceState, ServiceTask};
pub use tags::{PostCursor, PostKind};
pub use taken_back::EndedBy;
pub use telling::{Answer, ToldComment, Unmailed, Waiting};
pub use withheld_reactions::{ListedReaction, ReactionFilter, ReactionGate};
pub use workers::{Place, Throughput};

use chrono::{DateTime, TimeZone, Utc};

/// What can go wrong with the database, as far as anyone decides on it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another writer holds the database, or it can't be reached: the same call may succeed later.
    #[error("the database is busy or out of reach: {0}")]
    Busy(sqlx::Error),
    /// Something with this unique name is there already.
    #[error("there is one already: {0}")]
    Duplicate(String),
    /// What it refers to was removed in the meantime.
    #[error("what it refers to is gone: {0}")]
    Missing(String),
    /// A text with a character that no text in this database has: on PostgreSQL, NUL. Nothing is found by it.
    #[error("the database can't store this text: {0}")]
    Unstorable(sqlx::Error),
    /// The database was made by a newer Pamphlet.
    #[error(
        "this database was made by a newer Pamphlet (it has migration {0}, which this version does not know): \
         install the newer version, or use another database"
    )]
    NewerVersion(i64),
    #[error("the database could not be prepared: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error("{0}")]
    Location(String),
    #[error("the database refused: {0}")]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if dialect::is_passing(&error) {
            return StoreError::Busy(error);
        }
        if dialect::is_unstorable(&error) {
            return StoreError::Unstorable(error);
        }
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => {
                StoreError::Duplicate(inner.message().to_owned())
            }
            sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => {
                StoreError::Missing(inner.message().to_owned())
            }
            _ => StoreError::Database(error),
        }
    }
}

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Now, in the database's measure of time: milliseconds since 1970-01-01 UTC.
pub fn now() -> i64 {
    Utc::now().timestamp_millis()
}

/// The moment of a stored time. A number that no calendar has becomes 1970-01-01.
pub fn moment(milliseconds: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(milliseconds)
        .single()
        .unwrap_or_default()
}

/// A new id for a row that may be stored later, or never: random, and above those that the databases count.
pub fn new_row_id() -> i64 {
    const FIRST: i64 = 1 << 40;
    let mut bits = [0u8; 8];
    // As in `new_uid`.
    aws_lc_rs::rand::fill(&mut bits).expect("the system's random generator works");
    FIRST + (i64::from_be_bytes(bits) & ((1 << 51) - 1))
}

/// A new unguessable identifier: 128 random bits in 32 hexadecimal digits.
///
/// Random and not counted, so that a database restored from a backup never gives one out twice.
pub fn new_uid() -> String {
    let mut bits = [0u8; 16];
    // The system's generator fails only where the process could not have started.
    aws_lc_rs::rand::fill(&mut bits).expect("the system's random generator works");
    bits.iter().map(|byte| format!("{byte:02x}")).collect()
}
