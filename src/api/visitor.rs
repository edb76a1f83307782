//! Who stands at the door: the peer's address, or the one that a trusted proxy names, and the user agent.

use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use super::State;
use super::problem::Problem;
use crate::error::Error;
use crate::service::sign_in::Visitor;

const FORWARDED: &str = "x-forwarded-for";
/// More of a user agent tells nothing new.
const AGENT_LONGEST: usize = 300;

/// The visitor as an extractor.
pub struct From(pub Visitor);

impl FromRequest for From {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(visitor(request).map(Self).map_err(|error| Problem(error).into()))
    }
}

fn visitor(request: &HttpRequest) -> Result<Visitor, Error> {
    let peer = request.peer_addr().ok_or_else(|| Error::internal("a connection without a peer"))?.ip();
    let trusted = trusted(request)?;
    let forwarded: Vec<&str> = request.headers().get_all(FORWARDED).filter_map(|value| value.to_str().ok()).collect();
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Visitor { address: address(peer, &forwarded.join(","), &trusted), user_agent: agent.chars().take(AGENT_LONGEST).collect() })
}

/// Headers with which proxies tell that they are some.
const FORWARDING: [&str; 4] = [FORWARDED, "forwarded", "x-real-ip", "via"];

/// Does this machine itself ask? What a proxy forwards comes from wherever the proxy says; and who that is, only a trusted one can say.
pub fn is_this_machine(request: &HttpRequest) -> Result<bool, Error> {
    let peer = request.peer_addr().ok_or_else(|| Error::internal("a connection without a peer"))?.ip();
    if !FORWARDING.iter().any(|name| request.headers().contains_key(*name)) {
        return Ok(peer.to_canonical().is_loopback());
    }
    let hops = request.headers().get_all(FORWARDED).map(|value| value.to_str().unwrap_or_default()).collect::<Vec<_>>().join(",");
    Ok(is_forwarded_for_this_machine(peer, &hops, &trusted(request)?))
}

fn is_forwarded_for_this_machine(peer: IpAddr, hops: &str, trusted: &[IpAddr]) -> bool {
    let is_local = |address: IpAddr| address.to_canonical().is_loopback();
    let is_trusted = trusted.iter().any(|proxy| proxy.to_canonical() == peer.to_canonical());
    is_trusted && is_local(peer) && hops.split(',').all(|hop| parse(hop.trim()).is_some_and(is_local))
}

fn trusted(request: &HttpRequest) -> Result<Vec<IpAddr>, Error> {
    match request.app_data::<web::Data<State>>() {
        Some(state) => state.0.settings.server.trusted().map_err(Error::internal),
        None => Ok(Vec::new()),
    }
}

/// From the right, the first address that is not a proxy of ours: what stands left of it anyone could have written.
fn address(peer: IpAddr, forwarded: &str, trusted: &[IpAddr]) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let mut hops = forwarded.rsplit(',').map(str::trim);
    while trusted.iter().any(|proxy| proxy.to_canonical() == nearest) {
        let Some(hop) = hops.next().and_then(parse) else { break };
        nearest = hop.to_canonical();
    }
    nearest
}

/// Some proxies add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    hop.parse::<IpAddr>().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        for (peer, forwarded, trusted, expected) in [
            ("203.0.113.7", "", &proxies[..], "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", &proxies[..], "203.0.113.7"),
            ("10.0.0.1", "198.51.100.1", &[][..], "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", &proxies[..], "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1", &proxies[..], "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.0.0.2", &proxies[..], "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1,10.0.0.2", &proxies[..], "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1:4711", &proxies[..], "198.51.100.1"),
            ("10.0.0.1", "[2001:db8::1]:4711", &proxies[..], "2001:db8::1"),
            ("10.0.0.1", "198.51.100.1, nonsense", &proxies[..], "10.0.0.1"),
            ("10.0.0.1", "", &proxies[..], "10.0.0.1"),
        ] {
            assert_eq!(address(ip(peer), forwarded, trusted), ip(expected), "{peer} with {forwarded}");
        }
    }

    #[test]
    fn who_asks_through_a_proxy_is_not_this_machine() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let here = [ip("127.0.0.1")];
        for (peer, hops, trusted, expected) in [
            ("127.0.0.1", "127.0.0.1", &here[..], true),
            ("::ffff:127.0.0.1", "::1, 127.0.0.1:9", &here, true),
            ("127.0.0.1", "127.0.0.1", &[], false),
            ("127.0.0.1", "198.51.100.1", &here, false),
            ("127.0.0.1", "127.0.0.1, 198.51.100.1", &here, false),
            ("127.0.0.1", "198.51.100.1, 127.0.0.1", &here, false),
            ("127.0.0.1", "nonsense", &here, false),
            // Forwarded, but not in the words that are believed.
            ("127.0.0.1", "", &here, false),
            ("198.51.100.1", "127.0.0.1", &[ip("198.51.100.1")], false),
        ] {
            assert_eq!(is_forwarded_for_this_machine(ip(peer), hops, trusted), expected, "{peer} with {hops:?}");
        }
    }
}
