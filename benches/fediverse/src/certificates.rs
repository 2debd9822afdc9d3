//! A certificate authority of our own, and a certificate for each host, issued when a client first names it.

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::sign::any_ecdsa_type,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::{CertifiedKey, SigningKey},
};
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// Makes a certificate authority in a folder, unless there is one.
pub(crate) fn make_authority(folder: &Path) -> anyhow::Result<()> {
    if folder.join(CERTIFICATE).exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "Authority of a fediverse on loopback");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key)?;
    fs::write(folder.join(KEY), key.serialize_pem())?;
    fs::write(folder.join(CERTIFICATE), certificate.pem())?;
    Ok(())
}

/// Returns a configuration that speaks HTTP/2 and HTTP/1.1, for all hosts below `domain`.
pub(crate) fn server_config(folder: &Path, domain: &str) -> anyhow::Result<Arc<ServerConfig>> {
    let certificates = HostCertificates::open(folder, domain)?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Certificates by name. All of them have the same key.
#[derive(Debug)]
struct HostCertificates {
    issuer: Issuer<'static, KeyPair>,
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    suffix: String,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl HostCertificates {
    fn open(folder: &Path, domain: &str) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let file = folder.join(name);
            fs::read_to_string(&file).with_context(|| file.display().to_string())
        };
        let authority_key = KeyPair::from_pem(&read(KEY)?)?;
        let key = KeyPair::generate()?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Self {
            issuer: Issuer::from_ca_cert_pem(&read(CERTIFICATE)?, authority_key)?,
            signing_key: any_ecdsa_type(&der)?,
            key,
            suffix: format!(".{domain}"),
            issued: Mutex::default(),
        })
    }

    fn issue(&self, name: &str) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.key, &self.issuer)?;
        let chain = vec![certificate.der().clone()];
        Ok(Arc::new(CertifiedKey::new(chain, self.signing_key.clone())))
    }
}

impl ResolvesServerCert for HostCertificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello
            .server_name()
            .filter(|name| name.ends_with(&self.suffix))?;
        let mut issued = self.issued.lock().expect("no thread panicked");
        if let Some(certificate) = issued.get(name) {
            return Some(certificate.clone());
        }
        let certificate = self.issue(name).ok()?;
        issued.insert(name.to_owned(), certificate.clone());
        Some(certificate)
    }
}
