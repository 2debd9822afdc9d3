//! Posts that are to be fetched: missing ancestors, replies on other servers, and rechecks of what may be gone.

mod crawls;
mod lookups;
mod queue;
mod rechecks;

pub use crawls::Crawl;
pub use lookups::{LookupLimits, LookupPriority, NewLookup, QueueOutcome};
pub use queue::{BusyLookups, Lookup};
pub use rechecks::{NewRecheck, Recheck};
