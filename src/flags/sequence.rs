//! The functions that expand to lists: `range[1:3]`, `linspace[0:1:5]`,
//! `logspace[-3:-1:3]`, with numpy's arithmetic and rounding to eight places.

use crate::base::yaml::Value;

/// The most items a sequence may have. Numpy would go on until memory ends.
pub(super) const MAX_ITEMS: usize = 100_000;

/// The items of a sequence, or nothing if the name is no sequence or the
/// arguments do not suit it. Arguments too many are ignored.
pub(super) fn expand(name: &str, args: &[Value]) -> Option<Vec<Value>> {
    let arg = |at: usize, default: Number| args.get(at).map_or(Some(default), Number::of);
    match name {
        "range" => {
            let start = Number::of(args.first()?)?;
            let end = match args.get(1) {
                None | Some(Value::Null) => None,
                Some(end) => Some(Number::of(end)?),
            };
            range(start, end, arg(2, Number::Int(1))?)
        }
        "linspace" => {
            let (start, end) = (Number::of(args.first()?)?, Number::of(args.get(1)?)?);
            let points = linspace(start.float(), end.float(), arg(2, Number::Int(5))?)?;
            Some(points.into_iter().map(rounded).collect())
        }
        "logspace" => {
            let (start, end) = (Number::of(args.first()?)?, Number::of(args.get(1)?)?);
            let base = arg(3, Number::Int(10))?.float();
            let points = linspace(start.float(), end.float(), arg(2, Number::Int(5))?)?;
            Some(points.into_iter().map(|x| rounded(base.powf(x))).collect())
        }
        _ => None,
    }
}

/// Why the arguments do not suit the sequence; nothing if they do, or if the
/// name is no sequence.
pub(super) fn fault(name: &str, args: &[Value]) -> Option<String> {
    let (needed, taken) = match name {
        "range" => (1, 3),
        "linspace" => (2, 3),
        "logspace" => (2, 4),
        _ => return None,
    };
    if expand(name, args).is_some() {
        return None;
    }
    if args.len() < needed || args[..needed].iter().any(Value::is_null) {
        return Some(format!("function requires at least {needed} arg(s)"));
    }
    let is_wrong = |arg: &&Value| Number::of(arg).is_none();
    Some(match args.iter().take(taken).find(is_wrong) {
        Some(arg) => {
            let arg = super::python_repr(arg);
            format!("invalid arg {arg}: expected a number")
        }
        None => "no list of a reasonable size".to_owned(),
    })
}

/// A number that sequences take.
#[derive(Debug, Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(Self::Int(*number)),
            Value::Bool(truth) => Some(Self::Int(i64::from(*truth))),
            Value::Float(number) => Some(Self::Float(*number)),
            _ => None,
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

/// The end is included if a whole step or a step of one reaches it.
fn range(start: Number, end: Option<Number>, step: Number) -> Option<Vec<Value>> {
    let Some(end) = end else {
        // One argument is the number of items, as in Python.
        return arange(Number::Int(0), start, step);
    };
    let overshoot = match step {
        Number::Int(step) => Number::Int(step.min(1)),
        Number::Float(step) if step > 1.0 => Number::Int(1),
        Number::Float(step) => Number::Float(step),
    };
    let end = match (end, overshoot) {
        (Number::Int(end), Number::Int(more)) => Number::Int(end.checked_add(more)?),
        _ => Number::Float(end.float() + overshoot.float()),
    };
    arange(start, end, step)
}

fn arange(start: Number, end: Number, step: Number) -> Option<Vec<Value>> {
    if let (Number::Int(start), Number::Int(end), Number::Int(step)) = (start, end, step) {
        let span = i128::from(end) - i128::from(start);
        let count = item_count(span as f64 / step as f64)?;
        let items = (0..count as i64).map(|at| start.checked_add(step.checked_mul(at)?));
        return items.map(|item| item.map(Value::Int)).collect();
    }
    let (start, end, step) = (start.float(), end.float(), step.float());
    let count = item_count((end - start) / step)?;
    // The step as it comes out between the first two items.
    let delta = (start + step) - start;
    let items = (0..count).map(|at| match at {
        1 => start + step,
        _ => start + at as f64 * delta,
    });
    Some(items.map(rounded).collect())
}

fn item_count(steps: f64) -> Option<usize> {
    let count = steps.ceil();
    (count.is_finite() && count <= MAX_ITEMS as f64).then_some(count.max(0.0) as usize)
}

fn linspace(start: f64, end: f64, count: Number) -> Option<Vec<f64>> {
    let Number::Int(count) = count else {
        return None;
    };
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= MAX_ITEMS)?;
    let last = count.saturating_sub(1);
    let delta = end - start;
    let step = delta / last as f64;
    let point = |at: usize| match at {
        _ if at > 0 && at == last => end,
        _ if last == 0 => 0.0 * delta + start,
        _ if step == 0.0 => at as f64 / last as f64 * delta + start,
        _ => at as f64 * step + start,
    };
    Some((0..count).map(point).collect())
}

/// Rounds what is not tiny or negative, to hide what binary fractions add.
fn rounded(number: f64) -> Value {
    if number > 1e-8 && number.is_finite() {
        return Value::Float(format!("{number:.8}").parse().unwrap_or(number));
    }
    Value::Float(number)
}
