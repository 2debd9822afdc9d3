//! How the node connects to PostgreSQL.

use crate::support::{eventually, postgres::Cluster, sql};
use pamphlet::store::Store;
use rcgen::{CertificateParams, KeyPair};

const ENCRYPTED: &str = "SELECT COUNT(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
    WHERE ssl AND application_name = 'pamphlet'";

/// Has a server offer encryption, as Debian's package does.
async fn offer_encryption(url: &str) {
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap();
    let certificate = certificate.self_signed(&key).unwrap().pem();
    for (name, pem) in [
        ("server.crt", certificate),
        ("server.key", key.serialize_pem()),
    ] {
        // The server's user must own its key.
        let lines = format!("string_to_array('{}', E'\\n')", pem.trim());
        let write = format!("COPY (SELECT unnest({lines})) TO PROGRAM 'umask 077; cat > {name}'");
        sql::run(url, &write).await;
    }
    sql::run(url, "ALTER SYSTEM SET ssl = on").await;
    sql::run(url, "SELECT pg_reload_conf()").await;
    eventually("the server offers encryption", || async {
        (sql::texts(url, "SHOW ssl").await == ["on"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_encrypted_on_one_machine_only_if_that_is_asked_for() {
    let cluster = Cluster::start().await;
    let url = cluster.new_database().await;
    offer_encryption(&url).await;
    for (parameter, expected) in [
        ("", false),
        ("?sslmode=prefer", false),
        ("?sslmode=require", true),
    ] {
        let store = Store::open(format!("{url}{parameter}").as_str())
            .await
            .unwrap();
        let reading = store.read().await.unwrap();
        let encrypted = sql::number(&url, ENCRYPTED).await.unwrap();
        assert_eq!(encrypted > 0, expected, "{parameter:?}");
        drop(reading);
        store.close().await;
    }
    cluster.remove().await;
}
