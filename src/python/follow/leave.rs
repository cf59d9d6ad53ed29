//! What is given up: values that code outside of the script gets hold of, and
//! blocks that may or may not be run.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::TextSize;

use super::mentions::{Body, Definitions, Mentions, PARSE_CALLS};
use super::value::{Base, Class, Code, Function, Scope, Value};
use super::{Follower, Library, Stop};

impl<'a> Follower<'a> {
    /// All that `mentions` mention, through the functions that they may call too.
    fn close(&mut self, mentions: &mut Mentions<'a>) {
        let body = self.body;
        let definitions = self
            .definitions
            .get_or_insert_with(|| Definitions::of(body));
        definitions.close(mentions);
    }

    fn parses(&self, mentions: &Mentions<'a>) -> bool {
        let mut calls = PARSE_CALLS.iter();
        self.library == Library::Argparse && calls.any(|call| mentions.names.contains(call))
    }

    /// Whether a block has to do with the script's arguments.
    pub(super) fn concerns(&mut self, block: &'a [Stmt], scope: &Scope<'a>) -> bool {
        let mut mentions = Mentions::of(&[block]);
        self.close(&mut mentions);
        self.parses(&mentions)
            || mentions.free.iter().any(|name| {
                let value = self.held(name, scope);
                matches!(
                    value,
                    Some(
                        Value::Parser(_) | Value::Group(_) | Value::SubParsers(_) | Value::Click(_)
                    )
                )
            })
    }

    /// Gives up blocks of which it is not known whether or how often they run.
    ///
    /// # Errors
    /// They parse arguments, hold a parser, or leave what they are in.
    pub(super) fn leave_blocks(
        &mut self,
        blocks: &[&'a [Stmt]],
        scope: &Scope<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        let mut mentions = Mentions::of(blocks);
        let assigned = std::mem::take(&mut mentions.assigned);
        self.leave_mentions(&mut mentions, scope, at)?;
        for name in assigned {
            let unknown = self.unknown(at);
            self.bind(name, unknown, scope)?;
        }
        if mentions.leaves {
            return Err(Stop::Uncertain);
        }
        Ok(())
    }

    /// Gives up an expression of which it is not known whether it is evaluated.
    pub(super) fn leave_expr(&mut self, expr: &'a Expr, scope: &Scope<'a>) -> Result<(), Stop> {
        use ruff_text_size::Ranged;
        let at = expr.start();
        let mut mentions = Mentions::of_expr(expr);
        let assigned = std::mem::take(&mut mentions.assigned);
        self.leave_mentions(&mut mentions, scope, at)?;
        for name in assigned {
            let unknown = self.unknown(at);
            self.bind(name, unknown, scope)?;
        }
        Ok(())
    }

    fn leave_mentions(
        &mut self,
        mentions: &mut Mentions<'a>,
        scope: &Scope<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        self.close(mentions);
        if self.parses(mentions) {
            let why = "whether arguments are parsed here depends on values that are computed";
            return Err(Stop::cannot_tell(why, at));
        }
        for name in mentions.free.iter().copied() {
            let value = self.held(name, scope);
            // A function is only named, and what it mentions is among these.
            if let Some(value) = value
                && !matches!(value, Value::Function(_) | Value::Class(_))
            {
                self.leave_value(&value, at)?;
            }
        }
        for name in mentions.declared.iter().copied() {
            let mut place = Some(scope.clone());
            while let Some(here) = place {
                if here.names.borrow().contains_key(name) || here.outer.is_none() {
                    here.names.borrow_mut().insert(name, Value::Unknown(at));
                }
                place = here.outer.clone();
            }
        }
        Ok(())
    }

    /// What `name` stands for in `scope`, if anything of the script.
    fn held(&self, name: &str, scope: &Scope<'a>) -> Option<Value<'a>> {
        let mut place = Some(scope.clone());
        while let Some(here) = place {
            if let Some(value) = here.names.borrow().get(name) {
                return Some(value.clone());
            }
            place = here.outer.clone();
        }
        None
    }

    /// Gives up what `value` holds: code that is not followed has it.
    ///
    /// # Errors
    /// It holds a parser, or something that parses arguments.
    pub(in crate::python) fn leave_value(
        &mut self,
        value: &Value<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        match value {
            Value::Tuple(items) => self.leave_all(items, at),
            Value::List(items) | Value::Set(items) => {
                let items = items.take();
                self.leave_all(items.as_deref().unwrap_or_default(), at)
            }
            Value::Dict(entries) => {
                for (key, value) in entries.take().unwrap_or_default() {
                    self.leave_value(&key, at)?;
                    self.leave_value(&value, at)?;
                }
                Ok(())
            }
            Value::Function(function) => self.leave_function(function, at),
            Value::Method(function, object) => {
                self.leave_function(function, at)?;
                self.leave_value(object, at)
            }
            Value::Class(class) => self.leave_class(class, at),
            Value::Instance(instance) | Value::Super(_, instance) => {
                let fields = instance.fields.take();
                for value in fields.into_iter().flatten().map(|(_, value)| value) {
                    self.leave_value(&value, at)?;
                }
                let class = instance.class.clone();
                self.leave_class(&class, at)
            }
            Value::Bound(bound) => self.leave_value(&bound.0, at),
            Value::Parser(_)
            | Value::Group(_)
            | Value::SubParsers(_)
            | Value::Groups(_)
            | Value::Action(_) => Err(Stop::cannot_tell(
                "a parser is used by code that is not followed",
                at,
            )),
            Value::Click(value) => self.commands.leave(value, at),
            Value::Argv(_) => {
                self.argv_changed = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn leave_all(&mut self, items: &[Value<'a>], at: TextSize) -> Result<(), Stop> {
        items.iter().try_for_each(|item| self.leave_value(item, at))
    }

    /// A function that may be called at any time from now on.
    fn leave_function(&mut self, function: &Function<'a>, at: TextSize) -> Result<(), Stop> {
        let body = match function.code {
            Code::Def(def) => Body::Block(&def.body),
            Code::Lambda(body, _) => Body::Expr(body),
        };
        let mentions = Mentions::of_function(function.parameters(), body);
        self.leave_code(mentions, &function.scope.clone(), at)
    }

    /// A class whose methods may be called at any time from now on.
    pub(super) fn leave_class(&mut self, class: &Class<'a>, at: TextSize) -> Result<(), Stop> {
        let mentions = Mentions::of(&[class.def.body.as_slice()]);
        let attributes: Vec<_> = class.attributes.borrow().values().cloned().collect();
        let functions = attributes.iter().find_map(|value| match value {
            Value::Function(function) => Some(function.scope.clone()),
            _ => None,
        });
        for value in attributes {
            if !matches!(value, Value::Function(_)) {
                self.leave_value(&value, at)?;
            }
        }
        if let Base::Class(base) = &class.base {
            self.leave_class(&base.clone(), at)?;
        }
        match functions {
            Some(scope) => self.leave_code(mentions, &scope, at),
            None => Ok(()),
        }
    }

    fn leave_code(
        &mut self,
        mut mentions: Mentions<'a>,
        scope: &Scope<'a>,
        at: TextSize,
    ) -> Result<(), Stop> {
        self.close(&mut mentions);
        self.poisoned.extend(&mentions.declared);
        self.watched.extend(&mentions.free);
        self.leave_mentions(&mut mentions, scope, at)
    }
}
