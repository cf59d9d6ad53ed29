//! Regular expressions as Python's `re` has them, in the syntax of the crate
//! that matches them here.
//!
//! Both are alike but for what some letters after a backslash mean, brackets
//! inside brackets, braces that repeat nothing, and a few groups. What Python
//! refuses is refused with its words where the crate would take it.

/// Why Python would not take an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at position {position}")]
pub struct Refused {
    reason: String,
    position: usize,
}

type Result<T> = std::result::Result<T, Refused>;

/// White space of Python's texts: that of Unicode and four separators more.
const SPACE: &str = r"\s\x1c-\x1f";
const ASCII_SPACE: &str = r"\x09-\x0d\x20";

/// The expression `pattern` in the syntax of `fancy_regex`.
///
/// # Errors
/// Python would not take it. Not all such expressions are found here; the
/// others the crate refuses.
pub fn translate(pattern: &str) -> Result<String> {
    let mut translator = Translator {
        pattern: pattern.chars().collect(),
        at: 0,
        out: String::with_capacity(pattern.len() + 16),
        last: Last::Nothing,
        groups: Vec::new(),
        ascii: false,
        verbose: false,
    };
    translator.run()?;
    Ok(translator.out)
}

/// What a repetition would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Item,
    Repetition,
}

struct Translator {
    pattern: Vec<char>,
    at: usize,
    out: String,
    last: Last,
    // Where each open group began, and whether white space counted outside.
    groups: Vec<(usize, bool)>,
    ascii: bool,
    verbose: bool,
}

