//! The charts that `guild runs plot` draws.

use std::collections::BTreeMap;

use super::runs_plot::Args;
use crate::base::parallel;
use crate::base::text::natural_cmp;
use crate::cli::Context;
use crate::cli::listing::Shown;
use crate::plot::{Chart, Line, Scale};
use crate::query::columns::Wildcard;
use crate::runs::Run;
use crate::scalars::{self, Sample, Series};
use crate::select;

/// How the names of scalars start that guild itself measures.
const SYSTEM: &str = "sys/";

/// A chart for each scalar that `args` ask for and any of `runs` has, by name. What
/// cannot be read is told.
pub(super) fn charts(args: &Args, runs: &[Run], context: &Context) -> Vec<Chart> {
    let wildcards: Vec<_> = args.scalar.iter().map(|it| Wildcard::of(it)).collect();
    let wanted = |key: &str| {
        let mut names = args.scalar.iter().zip(&wildcards);
        match args.scalar.is_empty() {
            true => !key.starts_with(SYSTEM),
            false => names.any(|(name, wildcard)| {
                name == key || wildcard.as_ref().is_some_and(|it| it.matches(key))
            }),
        }
    };
    let read = parallel::map(runs, |run| {
        let mut problems = Vec::new();
        let series = scalars::series(run.dir(), &wanted, &mut |error| problems.push(error));
        (series, problems)
    });
    let mut by_key: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    // The first run was started last, and is drawn over the others.
    for (number, (run, (series, problems))) in runs.iter().zip(read).enumerate().rev() {
        let shown = Shown::new(run, context);
        problems.iter().for_each(|problem| shown.fault(problem));
        let name = name(&shown);
        shown.warn();
        for series in series {
            let line = line(&series, name.clone(), number, args);
            by_key.entry(series.key()).or_default().push(line);
        }
    }
    let (x_name, time_unit) = x_axis(args, &by_key);
    let mut charts: Vec<_> = by_key
        .into_iter()
        .map(|(title, mut lines)| {
            let points = lines.iter_mut().flat_map(|line| &mut line.points);
            points.for_each(|(x, _)| *x /= time_unit);
            Chart {
                title,
                x_name: x_name.clone(),
                scale: if args.log {
                    Scale::Logarithmic
                } else {
                    Scale::Linear
                },
                lines,
            }
        })
        .collect();
    charts.sort_by(|a, b| natural_cmp(&a.title, &b.title));
    charts
}

/// What the x axis is called, and how many of the numbers are one of its units.
fn x_axis(args: &Args, by_key: &BTreeMap<String, Vec<Line>>) -> (String, f64) {
    if args.x == "step" {
        return ("step".to_string(), 1.0);
    }
    let points = by_key.values().flatten().flat_map(|line| &line.points);
    let longest = points.map(|(x, _)| *x).fold(0.0, f64::max);
    let (unit, seconds) = match longest {
        span if span > 2.0 * 86400.0 => ("days", 86400.0),
        span if span > 2.0 * 3600.0 => ("hours", 3600.0),
        span if span > 2.0 * 60.0 => ("minutes", 60.0),
        _ => ("seconds", 1.0),
    };
    (unit.to_string(), seconds)
}

/// What a run is called in a chart.
fn name(shown: &Shown<'_>) -> String {
    let run = shown.run();
    let operation = select::operation_name(run);
    let name = format!("{} {operation} {}", run.short_id(), shown.label());
    name.trim_end().to_string()
}

fn line(series: &Series, name: String, number: usize, args: &Args) -> Line {
    let start = series.samples.iter().map(|sample| sample.wall_time);
    let start = start.fold(f64::INFINITY, f64::min);
    let x = |sample: &Sample| match args.x.as_str() {
        "time" => sample.wall_time - start,
        _ => sample.step as f64,
    };
    let points = series.samples.iter().map(|it| (x(it), it.value));
    let mut points: Vec<_> = points.collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let Some(weight) = args.smooth {
        smooth(&mut points, weight);
    }
    Line {
        name,
        note: note(series),
        number,
        points,
    }
}

/// A moving average that forgets; the first values weigh no more than others, as
/// in TensorBoard.
fn smooth(points: &mut [(f64, f64)], weight: f64) {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (_, value) in points {
        sum = sum * weight + *value * (1.0 - weight);
        weights = weights * weight + (1.0 - weight);
        *value = sum / weights;
    }
}

/// The last value, the extremes, and what is not drawn.
fn note(series: &Series) -> String {
    let left_out = match series.not_finite {
        0 => String::new(),
        1 => "1 value is not finite".to_string(),
        count => format!("{count} values are not finite"),
    };
    let value = |sample: &Sample| (sample.value as f32).to_string();
    let by_value = |a: &&Sample, b: &&Sample| a.value.total_cmp(&b.value);
    let samples = &series.samples;
    let (Some(last), Some(low), Some(high)) = (
        samples.last(),
        samples.iter().min_by(by_value),
        samples.iter().max_by(by_value),
    ) else {
        return left_out;
    };
    let mut text = format!(
        "last {}, min {} (step {}), max {} (step {})",
        value(last),
        value(low),
        low.step,
        value(high),
        high.step
    );
    if !left_out.is_empty() {
        text.push_str(&format!(", {left_out}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_starts_with_the_first_value() {
        let mut points = [(0.0, 4.0), (1.0, 0.0), (2.0, 0.0)];
        smooth(&mut points, 0.5);
        assert_eq!(points[0].1, 4.0);
        assert!((points[1].1 - 4.0 / 3.0).abs() < 1e-12, "{points:?}");
        let mut same = [(0.0, 4.0), (1.0, 0.0)];
        smooth(&mut same, 0.0);
        assert_eq!(same, [(0.0, 4.0), (1.0, 0.0)]);
    }

    #[test]
    fn a_note_tells_extremes_and_what_is_missing() {
        let sample = |step: i64, value: f64| Sample {
            step,
            wall_time: 0.0,
            value,
        };
        let mut series = Series {
            prefix: String::new(),
            tag: "loss".to_string(),
            samples: vec![sample(1, f64::from(0.1f32)), sample(2, 3.0), sample(3, 2.0)],
            not_finite: 1,
        };
        let expected = "last 2, min 0.1 (step 1), max 3 (step 2), 1 value is not finite";
        assert_eq!(note(&series), expected);
        series.samples.clear();
        assert_eq!(note(&series), "1 value is not finite");
    }
}
