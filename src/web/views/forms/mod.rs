//! Pages with forms: comments of guests, decisions of the admin, servers of readers, and the search.

mod guest;
mod moderate;
mod own_comments;
mod remote_interaction;
mod search;

pub(in crate::web) use guest::{
    Button, CommentForm, FormProblem, MessagePage, Quoted, QuotedText, Ways, WritePage,
};
pub(in crate::web) use moderate::{
    DecisionButton, DecisionNotice, ModeratePage, ModeratedComment, UnsubscribePage,
};
pub(in crate::web) use own_comments::{EditCommentPage, OwnComment, OwnCommentsPage, ReportPage};
pub(in crate::web) use remote_interaction::{CommandLine, CommandsPage, InteractionPage};
pub(in crate::web) use search::{SearchOutcome, SearchPage, SearchResult};
