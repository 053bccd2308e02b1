//! Where browsers reach this server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::ServerConfig;

/// Where browsers reach this server: what the operator says, else where it listens.
pub(crate) fn origin(settings: &ServerConfig, addr: SocketAddr) -> String {
    if let Some(url) = &settings.public_url {
        return url.origin().ascii_serialization();
    }
    if addr.ip().is_unspecified() {
        if let Some(name) = settings.names.first() {
            return format!("https://{name}:{}", addr.port());
        }
        let local: IpAddr = match addr.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        return format!("https://{}", SocketAddr::new(local, addr.port()));
    }
    format!("https://{addr}")
}
