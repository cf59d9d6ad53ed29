//! Expressions: constants, names, containers and what is done with them.

use ruff_python_ast::{
    BoolOp, Comprehension, Expr, ExprCall, ExprFString, InterpolatedStringElement, Number,
};
use ruff_text_size::{Ranged, TextSize};

use super::value::{Args, Code, Names, Scope, Value};
use super::{Follower, MAX_SIZE, Stop, operators, text};

impl<'a> Follower<'a> {
    /// The value of an expression.
    ///
    /// # Errors
    /// As of following the script.
    pub(super) fn eval(&mut self, expr: &'a Expr, scope: &Scope<'a>) -> Result<Value<'a>, Stop> {
        self.down(expr.start())?;
        let value = self.eval_inside(expr, scope);
        self.up();
        value
    }

    fn eval_inside(&mut self, expr: &'a Expr, scope: &Scope<'a>) -> Result<Value<'a>, Stop> {
        let at = expr.start();
        Ok(match expr {
            Expr::NoneLiteral(_) => Value::Null,
            Expr::BooleanLiteral(truth) => Value::Bool(truth.value),
            Expr::StringLiteral(text) => Value::text(text.value.to_str()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => int.as_i64().map_or(Value::Unknown(at), Value::Int),
                Number::Float(float) => Value::Float(*float),
                Number::Complex { .. } => Value::Unknown(at),
            },
            Expr::FString(text) => self.f_string(text, scope)?,
            Expr::Name(name) => self.name(name.id.as_str(), scope, at),
            Expr::Attribute(attribute) => {
                let holder = self.eval(&attribute.value, scope)?;
                self.attribute(&holder, attribute.attr.as_str(), at)?
            }
            Expr::Subscript(subscript) => {
                let holder = self.eval(&subscript.value, scope)?;
                if let Expr::Slice(slice) = &*subscript.slice {
                    return self.slice(&holder, slice, scope, at);
                }
                let key = self.eval(&subscript.slice, scope)?;
                self.item(&holder, &key, at)?
            }
            Expr::Call(call) => self.call_expr(call, scope)?,
            Expr::BinOp(operation) => {
                let left = self.eval(&operation.left, scope)?;
                let right = self.eval(&operation.right, scope)?;
                self.operation(operation.op, &left, &right, at)?
            }
            Expr::UnaryOp(operation) => {
                let operand = self.eval(&operation.operand, scope)?;
                match operators::unary(operation.op, &operand) {
                    Some(value) => value,
                    None => self.unknown(at),
                }
            }
            Expr::BoolOp(operation) => self.bool_op(operation.op, &operation.values, scope, at)?,
            Expr::Compare(compare) => {
                let mut left = self.eval(&compare.left, scope)?;
                let mut all = Some(true);
                for (op, right) in compare.ops.iter().zip(&compare.comparators) {
                    let right = self.eval(right, scope)?;
                    self.charge(&right);
                    let holds = operators::compare(*op, &left, &right);
                    all = match (all, holds) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    };
                    left = right;
                }
                match all {
                    Some(truth) => Value::Bool(truth),
                    None => self.unknown(at),
                }
            }
            Expr::If(choice) => match self.eval(&choice.test, scope)?.truth() {
                Some(true) => self.eval(&choice.body, scope)?,
                Some(false) => self.eval(&choice.orelse, scope)?,
                None => {
                    self.leave_expr(&choice.body, scope)?;
                    self.leave_expr(&choice.orelse, scope)?;
                    self.unknown(at)
                }
            },
            Expr::Tuple(tuple) => match self.elements(&tuple.elts, scope)? {
                Some(items) => Value::tuple(items),
                None => self.unknown(at),
            },
            Expr::List(list) => match self.elements(&list.elts, scope)? {
                Some(items) => Value::list(items),
                None => self.unknown(at),
            },
            Expr::Set(set) => match self.elements(&set.elts, scope)? {
                Some(items) => operators::set_of(items).unwrap_or(Value::Unknown(at)),
                None => self.unknown(at),
            },
            Expr::Dict(_) | Expr::DictComp(_) => self.map(expr, scope)?,
            Expr::ListComp(comp) => {
                let items = self.comprehension(&[&comp.elt], &comp.generators, scope)?;
                items.map_or(Value::Unknown(at), |items| {
                    Value::list(items.into_iter().flatten().collect())
                })
            }
            Expr::Generator(comp) => {
                let items = self.comprehension(&[&comp.elt], &comp.generators, scope)?;
                items.map_or(Value::Unknown(at), |items| {
                    Value::tuple(items.into_iter().flatten().collect())
                })
            }
            Expr::SetComp(comp) => {
                let items = self.comprehension(&[&comp.elt], &comp.generators, scope)?;
                let items = items.map(|items| items.into_iter().flatten().collect());
                items
                    .and_then(operators::set_of)
                    .unwrap_or(Value::Unknown(at))
            }
            Expr::Lambda(lambda) => {
                let code = Code::Lambda(&lambda.body, lambda.parameters.as_deref());
                self.function(code, scope)?
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value, scope)?;
                self.assign(&named.target, value.clone(), scope)?;
                value
            }
            Expr::Starred(starred) => self.eval(&starred.value, scope)?,
            Expr::Await(awaited) => {
                let value = self.eval(&awaited.value, scope)?;
                self.given_up(&value, at)?
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.leave_expr(expr, scope)?;
                self.unknown(at)
            }
            Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::TString(_)
            | Expr::Slice(_)
            | Expr::IpyEscapeCommand(_) => self.unknown(at),
        })
    }

    fn given_up(&mut self, value: &Value<'a>, at: TextSize) -> Result<Value<'a>, Stop> {
        self.leave_value(value, at)?;
        Ok(self.unknown(at))
    }

    /// Items of a display, those of `*` unpacked; `None` if these are not known.
    fn elements(
        &mut self,
        exprs: &'a [Expr],
        scope: &Scope<'a>,
    ) -> Result<Option<Vec<Value<'a>>>, Stop> {
        let mut items = Vec::with_capacity(exprs.len());
        let mut known = true;
        for expr in exprs {
            let value = self.eval(expr, scope)?;
            if !expr.is_starred_expr() {
                items.push(value);
            } else if let Some(more) = value.items() {
                items.extend(more);
            } else {
                self.leave_value(&value, expr.start())?;
                known = false;
            }
        }
        if !known {
            for item in &items {
                self.leave_value(item, self.at)?;
            }
        }
        Ok(Some(items).filter(|items| known && items.len() <= MAX_SIZE))
    }

    fn map(&mut self, expr: &'a Expr, scope: &Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut entries = Vec::new();
        match expr {
            Expr::Dict(dict) => {
                let mut known = true;
                for item in &dict.items {
                    let key = match &item.key {
                        Some(key) => Some(self.eval(key, scope)?),
                        None => None,
                    };
                    let value = self.eval(&item.value, scope)?;
                    match (key, &value) {
                        (Some(key), _) => known &= operators::insert(&mut entries, key, value),
                        (None, Value::Dict(more)) if more.borrow().is_some() => {
                            for (key, value) in more.borrow().clone().unwrap_or_default() {
                                known &= operators::insert(&mut entries, key, value);
                            }
                        }
                        (None, _) => {
                            self.leave_value(&value, expr.start())?;
                            known = false;
                        }
                    }
                }
                if !known {
                    for (_, value) in &entries {
                        self.leave_value(value, expr.start())?;
                    }
                    return Ok(self.unknown(expr.start()));
                }
            }
            Expr::DictComp(comp) => {
                let Some(key) = &comp.key else {
                    self.leave_expr(expr, scope)?;
                    return Ok(self.unknown(expr.start()));
                };
                let pairs = self.comprehension(&[key, &comp.value], &comp.generators, scope)?;
                let known = pairs.is_some_and(|pairs| {
                    pairs
                        .into_iter()
                        .all(|pair| match <[_; 2]>::try_from(pair) {
                            Ok([key, value]) => operators::insert(&mut entries, key, value),
                            Err(_) => false,
                        })
                });
                if !known {
                    return Ok(self.unknown(expr.start()));
                }
            }
            _ => {}
        }
        Ok(Value::dict(entries))
    }

    /// What a comprehension yields, each time the values of `exprs`; `None` if
    /// that is not known.
    fn comprehension(
        &mut self,
        exprs: &[&'a Expr],
        generators: &'a [Comprehension],
        scope: &Scope<'a>,
    ) -> Result<Option<Vec<Vec<Value<'a>>>>, Stop> {
        let inner = Names::new(Some(scope.clone()));
        self.scopes.push(inner.clone());
        let mut found = Vec::new();
        let known = self.generate(exprs, generators, &inner, &mut found)?;
        if !known {
            for expr in exprs {
                self.leave_expr(expr, &inner)?;
            }
            for generator in generators {
                for test in &generator.ifs {
                    self.leave_expr(test, &inner)?;
                }
                self.leave_expr(&generator.iter, &inner)?;
            }
        }
        Ok(Some(found).filter(|_| known))
    }

    fn generate(
        &mut self,
        exprs: &[&'a Expr],
        generators: &'a [Comprehension],
        scope: &Scope<'a>,
        found: &mut Vec<Vec<Value<'a>>>,
    ) -> Result<bool, Stop> {
        let [first, rest @ ..] = generators else {
            let mut values = Vec::new();
            for expr in exprs {
                values.push(self.eval(expr, scope)?);
            }
            found.push(values);
            return Ok(found.len() <= MAX_SIZE);
        };
        let iter = self.eval(&first.iter, scope)?;
        let Some(items) = iter.items().filter(|_| !first.is_async) else {
            self.leave_value(&iter, first.iter.start())?;
            return Ok(false);
        };
        'items: for item in items {
            self.assign(&first.target, item, scope)?;
            for test in &first.ifs {
                match self.eval(test, scope)?.truth() {
                    Some(true) => {}
                    Some(false) => continue 'items,
                    None => return Ok(false),
                }
            }
            if !self.generate(exprs, rest, scope, found)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn bool_op(
        &mut self,
        op: BoolOp,
        values: &'a [Expr],
        scope: &Scope<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        let mut result = Value::Null;
        for (place, expr) in values.iter().enumerate() {
            result = self.eval(expr, scope)?;
            let last = place + 1 == values.len();
            match result.truth() {
                _ if last => {}
                Some(truth) if truth == (op == BoolOp::Or) => return Ok(result),
                Some(_) => {}
                None => {
                    self.leave_value(&result, at)?;
                    for expr in &values[place + 1..] {
                        self.leave_expr(expr, scope)?;
                    }
                    return Ok(self.unknown(at));
                }
            }
        }
        Ok(result)
    }

    fn f_string(&mut self, expr: &'a ExprFString, scope: &Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut whole = Some(String::new());
        for part in expr.value.iter() {
            let elements = match part {
                ruff_python_ast::FStringPart::Literal(literal) => {
                    whole = whole.map(|text| text + literal.as_str());
                    continue;
                }
                ruff_python_ast::FStringPart::FString(part) => &part.elements,
            };
            for element in elements {
                let shown = match element {
                    InterpolatedStringElement::Literal(literal) => Some(literal.value.to_string()),
                    InterpolatedStringElement::Interpolation(inner) => {
                        let value = self.eval(&inner.expression, scope)?;
                        let plain = inner.debug_text.is_none()
                            && inner.format_spec.is_none()
                            && inner.conversion == ruff_python_ast::ConversionFlag::None;
                        text::shown(&value).filter(|_| plain)
                    }
                };
                whole = match (whole, shown) {
                    (Some(text), Some(shown)) => Some(text + &shown),
                    _ => None,
                };
            }
        }
        Ok(match whole.filter(|text| text.len() <= MAX_SIZE) {
            Some(text) => Value::text(text),
            None => self.unknown(expr.range.start()),
        })
    }

    fn call_expr(&mut self, call: &'a ExprCall, scope: &Scope<'a>) -> Result<Value<'a>, Stop> {
        let at = call.start();
        let called = self.eval(&call.func, scope)?;
        let mut args = Args {
            positional: Vec::new(),
            named: Vec::new(),
            complete: true,
            at,
        };
        for expr in &call.arguments.args {
            let value = self.eval(expr, scope)?;
            if !expr.is_starred_expr() {
                args.positional.push(value);
            } else if let Some(items) = value.items() {
                args.positional.extend(items);
            } else {
                args.complete = false;
                self.leave_value(&value, at)?;
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value, scope)?;
            match (&keyword.arg, &value) {
                (Some(name), _) => args.named.push((name.as_str().into(), value)),
                (None, Value::Dict(entries)) if entries.borrow().is_some() => {
                    for (key, value) in entries.borrow().clone().unwrap_or_default() {
                        match key {
                            Value::Str(name) => args.named.push((name, value)),
                            _ => args.complete = false,
                        }
                    }
                }
                (None, _) => {
                    args.complete = false;
                    self.leave_value(&value, at)?;
                }
            }
        }
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        self.call(&called, name, args, scope)
    }
}
