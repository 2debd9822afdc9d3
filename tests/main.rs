//! The behaviour of a node, seen from the outside: one module for each behaviour.

mod support;

mod publishing;
