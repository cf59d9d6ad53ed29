//! Module-level variables of a script as flags.

use ruff_python_ast::{Expr, Number, Stmt, UnaryOp};
use ruff_text_size::{Ranged, TextSize};

use super::left_out;
use crate::base::shell_text;
use crate::base::yaml::{self, Map, Value};
use crate::guildfile::FlagDef;
use crate::python::definition::Argument;

/// What a module-level name is first assigned, as far as it is a literal.
pub(super) struct Global<'a> {
    name: &'a str,
    /// The literal, or why it is none.
    value: Result<Literal, &'static str>,
    at: TextSize,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// A plain value.
    Plain(Value),
    /// `SimpleNamespace(...)`, as the map of its attributes.
    Namespace(Map),
}

/// The module-level names of a script, in order, each by its first assignment of
/// a literal, else by its first one.
pub(super) fn all(body: &[Stmt]) -> Vec<Global<'_>> {
    let mut globals: Vec<Global> = Vec::new();
    for stmt in body {
        let (targets, value): (Vec<&Expr>, &Expr) = match stmt {
            Stmt::Assign(assign) => (assign.targets.iter().collect(), &assign.value),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => (vec![&assign.target], value),
                None => continue,
            },
            _ => continue,
        };
        let value = literal(value).ok_or_else(|| why_no_literal(value));
        for target in targets {
            let Expr::Name(name) = target else { continue };
            let global = Global {
                name: name.id.as_str(),
                value: value.clone(),
                at: target.start(),
            };
            let mut known = globals.iter_mut();
            match known.find(|known| known.name == global.name) {
                None => globals.push(global),
                Some(known) if known.value.is_err() && value.is_ok() => *known = global,
                Some(_) => {}
            }
        }
    }
    globals
}

/// The variables that are flags, and those that are none.
pub(super) fn flags(body: &[Stmt]) -> Vec<Argument> {
    let globals = all(body);
    let is_known = |name: &str| globals.iter().any(|global| global.name == name);
    let others = left_out::names(body, is_known).into_iter();
    let others: Vec<_> = others
        .map(|other| Argument {
            name: other.name.to_string(),
            flag: Err(other.why.to_string()),
            at: other.at,
        })
        .collect();
    let mut found: Vec<_> = globals
        .into_iter()
        .map(|global| {
            let flag = match &global.value {
                _ if global.name.starts_with('_') => Err("its name starts with '_'"),
                Ok(Literal::Plain(Value::Map(_))) => Err("it is a map"),
                Ok(Literal::Namespace(_)) => Err("it is a namespace"),
                Ok(Literal::Plain(value)) => Ok(flag(global.name, value)),
                Err(why) => Err(*why),
            };
            Argument {
                name: global.name.to_string(),
                flag: flag
                    .map(|flag| (flag, "global variable".to_string()))
                    .map_err(str::to_string),
                at: global.at,
            }
        })
        .chain(others)
        .collect();
    found.sort_by_key(|argument| argument.at);
    found
}

/// The entries of the map or namespace that is called `name`, nested ones by
/// their path: `model.layers`. `None` if there is no such literal.
pub(super) fn members(body: &[Stmt], name: &str) -> Option<Vec<Argument>> {
    let global = all(body).into_iter().find(|global| global.name == name)?;
    let map = match global.value {
        Ok(Literal::Plain(Value::Map(map)) | Literal::Namespace(map)) => map,
        _ => return None,
    };
    let mut found = Vec::new();
    add_members(&map, "", name, global.at, &mut found);
    Some(found)
}

