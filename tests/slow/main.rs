//! Tests with foreign software, with real browsers, and with long faults and attacks, started by tests/slow.sh.

mod acme;
mod attack;
mod backups;
mod browser;
mod buckets;
mod exporting;
mod faults;
mod foreign;
mod foreign_activities;
mod foreign_quotes_and_moves;
mod front_ends;
mod hostile_pages;
mod hostile_parameters;
mod machines;
mod memory;
mod programs;
mod scaling;
mod shared_bucket;
mod shells;
mod site;
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros)] // each test binary needs its own part of it
mod support;
mod wordpress;
