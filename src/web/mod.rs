//! HTTP: pages and feeds for readers, ActivityPub and well-known documents for servers.
//!
//! The folders from the ground up: `templates` and `look`, `views`, `response`, `page_cache`, `media_proxy` and `artwork`,
//! `app`, `texts`, `request`, `middleware`, `comments` and `activitypub`, `pages`, `machines`, `guests`, `moderation` and
//! `files`, `api`, `micropub`.
//! The files beside them serve the routes.

mod activitypub;
mod api;
mod app;
mod artwork;
mod comments;
mod connection;
mod files;
mod guests;
mod health;
mod in_process;
mod listener;
mod look;
mod machines;
mod media_proxy;
pub(crate) mod metrics;
mod micropub;
mod middleware;
mod moderation;
mod page_cache;
mod pages;
pub(crate) mod preview;
mod request;
mod response;
mod server;
mod templates;
mod texts;
mod tls;
mod views;

pub use app::App;
pub(crate) use in_process::InProcess;
pub use listener::{bind, redirect_to_https, serve, serve_over};
pub(crate) use look::check as check_look;
pub use tls::{Tls, TlsError};
