//! Operators on known values.

use ruff_python_ast::{CmpOp, Expr, ExprSlice, Operator, UnaryOp};
use ruff_text_size::TextSize;

use super::value::{Scope, Value};
use super::{Follower, MAX_SIZE, Stop, text};

/// A unary operator; `None` if the result is not known.
pub(super) fn unary<'a>(op: UnaryOp, operand: &Value<'a>) -> Option<Value<'a>> {
    Some(match (op, operand) {
        (UnaryOp::Not, value) => Value::Bool(!value.truth()?),
        (UnaryOp::USub, Value::Int(number)) => Value::Int(number.checked_neg()?),
        (UnaryOp::USub, Value::Float(number)) => Value::Float(-number),
        (UnaryOp::UAdd, Value::Int(_) | Value::Float(_)) => operand.clone(),
        (UnaryOp::Invert, Value::Int(number)) => Value::Int(!number),
        _ => return None,
    })
}

/// A comparison; `None` if it is not known whether it holds.
pub(super) fn compare<'a>(op: CmpOp, left: &Value<'a>, right: &Value<'a>) -> Option<bool> {
    match op {
        CmpOp::Eq => left.equals(right),
        CmpOp::NotEq => left.equals(right).map(|equal| !equal),
        CmpOp::Is | CmpOp::IsNot => {
            let same = match (left, right) {
                (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
                (Value::Null, other) | (other, Value::Null) => {
                    let known = !matches!(other, Value::External(_));
                    known.then_some(matches!(other, Value::Null))
                }
                (Value::Bool(left), Value::Bool(right)) => Some(left == right),
                _ => None,
            };
            same.map(|same| same == (op == CmpOp::Is))
        }
        CmpOp::In | CmpOp::NotIn => {
            let within = match (left, right) {
                (Value::Str(part), Value::Str(whole)) => whole.contains(&**part),
                _ => contains(&members(right)?, left)?,
            };
            Some(within == (op == CmpOp::In))
        }
        CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
            let order = order(left, right)?;
            Some(match op {
                CmpOp::Lt => order.is_lt(),
                CmpOp::LtE => order.is_le(),
                CmpOp::Gt => order.is_gt(),
                _ => order.is_ge(),
            })
        }
    }
}

/// Which of two numbers or texts is the smaller.
pub(super) fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        _ => float(left)?.partial_cmp(&float(right)?),
    }
}

/// The items of a container in any order.
fn members<'a>(value: &Value<'a>) -> Option<Vec<Value<'a>>> {
    match value {
        Value::Set(items) => items.borrow().clone(),
        Value::Str(_) => None,
        other => other.items(),
    }
}

fn contains<'a>(items: &[Value<'a>], value: &Value<'a>) -> Option<bool> {
    let mut all = Some(false);
    for item in items {
        match item.equals(value) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

/// A number that a float holds exactly.
fn float(value: &Value) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "exact below two to the 53rd")]
        Value::Int(number) if number.unsigned_abs() < 1 << 53 => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// Sets an entry of a map; whether its key could be compared with the others.
pub(super) fn insert<'a>(
    entries: &mut Vec<(Value<'a>, Value<'a>)>,
    key: Value<'a>,
    value: Value<'a>,
) -> bool {
    for (known, old) in entries.iter_mut() {
        match known.equals(&key) {
            Some(true) => {
                *old = value;
                return true;
            }
            Some(false) => {}
            None => return false,
        }
    }
    entries.push((key, value));
    entries.len() <= MAX_SIZE.min(1_000)
}

/// A set of the items; `None` if they cannot be compared.
pub(super) fn set_of(items: Vec<Value>) -> Option<Value> {
    let mut members: Vec<Value> = Vec::new();
    for item in items {
        if !contains(&members, &item)? {
            members.push(item);
        }
        if members.len() > 1_000 {
            return None;
        }
    }
    Some(Value::Set(std::rc::Rc::new(std::cell::RefCell::new(Some(
        members,
    )))))
}

impl<'a> Follower<'a> {
    /// A binary operator.
    pub(super) fn operation(
        &mut self,
        op: Operator,
        left: &Value<'a>,
        right: &Value<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        if let Some(value) = binary(op, left, right) {
            self.charge(&value);
            return Ok(value);
        }
        // An operator of an unknown value may be any code.
        self.leave_value(left, at)?;
        self.leave_value(right, at)?;
        Ok(self.unknown(at))
    }

    /// A slice of a list, a tuple, a text or the command line.
    pub(super) fn slice(
        &mut self,
        holder: &Value<'a>,
        slice: &'a ExprSlice,
        scope: &Scope<'a>,
        at: TextSize,
    ) -> Result<Value<'a>, Stop> {
        let mut bounds = [None, None, None];
        let parts = [&slice.lower, &slice.upper, &slice.step];
        for (bound, part) in bounds.iter_mut().zip(parts) {
            let part: &Option<Box<Expr>> = part;
            if let Some(part) = part {
                *bound = Some(self.eval(part, scope)?);
            }
        }
        let number = |bound: &Option<Value<'a>>| match bound {
            None | Some(Value::Null) => Some(None),
            Some(Value::Int(number)) => Some(Some(*number)),
            Some(_) => None,
        };
        let [Some(lower), Some(upper), Some(None | Some(1))] =
            [number(&bounds[0]), number(&bounds[1]), number(&bounds[2])]
        else {
            return Ok(self.unknown(at));
        };
        if let (Value::Argv(from), Some(more @ 0..), None) = (holder, lower, upper) {
            let more = usize::try_from(more).unwrap_or(usize::MAX);
            return Ok(Value::Argv(from.saturating_add(more)));
        }
        if matches!(holder, Value::Argv(_)) {
            return Ok(self.unknown(at));
        }
        self.charge(holder);
        let sliced = match holder {
            Value::Str(_) | Value::Tuple(_) | Value::List(_) => holder.items(),
            _ => None,
        };
        let Some(items) = sliced else {
            self.leave_value(holder, at)?;
            return Ok(self.unknown(at));
        };
        let items = items[range(lower, upper, items.len())].to_vec();
        Ok(match holder {
            Value::Str(_) => {
                let parts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                Value::text(parts.concat())
            }
            Value::Tuple(_) => Value::tuple(items),
            _ => Value::list(items),
        })
    }
}

