//! Statements, one after the other.

use ruff_python_ast::{
    ExceptHandler, Expr, Stmt, StmtFor, StmtFunctionDef, StmtIf, StmtTry, StmtWith,
};
use ruff_text_size::Ranged;

use super::value::{Scope, Value};
use super::{Flow, Follower, Stop};

/// Exceptions that say that the user wants no more.
const INTERRUPTS: [&str; 3] = ["KeyboardInterrupt", "BrokenPipeError", "EOFError"];

impl<'a> Follower<'a> {
    pub(super) fn block(&mut self, block: &'a [Stmt], scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        for stmt in block {
            match self.statement(stmt, scope)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, stmt: &'a Stmt, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        self.down(stmt.start())?;
        self.at = stmt.start();
        let flow = self.statement_inside(stmt, scope);
        self.up();
        flow
    }

    fn statement_inside(&mut self, stmt: &'a Stmt, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        match stmt {
            Stmt::Expr(expr) => {
                self.eval(&expr.value, scope)?;
            }
            Stmt::Assign(assign) => {
                let value = self.eval(&assign.value, scope)?;
                for target in &assign.targets {
                    self.assign(target, value.clone(), scope)?;
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.eval(value, scope)?;
                    self.assign(&assign.target, value, scope)?;
                }
            }
            Stmt::AugAssign(assign) => self.augment(assign, scope)?,
            Stmt::If(branch) => return self.branch(branch, scope),
            Stmt::For(each) => return self.each(each, scope),
            Stmt::While(repeat) => {
                let test = self.eval(&repeat.test, scope)?;
                if test.truth() == Some(false) {
                    return self.block(&repeat.orelse, scope);
                }
                let blocks = [repeat.body.as_slice(), repeat.orelse.as_slice()];
                self.leave_blocks(&blocks, scope, stmt.start())?;
            }
            Stmt::With(with) => return self.with(with, scope),
            Stmt::Try(attempt) => return self.attempt(attempt, scope),
            Stmt::FunctionDef(def) => self.define(def, scope)?,
            Stmt::ClassDef(def) => self.define_class(def, scope)?,
            Stmt::Return(returned) => {
                let value = match &returned.value {
                    Some(value) => self.eval(value, scope)?,
                    None => Value::Null,
                };
                return Ok(Flow::Return(value));
            }
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::Raise(raised) => {
                if self.tries > 0 {
                    let why = "it raises an exception that is caught";
                    return Err(Stop::cannot_tell(why, raised.start()));
                }
                return Err(Stop::Ended);
            }
            Stmt::Assert(assert) => {
                self.eval(&assert.test, scope)?;
            }
            Stmt::Import(import) => self.import(import, scope)?,
            Stmt::ImportFrom(import) => self.import_from(import, scope)?,
            Stmt::Global(global) => {
                let names = global.names.iter().map(|name| name.as_str());
                scope.elsewhere.borrow_mut().extend(names);
            }
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal.names.iter().map(|name| name.as_str());
                scope.elsewhere.borrow_mut().extend(names);
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.delete(target, scope)?;
                }
            }
            Stmt::Match(choice) => {
                self.eval(&choice.subject, scope)?;
                let cases: Vec<_> = choice
                    .cases
                    .iter()
                    .map(|case| case.body.as_slice())
                    .collect();
                self.leave_blocks(&cases, scope, stmt.start())?;
                for case in &choice.cases {
                    self.forget_pattern(&case.pattern, scope)?;
                }
            }
            Stmt::TypeAlias(alias) => {
                let value = self.unknown(alias.start());
                self.assign(&alias.name, value, scope)?;
            }
            Stmt::IpyEscapeCommand(command) => {
                let why = "it holds a command of a notebook";
                return Err(Stop::cannot_tell(why, command.start()));
            }
            Stmt::Pass(_) => {}
        }
        Ok(Flow::Next)
    }

    fn branch(&mut self, branch: &'a StmtIf, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        let clauses = branch.elif_else_clauses.iter();
        let clauses = clauses.map(|clause| (clause.test.as_ref(), clause.body.as_slice()));
        let first = (Some(&*branch.test), branch.body.as_slice());
        let clauses: Vec<_> = std::iter::once(first).chain(clauses).collect();
        for (at, (test, body)) in clauses.iter().enumerate() {
            let truth = match test {
                None => Some(true),
                Some(test) => self.eval(test, scope)?.truth(),
            };
            match truth {
                Some(true) => return self.block(body, scope),
                Some(false) => {}
                None => {
                    let open = &clauses[at..];
                    let tests = open.iter().skip(1).filter_map(|(test, _)| *test);
                    for test in tests {
                        self.leave_expr(test, scope)?;
                    }
                    let bodies: Vec<_> = open.iter().map(|(_, body)| *body).collect();
                    self.leave_blocks(&bodies, scope, branch.start())?;
                    return Ok(Flow::Next);
                }
            }
        }
        Ok(Flow::Next)
    }

    fn each(&mut self, each: &'a StmtFor, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        let iter = self.eval(&each.iter, scope)?;
        let blocks = [each.body.as_slice(), each.orelse.as_slice()];
        let items = iter.items().filter(|_| !each.is_async);
        let Some(items) = items else {
            self.leave_value(&iter, each.start())?;
            let item = self.unknown(each.iter.start());
            self.assign(&each.target, item, scope)?;
            self.leave_blocks(&blocks, scope, each.start())?;
            return Ok(Flow::Next);
        };
        for item in items {
            self.assign(&each.target, item, scope)?;
            match self.block(&each.body, scope) {
                Ok(Flow::Next | Flow::Continue) => {}
                Ok(Flow::Break) => return Ok(Flow::Next),
                Ok(Flow::Return(value)) => return Ok(Flow::Return(value)),
                Err(Stop::Uncertain) => {
                    let item = self.unknown(each.iter.start());
                    self.assign(&each.target, item, scope)?;
                    self.leave_blocks(&blocks, scope, each.start())?;
                    return Ok(Flow::Next);
                }
                Err(stop) => return Err(stop),
            }
        }
        self.block(&each.orelse, scope)
    }

    fn with(&mut self, with: &'a StmtWith, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        let mut suppresses = false;
        for item in &with.items {
            let context = self.eval(&item.context_expr, scope)?;
            suppresses |= self.is_suppress(&item.context_expr, scope)?;
            self.leave_value(&context, item.start())?;
            if let Some(target) = &item.optional_vars {
                let value = self.unknown(item.start());
                self.assign(target, value, scope)?;
            }
        }
        if suppresses {
            self.leave_blocks(&[&with.body], scope, with.start())?;
            return Ok(Flow::Next);
        }
        self.block(&with.body, scope)
    }

    /// Whether a context manager keeps exceptions to itself.
    fn is_suppress(&mut self, expr: &'a Expr, scope: &Scope<'a>) -> Result<bool, Stop> {
        let Expr::Call(call) = expr else {
            return Ok(false);
        };
        let called = self.eval(&call.func, scope)?;
        Ok(matches!(called, Value::External(name) if name.ends_with("suppress")))
    }

    /// A `try` statement. One that has nothing to do with arguments may go any
    /// way; of one that parses them, the body is followed.
    fn attempt(&mut self, attempt: &'a StmtTry, scope: &Scope<'a>) -> Result<Flow<'a>, Stop> {
        let handlers: Vec<_> = attempt
            .handlers
            .iter()
            .map(|ExceptHandler::ExceptHandler(handler)| handler)
            .collect();
        let caught: Vec<_> = handlers
            .iter()
            .map(|handler| caught_names(handler.type_.as_deref()))
            .collect();
        let only_interrupts = caught.iter().all(|names| {
            let mut names = names.iter();
            names.all(|name| INTERRUPTS.contains(name))
        });
        let mut rest: Vec<_> = handlers.iter().map(|h| h.body.as_slice()).collect();
        rest.push(attempt.finalbody.as_slice());
        if !only_interrupts && !self.concerns(&attempt.body, scope) {
            rest.extend([attempt.body.as_slice(), attempt.orelse.as_slice()]);
            self.leave_blocks(&rest, scope, attempt.start())?;
            return Ok(Flow::Next);
        }
        if only_interrupts {
            let flow = self.block(&attempt.body, scope)?;
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        } else {
            let exits = ["SystemExit", "BaseException", ""];
            let catches = caught.iter().flatten().any(|name| exits.contains(name));
            let risk = std::mem::take(&mut self.risk);
            self.tries += 1;
            self.catches_exit += usize::from(catches);
            let flow = self.block(&attempt.body, scope);
            self.catches_exit -= usize::from(catches);
            self.tries -= 1;
            let failed = std::mem::replace(&mut self.risk, risk);
            let flow = flow?;
            if failed {
                self.leave_blocks(&[&attempt.body], scope, attempt.start())?;
            }
            self.leave_blocks(&rest[..rest.len() - 1], scope, attempt.start())?;
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        match self.block(&attempt.orelse, scope)? {
            Flow::Next => self.block(&attempt.finalbody, scope),
            flow => Ok(flow),
        }
    }

    fn define(&mut self, def: &'a StmtFunctionDef, scope: &Scope<'a>) -> Result<(), Stop> {
        let mut decorators = Vec::new();
        for decorator in &def.decorator_list {
            decorators.push(self.eval(&decorator.expression, scope)?);
        }
        let mut value = self.function(super::value::Code::Def(def), scope)?;
        for decorator in decorators.into_iter().rev() {
            value = self.decorate(&decorator, value, def.start())?;
        }
        self.bind(def.name.as_str(), value, scope)
    }
}

/// The names of the exceptions that a handler catches; an empty one for all.
fn caught_names(types: Option<&Expr>) -> Vec<&str> {
    match types {
        None => vec![""],
        Some(Expr::Name(name)) => vec![name.id.as_str()],
        Some(Expr::Attribute(attribute)) => vec![attribute.attr.as_str()],
        Some(Expr::Tuple(tuple)) => tuple
            .elts
            .iter()
            .flat_map(|item| caught_names(Some(item)))
            .collect(),
        Some(_) => vec![""],
    }
}
