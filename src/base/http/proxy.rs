//! Which proxy leads to an address, by the variables that most programs follow:
//! `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in small letters or
//! capital ones, the small ones first.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use ureq::http::Uri;
use url::{Host, Url};

use super::{Error, host};

/// A proxy.
#[derive(Debug)]
pub(super) struct Proxy {
    url: Url,
}

/// The proxy for `url`, unless it is reached without one.
pub(super) fn for_url(
    url: &Url,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<Option<Proxy>, Error> {
    let variable = |name: &str| {
        // A web server puts a header of its visitors into this one.
        let is_a_visitors =
            name == "HTTP_PROXY" && environment.contains_key(OsStr::new("REQUEST_METHOD"));
        let value = environment.get(OsStr::new(name)).filter(|_| !is_a_visitors);
        value.map(|value| value.to_string_lossy().trim().to_string())
    };
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_uppercase()));
    let own = either(&format!("{}_proxy", url.scheme())).or_else(|| either("all_proxy"));
    let Some(text) = own.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if either("no_proxy").is_some_and(|list| is_excepted(url, &list)) {
        return Ok(None);
    }
    Proxy::parse(&text).map(Some)
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, Error> {
        let full = match text.contains("://") {
            true => text.to_string(),
            false => format!("http://{text}"),
        };
        let refuse = |reason: String| Error::Proxy {
            proxy: text.rsplit('@').next().unwrap_or_default().to_string(),
            reason,
        };
        let url = Url::parse(&full).map_err(|error| refuse(error.to_string()))?;
        let known = [
            "http", "https", "socks4", "socks4a", "socks", "socks5", "socks5h",
        ];
        if !known.contains(&url.scheme()) || !url.has_host() {
            return Err(refuse(
                "expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT".to_string(),
            ));
        }
        Ok(Self { url })
    }

    /// What messages call it.
    pub fn shown(&self) -> String {
        host(&self.url)
    }

    /// Whether the way to the proxy itself is encrypted.
    pub fn needs_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the proxy is asked for `url`, rather than for a connection that
    /// leads there. Many proxies give no connections but to port 443.
    pub fn is_asked_for(&self, url: &Url) -> bool {
        url.scheme() == "http" && self.url.scheme() == "http"
    }

    /// The proxy as one that is asked for connections.
    pub fn tunnel(&self) -> Result<ureq::Proxy, Error> {
        ureq::Proxy::new(self.url.as_str().trim_end_matches('/')).map_err(|error| self.fault(error))
    }

    /// Where the proxy is.
    pub fn uri(&self) -> Result<Uri, Error> {
        let text = format!("http://{}/", host(&self.url));
        text.parse().map_err(|error| self.fault(error))
    }

    /// What names the user to the proxy, if it has to know.
    pub fn credentials(&self) -> Option<String> {
        let url = &self.url;
        if url.username().is_empty() && url.password().is_none() {
            return None;
        }
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (name, password) = (url.username(), url.password().unwrap_or_default());
        let text = format!("{}:{}", decode(name), decode(password));
        Some(format!("Basic {}", BASE64_STANDARD.encode(text)))
    }

    fn fault(&self, reason: impl std::fmt::Display) -> Error {
        Error::Proxy {
            proxy: self.shown(),
            reason: reason.to_string(),
        }
    }
}

/// Whether `list`, the value of `no_proxy`, says that `url` is reached directly: by
/// its host, a domain above it, its address, or a range of addresses; with a port
/// or without.
fn is_excepted(url: &Url, list: &str) -> bool {
    let name = match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').to_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return false,
    };
    let port = url.port_or_known_default();
    list.split([',', ' ']).any(|entry| {
        let entry = entry.trim().to_lowercase();
        if entry == "*" {
            return true;
        }
        let (host, only) = split_port(&entry);
        if only.is_some() && only != port {
            return false;
        }
        let host = host.trim_start_matches("*.").trim_start_matches('.');
        let host = host.trim_end_matches('.');
        !host.is_empty()
            && (name == host
                || name
                    .strip_suffix(host)
                    .is_some_and(|rest| rest.ends_with('.'))
                || name.parse().is_ok_and(|address| is_in_range(address, host)))
    })
}

