//! A publication that other software served before keeps its ids, addresses, keys and handles.

mod addresses;
mod takeover;
