//! The reasons for which an export can't be taken over.

use crate::{node::NodeError, store::StoreError};
use std::{io, path::PathBuf};

/// An error that ends a takeover.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdoptionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Node(#[from] NodeError),
    #[error("{0} can't be read: {1}")]
    Unreadable(PathBuf, io::Error),
    #[error(
        "{0} is not an export of actors: its first line must be the one that the programs in config/export/ write. \
         docs/adopting.md says how to make an export"
    )]
    NotAnExport(PathBuf),
    #[error(
        "the export is of version {0}, which this version of Pamphlet does not know: upgrade Pamphlet"
    )]
    Newer(u64),
    #[error("the export is from {0}, not from {1}: use pamphlet import {0}")]
    OtherSoftware(String, &'static str),
    #[error("the export has no last line, so it was cut off: make it again")]
    CutOff,
    #[error("line {0} of the export can't be read: {1}. Make the export again")]
    Line(u64, String),
    #[error("the export names no actor that other servers know: there is nothing to take over")]
    NoActor,
    #[error(
        "the export is of {theirs}, but this publication is at {ours}: ids can only be taken over under the same \
         address. Set public_url = \"{theirs}\" and domain = \"{domain}\" in the configuration, before the first start"
    )]
    OtherHost {
        ours: String,
        theirs: String,
        domain: String,
    },
    #[error(
        "the handles of the export end in @{theirs}, but this publication's end in @{ours}: set domain = \"{theirs}\" in \
         the configuration, before the first start"
    )]
    OtherDomain { ours: String, theirs: String },
    #[error("the private key of {0} can't be used: {1}")]
    Key(String, String),
    #[error("the export has several blogs ({0}): choose one with --site-actor HANDLE")]
    SeveralBlogs(String),
    #[error("the export has no actor {0:?}: it has {1}")]
    NoSuchActor(String, String),
    #[error(
        "{first} and {second} would both be {handle}: rename one of them in the other software and export again, set \
         another site.username in the configuration before the first start, or choose with --site-actor which actor \
         becomes the publication's"
    )]
    SameHandle {
        handle: String,
        first: String,
        second: String,
    },
    #[error(
        "{0} became {1} in an earlier run, and can't become another actor now: choose the same --site-actor as then"
    )]
    AdoptedBefore(String, String),
    #[error("{0} is not an actor of this export's site: line {1}")]
    Foreign(String, u64),
    #[error("the followers in {0} can't be read: {1}")]
    FollowerList(PathBuf, String),
    #[error(
        "a node is running on this database and would go on signing with the keys that it has: stop pamphlet serve and \
         pamphlet worker first"
    )]
    Running,
}