/// A host and the port after it, if there is one; an address with colons has
/// brackets then.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (host, port) = rest.split_once(']').unwrap_or((rest, ""));
        return (
            host,
            port.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

/// Whether `range`, such as `10.0.0.0/8`, holds `address`.
fn is_in_range(address: IpAddr, range: &str) -> bool {
    let Some((base, bits)) = range.split_once('/') else {
        return range.parse() == Ok(address);
    };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let same = |left: u128, right: u128, width: u32| match width.checked_sub(bits) {
        Some(rest) => (left ^ right).checked_shr(rest).unwrap_or(0) == 0,
        None => false,
    };
    match (address, base) {
        (IpAddr::V4(left), IpAddr::V4(right)) => {
            same(u32::from(left).into(), u32::from(right).into(), 32)
        }
        (IpAddr::V6(left), IpAddr::V6(right)) => same(left.into(), right.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(url: &str, variables: &[(&str, &str)]) -> Option<String> {
        let environment = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        let url = Url::parse(url).unwrap();
        let found = for_url(&url, &environment).unwrap();
        found.map(|proxy| proxy.url.to_string())
    }

    #[test]
    fn each_scheme_has_its_own_variable() {
        let variables = [
            ("HTTP_PROXY", "a:1"),
            ("https_proxy", "http://b:2"),
            ("HTTPS_PROXY", "http://c:3"),
        ];
        assert_eq!(proxy("http://x/", &variables).unwrap(), "http://a:1/");
        assert_eq!(proxy("https://x/", &variables).unwrap(), "http://b:2/");
        let all = [("ALL_PROXY", "socks5h://s:9"), ("http_proxy", "")];
        assert_eq!(proxy("https://x/", &all).unwrap(), "socks5h://s:9");
        assert_eq!(proxy("http://x/", &all), None);
        let visited = [("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(proxy("http://x/", &visited), None);
    }

    #[test]
    fn exceptions_name_hosts_domains_ports_and_ranges() {
        for (url, list, expected) in [
            ("http://example.com/", "example.com", true),
            ("http://a.example.com/", "example.com", true),
            ("http://a.example.com/", "x, .example.com", true),
            ("http://a.example.com/", "*.example.com", true),
            ("http://badexample.com/", "example.com", false),
            ("http://EXAMPLE.com/", "Example.COM", true),
            ("http://x/", "*", true),
            ("http://x:81/", "x:81", true),
            ("http://x/", "x:81", false),
            ("http://x/", "x:80", true),
            ("http://127.0.0.1:8/", "127.0.0.1", true),
            ("http://10.1.2.3/", "10.0.0.0/8", true),
            ("http://11.1.2.3/", "10.0.0.0/8", false),
            ("http://11.1.2.3/", "10.0.0.0/99", false),
            ("http://11.1.2.3/", "0.0.0.0/0", true),
            ("http://[::1]:8/", "::1", true),
            ("http://[::1]:8/", "[::1]:8", true),
            ("http://[fd00::5]/", "fd00::/8", true),
            ("http://x/", "", false),
            ("http://x/", ",", false),
        ] {
            assert_eq!(
                is_excepted(&Url::parse(url).unwrap(), list),
                expected,
                "{url} {list}"
            );
        }
    }

    #[test]
    fn a_proxy_that_makes_no_sense_is_told_without_its_password() {
        let error = Proxy::parse("ftp://me:secret@x:1").unwrap_err().to_string();
        assert!(
            error.starts_with("cannot use the proxy 'x:1': expected http://"),
            "{error}"
        );
        assert!(Proxy::parse("http://x:port").is_err());
    }

    #[test]
    fn a_proxy_is_told_who_asks() {
        let proxy = Proxy::parse("http://me:s%20t@p:3128").unwrap();
        assert_eq!(proxy.uri().unwrap(), "http://p:3128/");
        assert_eq!(proxy.credentials().unwrap(), "Basic bWU6cyB0");
        assert_eq!(Proxy::parse("p:3128").unwrap().credentials(), None);
        assert!(proxy.is_asked_for(&Url::parse("http://x/").unwrap()));
        assert!(!proxy.is_asked_for(&Url::parse("https://x/").unwrap()));
    }
}
