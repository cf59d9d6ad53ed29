//! Attributes and items of known values, and the methods of Python's containers.

use ruff_text_size::TextSize;

use super::external;
use super::operators;
use super::value::{Args, Value};
use super::{Follower, MAX_SIZE, Stop, text};

impl<'a> Follower<'a> {
    /// `holder.name`.
    pub(super) fn attribute(
        &mut self,
        holder: &Value<'a>,
        name: &'a str,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        Ok(match holder {
            Value::External(module) => {
                self.risk |= self.tries > 0 && !external::is_standard(module);
                external::value(&format!("{module}.{name}"))
            }
            Value::Class(class) => self.class_attribute(&class.clone(), name, at),
            Value::Instance(_) | Value::Super(..) => self.instance_attribute(holder, name, at),
            Value::Parser(parser) => match name {
                "_action_groups" => Value::Groups(*parser),
                "_optionals" | "_positionals" => Value::Group(*parser),
                "description" | "prog" | "epilog" | "usage" => self.unknown(at),
                _ => Value::Bound((holder.clone(), name).into()),
            },
            Value::Function(function) if name == "__name__" => Value::text(function.name()),
            Value::Str(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Dict(_)
            | Value::Tuple(_)
            | Value::Group(_)
            | Value::SubParsers(_)
            | Value::Groups(_)
            | Value::Action(_)
            | Value::Argv(_) => Value::Bound((holder.clone(), name).into()),
            Value::Click(_) if Self::is_click_method(name) => {
                Value::Bound((holder.clone(), name).into())
            }
            _ => {
                self.leave_value(holder, at)?;
                self.unknown(at)
            }
        })
    }

    /// `holder.name = value`.
    pub(super) fn set_attribute(
        &mut self,
        holder: &Value<'a>,
        name: &'a str,
        value: Value<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        match holder {
            Value::Instance(instance) => {
                if let Some(fields) = instance.fields.borrow_mut().as_mut() {
                    fields.insert(name, value);
                    return Ok(());
                }
                self.leave_value(&value, at)
            }
            Value::Class(class) => {
                class.attributes.borrow_mut().insert(name, value);
                Ok(())
            }
            Value::Parser(_) | Value::Group(_) | Value::Action(_) => {
                self.set_parser_attribute(holder, name, value, at)
            }
            Value::External(module) => {
                if **module == *"sys" && name == "argv" {
                    self.argv_changed = true;
                }
                if module.starts_with("argparse") || module.starts_with("click") {
                    let why = format!("the script changes `{module}.{name}`");
                    return Err(Stop::cannot_tell(why, at));
                }
                self.leave_value(&value, at)
            }
            Value::Click(_) => Err(Stop::cannot_tell("a command is changed here", at)),
            _ => self.leave_value(&value, at),
        }
    }

    /// `holder[key]`.
    pub(super) fn item(
        &mut self,
        holder: &Value<'a>,
        key: &Value<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        let found = match (holder, key) {
            (Value::Dict(entries), key) => {
                let entries = entries.borrow();
                let mut entries = entries.iter().flatten();
                entries
                    .find(|(known, _)| known.equals(key) == Some(true))
                    .map(|(_, value)| value.clone())
            }
            (Value::List(_) | Value::Tuple(_) | Value::Str(_), Value::Int(place)) => {
                let items = holder.items().unwrap_or_default();
                let distance = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
                let place = match place {
                    0.. => Some(distance),
                    _ => items.len().checked_sub(distance),
                };
                place.and_then(|place| items.get(place).cloned())
            }
            (Value::Groups(parser), _) => Some(Value::Group(*parser)),
            _ => None,
        };
        if let Some(value) = found {
            return Ok(value);
        }
        if !matches!(holder, Value::Argv(_)) {
            self.leave_value(holder, at)?;
        }
        self.leave_value(key, at)?;
        Ok(self.unknown(at))
    }

    /// `holder[key] = value`.
    pub(super) fn set_item(
        &mut self,
        holder: &Value<'a>,
        key: &Value<'a>,
        value: Value<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        match (holder, key) {
            (Value::Dict(entries), key) => {
                let mut entries = entries.borrow_mut();
                let known = entries
                    .as_mut()
                    .is_some_and(|entries| operators::insert(entries, key.clone(), value.clone()));
                if known {
                    return Ok(());
                }
            }
            (Value::List(items), Value::Int(place)) => {
                let mut items = items.borrow_mut();
                let place = usize::try_from(*place).ok();
                let item = items.as_mut().zip(place);
                if let Some(item) = item.and_then(|(items, place)| items.get_mut(place)) {
                    *item = value;
                    return Ok(());
                }
            }
            _ => {}
        }
        self.leave_value(holder, at)?;
        self.leave_value(&value, at)
    }

    /// A method of a text, a list, a set, a map or `sys.argv`.
    pub(super) fn container_method(
        &mut self,
        holder: &Value<'a>,
        name: &str,
        args: &Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        self.charge(holder);
        let known = match holder {
            Value::Str(template) if name == "format" && args.complete => {
                text::format(template, &args.positional, &args.named).map(Value::text)
            }
            Value::Str(text) if args.named.is_empty() && args.complete => {
                text::method(text, name, &args.positional)
            }
            Value::List(items) if args.named.is_empty() && args.complete => {
                list_method(&mut items.borrow_mut(), name, &args.positional)
            }
            Value::Dict(_) if args.complete => dict_method(holder, name, args),
            _ => None,
        };
        if let Some(value) = known {
            return Ok(value);
        }
        let reads = matches!(holder, Value::Str(_) | Value::Tuple(_))
            || matches!(
                name,
                "index" | "count" | "copy" | "keys" | "values" | "items"
            );
        if !reads {
            self.leave_value(holder, args.at)?;
        }
        self.leave_args(args)?;
        Ok(self.unknown(args.at))
    }
}

