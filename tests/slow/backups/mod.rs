//! Backups: refused if they are not whole, restored onto either database, large, and read by other programs.

mod gigabyte;
mod refusals;
mod restoration;
mod rows;
