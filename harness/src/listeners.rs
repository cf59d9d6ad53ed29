//! The sockets that a process listens on. Linux tells by `/proc`; elsewhere none
//! are found.

use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The state of a TCP socket that listens.
const LISTEN: &str = "0A";
/// The flag of a Unix socket that listens.
const ACCEPTS: u32 = 1 << 16;

/// What a process listens on, as `tcp 127.0.0.1:80` or `unix /run/x`, in order.
pub(crate) fn of(pid: i32) -> Vec<String> {
    let folder = Path::new("/proc").join(pid.to_string());
    let own = inodes(&folder);
    if own.is_empty() {
        return Vec::new();
    }
    // That of the process, which may have a network of its own.
    let table = |name: &str| fs::read_to_string(folder.join("net").join(name)).unwrap_or_default();
    let mut found = Vec::new();
    for name in ["tcp", "tcp6"] {
        found.extend(table(name).lines().filter_map(tcp));
    }
    found.extend(table("unix").lines().filter_map(unix));
    let own = found.into_iter().filter(|(inode, _)| own.contains(inode));
    let mut names: Vec<String> = own.map(|(_, name)| name).collect();
    names.sort();
    names.dedup();
    names
}

/// The numbers of the sockets that a process has open.
fn inodes(folder: &Path) -> HashSet<u64> {
    let entries = fs::read_dir(folder.join("fd")).into_iter().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets
        .filter_map(|target| {
            let number = target.to_str()?.strip_prefix("socket:[")?;
            number.strip_suffix(']')?.parse().ok()
        })
        .collect()
}

/// Reads a line of `/proc/net/tcp`: number, local and remote address, state, and
/// the inode as the tenth field.
fn tcp(line: &str) -> Option<(u64, String)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    if *fields.get(3)? != LISTEN {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let address = SocketAddr::new(ip_address(address)?, port);
    Some((fields.get(9)?.parse().ok()?, format!("tcp {address}")))
}

/// An address in words of 32 bits, each in the machine's order of bytes.
fn ip_address(hex: &str) -> Option<IpAddr> {
    let word = |index: usize| {
        let digits = hex.get(index * 8..index * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if hex.len() == 8 {
        return Some(Ipv4Addr::from(word(0)?).into());
    }
    let words = [word(0)?, word(1)?, word(2)?, word(3)?];
    let bytes: [u8; 16] = words.concat().try_into().ok()?;
    Some(Ipv6Addr::from(bytes).into())
}

/// Reads a line of `/proc/net/unix`: number, references, protocol, flags, type,
/// state, inode, and the path if it has one.
fn unix(line: &str) -> Option<(u64, String)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let flags = u32::from_str_radix(fields.get(3)?, 16).ok()?;
    if flags & ACCEPTS == 0 {
        return None;
    }
    let path = fields.get(7).copied().unwrap_or("without a name");
    Some((fields.get(6)?.parse().ok()?, format!("unix {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_tables() {
        let line = " 0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  \
                    1000        0 4711 1 0000000000000000 100 0 0 10 0";
        assert_eq!(tcp(line), Some((4711, "tcp 127.0.0.1:8080".into())));
        assert_eq!(tcp(&line.replace(" 0A ", " 01 ")), None);
        let six = line.replace("0100007F", "00000000000000000000000001000000");
        assert_eq!(tcp(&six), Some((4711, "tcp [::1]:8080".into())));
        let line = "ffff9: 00000002 00000000 00010000 0001 01 99 /run/x";
        assert_eq!(unix(line), Some((99, "unix /run/x".into())));
        assert_eq!(unix(&line.replace("00010000", "00000000")), None);
    }

    #[test]
    fn those_of_this_process() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let name = format!("tcp {}", listener.local_addr().unwrap());
        let pid = std::process::id() as i32;
        assert!(of(pid).contains(&name));
        drop(listener);
        assert!(!of(pid).contains(&name));
    }
}
