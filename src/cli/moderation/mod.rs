//! Commands about blocks, filters, reactions and notices, and the log of decisions.

mod allow;
mod block;
mod filter;
mod log;
mod notices;
mod reactions;

pub(super) use allow::Allow;
pub(super) use block::Block;
pub(super) use filter::Filter;
pub(super) use log::Log;
pub(super) use notices::Notices;
pub(super) use reactions::Reactions;
