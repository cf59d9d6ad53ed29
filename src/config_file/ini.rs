//! INI files as Python's `configparser` reads them: names of options in lower
//! case, values over several lines, `%` for references to other values.
//!
//! Values are text there. As flags they are numbers and booleans where they look
//! like such. The section `DEFAULT` is one like others, but for references.

use std::ops::Range;

use super::Error;
use crate::base::python_text;
use crate::base::yaml::{Map, Value};
use crate::flags;

/// The section that holds what belongs to all, and options without a section.
const DEFAULT: &str = "DEFAULT";

/// How deep references to values may go, as in Python.
const MAX_REFERENCES: usize = 10;

struct Section<'a> {
    name: &'a str,
    /// Where the line of the header ends.
    header_end: usize,
    options: Vec<Opt<'a>>,
}

struct Opt<'a> {
    /// The name in lower case, by which it is known.
    name: String,
    /// What is between the name and the value.
    delimiter: &'a str,
    /// The value as written, its lines without their margins.
    text: String,
    /// Where the value is, from its first to its last character.
    range: Range<usize>,
}

/// The typed values of a text, in their sections.
///
/// # Errors
/// Python would refuse the text.
pub fn read(text: &str) -> Result<Map, Error> {
    let sections = parse(text)?;
    let refers = uses_references(&sections);
    Ok(values(&sections, refers))
}

fn values(sections: &[Section<'_>], refers: bool) -> Map {
    let values = sections.iter().map(|section| {
        let options = section.options.iter().map(|option| {
            let text = match refers {
                true => resolved(option, section, sections),
                false => option.text.clone(),
            };
            (Value::from(option.name.as_str()), typed(&text))
        });
        (
            Value::from(section.name),
            Value::Map(options.collect::<Map>()),
        )
    });
    values.collect()
}

/// The text with the values of `wanted` in it.
///
/// # Errors
/// As [`read`]; a value that is not read as it was written.
pub fn with_values(text: &str, wanted: &Map) -> Result<String, Error> {
    let wanted = by_section(wanted);
    // Whoever reads the file takes `%` for what it is in the whole of it now.
    let refers = uses_references(&parse(text)?);
    let mut text = text.to_owned();
    for (section, option, value) in &wanted {
        text = with_value(&text, section, option, value, refers)?;
    }
    let now = values(&parse(&text)?, refers);
    for (section, option, value) in wanted {
        let read = now.get(&section).and_then(Value::as_map);
        let read = read.and_then(|options| options.get(&option.to_lowercase()));
        if read != Some(&typed(&flags::plain_text(&value))) {
            return Err(Error::NotWritable {
                name: format!("{section}.{option}"),
            });
        }
    }
    Ok(text)
}

/// The values by section and option. What is in no section is in `DEFAULT`, what
/// is nested deeper has a name with dots.
fn by_section(wanted: &Map) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (key, value) in wanted.iter() {
        let key = flags::plain_text(key);
        match value {
            Value::Map(options) => {
                let options = super::names(options).into_iter();
                found.extend(options.map(|(name, value)| (key.clone(), name, value)));
            }
            value => found.push((DEFAULT.to_string(), key, value.clone())),
        }
    }
    found
}

/// The value of a text: a number, a boolean or the text.
fn typed(text: &str) -> Value {
    let text = text.trim();
    if let Some(digits) = python_text::parse_int(text) {
        return match digits.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => Value::BigInt(digits),
        };
    }
    if let Some(number) = python_text::parse_float(text) {
        return Value::Float(number);
    }
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Value::Bool(true),
        "no" | "false" | "off" => Value::Bool(false),
        _ => Value::from(text),
    }
}

fn with_value(
    text: &str,
    section: &str,
    option: &str,
    value: &Value,
    refers: bool,
) -> Result<String, Error> {
    let sections = parse(text)?;
    let wanted = flags::plain_text(value);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut written = wanted.replace('\n', &format!("{line_end}\t"));
    if refers {
        written = written.replace('%', "%%");
    }
    let mut text = text.to_owned();
    let Some(found) = sections.iter().rev().find(|known| known.name == section) else {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str(line_end);
        }
        let blank = if text.is_empty() { "" } else { line_end };
        text.push_str(&format!(
            "{blank}[{section}]{line_end}{option} = {written}{line_end}"
        ));
        return Ok(text);
    };
    let name = option.to_lowercase();
    if let Some(known) = found.options.iter().find(|known| known.name == name) {
        let now = match refers {
            true => resolved(known, found, &sections),
            false => known.text.clone(),
        };
        if typed(&now) != typed(&wanted) {
            let is_joined = text[..known.range.start].ends_with(['=', ':']);
            let blank = if is_joined && !known.delimiter.starts_with(['=', ':']) {
                " "
            } else {
                ""
            };
            text.replace_range(known.range.clone(), &format!("{blank}{written}"));
        }
        return Ok(text);
    }
    let (at, delimiter) = match found.options.last() {
        Some(last) if !last.text.is_empty() => (last.range.end, last.delimiter),
        Some(last) => (last.range.end, " = "),
        None => (found.header_end, " = "),
    };
    text.insert_str(at, &format!("{line_end}{option}{delimiter}{written}"));
    Ok(text)
}

