//! Backups: private files, and deliveries that are held after a restoration. tests/slow/backups/ restores them.

mod files;
mod hold;
