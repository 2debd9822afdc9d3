//! Comments without an account: the form and its preview, what it refuses, and confirmed email addresses,
//! the guest's own comments, and reports.

mod abuse;
mod confirmation;
mod form;
mod own;
mod reports;

use crate::support::TestNode;

const MAIL: &str = "reader@mail.example";

/// Returns the state and the reason of each comment, the oldest first.
async fn states(node: &TestNode) -> Vec<String> {
    let states = "SELECT state || ': ' || COALESCE(reason, '') FROM comments ORDER BY id";
    node.texts(states).await
}

/// Returns everything that the public can read of an article.
async fn public(node: &TestNode, article: &str, id: &str) -> String {
    let mut all = String::new();
    for target in [article, "/", "/feed.atom", "/users/blog", "/nodeinfo/2.1"] {
        all += &node.page(target).await.text;
    }
    for path in ["", "/replies?page=first", "/context?page=first"] {
        all += &node.document(&format!("{id}{path}")).await.text;
    }
    all
}
