//! Selects comments by article, author, host, state and words.

use crate::{
    cli::common::lookup,
    store::{CommentFilter, CommentState, Commenter, Conn},
};
use anyhow::Result;
use clap::{Args, ValueEnum};

/// The comments that a command is about. All given conditions must hold.
#[derive(Debug, Args)]
pub(crate) struct CommentSelector {
    /// Only comments on this article.
    #[arg(long, value_name = "SLUG")]
    article: Option<String>,
    /// Only comments by this author: a handle (@user@example.org) or an actor URL (https://...).
    #[arg(long, value_name = "HANDLE|URL")]
    actor: Option<String>,
    /// Only comments from this host and its subdomains.
    #[arg(long)]
    host: Option<String>,
    /// Only comments by guests without an account.
    #[arg(long)]
    guest: bool,
    /// Only comments in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only comments with these words in the text, the author's name or handle.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Visible,
    Held,
    Unconfirmed,
    Hidden,
    Spam,
    Deleted,
}

impl CommentSelector {
    /// Returns the filter for the database.
    ///
    /// # Errors
    /// If the article or the author is unknown.
    pub(crate) async fn filter(&self, conn: &mut Conn) -> Result<CommentFilter> {
        let author = lookup::actor_id(conn, self.actor.as_deref()).await?;
        let words = self.search.as_deref().unwrap_or_default().to_lowercase();
        Ok(CommentFilter {
            article_id: lookup::article_id(conn, self.article.as_deref()).await?,
            author: author.map(Commenter::Actor),
            hosts: lookup::hosts(conn, self.host.as_deref()).await?,
            by_guests: self.guest,
            state: self.state.map(CommentState::from),
            words: words.split_whitespace().map(str::to_owned).collect(),
        })
    }
}

impl From<State> for CommentState {
    fn from(state: State) -> Self {
        match state {
            State::Visible => CommentState::Visible,
            State::Held => CommentState::Held,
            State::Unconfirmed => CommentState::Unconfirmed,
            State::Hidden => CommentState::Hidden,
            State::Spam => CommentState::Spam,
            State::Deleted => CommentState::Deleted,
        }
    }
}