fn add_members(map: &Map, path: &str, of: &str, at: TextSize, found: &mut Vec<Argument>) {
    for (key, value) in map.iter() {
        let key = match key {
            Value::Str(key) => key.clone(),
            other => yaml::dump_flow(other),
        };
        let name = format!("{path}{key}");
        match value {
            Value::Map(inner) if inner.iter().next().is_some() => {
                add_members(inner, &format!("{name}."), of, at, found);
                continue;
            }
            _ => {}
        }
        let flag = match value {
            _ if name.starts_with('_') => Err("its name starts with '_'".to_string()),
            Value::Map(_) => Err("it is an empty map".to_string()),
            value => Ok((flag(&name, value), format!("entry of '{of}'"))),
        };
        found.push(Argument { name, flag, at });
    }
}

/// A flag with the default `value`, of the type that the value tells; the items of
/// a list are separate arguments.
pub fn flag(name: &str, value: &Value) -> FlagDef {
    let kind = match value {
        Value::Str(_) => Some("string"),
        Value::Bool(_) => Some("boolean"),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Some("number"),
        _ => None,
    };
    let mut flag = FlagDef {
        name: name.to_string(),
        default: value.clone(),
        kind: kind.map(str::to_string),
        ..FlagDef::default()
    };
    if let Value::List(items) = value {
        let items: Vec<_> = items
            .iter()
            .map(|item| shell_text::quote(&yaml::dump_flow(item)))
            .collect();
        flag.default = Value::from(items.join(" "));
        flag.spec.arg_split = Some(Value::Bool(true));
    }
    flag
}

fn why_no_literal(value: &Expr) -> &'static str {
    match value {
        Expr::Tuple(_) => "it is a tuple",
        Expr::BytesLiteral(_) => "it is of bytes",
        Expr::NumberLiteral(_) => "it is a complex number",
        _ => "its value is computed",
    }
}

/// A number, text, truth value, `None`, list or map of those, or a namespace.
fn literal(expr: &Expr) -> Option<Literal> {
    if let Expr::Call(call) = expr {
        let is_namespace =
            matches!(&*call.func, Expr::Name(name) if name.id.ends_with("SimpleNamespace"));
        if !is_namespace || !call.arguments.args.is_empty() {
            return None;
        }
        let mut map = Map::new();
        for keyword in &call.arguments.keywords {
            let value = match literal(&keyword.value)? {
                Literal::Plain(value) => value,
                Literal::Namespace(map) => Value::Map(map),
            };
            map.insert(keyword.arg.as_ref()?.as_str(), value);
        }
        return Some(Literal::Namespace(map));
    }
    plain(expr).map(Literal::Plain)
}

fn plain(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::NumberLiteral(number) => number_value(&number.value, false),
        Expr::StringLiteral(text) => Some(Value::Str(text.value.to_str().to_string())),
        Expr::BooleanLiteral(truth) => Some(Value::Bool(truth.value)),
        Expr::NoneLiteral(_) => Some(Value::Null),
        Expr::List(list) => {
            let items: Option<Vec<_>> = list.elts.iter().map(plain).collect();
            items.map(Value::List)
        }
        Expr::Dict(dict) => {
            let mut map = Map::new();
            for item in &dict.items {
                let key = plain(item.key.as_ref()?)?;
                if matches!(key, Value::List(_) | Value::Map(_)) {
                    return None;
                }
                map.insert(key, plain(&item.value)?);
            }
            Some(Value::Map(map))
        }
        Expr::UnaryOp(unary) => match (&unary.op, &*unary.operand) {
            (UnaryOp::USub, Expr::NumberLiteral(number)) => number_value(&number.value, true),
            (UnaryOp::UAdd, Expr::NumberLiteral(number)) => number_value(&number.value, false),
            _ => None,
        },
        _ => None,
    }
}

fn number_value(number: &Number, negative: bool) -> Option<Value> {
    match number {
        Number::Int(int) => Some(match int.as_i64() {
            Some(int) if negative => Value::Int(-int),
            Some(int) => Value::Int(int),
            None => Value::BigInt(format!("{}{int}", if negative { "-" } else { "" })),
        }),
        Number::Float(float) => Some(Value::Float(if negative { -float } else { *float })),
        Number::Complex { .. } => None,
    }
}
