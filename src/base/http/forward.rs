//! Requests that a proxy passes on: it is connected to in place of the server, and
//! the first line names the whole address. The client's own way is to ask proxies
//! for connections, which many give to port 443 only.

use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error, config::Config};

/// What makes requests with `config` by way of `proxy`.
pub(super) fn agent(config: Config, proxy: Uri) -> Agent {
    let connector = ().chain(TcpConnector::default()).chain(ForwardConnector);
    let resolver = ProxyResolver {
        proxy,
        inner: DefaultResolver::default(),
    };
    Agent::with_parts(config, connector, resolver)
}

/// Has any address lead to the proxy.
#[derive(Debug)]
struct ProxyResolver {
    proxy: Uri,
    inner: DefaultResolver,
}

impl Resolver for ProxyResolver {
    fn resolve(
        &self,
        _uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        self.inner.resolve(&self.proxy, config, timeout)
    }
}

#[derive(Debug)]
struct ForwardConnector;

impl<In: Transport> Connector<In> for ForwardConnector {
    type Out = Forward<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let host = details.uri.authority().map_or("", |host| host.as_str());
        // Without a user, who is named to the server in a header.
        let host = host.rsplit('@').next().unwrap_or_default();
        Ok(chained.map(|inner| Forward {
            inner,
            prefix: format!("http://{host}").into_bytes(),
        }))
    }
}

/// A connection to the proxy, for one request.
#[derive(Debug)]
struct Forward<T> {
    inner: T,
    /// What goes before the path in the first line; nothing once that is sent.
    prefix: Vec<u8>,
}

impl<T: Transport> Transport for Forward<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let prefix = std::mem::take(&mut self.prefix);
        let added = with_prefix(self.inner.buffers().output(), amount, &prefix);
        let added = added.ok_or_else(|| Error::BadUri("too long for a proxy".to_string()))?;
        self.inner.transmit_output(amount + added, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

/// Puts `prefix` before the path of the request that the first `amount` bytes of
/// `output` are. The result is by how much it has grown; none if there is no room.
fn with_prefix(output: &mut [u8], amount: usize, prefix: &[u8]) -> Option<usize> {
    let request = output.get(..amount)?;
    let at = match request.iter().position(|&byte| byte == b' ') {
        Some(space) if !prefix.is_empty() => space + 1,
        _ => return Some(0),
    };
    let room = output.get_mut(..amount + prefix.len())?;
    room.copy_within(at..amount, at + prefix.len());
    room[at..at + prefix.len()].copy_from_slice(prefix);
    Some(prefix.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_gets_the_whole_address() {
        let mut output = b"GET /a?b HTTP/1.1\r\n\r\n__________________".to_vec();
        assert_eq!(with_prefix(&mut output, 21, b"http://x:8"), Some(10));
        assert!(output.starts_with(b"GET http://x:8/a?b HTTP/1.1\r\n\r\n_"));
        assert_eq!(with_prefix(&mut output, 31, b""), Some(0));
        assert_eq!(with_prefix(&mut output, 31, &[b'x'; 20]), None);
        assert_eq!(with_prefix(&mut output, 99, b"http://x"), None);
    }
}
