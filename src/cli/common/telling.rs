//! The choice whether followers are told of articles with old dates.

use super::{
    confirm::{ask_line, can_ask},
    exit::UsageError,
    output,
};
use crate::publishing::{Announcement, is_old};
use anyhow::{Result, bail};
use clap::Args;

/// Whether followers are told of what is published. Articles older than a day need a decision, because a migration of
/// 500 old articles would otherwise flood them.
#[derive(Debug, Default, Clone, Copy, Args)]
pub(crate) struct Telling {
    /// Tell followers even of articles that are older than a day.
    #[arg(long)]
    tell: bool,
    /// Publish without telling anybody: the article is on the pages and in the feeds only.
    #[arg(long, conflicts_with = "tell")]
    silent: bool,
}

/// The decision for each article by its date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision {
    old: Announcement,
    new: Announcement,
}

impl Decision {
    /// Returns the decision for an article with this date.
    pub(crate) fn of(self, published_at: i64) -> Announcement {
        if is_old(published_at) {
            self.old
        } else {
            self.new
        }
    }
}

impl Telling {
    /// Returns the options as they were read by their names.
    pub(crate) fn given(tell: bool, silent: bool) -> Telling {
        Telling { tell, silent }
    }

    /// Returns whether nobody is to be told.
    pub(crate) fn is_silent(self) -> bool {
        self.silent
    }

    /// Decides for articles with these dates. Asks at a terminal if some are old and no option decides.
    ///
    /// # Errors
    /// If nobody can be asked, or they cancel. Then nothing must be published.
    pub(crate) fn decide(&self, dates: &[i64]) -> Result<Decision> {
        let both = |decision| Decision {
            old: decision,
            new: decision,
        };
        if self.tell {
            return Ok(both(Announcement::Tell));
        }
        if self.silent {
            return Ok(both(Announcement::Silent));
        }
        let old: Vec<i64> = dates.iter().copied().filter(|date| is_old(*date)).collect();
        let Some(oldest) = old.iter().min() else {
            return Ok(both(Announcement::Tell));
        };
        let described = described(old.len(), *oldest);
        if !can_ask() {
            return Err(UsageError::new(format!(
                "{described}: add --tell to tell followers of {} all the same, or --silent to publish without telling \
                 anybody",
                if old.len() == 1 { "it" } else { "them" }
            ))
            .into());
        }
        Ok(Decision {
            old: ask(&described)?,
            new: Announcement::Tell,
        })
    }
}

fn described(count: usize, oldest: i64) -> String {
    let date = output::time(oldest);
    match count {
        1 => format!("the article's date, {date}, is more than a day ago"),
        count => format!("{count} articles are more than a day old, the oldest of {date}"),
    }
}

fn ask(described: &str) -> Result<Announcement> {
    loop {
        let question = format!(
            "pamphlet: {described}.\nTell followers [t], publish silently [s], or cancel [c]? "
        );
        let answer = ask_line(&question)?.unwrap_or_default().to_lowercase();
        match answer.as_str() {
            "t" | "tell" => return Ok(Announcement::Tell),
            "s" | "silent" | "silently" => return Ok(Announcement::Silent),
            "" | "c" | "cancel" => bail!("nothing was published"),
            _ => {}
        }
    }
}
