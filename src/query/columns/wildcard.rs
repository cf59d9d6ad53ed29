//! Names that stand for all that match them.

use regex::Regex;

/// A name with signs that stand for any characters: `*` for any text, `?` for one
/// character, `[...]` for one of those in the brackets (`[!...]` and `[^...]` for
/// any other). `.*` and `.+` stand for any text, too, and for any but an empty
/// one, since Guild AI writes wildcards so. A `\` takes the meaning from a sign.
#[derive(Debug, Clone)]
pub struct Wildcard(Regex);

impl Wildcard {
    /// What `name` stands for; none where it is a plain name.
    pub fn of(name: &str) -> Option<Self> {
        let mut pattern = r"\A(?s:".to_string();
        let mut is_plain = true;
        let mut rest = name;
        while let Some(c) = rest.chars().next() {
            let (matches, length) = match sign(rest) {
                Some(sign) => {
                    is_plain = false;
                    sign
                }
                None => (regex::escape(&rest[..c.len_utf8()]), c.len_utf8()),
            };
            pattern.push_str(&matches);
            rest = &rest[length..];
        }
        if is_plain {
            return None;
        }
        pattern.push_str(r")\z");
        // Brackets may hold what is no set of characters: then it is a name.
        Regex::new(&pattern).ok().map(Self)
    }

    /// Whether `name` is one of those that it stands for.
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

/// What the sign at the start of `text` matches, as a regular expression, and its
/// length; none where no sign is there.
fn sign(text: &str) -> Option<(String, usize)> {
    for (sign, matches) in [(".*", ".*"), (".+", ".+"), ("*", ".*"), ("?", ".")] {
        if text.starts_with(sign) {
            return Some((matches.to_string(), sign.len()));
        }
    }
    if let Some(escaped) = text.strip_prefix('\\') {
        let c = escaped.chars().next().filter(|c| "*?[].\\".contains(*c))?;
        return Some((regex::escape(c.encode_utf8(&mut [0; 4])), 1 + c.len_utf8()));
    }
    let inside = text.strip_prefix('[')?;
    let negated = inside.starts_with(['!', '^']);
    let set = &inside[usize::from(negated)..];
    // The first character is never the end.
    let first = set.chars().next()?.len_utf8();
    let end = first + set[first..].find(']')?;
    let mut matches = if negated { "[^" } else { "[" }.to_string();
    for c in set[..end].chars() {
        if "[]\\&~^".contains(c) {
            matches.push('\\');
        }
        matches.push(c);
    }
    matches.push(']');
    let length = 1 + usize::from(negated) + end + 1;
    let is_repeated = text[length..].starts_with('+');
    matches.push_str(if is_repeated { "+" } else { "" });
    Some((matches, length + usize::from(is_repeated)))
}