impl Translator {
    fn run(&mut self) -> Result<()> {
        while let Some(c) = self.next() {
            let start = self.at - 1;
            match c {
                c if self.verbose && c.is_ascii_whitespace() => {}
                '#' if self.verbose => while self.next().is_some_and(|c| c != '\n') {},
                '\\' => self.escape(start)?,
                '[' => self.class(start)?,
                '(' => self.open_group(start)?,
                ')' => self.close_group(start)?,
                '|' => self.push_between('|'),
                '^' | '$' => self.push_between(c),
                '*' | '+' | '?' => self.repeat(start, &c.to_string())?,
                '{' => self.braces(start)?,
                '.' => self.push_item("."),
                c => self.push_literal(c),
            }
        }
        match self.groups.last() {
            Some(&(start, _)) => Err(refused("missing ), unterminated subpattern", start)),
            None => Ok(()),
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.pattern.get(self.at).copied()
    }

    /// Goes past `text` if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        let comes = text.chars().eq(self
            .pattern
            .iter()
            .skip(self.at)
            .take(text.chars().count())
            .copied());
        if comes {
            self.at += text.chars().count();
        }
        comes
    }

    fn push_item(&mut self, text: &str) {
        self.out.push_str(text);
        self.last = Last::Item;
    }

    /// What stands between items, and can itself not be repeated.
    fn push_between(&mut self, c: char) {
        self.out.push(c);
        self.last = Last::Nothing;
    }

    fn push_literal(&mut self, c: char) {
        if r"\.+*?()|[]{}^$#".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
        self.last = Last::Item;
    }

    /// `*`, `+`, `?` and what changes how they repeat.
    fn repeat(&mut self, start: usize, text: &str) -> Result<()> {
        match self.last {
            Last::Nothing => return Err(refused("nothing to repeat", start)),
            Last::Repetition => return Err(refused("multiple repeat", start)),
            Last::Item => {}
        }
        self.out.push_str(text);
        if let Some(c @ ('?' | '+')) = self.peek() {
            self.at += 1;
            self.out.push(c);
        }
        self.last = Last::Repetition;
        Ok(())
    }

    /// `{2}`, `{2,}`, `{,3}` and `{2,3}`; other braces stand for themselves.
    fn braces(&mut self, start: usize) -> Result<()> {
        let after = self.at;
        let least = self.digits();
        let is_range = self.eat(",");
        let most = if is_range {
            self.digits()
        } else {
            least.clone()
        };
        if self.next() != Some('}') || !is_range && least.is_empty() {
            self.at = after;
            self.push_literal('{');
            return Ok(());
        }
        if let (Ok(least), Ok(most)) = (least.parse::<u32>(), most.parse::<u32>())
            && most < least
        {
            let reason = "min repeat greater than max repeat";
            return Err(refused(reason, start + 1));
        }
        let least = if least.is_empty() { "0" } else { &least };
        let range = if is_range {
            format!("{{{least},{most}}}")
        } else {
            format!("{{{least}}}")
        };
        self.repeat(start, &range)
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits
    }

    /// What follows a backslash outside of brackets.
    fn escape(&mut self, start: usize) -> Result<()> {
        match self.peek() {
            Some('A') => self.boundary(r"\A"),
            Some('Z') => self.boundary(r"\z"),
            Some('b') => self.boundary(r"\b"),
            Some('B') => self.boundary(r"\B"),
            Some(c) if c.is_ascii_digit() => self.number(start)?,
            _ => match self.category() {
                Some(category) => self.push_item(&format!("[{category}]")),
                None => {
                    let c = self.escaped_char(start)?;
                    self.push_literal(c);
                }
            },
        }
        Ok(())
    }

    fn boundary(&mut self, text: &str) {
        self.at += 1;
        self.out.push_str(text);
        self.last = Last::Nothing;
    }

    /// A number after a backslash: a character in octal, or a group.
    fn number(&mut self, start: usize) -> Result<()> {
        let digits: String = self.pattern[self.at..]
            .iter()
            .take(3)
            .take_while(|c| c.is_ascii_digit())
            .collect();
        let is_octal = |text: &str| text.bytes().all(|digit| digit < b'8');
        if digits.starts_with('0') || digits.len() == 3 && is_octal(&digits) {
            let c = self.octal(start)?;
            self.push_literal(c);
        } else {
            let digits = &digits[..digits.len().min(2)];
            self.at += digits.len();
            // In a group of its own, so that digits that follow are none of it.
            self.push_item(&format!(r"(?:\{digits})"));
        }
        Ok(())
    }

    fn octal(&mut self, start: usize) -> Result<char> {
        let mut code = 0;
        let mut digits = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(8))
            && digits < 3
        {
            code = code * 8 + digit;
            digits += 1;
            self.at += 1;
        }
        let text: String = self.pattern[start..self.at].iter().collect();
        let reason = format!("octal escape value {text} outside of range 0-0o377");
        match u8::try_from(code) {
            Ok(code) => Ok(char::from(code)),
            Err(_) => Err(refused(reason, start)),
        }
    }

    /// The members of `\d`, `\W` and the like, to stand in brackets.
    fn category(&mut self) -> Option<String> {
        let text = match (self.peek()?, self.ascii) {
            ('s', false) => SPACE.to_string(),
            ('S', false) => format!("[^{SPACE}]"),
            ('s', true) => ASCII_SPACE.to_string(),
            ('S', true) => format!("[^{ASCII_SPACE}]"),
            ('d', true) => "0-9".to_string(),
            ('D', true) => "[^0-9]".to_string(),
            ('w', true) => "0-9A-Za-z_".to_string(),
            ('W', true) => "[^0-9A-Za-z_]".to_string(),
            (c @ ('d' | 'D' | 'w' | 'W'), false) => format!("\\{c}"),
            _ => return None,
        };
        self.at += 1;
        Some(text)
    }

    /// The character that a backslash and what follows stand for.
    fn escaped_char(&mut self, start: usize) -> Result<char> {
        let Some(c) = self.next() else {
            return Err(refused("bad escape (end of pattern)", start));
        };
        Ok(match c {
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => self.hexadecimal(start, 2)?,
            'u' => self.hexadecimal(start, 4)?,
            'U' => self.hexadecimal(start, 8)?,
            c if c.is_ascii_alphanumeric() => {
                return Err(refused(format!("bad escape \\{c}"), start));
            }
            c => c,
        })
    }

    fn hexadecimal(&mut self, start: usize, length: usize) -> Result<char> {
        let digits: String = self.pattern[self.at..]
            .iter()
            .take(length)
            .take_while(|c| c.is_ascii_hexdigit())
            .collect();
        self.at += digits.len();
        let code = u32::from_str_radix(&digits, 16).ok();
        let c = code
            .filter(|_| digits.len() == length)
            .and_then(char::from_u32);
        c.ok_or_else(|| {
            let text: String = self.pattern[start..self.at].iter().collect();
            refused(format!("incomplete escape {text}"), start)
        })
    }

    /// What stands in brackets.
    fn class(&mut self, start: usize) -> Result<()> {
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let unterminated = || refused("unterminated character set", start);
        let mut is_first = true;
        loop {
            let place = self.at;
            let c = self.next().ok_or_else(unterminated)?;
            if c == ']' && !is_first {
                break;
            }
            is_first = false;
            let low = self.member(c, place)?;
            if self.peek() == Some('-') && !matches!(self.pattern.get(self.at + 1), Some(']')) {
                self.at += 1;
                let high_place = self.at;
                let c = self.next().ok_or_else(unterminated)?;
                let high = self.member(c, high_place)?;
                self.range(low, high, place)?;
            } else {
                self.push_member(low);
            }
        }
        self.push_item("]");
        Ok(())
    }

    fn range(&mut self, low: Member, high: Member, place: usize) -> Result<()> {
        if let (Member::Char(low), Member::Char(high)) = (&low, &high)
            && low <= high
        {
            self.push_member(Member::Char(*low));
            self.out.push('-');
            self.push_member(Member::Char(*high));
            return Ok(());
        }
        let text: String = self.pattern[place..self.at].iter().collect();
        Err(refused(format!("bad character range {text}"), place))
    }

    /// What `c`, which was just passed, stands for in brackets.
    fn member(&mut self, c: char, place: usize) -> Result<Member> {
        if c != '\\' {
            return Ok(Member::Char(c));
        }
        if let Some(category) = self.category() {
            return Ok(Member::Category(category));
        }
        Ok(Member::Char(match self.peek() {
            Some('b') => {
                self.at += 1;
                '\x08'
            }
            Some(c) if c.is_digit(8) => self.octal(place)?,
            _ => self.escaped_char(place)?,
        }))
    }

    fn push_member(&mut self, member: Member) {
        match member {
            Member::Char(c) => {
                if r"\[]^-&~".contains(c) {
                    self.out.push('\\');
                }
                self.out.push(c);
            }
            Member::Category(text) => self.out.push_str(&text),
        }
    }

    fn open_group(&mut self, start: usize) -> Result<()> {
        let verbose = self.verbose;
        if !self.eat("?") {
            self.out.push('(');
        } else if self.eat("#") {
            while self
                .next()
                .ok_or_else(|| refused("missing ), unterminated comment", start))?
                != ')'
            {}
            return Ok(());
        } else if self.eat("P=") {
            let name = self.name(')')?;
            self.push_item(&format!("(?P={name})"));
            return Ok(());
        } else if self.eat("P<") {
            let name = self.name('>')?;
            self.out.push_str(&format!("(?P<{name}>"));
        } else if self.eat("(") {
            let name = self.name(')')?;
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            let name = if is_number { name } else { format!("<{name}>") };
            self.out.push_str(&format!("(?({name})"));
        } else if let Some(kind) = [":", "=", "!", "<=", "<!", ">"]
            .into_iter()
            .find(|kind| self.eat(kind))
        {
            self.out.push_str(&format!("(?{kind}"));
        } else if !self.flags(start)? {
            return Ok(());
        }
        self.groups.push((start, verbose));
        self.last = Last::Nothing;
        Ok(())
    }

    /// The name of a group, up to `end`.
    fn name(&mut self, end: char) -> Result<String> {
        let start = self.at;
        let mut name = String::new();
        loop {
            match self.next() {
                Some(c) if c == end => break,
                Some(c) if c.is_alphanumeric() || c == '_' => name.push(c),
                Some(c) => {
                    let reason = format!("bad character in group name '{name}{c}'");
                    return Err(refused(reason, start));
                }
                None => {
                    let reason = format!("missing {end}, unterminated name");
                    return Err(refused(reason, start));
                }
            }
        }
        if name.is_empty() {
            return Err(refused("missing group name", start));
        }
        Ok(name)
    }

    /// Letters that change how an expression is read; whether they open a group.
    fn flags(&mut self, start: usize) -> Result<bool> {
        let mut kept = String::new();
        let mut is_on = true;
        loop {
            match self.next() {
                Some(c @ ('i' | 'm' | 's')) => kept.push(c),
                Some('x') => self.verbose = is_on,
                Some('a') => self.ascii = true,
                Some('u') => self.ascii = false,
                Some('-') if is_on => {
                    is_on = false;
                    kept.push('-');
                }
                Some(end @ (')' | ':')) => {
                    let opens = end == ':';
                    let kept = kept.strip_suffix('-').unwrap_or(&kept);
                    return self.push_flags(kept, opens, start);
                }
                Some(c) => {
                    // What `(?<` may begin takes one letter more.
                    let more = self.peek().filter(|_| matches!(c, '<' | 'P'));
                    let more = more.map(String::from).unwrap_or_default();
                    let reason = format!("unknown extension ?{c}{more}");
                    return Err(refused(reason, start + 1));
                }
                None => return Err(refused("unexpected end of pattern", self.at)),
            }
        }
    }

    fn push_flags(&mut self, flags: &str, opens: bool, start: usize) -> Result<bool> {
        if opens {
            self.out.push_str(&format!("(?{flags}:"));
        } else if start > 0 {
            let reason = "global flags not at the start of the expression";
            return Err(refused(reason, start));
        } else if !flags.is_empty() {
            self.out.push_str(&format!("(?{flags})"));
        }
        Ok(opens)
    }

    fn close_group(&mut self, start: usize) -> Result<()> {
        let (_, verbose) = self
            .groups
            .pop()
            .ok_or_else(|| refused("unbalanced parenthesis", start))?;
        self.verbose = verbose;
        self.push_item(")");
        Ok(())
    }
}

