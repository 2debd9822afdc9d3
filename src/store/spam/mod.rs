//! What the spam score is computed from: filters, learned words, facts about authors, and the spam service.

mod author_facts;
mod filters;
mod learned_words;
mod service;

pub use author_facts::{Allowed, AuthorAndText, AuthorFacts, SpamRulesVersion};
pub use filters::{Filter, FilterAction, FilterKind};
pub use learned_words::{LearnedWord, SpamLabel};
pub use service::{SpamCheckState, SpamCheckTask};
