//! A publication ends, or changes its domain: other servers learn of it.

mod closing;
mod domain;