/// The places that Python's `[lower:upper]` means among `len`.
fn range(lower: Option<i64>, upper: Option<i64>, len: usize) -> std::ops::Range<usize> {
    let place = |bound: i64| {
        let distance = usize::try_from(bound.unsigned_abs()).unwrap_or(usize::MAX);
        if bound < 0 {
            len.saturating_sub(distance)
        } else {
            distance.min(len)
        }
    };
    let start = lower.map_or(0, place);
    start..upper.map_or(len, place).max(start)
}

fn binary<'a>(op: Operator, left: &Value<'a>, right: &Value<'a>) -> Option<Value<'a>> {
    match (op, left, right) {
        (Operator::Add, Value::Str(left), Value::Str(right)) => {
            let fits = left.len() + right.len() <= MAX_SIZE;
            fits.then(|| Value::text(format!("{left}{right}")))
        }
        (Operator::Add, Value::List(left), Value::List(right)) => {
            let (left, right) = (left.borrow(), right.borrow());
            let items = [left.as_deref()?, right.as_deref()?].concat();
            (items.len() <= MAX_SIZE).then(|| Value::list(items))
        }
        (Operator::Add, Value::Tuple(left), Value::Tuple(right)) => {
            let items = [&left[..], &right[..]].concat();
            (items.len() <= MAX_SIZE).then(|| Value::tuple(items))
        }
        (Operator::Mult, Value::Str(text), Value::Int(count))
        | (Operator::Mult, Value::Int(count), Value::Str(text)) => {
            let count = usize::try_from(*count).unwrap_or(0);
            let fits = text.len().checked_mul(count)? <= MAX_SIZE;
            fits.then(|| Value::text(text.repeat(count)))
        }
        (Operator::Mult, Value::List(items), Value::Int(count)) => {
            let items = items.borrow();
            let count = usize::try_from(*count).unwrap_or(0);
            let fits = items.as_ref()?.len().checked_mul(count)? <= MAX_SIZE;
            fits.then(|| Value::list(repeat(items.as_deref().unwrap_or_default(), count)))
        }
        (Operator::Mod, Value::Str(format), values) => {
            text::percent(format, values).map(Value::text)
        }
        (Operator::Div, Value::Path(left), Value::Str(right) | Value::Path(right)) => {
            Some(Value::text_path(&join(left, right)))
        }
        (_, Value::Int(left), Value::Int(right)) => whole(op, *left, *right),
        _ => real(op, float(left)?, float(right)?),
    }
}

fn repeat<'a>(items: &[Value<'a>], count: usize) -> Vec<Value<'a>> {
    (0..count).flat_map(|_| items.iter().cloned()).collect()
}

fn whole<'a>(op: Operator, left: i64, right: i64) -> Option<Value<'a>> {
    let number = match op {
        Operator::Add => left.checked_add(right)?,
        Operator::Sub => left.checked_sub(right)?,
        Operator::Mult => left.checked_mul(right)?,
        Operator::FloorDiv if right > 0 => left.div_euclid(right),
        Operator::Mod if right > 0 => left.rem_euclid(right),
        Operator::Pow => match u32::try_from(right) {
            Ok(exponent) => left.checked_pow(exponent)?,
            // As floats, which the C library rounds.
            Err(_) => return None,
        },
        Operator::LShift => {
            let shift = u32::try_from(right).ok().filter(|shift| *shift < 63)?;
            left.checked_mul(1 << shift)?
        }
        Operator::RShift => left >> u32::try_from(right).ok().filter(|shift| *shift < 64)?,
        Operator::BitOr => left | right,
        Operator::BitAnd => left & right,
        Operator::BitXor => left ^ right,
        Operator::Div => {
            return real(op, float(&Value::Int(left))?, float(&Value::Int(right))?);
        }
        _ => return None,
    };
    Some(Value::Int(number))
}

fn real<'a>(op: Operator, left: f64, right: f64) -> Option<Value<'a>> {
    let number = match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right != 0.0 => left / right,
        _ => return None,
    };
    Some(Value::Float(number))
}

/// A path of parts as `pathlib` joins and tidies it.
pub(super) fn join(left: &str, right: &str) -> String {
    if right.starts_with('/') || left.is_empty() {
        return right.to_string();
    }
    format!("{left}/{right}")
}

impl Value<'_> {
    /// The path that `pathlib` makes of a text.
    pub(super) fn text_path(text: &str) -> Self {
        let parts = text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".");
        let tidy = parts.collect::<Vec<_>>().join("/");
        // Two slashes at the start, and only two, are kept.
        let root = match text.len() - text.trim_start_matches('/').len() {
            0 if tidy.is_empty() => ".",
            0 => "",
            2 => "//",
            _ => "/",
        };
        Self::Path(format!("{root}{tidy}").into())
    }
}
