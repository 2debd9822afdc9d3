//! A publication ends: other servers learn of it, and every address says so.

mod closing;
