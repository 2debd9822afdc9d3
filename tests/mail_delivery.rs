//! Mails on their way: accepted by a real server, deferred, refused, sent again.

use crate::support::{Database, TestNode, both_databases, eventually, node::pamphlet, smtp};
use pamphlet::store::Mail;
use rstest_reuse::apply;
use serde_json::Value;

async fn queue(node: &TestNode, to: &str, subject: &str, unsubscribe: Option<&str>) {
    let mail = Mail {
        to: to.to_owned(),
        subject: subject.to_owned(),
        text: "Gr\u{fc}\u{df}e,\n.\nund mehr\u{7}\n".to_owned(),
        unsubscribe: unsubscribe.map(str::to_owned),
    };
    let mut tx = node.node.store.begin().await.unwrap();
    tx.add_mail(&mail).await.unwrap();
    tx.commit().await.unwrap();
    node.node.store.wake();
}

/// Waits until this many messages were given up, and this many others were deferred.
async fn wait_for_failures(node: &TestNode, given_up: i64, deferred: i64) {
    let count = |state: &str| {
        format!(
            "(SELECT COUNT(*) FROM messages WHERE error IS NOT NULL AND next_attempt_at {state})"
        )
    };
    let query = format!(
        "SELECT 10 * {} + {}",
        count("IS NULL"),
        count("IS NOT NULL")
    );
    eventually("messages fail", || async {
        (node.number(&query).await == Some(10 * given_up + deferred)).then_some(())
    })
    .await;
}

#[apply(both_databases)]
async fn a_mail_arrives_whole_and_with_nothing_injected(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    let plain = smtp::new_address("ann");
    queue(
        &node,
        &format!("\u{c4}nn \"X\", Bcc: evil@mail.test <{plain}>"),
        "Neue Antwort \u{2014} \u{fc}\r\nBcc: evil@mail.test\r\n\r\nbuy",
        Some("http://localhost/u/1\r\nX: y"),
    )
    .await;
    let mails = smtp::wait_for(&node, &plain, 1).await;
    let mail = &mails[0];
    assert_eq!(
        smtp::header(mail, "subject"),
        "Neue Antwort \u{2014} \u{fc} Bcc: evil@mail.test buy"
    );
    assert!(
        smtp::header(mail, "from").contains("t\u{e4}glich"),
        "{mail}"
    );
    assert_eq!(mail["from"], "blog@mail.test");
    assert_eq!(mail["to"], serde_json::json!([plain]));
    assert_eq!(
        (smtp::header(mail, "bcc"), smtp::header(mail, "x")),
        ("", "")
    );
    assert_eq!(
        smtp::text(mail).replace("\r\n", "\n").trim_end(),
        "Gr\u{fc}\u{df}e,\n.\nund mehr"
    );
    assert_eq!(smtp::header(mail, "auto-submitted"), "auto-generated");
    assert_eq!(
        smtp::header(mail, "list-unsubscribe-post"),
        "List-Unsubscribe=One-Click"
    );
    let unsubscribe = smtp::header(mail, "list-unsubscribe");
    assert!(
        unsubscribe.starts_with("<http://localhost/u/1") && unsubscribe.ends_with('>'),
        "{unsubscribe}"
    );
    assert!(
        smtp::header(mail, "message-id").ends_with("@localhost>")
            && !smtp::header(mail, "date").is_empty()
    );
    assert!(smtp::mails_to("evil@mail.test").is_empty());
}

#[apply(both_databases)]
async fn a_recipient_with_a_command_in_it_gets_no_mail(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    let plain = smtp::new_address("ann");
    let injected = format!("{plain}\r\nRCPT TO:<evil@mail.test>");
    queue(&node, &injected, "Injected", None).await;
    wait_for_failures(&node, 1, 0).await;
    for address in [plain.as_str(), "evil@mail.test"] {
        assert!(smtp::mails_to(address).is_empty(), "{address}");
    }
}

/// Returns the entry of a recipient in `mail list`.
async fn listed(node: &TestNode, recipient: &str) -> Value {
    let list = node.admin_json(&["mail", "list"]).await;
    let mut rows = list.as_array().unwrap().iter();
    let row = rows.find(|row| row["recipient"] == recipient);
    row.unwrap().clone()
}

#[apply(both_databases)]
async fn a_mail_that_is_refused_for_good_is_kept_with_the_reason(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    let nobody = smtp::new_address("nobody");
    queue(&node, &nobody, "Nobody", None).await;
    wait_for_failures(&node, 1, 0).await;
    let refused = listed(&node, &nobody).await;
    assert!(
        refused["error"].as_str().unwrap().contains("550"),
        "{refused}"
    );
    assert_eq!(
        (&refused["attempts"], &refused["next_attempt"]),
        (&1.into(), &Value::Null)
    );
    let retried = node.admin(&["mail", "retry", "--all"]).await;
    assert!(retried.contains('1'), "{retried}");
    wait_for_failures(&node, 1, 0).await;
}

#[apply(both_databases)]
async fn a_deferred_mail_is_sent_again(#[case] database: Database) {
    let node = TestNode::start_with(database, &smtp::table()).await;
    let later = smtp::new_address("later");
    queue(&node, &later, "Later", None).await;
    wait_for_failures(&node, 0, 1).await;
    let waits = listed(&node, &later).await;
    assert!(
        waits["error"].as_str().unwrap().contains("451") && !waits["next_attempt"].is_null(),
        "{waits}"
    );
    assert!(smtp::mails_to(&later).is_empty());
    node.sql("UPDATE messages SET next_attempt_at = 1 WHERE next_attempt_at IS NOT NULL")
        .await;
    let mails = smtp::wait_for(&node, &later, 1).await;
    assert!(smtp::header(&mails[0], "message-id").contains(waits["uid"].as_str().unwrap()));
}

#[apply(both_databases)]
async fn the_command_prints_the_response_of_the_server(#[case] database: Database) {
    let node = &TestNode::start_with(database, &smtp::table()).await;
    let (good, nobody) = (smtp::new_address("test"), smtp::new_address("nobody"));
    let printed = node.admin(&["mail", "test", &good]).await;
    assert!(printed.contains("250 OK: taken"), "{printed}");
    assert_eq!(smtp::wait_for(node, &good, 1).await.len(), 1);
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let there = std::fs::read_to_string(&node.config_file).unwrap();
    let elsewhere =
        |server: &str| there.replace(&format!("smtp://{}", smtp::server().address), server);
    let cases = [
        (there.clone(), nobody.as_str(), "550"),
        (there.clone(), "nobody", "is not an email address"),
        (
            elsewhere(&format!("smtp://{free}")),
            good.as_str(),
            "cannot reach the mail server",
        ),
        (
            there.replace("server = \"smtp", "#"),
            good.as_str(),
            "[mail]",
        ),
    ];
    for (text, address, expected) in cases {
        fails_with(node, &text, &["mail", "test", address], expected);
    }
    // A node does not start with a configuration that it can't apply.
    let wrong = elsewhere("http://mail.test");
    fails_with(node, &wrong, &["worker"], "mail.server");
}

fn fails_with(node: &TestNode, configuration: &str, arguments: &[&str], expected: &str) {
    let file = node.file("other.toml", configuration);
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    let output = pamphlet(file.as_ref(), node.folder.path(), &arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && error.contains(expected),
        "{expected}: {error}"
    );
    assert_eq!(error.trim().lines().count(), 1, "{error}");
}
