//! Backups: made while the node runs, checked, and restored onto either database; held deliveries.

mod files;
mod hold;
mod refusals;
mod restoration;
mod rows;
