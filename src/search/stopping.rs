//! Stopping a trial early: rules that look at what it has told so far, and at what
//! other trials had told by then.
//!
//! A rule is written as `NAME(SETTING, KEY=SETTING, ...)`, as in
//! `patience(20, min-delta=0.001)`; `setting` reads that. Rules know neither runs nor
//! time: whoever follows a trial asks them each time it has told something.

mod setting;

pub use setting::Error;

/// Something that a trial has told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// How far it was then; 0 throughout where it does not say.
    pub step: i64,
    /// The value.
    pub value: f64,
}

/// What a trial has told of one scalar, in the order in which it did.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The trial's number in its search, from 0.
    pub trial: usize,
    /// What it has told.
    pub points: &'a [Point],
}

/// Which values are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Small ones.
    Minimize,
    /// Large ones.
    Maximize,
}

/// A rule with its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct StopRule {
    /// As the user has written it.
    text: String,
    kind: Kind,
    /// The scalar that it looks at, where that is not the objective.
    scalar: Option<String>,
    /// Which values of that are better, where the rule says.
    goal: Option<Goal>,
    /// The step up to which it stops nothing.
    after: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// A value that is no number.
    Nan,
    /// A value beyond a bound.
    Threshold { min: f64, max: f64 },
    /// Nothing better for a number of reports.
    Patience { reports: usize, min_delta: f64 },
    /// Worse than the median of so many others at least.
    Median { trials: usize },
    /// Not among the best of those that came as far, at growing distances.
    Halving(Halving),
}

/// Successive halving: of the trials that come to a rung, one in `reduction` goes
/// beyond it. The next rung is `reduction` times as far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Halving {
    reduction: i64,
    min_steps: i64,
    /// With a limit, trials are spread over brackets, which begin further and further:
    /// hyperband. Without one there is one bracket.
    max_steps: Option<i64>,
}

impl StopRule {
    /// The rule as the user has written it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The scalar that the rule looks at, where it names one. One for values that are
    /// no numbers looks at all others.
    pub fn scalar(&self) -> Option<&str> {
        self.scalar.as_deref()
    }

    /// Whether the rule looks at every scalar of a trial.
    pub fn looks_at_all(&self) -> bool {
        self.kind == Kind::Nan && self.scalar.is_none()
    }

    /// Whether the rule compares a trial with others, and is of no use without any.
    pub fn needs_others(&self) -> bool {
        matches!(self.kind, Kind::Median { .. } | Kind::Halving(_))
    }

    /// Why the trial of `own` is to be stopped, if it is: on which evidence, in one plain
    /// clause. The first `seen` of its points were looked at before; `goal` is that of
    /// the objective.
    pub fn reason(
        &self,
        own: Series<'_>,
        seen: usize,
        others: &[Series<'_>],
        goal: Goal,
    ) -> Option<String> {
        let goal = self.goal.unwrap_or(goal);
        let points = own.points;
        let last = points.last().filter(|_| seen < points.len())?;
        let progress = progress(points);
        if self.kind != Kind::Nan && progress(points.len() - 1) <= self.after {
            return None;
        }
        match self.kind {
            Kind::Nan => {
                let mut new = points.iter().skip(seen);
                let bad = new.find(|point| !point.value.is_finite())?;
                Some(format!("{} at step {}", bad.value, bad.step))
            }
            Kind::Threshold { min, max } => {
                let bound = match last.value {
                    value if value < min => format!("less than {min}"),
                    value if value > max => format!("more than {max}"),
                    _ => return None,
                };
                Some(format!("{} at step {}, {bound}", last.value, last.step))
            }
            Kind::Patience { reports, min_delta } => impatience(points, reports, min_delta, goal),
            Kind::Median { trials } => below_median(own, others, trials, goal),
            Kind::Halving(halving) => halving.reason(own, seen, others, goal),
        }
    }
}

impl Goal {
    /// `value` as one that is to be small; what is no number is the worst.
    fn loss(self, value: f64) -> f64 {
        match self {
            _ if value.is_nan() => f64::INFINITY,
            Goal::Minimize => value,
            Goal::Maximize => -value,
        }
    }
}

/// How far a trial was at each of its points: the step, or where it tells none, how
/// many points there were.
fn progress(points: &[Point]) -> impl Fn(usize) -> i64 {
    let has_steps = points.iter().any(|point| point.step != 0);
    move |index| match has_steps {
        true => points[index].step,
        false => i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1),
    }
}

/// Why a trial that gets no better is to be stopped.
fn impatience(points: &[Point], reports: usize, min_delta: f64, goal: Goal) -> Option<String> {
    let mut best = (f64::INFINITY, 0);
    for (index, point) in points.iter().enumerate() {
        let loss = goal.loss(point.value);
        if index == 0 || loss < best.0 - min_delta {
            best = (loss, index);
        }
    }
    let since = points.len().checked_sub(best.1 + 1)?;
    if since < reports {
        return None;
    }
    let Point { step, value } = points[best.1];
    let by = match min_delta > 0.0 {
        true => format!(" by more than {min_delta}"),
        false => String::new(),
    };
    Some(format!(
        "not better{by} than {value} at step {step} in {since} reports"
    ))
}

