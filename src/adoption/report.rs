//! The result of a takeover.

use super::export::Export;
use serde::Serialize;

/// The maximum number of examples of a warning.
const EXAMPLES: usize = 10;

/// The things that were taken over.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Adoption {
    pub(crate) site: String,
    /// The other program with its version.
    pub(crate) program: String,
    pub(crate) actors: Vec<AdoptedActor>,
    /// Followers that are new here.
    pub(crate) followers: u64,
    /// Followers that were here already.
    pub(crate) known_followers: u64,
    /// Posts that keep their ids.
    pub(crate) objects: u64,
    pub(crate) warnings: Vec<String>,
    /// Followers and posts that could not be taken over: the number of each reason, with a few examples.
    pub(crate) skipped: Vec<Skipped>,
}

/// An actor that was taken over.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AdoptedActor {
    /// The handle, `@user@host`.
    pub(crate) handle: String,
    /// The id, as other servers know it.
    pub(crate) id: String,
    /// The user name here.
    pub(crate) username: String,
    /// Whether the old key signs from now on. Otherwise a new one does.
    pub(crate) keeps_key: bool,
}

/// Things that were left out for one reason.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Skipped {
    pub(crate) reason: String,
    pub(crate) count: u64,
    pub(crate) examples: Vec<String>,
}

impl Adoption {
    pub(super) fn of(export: &Export) -> Self {
        Adoption {
            site: export.site.to_string(),
            program: export.program.clone(),
            ..Adoption::default()
        }
    }

    pub(super) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Counts what is left out, and keeps the first few as examples.
    pub(super) fn skip(&mut self, reason: &str, example: &str) {
        let known = self.skipped.iter_mut().find(|known| known.reason == reason);
        if let Some(known) = known {
            known.count += 1;
            if known.examples.len() < EXAMPLES {
                known.examples.push(example.to_owned());
            }
        } else {
            self.skipped.push(Skipped {
                reason: reason.to_owned(),
                count: 1,
                examples: vec![example.to_owned()],
            });
        }
    }
}
