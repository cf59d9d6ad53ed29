//! Dotted names of values in nested mappings.

use super::Error;
use crate::base::yaml::{Map, Value};
use crate::flags;

/// The values of a mapping by dotted name, in order: `{a: {b: 1}}` has `a.b`.
/// Empty mappings have no name.
pub fn names(map: &Map) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    add_names("", map, &mut found);
    found
}

fn add_names(prefix: &str, map: &Map, found: &mut Vec<(String, Value)>) {
    for (key, value) in map.iter() {
        let name = format!("{prefix}{}", key_text(key));
        match value {
            Value::Map(map) => add_names(&format!("{name}."), map, found),
            value => found.push((name, value.clone())),
        }
    }
}

fn key_text(key: &Value) -> String {
    flags::plain_text(key)
}

/// The key that is written as `name`, which text is or shows as.
fn key<'a>(map: &'a Map, name: &str) -> Option<&'a Value> {
    if map.contains(name) {
        return map.keys().find(|key| key.as_str() == Some(name));
    }
    map.keys().find(|key| key_text(key) == name)
}

/// Sets the value that `name` stands for. The longest part of the name that is a
/// key decides, since keys may have dots themselves; where none is, mappings are
/// added.
///
/// # Errors
/// A part of the name has a value that is no mapping.
pub fn set(map: &mut Map, name: &str, value: Value) -> Result<(), Error> {
    if let Some(key) = key(map, name).cloned() {
        map.insert(key, value);
        return Ok(());
    }
    let dots = name.char_indices().filter(|(_, c)| *c == '.');
    let dots: Vec<usize> = dots.map(|(at, _)| at).collect();
    for &dot in dots.iter().rev() {
        let (head, rest) = (&name[..dot], &name[dot + 1..]);
        let Some(key) = key(map, head).cloned() else {
            continue;
        };
        let mut inner = match map.get_value(&key) {
            Some(Value::Map(inner)) => inner.clone(),
            other => {
                return Err(Error::Conflict {
                    name: name.to_string(),
                    prefix: head.to_string(),
                    value: flags::plain_text(&Value::List(other.cloned().into_iter().collect()))
                        .trim_start_matches('[')
                        .trim_end_matches(']')
                        .to_string(),
                });
            }
        };
        set(&mut inner, rest, value)?;
        map.insert(key, Value::Map(inner));
        return Ok(());
    }
    match dots.first() {
        None => map.insert(name, value),
        Some(&dot) => {
            let mut inner = Map::new();
            set(&mut inner, &name[dot + 1..], value)?;
            map.insert(&name[..dot], Value::Map(inner))
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::yaml;

    fn after(text: &str, name: &str) -> String {
        let Value::Map(mut map) = yaml::load(text).unwrap() else {
            panic!("a map");
        };
        match set(&mut map, name, Value::Int(5)) {
            Ok(()) => yaml::dump_flow(&Value::Map(map)),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_longest_key_decides() {
        assert_eq!(after("{a: 1}", "a"), "{a: 5}");
        assert_eq!(after("{a: {b: 1, c: 2}}", "a.b"), "{a: {b: 5, c: 2}}");
        assert_eq!(after("{lay.er: 3}", "lay.er"), "{lay.er: 5}");
        assert_eq!(after("{x.y: {u.v: 7}}", "x.y.u.v"), "{x.y: {u.v: 5}}");
        assert_eq!(
            after("{r.s: {t.u: 1}, r.s.t: {u: 2}}", "r.s.t.u"),
            "{r.s: {t.u: 1}, r.s.t: {u: 5}}"
        );
        assert_eq!(after("{}", "a.b.c"), "{a: {b: {c: 5}}}");
        assert_eq!(after("{1: {2: 3}}", "1.2"), "{1: {2: 5}}");
        assert_eq!(
            after("{g.h: 999}", "g.h.i"),
            "'g.h.i' cannot be nested: conflicts with {'g.h': 999}"
        );
        assert_eq!(
            after("{g: x}", "g.h"),
            "'g.h' cannot be nested: conflicts with {'g': 'x'}"
        );
    }

    #[test]
    fn every_value_but_mappings_has_a_name() {
        let map = yaml::load("{a: 1, b: {'1': [2], d: {}, 3: {c: x}}, n: }").unwrap();
        let names: Vec<_> = names(map.as_map().unwrap())
            .into_iter()
            .map(|(name, value)| format!("{name}={}", yaml::dump_flow(&value)))
            .collect();
        assert_eq!(names, ["a=1", "b.1=[2]", "b.3.c=x", "n=null"]);
    }
}