/// Why a trial is to be stopped whose best value is worse than the median of what
/// others had on average when they were as far.
fn below_median(
    own: Series<'_>,
    others: &[Series<'_>],
    trials: usize,
    goal: Goal,
) -> Option<String> {
    let reached = progress(own.points)(own.points.len().checked_sub(1)?);
    let losses = own.points.iter().map(|point| goal.loss(point.value));
    let best = losses.fold(f64::INFINITY, f64::min);
    let mut averages: Vec<f64> = others
        .iter()
        .filter_map(|other| average(other.points, reached, goal))
        .collect();
    if averages.len() < trials {
        return None;
    }
    averages.sort_by(f64::total_cmp);
    let middle = averages.len() / 2;
    let median = match averages.len() % 2 {
        1 => averages[middle],
        _ => f64::midpoint(averages[middle - 1], averages[middle]),
    };
    (best > median).then(|| {
        let count = averages.len();
        let (best, median) = (goal.loss(best), goal.loss(median));
        format!("best {best} up to step {reached}, median of {count} others {median}")
    })
}

/// The average loss of a trial that came as far as `reached`, up to there.
fn average(points: &[Point], reached: i64, goal: Goal) -> Option<f64> {
    let progress = progress(points);
    let until = (0..points.len()).take_while(|&index| progress(index) <= reached);
    let losses: Vec<f64> = until.map(|index| goal.loss(points[index].value)).collect();
    let is_as_far = points.len() > losses.len() || {
        let last = points.len().checked_sub(1)?;
        progress(last) >= reached
    };
    (is_as_far && !losses.is_empty()).then(|| losses.iter().sum::<f64>() / losses.len() as f64)
}

impl Halving {
    /// Why a trial is to be stopped that has come to a rung since `seen` and is not
    /// among the best there.
    fn reason(
        self,
        own: Series<'_>,
        seen: usize,
        others: &[Series<'_>],
        goal: Goal,
    ) -> Option<String> {
        let bracket = self.bracket(own.trial);
        let progress = progress(own.points);
        let before = seen.checked_sub(1).map_or(i64::MIN, &progress);
        let reached = progress(own.points.len().checked_sub(1)?);
        let rung = self
            .rungs(bracket)
            .rfind(|&rung| before < rung && rung <= reached)?;
        let value = loss_at(own.points, rung, goal)?;
        let peers = others
            .iter()
            .filter(|other| self.bracket(other.trial) == bracket)
            .filter_map(|other| loss_at(other.points, rung, goal));
        let peers: Vec<f64> = peers.collect();
        let count = peers.len() + 1;
        let reduction = usize::try_from(self.reduction).unwrap_or(usize::MAX);
        let kept = (count / reduction).max(1);
        let better = peers.iter().filter(|&&peer| peer < value).count();
        (better >= kept).then(|| {
            format!(
                "{} at step {rung}, place {} of {count} where {kept} may go on",
                goal.loss(value),
                better + 1
            )
        })
    }

    /// The distances at which a trial of `bracket` is compared with others, the
    /// nearest first.
    fn rungs(self, bracket: u32) -> impl DoubleEndedIterator<Item = i64> {
        let first = self.power(bracket).unwrap_or(i64::MAX);
        let limit = self.max_steps.unwrap_or(i64::MAX);
        let next = move |rung: &i64| rung.checked_mul(self.reduction);
        let rungs = std::iter::successors(Some(first), next).take_while(move |&rung| rung < limit);
        rungs.collect::<Vec<_>>().into_iter()
    }

    /// `min_steps` times the `exponent`th power of `reduction`.
    fn power(self, exponent: u32) -> Option<i64> {
        let power = self.reduction.checked_pow(exponent)?;
        self.min_steps.checked_mul(power)
    }

    /// How many brackets there are.
    fn brackets(self) -> u32 {
        let Some(limit) = self.max_steps else {
            return 1;
        };
        let fits = |&exponent: &u32| self.power(exponent).is_some_and(|rung| rung <= limit);
        (0..63).take_while(fits).count().max(1) as u32
    }

    /// The bracket of the trial with this number. A bracket that stops early gets more
    /// trials, so that all take about the same number of steps.
    fn bracket(self, trial: usize) -> u32 {
        let brackets = self.brackets();
        let share = |bracket: u32| {
            let left = brackets - 1 - bracket;
            let power = usize::try_from(self.reduction).ok()?.checked_pow(left)?;
            let many = power.checked_mul(brackets as usize)?;
            Some(many.div_ceil(left as usize + 1))
        };
        let shares: Vec<usize> = (0..brackets).map(|one| share(one).unwrap_or(1)).collect();
        let all = shares
            .iter()
            .fold(0_usize, |all, share| all.saturating_add(*share));
        let mut place = trial % all.max(1);
        for (bracket, share) in (0..brackets).zip(shares) {
            if place < share {
                return bracket;
            }
            place -= share;
        }
        0
    }
}

/// The loss of a trial when it came as far as `rung`; none where it did not.
fn loss_at(points: &[Point], rung: i64, goal: Goal) -> Option<f64> {
    let progress = progress(points);
    let index = (0..points.len()).find(|&index| progress(index) >= rung)?;
    Some(goal.loss(points[index].value))
}

#[cfg(test)]
mod tests;
