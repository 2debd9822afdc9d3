//! `pamphlet fetch` and `pamphlet explain-activity`: they show what others send and serve, and change nothing.

mod explanations;
mod fetches;
