//! Calls: functions of the script are followed, those of Python itself are known
//! or not, and whatever goes into others is given up.

use std::cell::RefCell;
use std::rc::Rc;

use ruff_text_size::TextSize;

use super::mentions::{Mentions, PARSE_CALLS};
use super::value::{Args, Code, Function, Names, Scope, Value};
use super::{Flow, Follower, Library, MAX_SIZE, Stop, external, methods, operators, text};

impl<'a> Follower<'a> {
    /// A function of the script, with the defaults that it has here.
    pub(super) fn function(
        &mut self,
        code: Code<'a>,
        scope: &Scope<'a>,
    ) -> Result<Value<'a>, Stop> {
        let mut function = Function {
            code,
            scope: scope.clone(),
            defaults: Vec::new(),
            class: RefCell::default(),
            options: RefCell::default(),
        };
        for parameter in function
            .parameters()
            .into_iter()
            .flat_map(|all| all.iter_non_variadic_params())
        {
            if let Some(default) = &parameter.default {
                let value = self.eval(default, scope)?;
                let name = parameter.parameter.name.as_str();
                function.defaults.push((name, value));
            }
        }
        Ok(Value::Function(Rc::new(function)))
    }

    /// What a decorator makes of a function or class.
    pub(super) fn decorate(
        &mut self,
        decorator: &Value<'a>,
        value: Value<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        if let Value::External(name) = decorator {
            if external::is_transparent(name) {
                return Ok(value);
            }
            if matches!(&**name, "builtins.staticmethod" | "builtins.classmethod") {
                return Ok(value);
            }
        }
        let args = Args {
            positional: vec![value],
            named: Vec::new(),
            complete: true,
            at,
        };
        let scope = Names::new(None);
        self.call(decorator, "", args, &scope)
    }

    /// Calls `called`, which the source calls `name`.
    pub(super) fn call(
        &mut self,
        called: &Value<'a>,
        name: &str,
        args: Args<'a>,
        scope: &Scope<'a>,
    ) -> Result<Value<'a>, Stop> {
        for value in &args.positional {
            self.charge(value);
        }
        let value = match called {
            Value::Function(function) => self.call_function(function, None, args)?,
            Value::Method(function, object) => {
                let object = Value::clone(object);
                self.call_function(function, Some(object), args)?
            }
            Value::Class(class) => self.instantiate(class, args)?,
            Value::Bound(bound) => {
                let (holder, name) = &**bound;
                match holder {
                    Value::Parser(_)
                    | Value::Group(_)
                    | Value::SubParsers(_)
                    | Value::Groups(_)
                    | Value::Action(_) => self.parser_method(holder, name, args)?,
                    Value::Click(value) => self.click_method(value, name, args)?,
                    holder => self.container_method(holder, name, &args)?,
                }
            }
            Value::Click(value) => self.call_click(value, args)?,
            Value::External(name) => self.call_external(&name.clone(), args, scope)?,
            _ => self.call_unknown(name, args)?,
        };
        Ok(value)
    }

    /// Gives up all that a call hands over.
    pub(in crate::python) fn leave_args(&mut self, args: &Args<'a>) -> Result<(), Stop> {
        for value in &args.positional {
            self.leave_value(value, args.at)?;
        }
        for (_, value) in &args.named {
            self.leave_value(value, args.at)?;
        }
        Ok(())
    }

    fn call_unknown(&mut self, name: &str, args: Args<'a>) -> Result<Value<'a>, Stop> {
        if self.library == Library::Argparse && PARSE_CALLS.contains(&name) {
            let why = format!("the parser of `{name}` is built by code that is not followed");
            return Err(Stop::cannot_tell(why, args.at));
        }
        self.leave_args(&args)?;
        Ok(self.unknown(args.at))
    }

    fn call_function(
        &mut self,
        function: &Rc<Function<'a>>,
        object: Option<Value<'a>>,
        mut args: Args<'a>,
    ) -> Result<Value<'a>, Stop> {
        let at = args.at;
        if let Some(object) = &object {
            args.positional.insert(0, object.clone());
        }
        let body = match function.code {
            Code::Def(def) => {
                let mentions = Mentions::of(&[&def.body]);
                if def.is_async || mentions.yields {
                    self.leave_args(&args)?;
                    self.leave_value(&Value::Function(function.clone()), at)?;
                    return Ok(self.unknown(at));
                }
                def.body.as_slice()
            }
            Code::Lambda(..) => &[],
        };
        let mut names = Names {
            names: RefCell::default(),
            elsewhere: RefCell::default(),
            outer: Some(function.scope.clone()),
            method_of: None,
        };
        if let Some(class) = function.class.borrow().clone()
            && let Some(object) = object.or_else(|| args.positional.first().cloned())
        {
            names.method_of = Some((class, object));
        }
        let scope = Rc::new(names);
        self.scopes.push(scope.clone());
        self.bind_arguments(function, args, &scope)?;
        self.down(at)?;
        let flow = match function.code {
            Code::Def(_) => self.block(body, &scope),
            Code::Lambda(body, _) => self.eval(body, &scope).map(Flow::Return),
        };
        self.up();
        match flow {
            Ok(Flow::Return(value)) => Ok(value),
            Ok(_) => Ok(Value::Null),
            Err(Stop::Uncertain) => {
                // What is left of it may or may not run.
                match self.leave_blocks(&[body], &scope, at) {
                    Ok(()) | Err(Stop::Uncertain) => Ok(self.unknown(at)),
                    Err(stop) => Err(stop),
                }
            }
            Err(stop) => Err(stop),
        }
    }

    /// Gives the parameters of a function their values.
    fn bind_arguments(
        &mut self,
        function: &Function<'a>,
        args: Args<'a>,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let Some(parameters) = function.parameters() else {
            return Ok(());
        };
        let at = args.at;
        let mut positional = args.positional.into_iter();
        let mut named = args.named;
        let by_place = parameters.posonlyargs.iter().chain(&parameters.args);
        let places = by_place.clone().count();
        for (place, parameter) in by_place.chain(&parameters.kwonlyargs).enumerate() {
            let name = parameter.parameter.name.as_str();
            let given = (place < places).then(|| positional.next()).flatten();
            let given = given.or_else(|| {
                let at = named.iter().position(|(known, _)| **known == *name)?;
                Some(named.remove(at).1)
            });
            let mut defaults = function.defaults.iter();
            let default = defaults.find(|(known, _)| *known == name);
            let value = match (given, default) {
                (Some(value), _) => value,
                (None, Some((_, value))) if args.complete => value.clone(),
                _ => self.unknown(at),
            };
            self.bind(name, value, scope)?;
        }
        if let Some(rest) = &parameters.vararg {
            let rest_values = Value::tuple(positional.collect());
            let value = if args.complete {
                rest_values
            } else {
                self.unknown(at)
            };
            self.bind(rest.name.as_str(), value, scope)?;
        }
        if let Some(rest) = &parameters.kwarg {
            let entries = named
                .into_iter()
                .map(|(name, value)| (Value::Str(name), value));
            let entries = Value::dict(entries.collect());
            let value = if args.complete {
                entries
            } else {
                self.unknown(at)
            };
            self.bind(rest.name.as_str(), value, scope)?;
        }
        Ok(())
    }

    fn call_external(
        &mut self,
        name: &Rc<str>,
        args: Args<'a>,
        scope: &Scope<'a>,
    ) -> Result<Value<'a>, Stop> {
        if self.library == Library::Argparse && &**name == "argparse.ArgumentParser" {
            return self.new_parser(args);
        }
        if self.library == Library::Click
            && let Some(name) = name.strip_prefix("click.")
        {
            return self.call_click_function(name, args);
        }
        if &**name == "argparse.FileType" {
            return Ok(Value::External("argparse.FileType()".into()));
        }
        if external::is_exit(name) {
            if self.tries > 0 {
                let why = "the script's end is caught here";
                return Err(Stop::cannot_tell(why, args.at));
            }
            return Err(Stop::Ended);
        }
        if external::is_magic(name) {
            let why = format!("`{}` may change any name", last(name));
            return Err(Stop::cannot_tell(why, args.at));
        }
        if &**name == "builtins.super" {
            let method = scope.method_of.clone();
            if let (Some((class, Value::Instance(instance))), true) =
                (method, args.positional.len() != 1)
            {
                return Ok(Value::Super(class, instance));
            }
        }
        if external::is_harmless(name) {
            return Ok(self.unknown(args.at));
        }
        // `@lru_cache(maxsize=None)` is called once more with the function.
        if external::is_transparent(name) {
            return Ok(match args.positional.first() {
                Some(value @ Value::Function(_)) => value.clone(),
                _ => Value::External(name.clone()),
            });
        }
        if args.complete
            && let Some(value) = self.known_call(name, &args)?
        {
            return Ok(value);
        }
        self.call_unknown(last(name), args)
    }

    /// A call of one of Python's own functions with values that are known.
    fn known_call(&mut self, name: &str, args: &Args<'a>) -> Result<Option<Value<'a>>, Stop> {
        let first = args.positional.first();
        let value = match (name, &args.positional[..]) {
            ("builtins.map", [function, items]) => {
                let Some(items) = items.items().filter(|items| items.len() <= MAX_SIZE) else {
                    return Ok(None);
                };
                let mut mapped = Vec::new();
                for item in items {
                    let args = Args {
                        positional: vec![item],
                        named: Vec::new(),
                        complete: true,
                        at: args.at,
                    };
                    mapped.push(self.call(function, "", args, &Names::new(None))?);
                }
                Some(Value::tuple(mapped))
            }
            ("os.path.join", [_, ..]) => {
                let parts: Option<Vec<_>> = args.positional.iter().map(Value::as_str).collect();
                parts.map(|parts| Value::text(join_path(&parts)))
            }
            ("pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath", parts) => {
                let parts = parts.iter().map(|part| match part {
                    Value::Str(text) | Value::Path(text) => Some(text),
                    _ => None,
                });
                let parts: Option<Vec<_>> = parts.collect();
                parts.map(|parts| {
                    let path = parts
                        .iter()
                        .fold(String::new(), |path, part| operators::join(&path, part));
                    Value::text_path(&path)
                })
            }
            ("builtins.sorted", [items]) if args.named.is_empty() => {
                let items = match items {
                    Value::Set(items) => items.borrow().clone(),
                    other => other.items(),
                };
                items
                    .and_then(|items| methods::sorted(&items))
                    .map(Value::list)
            }
            ("builtins.dict", []) => {
                let named = args.named.iter().cloned();
                let entries = named.map(|(name, value)| (Value::Str(name), value));
                Some(Value::dict(entries.collect()))
            }
            _ if !args.named.is_empty() => None,
            ("builtins.list", []) => Some(Value::list(Vec::new())),
            ("builtins.tuple", []) => Some(Value::tuple(Vec::new())),
            ("builtins.set", []) => operators::set_of(Vec::new()),
            ("builtins.range", bounds) => range(bounds),
            ("builtins.list", [items]) => items.items().map(Value::list),
            ("builtins.tuple", [items]) => items.items().map(Value::tuple),
            ("builtins.set" | "builtins.frozenset", [items]) => {
                items.items().and_then(operators::set_of)
            }
            ("builtins.dict", [Value::Dict(entries)]) => entries.borrow().clone().map(Value::dict),
            ("builtins.dict", [pairs]) => pairs.items().and_then(dict_of),
            ("builtins.reversed", [items]) => items.items().map(|mut items| {
                items.reverse();
                Value::tuple(items)
            }),
            ("builtins.enumerate", [items]) => items.items().map(|items| {
                let pairs = (0..).zip(items);
                let pairs = pairs.map(|(place, item)| Value::tuple(vec![Value::Int(place), item]));
                Value::tuple(pairs.collect())
            }),
            ("builtins.zip", [left, right]) => left.items().zip(right.items()).map(|(l, r)| {
                let pairs = l.into_iter().zip(r);
                Value::tuple(pairs.map(|(l, r)| Value::tuple(vec![l, r])).collect())
            }),
            ("builtins.type", [value]) => type_of(value),
            _ => first.and_then(|first| plain_call(name, first, &args.positional)),
        };
        Ok(value)
    }
}

