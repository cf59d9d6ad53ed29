//! Text for people: natural order, plurals, shortened paths, tables.

use std::cmp::Ordering;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

/// Compares `a2` before `a10`: digit runs by value, the rest by character, accents
/// behind the letters they are on.
pub fn natural_cmp(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        return compare_decomposed(left, right);
    }
    let decomposed = |text: &str| text.nfd().collect::<String>();
    compare_decomposed(&decomposed(left), &decomposed(right)).then_with(|| left.cmp(right))
}

fn compare_decomposed(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    loop {
        match (next_part(left_rest), next_part(right_rest)) {
            (None, None) => return left.cmp(right),
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some((a, a_rest)), Some((b, b_rest))) => {
                let order = compare_parts(a, b);
                if order != Ordering::Equal {
                    return order;
                }
                (left_rest, right_rest) = (a_rest, b_rest);
            }
        }
    }
}

fn next_part(text: &str) -> Option<(&str, &str)> {
    let digits = text.chars().next()?.is_ascii_digit();
    let end = text
        .find(|c: char| c.is_ascii_digit() != digits)
        .unwrap_or(text.len());
    Some(text.split_at(end))
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    let is_number = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    match (is_number(a), is_number(b)) {
        (true, true) => {}
        // Only at the start can a number meet a text: it goes first.
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => return a.cmp(b),
    }
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// `path` with the user's home folder written as `~`.
pub fn abbreviate_home(path: &Path, user_home: Option<&Path>) -> String {
    match user_home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_string(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// Lines of `rows` in columns: each cell but a row's last is padded to the
/// widest of its column and `gap` blanks.
pub fn table(rows: &[Vec<String>], gap: usize) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    let pad = widths[column] - cell.chars().count() + gap;
                    line.extend(std::iter::repeat_n(' ', pad));
                }
            }
            line
        })
        .collect()
}

