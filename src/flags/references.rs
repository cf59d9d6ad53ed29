//! References in texts: `${name}` stands for a value.

use super::encode_env;
use crate::base::yaml::Map;

/// Why the references of a text stand for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError<E> {
    /// What is said of one of them.
    #[error(transparent)]
    Reference(E),
    /// A value refers to itself, by way of others or not.
    #[error("references go in a circle: {}", .0.join(" -> "))]
    Circle(Vec<String>),
}

/// A reference to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("undefined reference '{0}'")]
pub struct Undefined(pub String);

/// `text` with its `${...}` references replaced by what `value` has for them, and
/// those in what they stand for; `\${...}` stands for itself.
///
/// # Errors
/// What `value` says; a circle.
pub fn replace_references<E>(
    text: &str,
    value: &dyn Fn(&str) -> Result<String, E>,
) -> Result<String, ReferenceError<E>> {
    replaced(text, value, &mut Vec::new())
}

/// `text` with references to flags replaced by their `values`.
///
/// # Errors
/// A reference that stands for nothing, or for itself.
pub fn with_flags(text: &str, values: &Map) -> Result<String, ReferenceError<Undefined>> {
    replace_references(text, &|name| match values.get(name) {
        Some(value) => Ok(encode_env(value, None)),
        None => Err(Undefined(name.to_string())),
    })
}

/// `within` names the references that `text` is the value of.
fn replaced<E>(
    text: &str,
    value: &dyn Fn(&str) -> Result<String, E>,
    within: &mut Vec<String>,
) -> Result<String, ReferenceError<E>> {
    let mut resolved = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let name = &rest[start + 2..start + length];
        let escaped = rest[..start].ends_with('\\');
        resolved.push_str(&rest[..start - usize::from(escaped)]);
        if escaped {
            resolved.push_str(&rest[start..=start + length]);
        } else {
            let is_circle = within.iter().any(|outer| outer == name);
            within.push(name.to_string());
            if is_circle {
                return Err(ReferenceError::Circle(std::mem::take(within)));
            }
            let text = value(name).map_err(ReferenceError::Reference)?;
            resolved += &replaced(&text, value, within)?;
            within.pop();
        }
        rest = &rest[start + length + 1..];
    }
    resolved.push_str(rest);
    Ok(resolved)
}