/// Reads the lines of a text as `configparser` does.
fn parse(text: &str) -> Result<Vec<Section<'_>>, Error> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut start = 0;
    // The column of the option that following lines may belong to.
    let mut margin: Option<usize> = None;
    for (number, raw) in text.split_inclusive('\n').enumerate() {
        let at = start;
        start += raw.len();
        let line = raw.trim_end();
        let content = line.trim_start();
        let column = line.len() - content.len();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let refuse = |what: &str| Error::Syntax(format!("line {}: {what}", number + 1));
        if margin.is_some_and(|margin| column > margin) {
            let option = sections.last_mut().and_then(|last| last.options.last_mut());
            if let Some(option) = option {
                let gap = text[option.range.end..at].matches('\n').count();
                option
                    .text
                    .push_str(&"\n".repeat(blank_lines(text, option, at, gap)));
                option.text.push_str(content);
                option.range.end = at + line.len();
                continue;
            }
        }
        margin = None;
        if let Some(name) = header(content) {
            if sections.iter().any(|known| known.name == name) {
                return Err(refuse(&format!("section '{name}' is there already")));
            }
            sections.push(Section {
                name,
                header_end: at + line.len(),
                options: Vec::new(),
            });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            return Err(refuse("expected a section such as [name]"));
        };
        let option = option(line, at, column).ok_or_else(|| refuse("expected NAME = VALUE"))?;
        if section
            .options
            .iter()
            .any(|known| known.name == option.name)
        {
            return Err(refuse(&format!(
                "option '{}' is there already",
                option.name
            )));
        }
        section.options.push(option);
        margin = Some(column);
    }
    Ok(sections)
}

/// The line breaks between what a value has so far and its next line: those of
/// blank lines count, those of comments do not.
fn blank_lines(text: &str, option: &Opt<'_>, next: usize, gap: usize) -> usize {
    let between = text[option.range.end..next].split_inclusive('\n').skip(1);
    let comments = between.filter(|line| !line.trim().is_empty()).count();
    gap - comments
}

/// The name in the brackets of a header.
fn header(line: &str) -> Option<&str> {
    let inside = line.strip_prefix('[')?;
    let name = &inside[..inside.rfind(']')?];
    (!name.is_empty()).then_some(name)
}

fn option(line: &str, at: usize, column: usize) -> Option<Opt<'_>> {
    let delimiter = line.find(['=', ':'])?;
    let name = line[column..delimiter.max(column)].trim_end();
    if name.is_empty() {
        return None;
    }
    let rest = &line[delimiter + 1..];
    let value = rest.trim_start();
    let value_at = line.len() - value.len();
    Some(Opt {
        name: name.to_lowercase(),
        delimiter: &line[column + name.len()..value_at],
        text: value.to_string(),
        range: at + value_at..at + line.len(),
    })
}

/// Whether `%` can be read as Python reads it by default: `%%` for itself, and
/// `%(name)s` for a value that is there.
fn uses_references(sections: &[Section<'_>]) -> bool {
    sections.iter().all(|section| {
        let mut options = section.options.iter();
        options.all(|option| resolve(&option.text, section, sections, 0).is_some())
    })
}

fn resolved(option: &Opt<'_>, section: &Section<'_>, sections: &[Section<'_>]) -> String {
    resolve(&option.text, section, sections, 0).unwrap_or_else(|| option.text.clone())
}

fn resolve(
    text: &str,
    section: &Section<'_>,
    sections: &[Section<'_>],
    depth: usize,
) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            result.push('%');
            rest = after;
            continue;
        }
        let (name, after) = rest.strip_prefix('(')?.split_once(")s")?;
        let name = name.to_lowercase();
        let default = sections.iter().find(|section| section.name == DEFAULT);
        let places = [Some(section), default];
        let mut options = places.iter().flatten().flat_map(|place| &place.options);
        let found = options.find(|option| option.name == name)?;
        if depth == MAX_REFERENCES {
            return None;
        }
        result.push_str(&resolve(&found.text, section, sections, depth + 1)?);
        rest = after;
    }
    result.push_str(rest);
    Some(result)
}
