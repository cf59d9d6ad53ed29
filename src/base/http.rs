//! Getting what is at an http or https address: proxies as the environment names
//! them, certificates that the system trusts, time-outs for servers that say
//! nothing, and parts of a file where the server has them.
//!
//! Nothing is kept and nothing is tried twice here.

mod forward;
mod proxy;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::http::header::HeaderName;
use ureq::http::{Request, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;

use self::proxy::Proxy;

/// How often a server may say that something is elsewhere.
const MOST_REDIRECTS: usize = 10;

/// Why nothing came of a request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no http or https address.
    #[error("'{url}' is not a valid URL: {reason}")]
    BadUrl {
        /// The text.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no connection to the server, or to the proxy on the way to it.
    #[error("cannot connect to {host}: {reason}")]
    Unreachable {
        /// The server, and the proxy if there is one.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The server does not say anything any more.
    #[error("{host} sent nothing for {seconds} seconds")]
    Stalled {
        /// The server.
        host: String,
        /// How long was waited.
        seconds: f64,
    },
    /// The connection ended, or what came makes no sense.
    #[error("the connection to {host} broke off: {reason}")]
    Broken {
        /// The server.
        host: String,
        /// What is known of it.
        reason: String,
    },
    /// One address leads to the next.
    #[error("{url} redirects more than {MOST_REDIRECTS} times")]
    Redirects {
        /// The first address.
        url: String,
    },
    /// A proxy that makes no sense.
    #[error("cannot use the proxy '{proxy}': {reason}")]
    Proxy {
        /// The proxy as the environment has it, without a password.
        proxy: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody can be trusted.
    #[error(
        "cannot check who {host} is: the system has no certificates - install the package \
         'ca-certificates' or set SSL_CERT_FILE to a file of certificates"
    )]
    NoCertificates {
        /// The server.
        host: String,
    },
}

impl Error {
    /// Whether the server could not be reached at all, as without a network.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// A part of a file: from a byte on, if the file is still the one that `version`
/// stands for.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The number of bytes before it.
    pub from: u64,
    /// What the server said of the file's version: its entity tag or its time.
    pub version: &'a str,
}

/// Where requests are made from.
#[derive(Debug)]
pub struct Client<'a> {
    environment: &'a BTreeMap<OsString, OsString>,
    patience: Duration,
}

impl<'a> Client<'a> {
    /// One that uses the proxies which `environment` names, and gives a server up
    /// that says nothing for as long as `patience`.
    pub fn new(environment: &'a BTreeMap<OsString, OsString>, patience: Duration) -> Self {
        Self {
            environment,
            patience,
        }
    }