/// A method of a list; `None` if what it does is not known.
fn list_method<'a>(
    items: &mut Option<Vec<Value<'a>>>,
    name: &str,
    args: &[Value<'a>],
) -> Option<Value<'a>> {
    let items = items.as_mut().filter(|items| items.len() < MAX_SIZE)?;
    match (name, args) {
        ("append", [item]) => items.push(item.clone()),
        ("extend", [more]) => {
            let more = more.items()?;
            if items.len() + more.len() > MAX_SIZE {
                return None;
            }
            items.extend(more);
        }
        ("insert", [Value::Int(0), item]) => items.insert(0, item.clone()),
        ("pop", []) => return items.pop(),
        ("copy", []) => return Some(Value::list(items.clone())),
        ("reverse", []) => items.reverse(),
        ("sort", []) => *items = sorted(items)?,
        _ => return None,
    }
    Some(Value::Null)
}

/// Items from the smallest to the largest; `None` if they cannot be compared.
pub(super) fn sorted<'a>(items: &[Value<'a>]) -> Option<Vec<Value<'a>>> {
    let comparable = items
        .windows(2)
        .all(|pair| operators::order(&pair[0], &pair[1]).is_some());
    if !comparable {
        return None;
    }
    let mut items = items.to_vec();
    items.sort_by(|left, right| operators::order(left, right).unwrap_or(std::cmp::Ordering::Equal));
    Some(items)
}

/// A method of a map; `None` if what it does is not known.
fn dict_method<'a>(holder: &Value<'a>, name: &str, args: &Args<'a>) -> Option<Value<'a>> {
    let Value::Dict(entries) = holder else {
        return None;
    };
    let mut entries = entries.borrow_mut();
    let entries = entries.as_mut()?;
    if name == "update" {
        let mut new = entries.clone();
        for value in &args.positional {
            let Value::Dict(more) = value else {
                return None;
            };
            // A map that is updated with itself stays as it is.
            let more = more.try_borrow().ok()?.clone()?;
            if !more
                .into_iter()
                .all(|(key, value)| operators::insert(&mut new, key, value))
            {
                return None;
            }
        }
        for (name, value) in &args.named {
            if !operators::insert(&mut new, Value::Str(name.clone()), value.clone()) {
                return None;
            }
        }
        *entries = new;
        return Some(Value::Null);
    }
    if !args.named.is_empty() {
        return None;
    }
    match (name, &args.positional[..]) {
        ("keys", []) => Some(Value::tuple(
            entries.iter().map(|(k, _)| k.clone()).collect(),
        )),
        ("values", []) => Some(Value::tuple(
            entries.iter().map(|(_, v)| v.clone()).collect(),
        )),
        ("items", []) => {
            let pairs = entries
                .iter()
                .map(|(k, v)| Value::tuple(vec![k.clone(), v.clone()]));
            Some(Value::tuple(pairs.collect()))
        }
        ("copy", []) => Some(Value::dict(entries.clone())),
        ("get", [key, rest @ ..]) if rest.len() < 2 => {
            for (known, value) in entries.iter() {
                if known.equals(key)? {
                    return Some(value.clone());
                }
            }
            Some(rest.first().cloned().unwrap_or(Value::Null))
        }
        _ => None,
    }
}
