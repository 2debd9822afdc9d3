//! The arguments of a command that is done by the API.
//!
//! They are read by name, since the structs of the local commands belong to these. An argument that the remote command
//! does not know is refused: an option that is ignored would do something else than the admin meant.

use crate::cli::common::UsageError;
use anyhow::Result;
use clap::{ArgMatches, parser::ValueSource};
use std::{cell::RefCell, collections::BTreeSet};

/// Options that say where a publication is, which a remote command must not be given.
const PLACES: [&str; 8] = [
    "config",
    "public_url",
    "domain",
    "listen",
    "data",
    "database_url",
    "database_direct_url",
    "development",
];

/// The arguments of a command, with a note of those that were read.
pub(super) struct Arguments<'a> {
    matches: &'a ArgMatches,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(matches: &'a ArgMatches) -> Self {
        let read = RefCell::new(BTreeSet::from(["remote".to_owned()]));
        Arguments { matches, read }
    }

    /// Returns the values of an argument.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.note(name);
        let values = self.matches.try_get_raw(name).ok().flatten();
        let values = values.into_iter().flatten();
        values
            .map(|value| value.to_string_lossy().into_owned())
            .collect()
    }

    /// Returns the value of an argument.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.texts(name).pop()
    }

    /// Returns whether a switch is set.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.note(name);
        matches!(self.matches.try_get_one::<bool>(name), Ok(Some(true)))
    }

    /// Returns whether the command has an argument with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.matches.try_contains_id(name).is_ok()
    }

    fn note(&self, name: &str) {
        self.read.borrow_mut().insert(name.to_owned());
    }

    /// Refuses arguments that were given, but not read.
    ///
    /// # Errors
    /// If there is one.
    pub(super) fn finish(&self) -> Result<()> {
        let read = self.read.borrow();
        for id in self.matches.ids() {
            let name = id.as_str();
            let is_given = self.matches.value_source(name) == Some(ValueSource::CommandLine);
            // The names of groups are those of structs.
            let is_group = name.starts_with(char::is_uppercase);
            if !is_given || is_group || read.contains(name) {
                continue;
            }
            let option = name.replace('_', "-");
            let message = if PLACES.contains(&name) {
                format!("--{option} and --remote name two publications: leave one of them out")
            } else {
                format!(
                    "--{option} works on the server's machine only: leave it out, or run the command there"
                )
            };
            return Err(UsageError::new(message).into());
        }
        Ok(())
    }
}
