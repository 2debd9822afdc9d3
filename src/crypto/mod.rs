//! Keys, HTTP signatures and integrity proofs: no I/O.

pub mod integrity_proofs;
pub mod keys;
pub mod ld_signatures;
pub mod signatures;