/// `path` in at most `limit` characters where that is possible: parts in the
/// middle give way to `…`, from the first part (of a relative path) and the
/// last inwards as long as they fit.
pub fn shorten_path(path: &str, limit: usize) -> String {
    if path.chars().count() <= limit {
        return path.to_string();
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let absolute = path.starts_with('/');
    let (mut left, mut right) = (usize::from(!absolute), 1);
    let join = |left: usize, right: usize| {
        let mut kept: Vec<&str> = parts[..left].to_vec();
        kept.push("…");
        kept.extend(&parts[parts.len() - right..]);
        let root = if absolute { "/" } else { "" };
        format!("{root}{}", kept.join("/"))
    };
    if left + right >= parts.len() {
        return path.to_string();
    }
    let mut shortened = join(left, right);
    let mut from_left = absolute;
    while left + right + 1 < parts.len() {
        let (next_left, next_right) = if from_left {
            (left + 1, right)
        } else {
            (left, right + 1)
        };
        let longer = join(next_left, next_right);
        if longer.chars().count() >= limit {
            break;
        }
        (left, right, shortened) = (next_left, next_right, longer);
        from_left = !from_left;
    }
    if shortened.chars().count() < path.chars().count() {
        shortened
    } else {
        path.to_string()
    }
}

/// Whether the shell-style `pattern` (`*`, `?`, `[a-z]`, `[!a-z]`) matches all
/// of `text`; `*` crosses `/`, as Python's fnmatch has it.
pub fn fnmatch(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            retry = Some((p + 1, t));
            p += 1;
            continue;
        }
        match match_one(&pattern, p, text[t]) {
            Some(next) => (p, t) = (next, t + 1),
            None => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    (p, t) = (star, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Matches one character at `p`; returns the place after what it used.
fn match_one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '[' => match class_end(pattern, p) {
            Some(end) => in_class(&pattern[p + 1..end], c).then_some(end + 1),
            None => (c == '[').then_some(p + 1),
        },
        literal => (literal == c).then_some(p + 1),
    }
}

fn class_end(pattern: &[char], open: usize) -> Option<usize> {
    let mut first = open + 1;
    if pattern.get(first) == Some(&'!') {
        first += 1;
    }
    // A `]` in first place stands for itself.
    (first + 1..pattern.len()).find(|&at| pattern[at] == ']')
}

fn in_class(class: &[char], c: char) -> bool {
    let (negated, class) = match class {
        ['!', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let mut at = 0;
    let mut found = false;
    while at < class.len() {
        if at + 2 < class.len() && class[at + 1] == '-' {
            found |= class[at] <= c && c <= class[at + 2];
            at += 3;
        } else {
            found |= class[at] == c;
            at += 1;
        }
    }
    found != negated
}

/// The one of `names` that looks most like `word`, if any is alike enough:
/// Ratcliff and Obershelp's measure of at least 0.6, by which Python's difflib
/// suggests.
pub fn closest<'a>(word: &str, names: &'a [String]) -> Option<&'a str> {
    const CUTOFF: f64 = 0.6;
    let mut best: Option<(f64, &str)> = None;
    for name in names {
        let ratio = likeness(word, name);
        let better = match best {
            None => true,
            // Of equals, difflib takes the one that sorts last.
            Some((top, other)) => ratio > top || (ratio == top && name.as_str() > other),
        };
        if ratio >= CUTOFF && better {
            best = Some((ratio, name));
        }
    }
    best.map(|(_, name)| name)
}

fn likeness(left: &str, right: &str) -> f64 {
    // difflib takes the candidate first, and the measure is not symmetric.
    let left_chars: Vec<char> = right.chars().collect();
    let right_chars: Vec<char> = left.chars().collect();
    let total = left_chars.len() + right_chars.len();
    if total == 0 {
        return 1.0;
    }
    2.0 * matching(&left_chars, &right_chars) as f64 / total as f64
}

/// The longest common block plus those on both sides of it, in characters.
fn matching(left: &[char], right: &[char]) -> usize {
    let mut best = (0, 0, 0);
    for i in 0..left.len() {
        for j in 0..right.len() {
            let pairs = left[i..].iter().zip(&right[j..]);
            let length = pairs.take_while(|(a, b)| a == b).count();
            if length > best.2 {
                best = (i, j, length);
            }
        }
    }
    let (i, j, length) = best;
    if length == 0 {
        return 0;
    }
    let before = matching(&left[..i], &right[..j]);
    before + length + matching(&left[i + length..], &right[j + length..])
}

/// `micros` microseconds as people say them: `2 hours ago`, in the largest unit
/// of which there is at least one, rounded down. Months have 30 days and years
/// 365; what is less than a second, or to come, is `just now`.
pub fn time_ago(micros: i64) -> String {
    const UNITS: [(&str, i64); 7] = [
        ("year", 365 * 86_400),
        ("month", 30 * 86_400),
        ("week", 7 * 86_400),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
        ("second", 1),
    ];
    let seconds = micros / 1_000_000;
    let Some((unit, size)) = UNITS.iter().find(|(_, size)| seconds >= *size) else {
        return "just now".to_string();
    };
    match seconds / size {
        1 => format!("1 {unit} ago"),
        count => format!("{count} {unit}s ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_their_largest_unit() {
        for (seconds, expected) in [
            (-5, "just now"),
            (0, "just now"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (86_400 * 6, "6 days ago"),
            (86_400 * 15, "2 weeks ago"),
            (86_400 * 45, "1 month ago"),
            (86_400 * 800, "2 years ago"),
        ] {
            assert_eq!(time_ago(seconds * 1_000_000), expected);
        }
    }

    #[test]
    fn numbers_sort_by_value() {
        let mut names = ["a10", "a2", "b", "a02", "a", "-", "10", "9"];
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, ["9", "10", "-", "a", "a02", "a2", "a10", "b"]);
    }

    #[test]
    fn home_is_a_tilde_only_at_a_folder_border() {
        let home = Some(Path::new("/home/u"));
        assert_eq!(abbreviate_home(Path::new("/home/u/p"), home), "~/p");
        assert_eq!(abbreviate_home(Path::new("/home/u"), home), "~");
        assert_eq!(abbreviate_home(Path::new("/home/us"), home), "/home/us");
    }

    #[test]
    fn the_last_cell_of_a_row_is_not_padded() {
        let rows = vec![
            vec!["[1]".to_string(), "a".to_string(), String::new()],
            vec!["[10]".to_string(), "bcd".to_string(), "x".to_string()],
            vec!["[11]".to_string(), "x".to_string()],
        ];
        assert_eq!(table(&rows, 2), ["[1]   a    ", "[10]  bcd  x", "[11]  x"]);
    }

    #[test]
    fn long_paths_lose_their_middle() {
        assert_eq!(shorten_path("/a/b", 10), "/a/b");
        let short = shorten_path("/home/user/projects/vision/train", 20);
        assert!(short.ends_with("/train"), "{short}");
        assert!(short.contains('…') && short.chars().count() < 20, "{short}");
        assert_eq!(
            shorten_path("averyveryverylongname", 5),
            "averyveryverylongname"
        );
    }

    #[test]
    fn patterns_are_the_shells() {
        for (pattern, text, expected) in [
            ("*.py", "a/b.py", true),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[", "[", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "aXbY", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(fnmatch(pattern, text), expected, "{pattern} {text}");
        }
    }
}
