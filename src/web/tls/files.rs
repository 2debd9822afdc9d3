//! A certificate in files, which are read again when they change, as after a renewal.

use super::{TlsError, provider};
use crate::base::wait;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio_rustls::rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(30);

/// The certificate and its key.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Nothing can panic while it holds the lock.
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

/// Reads the files, and reads them again until `stop`. Files that can't be used later leave the certificate as it is.
pub(super) fn watch(
    certificate: &Path,
    key: &Path,
    stop: &CancellationToken,
) -> Result<Arc<dyn ResolvesServerCert>, TlsError> {
    let mut times = times(certificate, key);
    let current = Arc::new(Current(RwLock::new(Arc::new(read(certificate, key)?))));
    let (watched, stop) = (current.clone(), stop.clone());
    let (certificate, key) = (certificate.to_owned(), key.to_owned());
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            wait::sleep(INTERVAL, &stop).await;
            let now = self::times(&certificate, &key);
            if now == times {
                continue;
            }
            match read(&certificate, &key) {
                Ok(read) => {
                    times = now;
                    *watched.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
                    tracing::info!("a new TLS certificate is in use");
                }
                Err(error) => tracing::error!(%error, "the old TLS certificate stays in use"),
            }
        }
    });
    Ok(current)
}

/// Returns the times at which the files were changed.
fn times(certificate: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [certificate, key].map(|path| path.metadata().ok()?.modified().ok())
}

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, TlsError> {
    let unreadable = |path: &Path| {
        let path: PathBuf = path.to_owned();
        move |error: tokio_rustls::rustls::pki_types::pem::Error| {
            TlsError::Unreadable(path, error.to_string())
        }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(certificate))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?;
    CertifiedKey::from_der(chain, private, &provider())
        .map_err(|error| TlsError::Unusable(certificate.to_owned(), key.to_owned(), error))
}
