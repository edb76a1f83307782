//! How the service trusts another one that it calls: https with certificates that somebody chose, or a neighbour on this machine.

use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// What people's data may travel through. `section` is that of the settings `url` and `ca_file`.
pub fn for_service(section: &str, url: &str, ca_file: &str) -> Result<TlsConfig, String> {
    let refused = |text: &str| Err(format!("{section}.url: {text}"));
    let uri: Uri = url.parse().map_err(|_| format!("{section}.url: expected the URL of the service"))?;
    let Some(authority) = uri.authority() else { return refused("expected the URL of the service") };
    if authority.as_str().contains('@') || uri.query().is_some() {
        return refused("credentials and queries do not belong into it");
    }
    match (uri.scheme_str(), authority.host()) {
        (Some("https"), _) => {}
        (Some("http"), "127.0.0.1" | "[::1]" | "localhost") => return Ok(TlsConfig::default()),
        _ => return refused("expected https, or http on this machine"),
    }
    if ca_file.is_empty() {
        return Err(format!("{section}.ca_file: with https, name the certificates that may vouch for the service"));
    }
    let text = std::fs::read(ca_file).map_err(|error| format!("{section}.ca_file: {ca_file}: {error}"))?;
    let certificates: Vec<Certificate<'static>> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            // Keys, and what cannot be read, vouch for nobody.
            Ok(_) | Err(_) => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(format!("{section}.ca_file: {ca_file} holds no certificate"));
    }
    // A second service in the same process finds it installed, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build())
}
