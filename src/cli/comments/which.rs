//! Which comments a command is about: by article, author, host, state and words.

use crate::{
    cli::people,
    content::Host,
    store::{CommentFilter, CommentState, Conn, Person},
};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

/// All that is given must hold.
#[derive(Debug, Args)]
pub struct Which {
    /// Under this article.
    #[arg(long, value_name = "SLUG")]
    article: Option<String>,
    /// By this author: a handle (@user@example.org) or an actor's address (https://...).
    #[arg(long, value_name = "HANDLE|URL")]
    actor: Option<String>,
    /// From this host and its subdomains.
    #[arg(long)]
    host: Option<String>,
    /// Written here without an account.
    #[arg(long)]
    guest: bool,
    /// In this state.
    #[arg(long)]
    state: Option<State>,
    /// With these words in the text, the author's name or handle.
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

impl Which {
    /// What to look for.
    ///
    /// # Errors
    /// If there is no such article or author.
    pub async fn filter(&self, conn: &mut Conn) -> Result<CommentFilter> {
        let article_id = match &self.article {
            None => None,
            Some(slug) => match conn.article_gate_by_slug(slug).await? {
                Some(article) => Some(article.id),
                None => bail!("there is no article with the slug {slug}"),
            },
        };
        let author = match &self.actor {
            None => None,
            Some(text) => Some(Person::Actor(people::actor(conn, text).await?.id)),
        };
        let hosts = match &self.host {
            None => None,
            Some(text) => Some(conn.hosts_below(&Host::parse(text)?.to_string()).await?),
        };
        let words = self.search.as_deref().unwrap_or_default().to_lowercase();
        Ok(CommentFilter {
            article_id,
            author,
            hosts,
            by_guests: self.guest,
            state: self.state.map(State::stored),
            words: words.split_whitespace().map(str::to_owned).collect(),
        })
    }
}

impl State {
    fn stored(self) -> CommentState {
        match self {
            State::Visible => CommentState::Visible,
            State::Held => CommentState::Held,
            State::Unconfirmed => CommentState::Unconfirmed,
            State::Hidden => CommentState::Hidden,
            State::Spam => CommentState::Spam,
            State::Deleted => CommentState::Deleted,
        }
    }
}