/// The last part of a dotted name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `os.path.join` of Posix.
fn join_path(parts: &[&str]) -> String {
    let mut path = String::new();
    for (place, part) in parts.iter().enumerate() {
        if part.starts_with('/') || place == 0 {
            path = (*part).to_string();
        } else if path.is_empty() || path.ends_with('/') {
            path.push_str(part);
        } else {
            path.push('/');
            path.push_str(part);
        }
    }
    path
}

fn range<'a>(bounds: &[Value<'a>]) -> Option<Value<'a>> {
    let numbers: Option<Vec<i64>> = bounds
        .iter()
        .map(|bound| match bound {
            Value::Int(number) => Some(*number),
            _ => None,
        })
        .collect();
    let (start, end, step) = match numbers?[..] {
        [end] => (0, end, 1),
        [start, end] => (start, end, 1),
        [start, end, step] if step != 0 => (start, end, step),
        _ => return None,
    };
    let mut items = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        items.push(Value::Int(at));
        at = at.checked_add(step)?;
        if items.len() > MAX_SIZE {
            return None;
        }
    }
    Some(Value::tuple(items))
}

fn dict_of(pairs: Vec<Value>) -> Option<Value> {
    let mut entries = Vec::new();
    for pair in pairs {
        let [key, value] = <[_; 2]>::try_from(pair.items()?).ok()?;
        if !operators::insert(&mut entries, key, value) {
            return None;
        }
    }
    Some(Value::dict(entries))
}

