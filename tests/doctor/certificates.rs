//! The certificate as strangers see it.

use super::Diagnosis;
use crate::support::{Database, TestNode, tls::Authority};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, rustls};

type Chain = (Vec<rustls::pki_types::CertificateDer<'static>>, KeyPair);

fn acceptor((chain, key): Chain) -> TlsAcceptor {
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

fn of(authority: &Authority, host: &str, from: i32, to: i32) -> Chain {
    let (certificate, key) = authority.certificate(host, from, to);
    (vec![certificate.der().clone()], key)
}

/// Returns a certificate that ends in some days.
fn ending_in(authority: &TestAuthority, days: u64) -> Chain {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = (SystemTime::now() + Duration::from_secs(days * 24 * 3600)).into();
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority.root).unwrap();
    (vec![certificate.der().clone()], key)
}

/// An authority with one between it and the certificate.
struct TestAuthority {
    root: CertifiedIssuer<'static, KeyPair>,
    between: CertifiedIssuer<'static, KeyPair>,
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl TestAuthority {
    fn new() -> TestAuthority {
        let key = || KeyPair::generate().unwrap();
        let root = CertifiedIssuer::self_signed(authority_params("Root of tests"), key()).unwrap();
        let params = authority_params("Between of tests");
        let between = CertifiedIssuer::signed_by(params, key(), &root).unwrap();
        TestAuthority { root, between }
    }

    fn certificate(&self, is_complete: bool) -> Chain {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.between).unwrap();
        let mut chain = vec![certificate.der().clone()];
        if is_complete {
            chain.push(self.between.der().clone());
        }
        (chain, key)
    }
}

fn self_signed() -> Chain {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (vec![certificate.der().clone()], key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_of_a_certificate_is_found_as_strangers_see_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let (known, other, chained) = (Authority::new(), Authority::new(), TestAuthority::new());
    let current: Arc<Mutex<TlsAcceptor>> =
        Arc::new(Mutex::new(acceptor(of(&known, "localhost", 2020, 2090))));
    let served = current.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = served.lock().unwrap().clone();
            tokio::spawn(async move { drop(acceptor.accept(stream).await) });
        }
    });
    let node = TestNode::start_behind(Database::Sqlite, &origin, free_port(), &known, "").await;
    let roots = node.folder.path().join("roots.pem");
    std::fs::write(&roots, format!("{}{}", known.pem(), chained.root.pem())).unwrap();
    for (chain, expected) in [
        (of(&known, "localhost", 2020, 2090), None),
        (chained.certificate(true), None),
        (
            of(&known, "elsewhere.example", 2020, 2090),
            Some("tls-wrong-name"),
        ),
        (of(&known, "localhost", 2010, 2020), Some("tls-expired")),
        (
            of(&known, "localhost", 2080, 2090),
            Some("tls-not-yet-valid"),
        ),
        (ending_in(&chained, 5), Some("tls-expires-soon")),
        (chained.certificate(false), Some("tls-incomplete-chain")),
        (self_signed(), Some("tls-self-signed")),
        (
            of(&other, "localhost", 2020, 2090),
            Some("tls-unknown-issuer"),
        ),
    ] {
        *current.lock().unwrap() = acceptor(chain);
        let found = Diagnosis::of(&node, &[]).await;
        let problems = &found.check("tls")["problems"];
        let code = problems
            .as_array()
            .unwrap()
            .first()
            .map(|it| it["code"].as_str().unwrap());
        assert_eq!(code, expected, "{problems}");
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
