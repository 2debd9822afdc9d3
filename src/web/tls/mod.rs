//! TLS of the node itself: certificates from files or by ACME, handshakes, and the redirect from plain HTTP.

mod acme;
mod files;
mod redirect;

pub(super) use redirect::redirect_router;

use crate::config::Config;
use rustls_acme::is_tls_alpn_challenge;
use std::{io, path::PathBuf, sync::Arc};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{
    LazyConfigAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        server::{Acceptor, ResolvesServerCert},
    },
    server::TlsStream,
};
use tokio_util::sync::CancellationToken;

/// The protocols that a client may choose from (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The reasons for which the node can't serve HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("tls: {0} can't be read: {1}")]
    Unreadable(PathBuf, String),
    #[error("tls: {0} and {1} can't be used: {2}")]
    Unusable(PathBuf, PathBuf, rustls::Error),
    #[error("tls: the folder {0} can't be created: {1}")]
    Folder(PathBuf, io::Error),
    #[error("tls: {0}")]
    Other(rustls::Error),
}

// The message has the cause. As a source, it would be printed twice.
impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        TlsError::Other(error)
    }
}

/// The certificate of the node, which is replaced while the node runs.
pub struct Tls {
    usual: Arc<ServerConfig>,
    /// For the authority that checks the domain (RFC 8737).
    challenges: Option<Arc<ServerConfig>>,
}

impl Tls {
    /// Returns the certificate that the configuration describes, if any, and keeps it up to date until `stop`.
    ///
    /// # Errors
    /// If a file can't be used.
    pub fn start(config: &Config, stop: &CancellationToken) -> Result<Option<Tls>, TlsError> {
        let (resolver, challenges) = if let Some((certificate, key)) = config.tls.files() {
            (files::watch(certificate, key, stop)?, None)
        } else if config.tls.acme {
            let (resolver, challenges) = acme::start(config, stop)?;
            (resolver, Some(challenges))
        } else {
            return Ok(None);
        };
        Ok(Some(Tls {
            usual: Arc::new(server_config(resolver)?),
            challenges,
        }))
    }

    /// Performs the handshake. Returns `None` for a check of the authority, which sends no request.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<Option<TlsStream<TcpStream>>> {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        match &self.challenges {
            Some(challenges) if is_tls_alpn_challenge(&begun.client_hello()) => {
                tracing::info!("the authority checks the domain");
                let mut stream = begun.into_stream(challenges.clone()).await?;
                stream.shutdown().await?;
                Ok(None)
            }
            _ => begun.into_stream(self.usual.clone()).await.map(Some),
        }
    }
}

fn server_config(resolver: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}