/// One of what stands in brackets.
enum Member {
    Char(char),
    Category(String),
}

fn refused(reason: impl Into<String>, position: usize) -> Refused {
    Refused {
        reason: reason.into(),
        position,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fancy_regex::Regex;

    /// The first match of `pattern` in `text`.
    fn first(pattern: &str, text: &str) -> Option<String> {
        let regex = Regex::new(&translate(pattern).unwrap()).unwrap();
        regex.find(text).unwrap().map(|found| found.as_str().into())
    }

    #[test]
    fn expressions_mean_what_python_has_them_mean() {
        for (pattern, text, expected) in [
            (r"a{,2}b", "aaab", Some("aab")),
            (r"a{2}{", "aa{", Some("aa{")),
            (r"{x}{}{,}", "{x}{}}}", Some("{x}{}}}")),
            (r"[[a&&b]+", "&[", Some("&[")),
            (r"[]-]+", "-]", Some("-]")),
            (r"[^]a]", "]ab", Some("b")),
            (r"[+--]+", "+,-.", Some("+,-")),
            (r"[\w.-]+", "a-b.c d", Some("a-b.c")),
            (r"[\S]+", " a\x1cb", Some("a")),
            (r"\<a\>\-\/", "<a>-/", Some("<a>-/")),
            (r"(a)\1\101", "aaA", Some("aaA")),
            (r"(a)\10?", "a\u{8}", None),
            (
                r"\x41\u00e9\U0001F600\0\07",
                "Aé😀\0\x07",
                Some("Aé😀\0\x07"),
            ),
            (r"[\b\n\x41]+", "\x08\nA", Some("\x08\nA")),
            (r"a\Z", "ba", Some("a")),
            (r"(?x) a \  b # c", "a b", Some("a b")),
            (r"(?x:a b)c d", "abc d", Some("abc d")),
            (r"(?i)AB", "ab", Some("ab")),
            (r"(?a)\w+", "éa", Some("a")),
            (r"(?i-s:A)b", "ab", Some("ab")),
            (r"a(?#note)b", "ab", Some("ab")),
            (r"(?P<q>['\x22]).*?(?P=q)", "x='a\"'", Some("'a\"'")),
            (r"(?P<p><)?a(?(p)>)", "<a>", Some("<a>")),
            (r"(<)?a(?(1)>|!)", "a!", Some("a!")),
            (r"(?<=loss=)\d+(?! %)", "loss=5", Some("5")),
            (r"(?<!val_)loss", "val_loss loss", Some("loss")),
            (r"a*?b++", "aabb", Some("aabb")),
            (r"\s+", "a\x1c b", Some("\x1c ")),
        ] {
            if pattern == r"(a)\10?" {
                // There is no tenth group.
                assert!(Regex::new(&translate(pattern).unwrap()).is_err());
                continue;
            }
            assert_eq!(first(pattern, text).as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused_with_its_words() {
        for (pattern, expected) in [
            ("(a", "missing ), unterminated subpattern at position 0"),
            ("a)", "unbalanced parenthesis at position 1"),
            ("[a", "unterminated character set at position 0"),
            ("*a", "nothing to repeat at position 0"),
            ("(|*)", "nothing to repeat at position 2"),
            ("^*", "nothing to repeat at position 1"),
            ("a**", "multiple repeat at position 2"),
            ("a{3,2}", "min repeat greater than max repeat at position 2"),
            (r"\y", r"bad escape \y at position 0"),
            ("a\\", "bad escape (end of pattern) at position 1"),
            ("[b-a]", "bad character range b-a at position 1"),
            (r"[\w-z]", r"bad character range \w-z at position 1"),
            (r"\x4", r"incomplete escape \x4 at position 0"),
            ("(?<n>a)", "unknown extension ?<n at position 1"),
            (
                "a(?i)",
                "global flags not at the start of the expression at position 1",
            ),
            ("(?P<>a)", "missing group name at position 4"),
        ] {
            let message = translate(pattern).unwrap_err().to_string();
            assert_eq!(message, expected, "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(pattern in r"[()\[\]{}?*+|^$\\.a-z0-9<>=!:#P, -]{0,24}") {
            if let Ok(text) = translate(&pattern) {
                let _ = Regex::new(&text);
            }
        }
    }
}
