//! HTTP: pages and feeds for readers, ActivityPub and well-known documents for servers.

mod access;
mod activities;
mod actors;
mod addresses;
mod answer;
mod app;
mod articles;
mod assets;
mod body;
mod collections;
mod connection;
mod features;
mod feed;
mod finished;
mod guests;
mod health;
mod inbox;
mod interaction;
mod links;
mod listener;
pub mod metrics;
mod moderate;
mod notes;
mod pages;
mod picture_copies;
mod pictures;
mod printable;
mod problem;
mod quotes;
mod server;
mod showcase;
mod unsubscribe;
mod well_known;

pub use app::App;
pub use listener::{bind, serve};
pub use server::router;
