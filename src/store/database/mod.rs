//! The connection to SQLite or PostgreSQL: opening, transactions, errors, and what every statement needs.
//!
//! This folder knows no table of a subject. All other folders of the store build on it.

mod conn;
mod dialect;
mod error;
mod health;
mod open;
mod postgres;
mod settings;
mod spellings;
mod statements;
mod text_enum;
mod values;
mod writer;

pub use conn::{Conn, Tx};
pub(in crate::store) use conn::{Raw, on};
pub(in crate::store) use dialect::claim_due;
pub use error::{Result, StoreError};
pub(in crate::store) use open::Db;
pub use open::Store;
pub(in crate::store) use postgres::{DirectServer, PgSession, is_alive};
pub(in crate::store) use spellings::is_id;
pub(in crate::store) use statements::{
    execute, fetch_all, fetch_one, fetch_optional, fetch_optional_scalar, fetch_scalar,
    fetch_scalars, run,
};
pub(in crate::store) use text_enum::text_enum;
pub(in crate::store) use values::to_json;
pub use values::{moment, new_row_id, new_uid, now};
