//! The behaviour of a node, seen from the outside: one module for each behaviour.

mod support;

mod article_forms;
mod authorized_fetch;
mod blocks;
mod captured_documents;
mod collections;
mod commands;
mod delivery;
mod discovery;
mod documents;
mod follow_requests;
mod foreign;
mod handles;
mod hostile_text;
mod inbox_activities;
mod inbox_actors;
mod inbox_authority;
mod inbox_costs;
mod inbox_key_servers;
mod inbox_keys;
mod inbox_properties;
mod inbox_replies;
mod inbox_shapes;
mod inbox_signatures;
mod inbox_variations;
mod key_rotation;
mod moderation;
mod process;
mod publishing;
mod quotes;
mod sender_shapes;
mod senders;
mod shared_database;
mod site_profile;
mod speaking;
