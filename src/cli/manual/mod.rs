//! Describes the commands themselves: help in groups, suggestions, completions, manual pages and docs/cli.md.

mod completions;
mod document;
mod examples;
mod groups;
mod live_values;
mod man;
mod suggestions;
#[cfg(test)]
mod tests;

pub(super) use completions::{Completions, complete_if_asked};
pub(super) use groups::arrange;
pub(super) use man::Man;
pub(super) use suggestions::improve;
