//! Which names a piece of a script mentions, by itself and through the functions
//! that it may call: all that it could use or change.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Parameters, Pattern, Stmt};

/// Calls that make a parser take arguments.
pub(crate) const PARSE_CALLS: [&str; 4] = [
    "parse_args",
    "parse_known_args",
    "parse_intermixed_args",
    "parse_known_intermixed_args",
];

/// What a piece of a script mentions.
#[derive(Default)]
pub(crate) struct Mentions<'a> {
    /// Every name, of attributes too.
    pub names: HashSet<&'a str>,
    /// Names whose values it uses, but for those of nested functions' own.
    pub free: HashSet<&'a str>,
    /// Names that it assigns.
    pub assigned: HashSet<&'a str>,
    /// Names of an outer scope that it declares its own.
    pub declared: HashSet<&'a str>,
    /// Whether it may leave the function or the loop that it is in.
    pub leaves: bool,
    /// Whether it makes a function a generator.
    pub yields: bool,
    loops: usize,
}

impl<'a> Mentions<'a> {
    /// Those of statements.
    pub(crate) fn of(blocks: &[&'a [Stmt]]) -> Self {
        let mut mentions = Self::default();
        for block in blocks {
            mentions.visit_body(block);
        }
        mentions
    }

    /// Those of an expression.
    pub(crate) fn of_expr(expr: &'a Expr) -> Self {
        let mut mentions = Self::default();
        mentions.visit_expr(expr);
        mentions
    }

    /// Those of a function: what it uses but for its own variables.
    pub(crate) fn of_function(parameters: Option<&'a Parameters>, body: Body<'a>) -> Self {
        let mut mentions = match body {
            Body::Block(block) => Self::of(&[block]),
            Body::Expr(expr) => Self::of_expr(expr),
        };
        let own = parameters.into_iter().flat_map(|all| all.iter());
        let own = own.map(|parameter| parameter.name().as_str());
        for name in own.chain(mentions.assigned.drain()) {
            if !mentions.declared.contains(name) {
                mentions.free.remove(name);
            }
        }
        mentions
    }

    /// Adds those of a function that is defined here.
    fn add_function(&mut self, parameters: Option<&'a Parameters>, body: Body<'a>) {
        let inner = Self::of_function(parameters, body);
        self.names.extend(inner.names);
        self.free.extend(inner.free);
        self.declared.extend(inner.declared);
        if let Some(parameters) = parameters {
            self.visit_parameters(parameters);
        }
    }
}

/// What a function is made of.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// Statements.
    Block(&'a [Stmt]),
    /// The expression of a lambda.
    Expr(&'a Expr),
}

impl<'a> Visitor<'a> for Mentions<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.assigned.insert(def.name.as_str());
                for decorator in &def.decorator_list {
                    self.visit_decorator(decorator);
                }
                let body = Body::Block(&def.body);
                return self.add_function(Some(&def.parameters), body);
            }
            Stmt::ClassDef(def) => {
                let assigned = self.assigned.clone();
                visitor::walk_stmt(self, stmt);
                self.assigned = assigned;
                self.assigned.insert(def.name.as_str());
                return;
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.free.insert(name.id.as_str());
                }
            }
            Stmt::For(_) | Stmt::While(_) => {
                self.loops += 1;
                visitor::walk_stmt(self, stmt);
                self.loops -= 1;
                return;
            }
            Stmt::Return(_) => self.leaves = true,
            Stmt::Break(_) | Stmt::Continue(_) => self.leaves |= self.loops == 0,
            Stmt::Global(global) => {
                self.declared
                    .extend(global.names.iter().map(|n| n.as_str()));
            }
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal.names.iter().map(|n| n.as_str());
                self.declared.extend(names);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.assigned.insert(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.assigned.insert(name.as_str());
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                self.names.insert(name.id.as_str());
                match name.ctx {
                    ExprContext::Load => self.free.insert(name.id.as_str()),
                    _ => self.assigned.insert(name.id.as_str()),
                };
            }
            Expr::Attribute(attribute) => {
                self.names.insert(attribute.attr.as_str());
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => self.yields = true,
            Expr::Lambda(lambda) => {
                let body = Body::Expr(&lambda.body);
                return self.add_function(lambda.parameters.as_deref(), body);
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_except_handler(&mut self, handler: &'a ruff_python_ast::ExceptHandler) {
        let ruff_python_ast::ExceptHandler::ExceptHandler(except) = handler;
        self.assigned
            .extend(except.name.as_ref().map(|n| n.as_str()));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(pattern) => pattern.name.as_ref(),
            Pattern::MatchStar(pattern) => pattern.name.as_ref(),
            Pattern::MatchMapping(pattern) => pattern.rest.as_ref(),
            _ => None,
        };
        self.assigned.extend(name.map(|name| name.as_str()));
        visitor::walk_pattern(self, pattern);
    }
}

/// The mentions of every function, method and class of a script by its name.
#[derive(Default)]
pub(crate) struct Definitions<'a> {
    by_name: HashMap<&'a str, Vec<Mentions<'a>>>,
}

impl<'a> Definitions<'a> {
    /// Those of a whole script.
    pub(crate) fn of(body: &'a [Stmt]) -> Self {
        let mut definitions = Self::default();
        definitions.visit_body(body);
        definitions
    }

    /// Adds to `mentions` those of all that it may call.
    pub(crate) fn close(&self, mentions: &mut Mentions<'a>) {
        let mut open: Vec<&'a str> = mentions.names.iter().copied().collect();
        while let Some(name) = open.pop() {
            for inner in self.by_name.get(name).into_iter().flatten() {
                mentions.declared.extend(&inner.declared);
                mentions.free.extend(&inner.free);
                for &name in &inner.names {
                    if mentions.names.insert(name) {
                        open.push(name);
                    }
                }
            }
        }
    }
}

impl<'a> Visitor<'a> for Definitions<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let (name, mentions) = match stmt {
            Stmt::FunctionDef(def) => {
                let body = Body::Block(&def.body);
                let mentions = Mentions::of_function(Some(&def.parameters), body);
                (def.name.as_str(), mentions)
            }
            Stmt::ClassDef(def) => (def.name.as_str(), Mentions::of(&[&def.body])),
            _ => return visitor::walk_stmt(self, stmt),
        };
        self.by_name.entry(name).or_default().push(mentions);
        visitor::walk_stmt(self, stmt);
    }

    // Definitions are statements; expressions hold none but lambdas.
    fn visit_expr(&mut self, _: &'a Expr) {}
}
