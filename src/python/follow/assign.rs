//! Names and what they stand for: assignments and imports.

use ruff_python_ast::{Expr, Operator, Pattern, StmtAugAssign, StmtImport, StmtImportFrom};
use ruff_text_size::{Ranged, TextSize};

use super::external;
use super::mentions::Mentions;
use super::value::{Scope, Value};
use super::{Follower, Stop};

impl<'a> Follower<'a> {
    /// Gives `name` a value in `scope`, or where the scope says that it belongs.
    pub(super) fn bind(
        &mut self,
        name: &'a str,
        value: Value<'a>,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let mut place = scope.clone();
        if scope.elsewhere.borrow().contains(&name) {
            while let Some(outer) = place.outer.clone() {
                place = outer;
                if place.names.borrow().contains_key(name) {
                    break;
                }
            }
        }
        if self.watched.contains(name) && !matches!(value, Value::Function(_) | Value::Class(_)) {
            self.leave_value(&value, self.at)?;
        }
        place.names.borrow_mut().insert(name, value);
        Ok(())
    }

    /// What `name` stands for.
    pub(super) fn look_up(&mut self, name: &'a str, at: TextSize) -> Value<'a> {
        if external::is_builtin(name) {
            Value::External(format!("builtins.{name}").into())
        } else {
            self.unknown(at)
        }
    }

    /// What `name` stands for in `scope`.
    pub(super) fn name(&mut self, name: &'a str, scope: &Scope<'a>, at: TextSize) -> Value<'a> {
        let mut place = Some(scope.clone());
        while let Some(here) = place {
            let skip = here.elsewhere.borrow().contains(&name);
            if !skip && let Some(value) = here.names.borrow().get(name) {
                if here.outer.is_none() && self.poisoned.contains(name) {
                    return Value::Unknown(at);
                }
                return value.clone();
            }
            place = here.outer.clone();
        }
        self.look_up(name, at)
    }

    pub(super) fn assign(
        &mut self,
        target: &'a Expr,
        value: Value<'a>,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), value, scope),
            Expr::Starred(starred) => self.assign(&starred.value, value, scope),
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value, scope),
            Expr::List(list) => self.unpack(&list.elts, value, scope),
            Expr::Attribute(attribute) => {
                let holder = self.eval(&attribute.value, scope)?;
                self.set_attribute(&holder, attribute.attr.as_str(), value, target.start())
            }
            Expr::Subscript(subscript) => {
                let holder = self.eval(&subscript.value, scope)?;
                let key = self.eval(&subscript.slice, scope)?;
                self.set_item(&holder, &key, value, target.start())
            }
            other => self.leave_value(&value, other.start()),
        }
    }

    fn unpack(
        &mut self,
        targets: &'a [Expr],
        value: Value<'a>,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let starred = targets.iter().any(Expr::is_starred_expr);
        match value.items() {
            Some(items) if items.len() == targets.len() && !starred => {
                for (target, item) in targets.iter().zip(items) {
                    self.assign(target, item, scope)?;
                }
            }
            _ => {
                if let Some(first) = targets.first() {
                    self.leave_value(&value, first.start())?;
                }
                for target in targets {
                    let item = self.unknown(target.start());
                    self.assign(target, item, scope)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn augment(
        &mut self,
        assign: &'a StmtAugAssign,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let at = assign.range.start();
        let old = self.eval(&assign.target, scope)?;
        let new = self.eval(&assign.value, scope)?;
        // A list is extended in place, for all that hold it.
        if let (Value::List(items), Operator::Add) = (&old, assign.op) {
            let added = new.items();
            if added.is_none() {
                self.leave_value(&new, at)?;
            }
            let mut items = items.borrow_mut();
            match (items.as_mut(), added) {
                (Some(items), Some(added)) if items.len() + added.len() <= super::MAX_SIZE => {
                    items.extend(added);
                }
                _ => *items = None,
            }
            return Ok(());
        }
        if matches!(old, Value::List(_) | Value::Set(_) | Value::Dict(_)) {
            self.leave_value(&old, at)?;
            return self.leave_value(&new, at);
        }
        let value = self.operation(assign.op, &old, &new, at)?;
        self.assign(&assign.target, value, scope)
    }

    pub(super) fn delete(&mut self, target: &'a Expr, scope: &Scope<'a>) -> Result<(), Stop> {
        match target {
            Expr::Name(name) => {
                let unknown = self.unknown(target.start());
                self.bind(name.id.as_str(), unknown, scope)
            }
            Expr::Subscript(subscript) => {
                let holder = self.eval(&subscript.value, scope)?;
                self.leave_value(&holder, target.start())
            }
            Expr::Attribute(attribute) => {
                let holder = self.eval(&attribute.value, scope)?;
                self.leave_value(&holder, target.start())
            }
            _ => Ok(()),
        }
    }

    /// The names that a pattern of a `match` may give a value.
    pub(super) fn forget_pattern(
        &mut self,
        pattern: &'a Pattern,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let mut mentions = Mentions::default();
        ruff_python_ast::visitor::Visitor::visit_pattern(&mut mentions, pattern);
        for name in mentions.assigned {
            let unknown = self.unknown(pattern.start());
            self.bind(name, unknown, scope)?;
        }
        Ok(())
    }

    pub(super) fn import(&mut self, import: &'a StmtImport, scope: &Scope<'a>) -> Result<(), Stop> {
        for alias in &import.names {
            let module = alias.name.as_str();
            self.risk |= self.tries > 0 && !external::is_standard(module);
            // `import a.b` gives `a`, `import a.b as c` gives `a.b`.
            let (name, module) = match &alias.asname {
                Some(name) => (name.as_str(), module),
                None => {
                    let top = module.split('.').next().unwrap_or(module);
                    (top, top)
                }
            };
            self.bind(name, Value::External(module.into()), scope)?;
        }
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        import: &'a StmtImportFrom,
        scope: &Scope<'a>,
    ) -> Result<(), Stop> {
        let module = import.module.as_ref().map_or("", |name| name.as_str());
        let local = import.level > 0;
        let module = if local {
            format!(".{module}")
        } else {
            module.to_string()
        };
        self.risk |= self.tries > 0 && (local || !external::is_standard(&module));
        for alias in &import.names {
            let name = alias.name.as_str();
            if name == "*" {
                self.import_all(&module, scope, alias.start())?;
                continue;
            }
            let bound = alias.asname.as_ref().map_or(name, |name| name.as_str());
            let value = external::value(&format!("{module}.{name}"));
            self.bind(bound, value, scope)?;
        }
        Ok(())
    }

    /// `from module import *`: any name may be another one now.
    fn import_all(&mut self, module: &str, scope: &Scope<'a>, at: TextSize) -> Result<(), Stop> {
        if let Some(names) = external::public_names(module) {
            for name in names {
                let value = external::value(&format!("{module}.{name}"));
                self.bind(name, value, scope)?;
            }
            return Ok(());
        }
        let held: Vec<_> = scope.names.borrow().clone().into_iter().collect();
        for (name, value) in held {
            let stays = matches!(
                value,
                Value::External(_) | Value::Function(_) | Value::Class(_) | Value::Unknown(_)
            );
            if !stays && name != "__name__" {
                self.leave_value(&value, at)?;
                self.bind(name, Value::Unknown(at), scope)?;
            }
        }
        Ok(())
    }
}
