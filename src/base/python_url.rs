//! The parts of a URL as Python's `urllib.parse.urlparse` has them, which names
//! of cached files are made from.

use percent_encoding::percent_decode_str;

/// The parts of a URL; those that it does not have are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UrlParts {
    /// `http` in `http://host/path;params?query#fragment`, in small letters.
    pub scheme: String,
    /// `host` there, with a port and a user.
    pub netloc: String,
    /// `/path` there.
    pub path: String,
    /// `params` there, of the last name in the path.
    pub params: String,
    /// `query` there.
    pub query: String,
    /// `fragment` there.
    pub fragment: String,
}

/// Schemes whose paths may have parameters.
const WITH_PARAMS: &[&str] = &[
    "", "ftp", "hdl", "prospero", "http", "https", "shttp", "rtsp", "rtspu", "sip", "sips", "mms",
    "sftp", "tel",
];

/// Takes `text` apart.
pub fn parse(text: &str) -> UrlParts {
    let text = text.trim_start_matches(|letter| letter <= ' ');
    let text = text.replace(['\t', '\r', '\n'], "");
    let (scheme, rest) = split_scheme(&text);
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, params) = match WITH_PARAMS.contains(&scheme.as_str()) {
        true => split_params(rest),
        false => (rest, ""),
    };
    let own = str::to_string;
    UrlParts {
        scheme,
        netloc: own(netloc),
        path: own(path),
        params: own(params),
        query: own(query),
        fragment: own(fragment),
    }
}

fn split_scheme(text: &str) -> (String, &str) {
    let is_scheme = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    };
    match text.split_once(':') {
        Some((name, rest)) if is_scheme(name) => (name.to_lowercase(), rest),
        _ => (String::new(), text),
    }
}

fn split_params(path: &str) -> (&str, &str) {
    let last = path.rfind('/').unwrap_or(0);
    match path[last..].split_once(';') {
        Some((name, params)) => (&path[..last + name.len()], params),
        None => (path, ""),
    }
}

impl UrlParts {
    /// All parts, a line each, from which the names of folders are made.
    pub fn lines(&self) -> String {
        [
            &self.scheme,
            &self.netloc,
            &self.path,
            &self.params,
            &self.query,
            &self.fragment,
        ]
        .map(String::as_str)
        .join("\n")
    }

    /// The last name of the path, decoded; empty where the path ends with a slash.
    pub fn file_name(&self) -> String {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        percent_decode_str(name).decode_utf8_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_as_python_does_it() {
        // What `'|'.join(urlparse(url))` gives.
        for (url, expected) in [
            (
                "https://example.com/data/a.zip?x=1#f",
                "https|example.com|/data/a.zip||x=1|f",
            ),
            ("HTTP://Host:80/a;p=1?q", "http|Host:80|/a|p=1|q|"),
            ("http://h/a;b/c;d;e", "http|h|/a;b/c|d;e||"),
            ("http://h;x", "http|h;x||||"),
            ("http://h?q#f?g", "http|h|||q|f?g"),
            ("file:///a/b;c", "file||/a/b;c|||"),
            ("file:a.txt", "file||a.txt|||"),
            ("a;b:c", "||a|b:c||"),
            ("1a:b", "||1a:b|||"),
            (" \u{1}http://h/a\tb\n", "http|h|/ab|||"),
            ("http:", "http|||||"),
            ("é:x", "||é:x|||"),
            ("", "|||||"),
        ] {
            assert_eq!(parse(url).lines().replace('\n', "|"), expected, "{url}");
        }
    }

    #[test]
    fn the_last_name_is_decoded() {
        let name = |url: &str| parse(url).file_name();
        assert_eq!(name("http://h/x/a%20b.zip?c#d"), "a b.zip");
        assert_eq!(name("http://h/%2e%2e%2fx"), "../x");
        assert_eq!(name("http://h/%ff"), "\u{fffd}");
        assert_eq!(name("http://h/x/"), "");
        assert_eq!(name("http://h"), "");
    }
}
