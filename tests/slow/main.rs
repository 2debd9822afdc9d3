//! Runs of real foreign software and other long ones, started by tests/slow.sh.

mod front_ends;
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)] // each test binary needs its own part of it
mod support;
