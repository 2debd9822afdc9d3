//! The behaviour of a node, seen from the outside: one module for each behaviour.

mod support;

mod article_forms;
mod collections;
mod commands;
mod delivery;
mod discovery;
mod documents;
mod foreign;
mod process;
mod publishing;
mod shared_database;