fn type_of<'a>(value: &Value<'a>) -> Option<Value<'a>> {
    let name = match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Dict(_) => "dict",
        Value::Class(_) => return None,
        Value::Instance(instance) => return Some(Value::Class(instance.class.clone())),
        _ => return None,
    };
    Some(Value::External(format!("builtins.{name}").into()))
}

/// Functions of Python with plain values as arguments.
fn plain_call<'a>(name: &str, first: &Value<'a>, all: &[Value<'a>]) -> Option<Value<'a>> {
    let one = all.len() == 1;
    Some(match name {
        "builtins.len" if one => {
            let count = match first {
                Value::Set(items) => items.borrow().as_ref()?.len(),
                other => other.items()?.len(),
            };
            Value::Int(i64::try_from(count).ok()?)
        }
        "builtins.str" | "os.fspath" if one => Value::text(text::shown(first)?),
        "builtins.bool" if one => Value::Bool(first.truth()?),
        "builtins.abs" if one => match first {
            Value::Int(number) => Value::Int(number.checked_abs()?),
            Value::Float(number) => Value::Float(number.abs()),
            _ => return None,
        },
        "builtins.int" if one => match first {
            Value::Int(_) => first.clone(),
            Value::Bool(truth) => Value::Int(i64::from(*truth)),
            #[expect(clippy::cast_possible_truncation, reason = "within what a float holds")]
            Value::Float(number) if number.abs() < 9e15 => Value::Int(number.trunc() as i64),
            Value::Str(text) => {
                Value::Int(crate::base::python_text::parse_int(text)?.parse().ok()?)
            }
            _ => return None,
        },
        "builtins.float" if one => match first {
            Value::Float(_) => first.clone(),
            #[expect(clippy::cast_precision_loss, reason = "exact below two to the 53rd")]
            Value::Int(number) if number.unsigned_abs() < 1 << 53 => Value::Float(*number as f64),
            Value::Str(text) => Value::Float(crate::base::python_text::parse_float(text)?),
            _ => return None,
        },
        "builtins.min" | "builtins.max" => {
            let items = if one { first.items()? } else { all.to_vec() };
            let sorted = methods::sorted(&items)?;
            let end = if name == "builtins.min" {
                sorted.first()
            } else {
                sorted.last()
            };
            end?.clone()
        }
        _ => return None,
    })
}
