//! Certificates from an authority by ACME (RFC 8555), with the challenge of RFC 8737. They are obtained and renewed in the
//! background, and kept in the data folder, so that a restart asks for no other.

use super::{TlsError, provider};
use crate::{base::private_files, config::Config};
use futures_util::StreamExt;
use rustls_acme::{AcmeConfig, EventOk, caches::DirCache};
use rustls_platform_verifier::Verifier;
use std::{path::Path, sync::Arc};
use tokio_rustls::rustls::{
    ClientConfig, ServerConfig,
    pki_types::{CertificateDer, pem::PemObject},
    server::ResolvesServerCert,
};
use tokio_util::sync::CancellationToken;

/// The folder in the data folder.
const FOLDER: &str = "acme";

/// Returns the certificate that will be there, and the configuration for the authority's checks.
pub(super) fn start(
    config: &Config,
    stop: &CancellationToken,
) -> Result<(Arc<dyn ResolvesServerCert>, Arc<ServerConfig>), TlsError> {
    let folder = config.data.join(FOLDER);
    private_files::create_folder(&folder)
        .map_err(|error| TlsError::Folder(folder.clone(), error))?;
    let host = config.public_url.host_str().unwrap_or_default().to_owned();
    let mut domains = vec![host];
    domains.extend(config.tls.domains.iter().map(ToString::to_string));
    domains.dedup();
    let mut state = AcmeConfig::new_with_client_config(domains, client_config(config)?)
        .contact(&config.tls.contact)
        .directory(config.tls.directory())
        .cache(DirCache::new(folder))
        .state();
    let (resolver, challenges) = (state.resolver(), state.challenge_rustls_config());
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(event) = state.next() => match event {
                    Ok(event) => log(&event),
                    Err(error) => tracing::error!(%error, "no TLS certificate could be obtained, retrying"),
                },
                () = stop.cancelled() => return,
            }
        }
    });
    Ok((resolver, challenges))
}

fn log(event: &EventOk) {
    match event {
        EventOk::DeployedCachedCert => tracing::info!("the stored TLS certificate is in use"),
        EventOk::DeployedNewCert => tracing::info!("a new TLS certificate is in use"),
        EventOk::CertCacheStore | EventOk::AccountCacheStore => {}
    }
}

/// The authority's own certificate is verified as those of all other servers are.
fn client_config(config: &Config) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = match &config.extra_roots {
        Some(path) => read_roots(path)?,
        None => Vec::new(),
    };
    let verifier = Verifier::new_with_extra_roots(roots, provider())?;
    let client = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(client))
}

fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let roots = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    roots.map_err(|error| TlsError::Unreadable(path.to_owned(), error.to_string()))
}