    /// Asks for what is at `url`, or a part of it, wherever the server says that it
    /// is. Any answer is a result, also one that says there is nothing.
    ///
    /// # Errors
    /// There is no answer.
    pub fn get(&self, url: &str, part: Option<Part<'_>>) -> Result<Answer, Error> {
        let mut next = parse(url)?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.get_once(&next, part)?;
            let location = match answer.status {
                301 | 302 | 303 | 307 | 308 => answer.header("location"),
                _ => None,
            };
            let Some(location) = location else {
                return Ok(answer);
            };
            next = next
                .join(location)
                .map_err(|error| bad_url(location, error))?;
            check_scheme(&next, location)?;
        }
        Err(Error::Redirects {
            url: url.to_string(),
        })
    }

    fn get_once(&self, url: &Url, part: Option<Part<'_>>) -> Result<Answer, Error> {
        let proxy = proxy::for_url(url, self.environment)?;
        let host = host(url);
        let way = match &proxy {
            Some(proxy) => format!("{host} by way of the proxy {}", proxy.shown()),
            None => host.clone(),
        };
        let failed = |error| self.error(error, &host, &way);
        let agent = self.agent(url, proxy.as_ref(), &host)?;
        let mut headers = vec![(header::ACCEPT_ENCODING, "identity".to_string())];
        if let Some(part) = part {
            headers.push((header::RANGE, format!("bytes={}-", part.from)));
            headers.push((header::IF_RANGE, part.version.to_string()));
        }
        let asked = proxy.as_ref().filter(|proxy| proxy.is_asked_for(url));
        if let Some(credentials) = asked.and_then(|proxy| proxy.credentials()) {
            headers.push((header::PROXY_AUTHORIZATION, credentials));
        }
        let mut request = Request::get(without_fragment(url));
        for (name, value) in headers {
            request = request.header::<HeaderName, String>(name, value);
        }
        let request = request
            .body(())
            .map_err(|error| bad_url(url.as_str(), error))?;
        let response = agent.run(request).map_err(failed)?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.into_reader(),
            host,
            patience: self.patience,
        })
    }

    /// What makes one request: no connection is used twice.
    fn agent(&self, url: &Url, proxy: Option<&Proxy>, host: &str) -> Result<Agent, Error> {
        let asked = proxy.filter(|proxy| proxy.is_asked_for(url));
        let tunnel = proxy.filter(|_| asked.is_none()).map(Proxy::tunnel);
        let needs_tls = url.scheme() == "https" || proxy.is_some_and(Proxy::needs_tls);
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .user_agent(concat!("guild/", env!("CARGO_PKG_VERSION")))
            .proxy(tunnel.transpose()?)
            .timeout_resolve(Some(self.patience))
            .timeout_connect(Some(self.patience))
            .timeout_recv_response(Some(self.patience))
            .timeout_per_read(Some(self.patience));
        if needs_tls {
            config = config.tls_config(tls(host)?);
        }
        let config = config.build();
        Ok(match asked {
            Some(proxy) => forward::agent(config, proxy.uri()?),
            None => config.new_agent(),
        })
    }

    fn error(&self, error: ureq::Error, host: &str, way: &str) -> Error {
        use ureq::{Error as Cause, Timeout};
        let unreachable = |reason: String| Error::Unreachable {
            host: way.to_string(),
            reason,
        };
        let seconds = self.patience.as_secs_f64();
        match error {
            Cause::HostNotFound => unreachable("there is no such host".to_string()),
            Cause::ConnectionFailed => unreachable("the connection failed".to_string()),
            Cause::ConnectProxyFailed(reason) => unreachable(reason),
            Cause::Timeout(Timeout::Resolve | Timeout::Connect) => {
                unreachable(format!("no connection within {seconds} seconds"))
            }
            Cause::Timeout(_) => Error::Stalled {
                host: host.to_string(),
                seconds,
            },
            Cause::Io(error) if is_about_content(&error) => Error::Broken {
                host: host.to_string(),
                reason: super::files::reason(&error),
            },
            Cause::Io(error) => unreachable(super::files::reason(&error)),
            other => Error::Broken {
                host: host.to_string(),
                reason: other.to_string(),
            },
        }
    }
}

/// Whether there was a connection before there was none.
fn is_about_content(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// What a server answers.
pub struct Answer {
    /// The status code.
    pub status: u16,
    headers: ureq::http::HeaderMap,
    body: ureq::BodyReader<'static>,
    host: String,
    patience: Duration,
}

impl Answer {
    /// The text of a header, if it has one that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status code and what it stands for.
    pub fn status_text(&self) -> String {
        let status = ureq::http::StatusCode::from_u16(self.status).ok();
        match status.and_then(|status| status.canonical_reason()) {
            Some(reason) => format!("{}: {reason}", self.status),
            None => self.status.to_string(),
        }
    }

    /// Reads some of the content; nothing at its end.
    ///
    /// # Errors
    /// The content ends early, or nothing comes.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            let error = match self.body.read(buffer) {
                Ok(count) => return Ok(count),
                Err(error) => error,
            };
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            return Err(match ureq::Error::from(error) {
                ureq::Error::Timeout(_) => Error::Stalled {
                    host: self.host.clone(),
                    seconds: self.patience.as_secs_f64(),
                },
                ureq::Error::Io(error) => Error::Broken {
                    host: self.host.clone(),
                    reason: super::files::reason(&error),
                },
                other => Error::Broken {
                    host: self.host.clone(),
                    reason: other.to_string(),
                },
            });
        }
    }
}

fn parse(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| bad_url(text, error))?;
    check_scheme(&url, text)?;
    Ok(url)
}

fn check_scheme(url: &Url, text: &str) -> Result<(), Error> {
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(()),
        other => Err(bad_url(text, format!("cannot get what is at '{other}:'"))),
    }
}

fn bad_url(url: &str, reason: impl std::fmt::Display) -> Error {
    Error::BadUrl {
        url: url.to_string(),
        reason: reason.to_string(),
    }
}

fn without_fragment(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

/// The server of `url` with its port, if that is not the usual one.
fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_string(),
    }
}

/// How the server `host` is trusted: by the certificates of the system.
fn tls(host: &str) -> Result<TlsConfig, Error> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return Err(Error::NoCertificates {
            host: host.to_string(),
        });
    }
    let certificates: Vec<_> = found
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .unversioned_rustls_crypto_provider(provider)
        .build())
}
