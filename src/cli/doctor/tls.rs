//! The certificate, as a stranger sees it: name, dates, and a chain that leads to a known authority.

use super::{addresses::addresses_of, mends::Fault, report::Check, site::Site};
use rustls_platform_verifier::Verifier;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// The time for a handshake.
const PATIENCE: Duration = Duration::from_secs(8);
/// The number of days before its end at which a certificate should have been renewed.
const RENEWAL: i64 = 14;
const DAY: i64 = 24 * 60 * 60;

pub(super) async fn tls(site: &Site) -> Check {
    if !site.is_https() {
        return Check::skipped("tls", "public_url does not begin with https://");
    }
    let host = site.host();
    let mut check = Check::new(
        "tls",
        format!("Strangers accept the certificate of {host}."),
    );
    let chain = match handshake(site).await {
        Ok(chain) => chain,
        Err(reason) => {
            let mend = "let the web server serve HTTPS on the port of public_url, or use [tls] of the configuration";
            check.find("tls-failed", format!("{host}: {reason}"), mend);
            return check.or(|_| format!("No TLS connection to {host} can be made."));
        }
    };
    examine(site, &chain, &mut check);
    check.or(|_| format!("Strangers do not accept the certificate of {host}, or soon will not."))
}

/// Connects without verifying anything. Returns the certificates, the server's own first.
async fn handshake(site: &Site) -> Result<Vec<CertificateDer<'static>>, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let recorder = Arc::new(Recorder {
        chain: Mutex::default(),
        provider: provider.clone(),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(recorder.clone())
        .with_no_client_auth();
    let name = ServerName::try_from(site.host().to_owned()).map_err(|error| error.to_string())?;
    let addresses = addresses_of(site.host(), true).await?;
    let mut failure = "it has no address".to_owned();
    for address in addresses {
        let connect = async {
            let stream = TcpStream::connect(SocketAddr::new(address, site.port())).await?;
            TlsConnector::from(Arc::new(config.clone()))
                .connect(name.clone(), stream)
                .await
        };
        match timeout(PATIENCE, connect).await {
            Ok(Ok(_)) => {
                return Ok(recorder
                    .chain
                    .lock()
                    .map(|it| it.clone())
                    .unwrap_or_default());
            }
            Ok(Err(error)) => failure = error.to_string(),
            Err(_) => failure = "the handshake took too long".into(),
        }
    }
    Err(failure)
}

fn examine(site: &Site, chain: &[CertificateDer<'static>], check: &mut Check) {
    let host = site.host();
    let Some((own, above)) = chain.split_first() else {
        let mend = site.mend(Fault::Chain);
        check.find("tls-failed", format!("{host} sends no certificate"), mend);
        return;
    };
    let Ok((_, certificate)) = X509Certificate::from_der(own) else {
        let mend = "install a certificate that can be read";
        check.find(
            "tls-failed",
            format!("the certificate of {host} can't be read"),
            mend,
        );
        return;
    };
    let ends = certificate.validity().not_after.timestamp();
    let days = (ends - UnixTime::now().as_secs().cast_signed()).div_euclid(DAY);
    match verify(site, own, above) {
        Ok(()) if days < RENEWAL => {
            let mend = renewal(site);
            check.find(
                "tls-expires-soon",
                format!("the certificate of {host} ends in {days} days"),
                mend,
            );
        }
        Ok(()) => {}
        Err(error) => add_finding(site, &certificate, above.len(), days, &error, check),
    }
}

fn verify(
    site: &Site,
    own: &CertificateDer<'static>,
    above: &[CertificateDer<'static>],
) -> Result<(), Error> {
    let extra = site.config.extra_roots.as_ref().map(|path| {
        let read = CertificateDer::pem_file_iter(path);
        read.map(|certificates| certificates.filter_map(Result::ok).collect::<Vec<_>>())
    });
    let extra = extra.and_then(Result::ok).unwrap_or_default();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider)?;
    let name = ServerName::try_from(site.host().to_owned())
        .map_err(|error| Error::General(error.to_string()))?;
    verifier
        .verify_server_cert(own, above, &name, &[], UnixTime::now())
        .map(drop)
}

fn add_finding(
    site: &Site,
    certificate: &X509Certificate<'_>,
    above: usize,
    days: i64,
    error: &Error,
    check: &mut Check,
) {
    let host = site.host();
    let is_self_signed = certificate.issuer() == certificate.subject();
    let Error::InvalidCertificate(fault) = error else {
        check.find(
            "tls-failed",
            format!("{host}: {error}"),
            "see docs/installing.md, section HTTPS",
        );
        return;
    };
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            let what = format!("the certificate of {host} ended {} days ago", -days);
            check.find("tls-expired", what, renewal(site));
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            let what = format!("the certificate of {host} is not valid yet");
            check.find(
                "tls-not-yet-valid",
                what,
                "set the clocks of both machines: timedatectl set-ntp true",
            );
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let what = format!(
                "the certificate is for {}, not for {host}",
                names_of(certificate)
            );
            let mend = format!("obtain a certificate for {host}: certbot -d {host}");
            check.find("tls-wrong-name", what, mend);
        }
        _ if is_self_signed => {
            let what = format!("the certificate of {host} is self-signed");
            let mend = format!(
                "obtain a certificate from Let's Encrypt: certbot -d {host}, or [tls] acme = true"
            );
            check.find("tls-self-signed", what, mend);
        }
        CertificateError::UnknownIssuer if above == 0 => {
            let what = format!(
                "{host} sends only its own certificate, without that of {}",
                certificate.issuer()
            );
            check.find("tls-incomplete-chain", what, site.mend(Fault::Chain));
        }
        other => {
            let what = format!(
                "{host}: the certificate by {} is refused: {other}",
                certificate.issuer()
            );
            check.find(
                "tls-unknown-issuer",
                what,
                "obtain a certificate from an authority that servers know, such as Let's Encrypt",
            );
        }
    }
}

fn renewal(site: &Site) -> String {
    if site.config.tls.acme {
        "look into the log of `pamphlet serve` for why it could not be renewed; port 443 must be reachable".into()
    } else {
        "renew it and reload the web server: certbot renew && systemctl reload nginx".into()
    }
}

fn names_of(certificate: &X509Certificate<'_>) -> String {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|names| {
        names
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(*name),
                _ => None,
            })
            .take(5)
            .collect::<Vec<_>>()
            .join(", ")
    });
    names
        .filter(|names| !names.is_empty())
        .unwrap_or_else(|| "no name".into())
}

/// Accepts every certificate, and keeps it.
#[derive(Debug)]
struct Recorder {
    chain: Mutex<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Ok(mut chain) = self.chain.lock() {
            let all = std::iter::once(own).chain(above);
            *chain = all
                .map(|certificate| certificate.clone().into_owned())
                .collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
