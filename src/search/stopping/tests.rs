use proptest::prelude::*;

use super::*;

fn rule(text: &str) -> StopRule {
    let mut rules = StopRule::parse_all(text).unwrap();
    assert_eq!(rules.len(), 1);
    rules.pop().unwrap()
}

fn points(values: &[f64]) -> Vec<Point> {
    let steps = 1..;
    let points = steps
        .zip(values)
        .map(|(step, &value)| Point { step, value });
    points.collect()
}

/// After how many points the rule stops a trial, and why.
fn stopped(text: &str, own: &[f64], others: &[&[f64]]) -> Option<(usize, String)> {
    let (rule, own) = (rule(text), points(own));
    let others: Vec<Vec<Point>> = others.iter().map(|values| points(values)).collect();
    let others: Vec<Series<'_>> = others
        .iter()
        .enumerate()
        .map(|(number, points)| Series {
            trial: number + 1,
            points,
        })
        .collect();
    (1..=own.len()).find_map(|count| {
        let own = Series {
            trial: 0,
            points: &own[..count],
        };
        let reason = rule.reason(own, count - 1, &others, Goal::Minimize)?;
        Some((count, reason))
    })
}

fn after(text: &str, own: &[f64], others: &[&[f64]]) -> Option<usize> {
    stopped(text, own, others).map(|(count, _)| count)
}

#[test]
fn a_value_that_is_no_number_stops() {
    let (count, reason) = stopped("nan", &[1.0, f64::NAN, 2.0], &[]).unwrap();
    assert_eq!((count, reason.as_str()), (2, "NaN at step 2"));
    assert_eq!(after("nan", &[1.0, f64::NEG_INFINITY], &[]), Some(2));
    assert_eq!(after("nan", &[1.0, -1e300], &[]), None);
    assert!(rule("nan").looks_at_all() && !rule("nan(scalar=loss)").looks_at_all());
    // It was told together with others that came later.
    let points = points(&[1.0, f64::NAN, 2.0]);
    let own = Series {
        trial: 0,
        points: &points,
    };
    let reason = |seen| rule("nan").reason(own, seen, &[], Goal::Minimize);
    assert!(reason(1).is_some() && reason(2).is_none() && reason(3).is_none());
}

#[test]
fn a_value_beyond_a_bound_stops() {
    let values = [5.0, 3.0, 0.1];
    assert_eq!(after("threshold(max=4)", &values, &[]), Some(1));
    assert_eq!(after("threshold(max=4, after=1)", &values, &[]), None);
    let (count, reason) = stopped("threshold(min=0.5)", &values, &[]).unwrap();
    assert_eq!(count, 3);
    assert_eq!(reason, "0.1 at step 3, less than 0.5");
    assert_eq!(after("threshold(min=0.1, max=5)", &values, &[]), None);
}

#[test]
fn what_gets_no_better_stops() {
    let (count, reason) = stopped("patience(2)", &[3.0, 2.0, 2.0, 2.5, 1.0], &[]).unwrap();
    assert_eq!(count, 4);
    assert_eq!(reason, "not better than 2 at step 2 in 2 reports");
    assert_eq!(after("patience(3)", &[3.0, 2.0, 2.0, 2.5, 1.0], &[]), None);
    let falls = [3.0, 2.95, 2.9, 2.85, 2.8];
    assert_eq!(after("patience(2)", &falls, &[]), None);
    assert_eq!(after("patience(2, min-delta=0.2)", &falls, &[]), Some(3));
    let rises = [0.1, 0.2, 0.3, 0.4];
    assert_eq!(after("patience(2)", &rises, &[]), Some(3));
    assert_eq!(after("patience(2, maximize=acc)", &rises, &[]), None);
    assert_eq!(rule("patience(2, maximize=acc)").scalar(), Some("acc"));
    assert_eq!(
        after("patience(1)", &[f64::NAN, f64::NAN, 1.0], &[]),
        Some(2)
    );
}

#[test]
fn what_is_worse_than_most_others_stops() {
    let others: [&[f64]; 3] = [&[4.0, 2.0, 1.0], &[6.0, 4.0, 2.0], &[9.0, 9.0]];
    // At step 1 the others had 4, 6 and 9, at step 2 on average 3, 5 and 9.
    let own = [6.0, 5.5, 1.0];
    assert_eq!(after("median", &own, &others), None);
    let (count, reason) = stopped("median(trials=3)", &own, &others).unwrap();
    assert_eq!(count, 2);
    assert_eq!(reason, "best 5.5 up to step 2, median of 3 others 5");
    // The third of them did not come to step 3.
    assert_eq!(after("median(trials=3, after=2)", &own, &others), None);
    assert_eq!(after("median(trials=3, maximize=x)", &own, &others), None);
    assert_eq!(after("median(trials=1)", &[1.0, 1.0], &others), None);
}

#[test]
fn of_those_that_come_to_a_rung_the_best_go_on() {
    let others: [&[f64]; 2] = [&[1.0; 9], &[2.0; 9]];
    let (count, reason) = stopped("asha", &[3.0; 9], &others).unwrap();
    assert_eq!(count, 1);
    assert_eq!(reason, "3 at step 1, place 3 of 3 where 1 may go on");
    assert_eq!(after("asha", &[0.5; 9], &others), None);
    assert_eq!(after("asha(min-steps=4)", &[3.0; 9], &others), Some(4));
    assert_eq!(after("asha", &[3.0; 9], &[]), None);
    // The best at first, and not any more at the third step.
    let own = [0.5, 0.5, 3.0, 0.1];
    assert_eq!(after("asha(reduction=3)", &own, &others), Some(3));
    assert_eq!(after("asha(reduction=2)", &own, &others), None);
    // Rungs are compared once.
    assert_eq!(
        after("asha(reduction=2)", &[0.5, 0.5, 9.0, 0.1, 9.0], &others),
        None
    );
}

#[test]
fn brackets_share_the_steps() {
    let Kind::Halving(halving) = rule("hyperband(9)").kind else {
        panic!("no halving");
    };
    assert_eq!(halving.brackets(), 3);
    let rungs: Vec<Vec<i64>> = (0..3).map(|one| halving.rungs(one).collect()).collect();
    assert_eq!(rungs, [vec![1, 3], vec![3], vec![]]);
    let brackets: Vec<u32> = (0..17).map(|trial| halving.bracket(trial)).collect();
    let counts = [0, 1, 2].map(|one| brackets.iter().filter(|&&other| other == one).count());
    assert_eq!(counts, [9, 5, 3]);
}

#[test]
fn without_steps_reports_are_counted() {
    let own = [Point {
        step: 0,
        value: 3.0,
    }; 9];
    let best = [Point {
        step: 0,
        value: 1.0,
    }; 9];
    let others = [Series {
        trial: 1,
        points: &best,
    }];
    let stops = |count: usize| {
        let own = Series {
            trial: 0,
            points: &own[..count],
        };
        let rule = rule("asha(min-steps=4)");
        rule.reason(own, count - 1, &others, Goal::Minimize)
            .is_some()
    };
    assert_eq!((1..=9).find(|&count| stops(count)), Some(4));
}

#[test]
fn rules_are_separated_by_commas() {
    let rules = StopRule::parse_all("nan, patience( 20 , min-delta=1e-3 ), asha").unwrap();
    let texts: Vec<_> = rules.iter().map(StopRule::text).collect();
    assert_eq!(texts, ["nan", "patience( 20 , min-delta=1e-3 )", "asha"]);
    assert!(rules[2].needs_others() && !rules[1].needs_others());
}

#[test]
fn what_is_no_rule_is_told() {
    for (text, reason) in [
        (
            "",
            "there are asha, hyperband, median, nan, patience, threshold",
        ),
        (
            "best",
            "there are asha, hyperband, median, nan, patience, threshold",
        ),
        ("nan(", "it does not end with ')'"),
        (
            "nan)",
            "there are asha, hyperband, median, nan, patience, threshold",
        ),
        ("nan(3)", "each of its settings needs a name"),
        (
            "nan(min=3)",
            "it has no setting 'min', but after, maximize, minimize, scalar",
        ),
        (
            "patience",
            "it needs a number of reports, as in 'patience(20)'",
        ),
        ("patience(0)", "'reports' is no positive whole number: '0'"),
        ("patience(2, 3)", "'3' is no setting NAME=VALUE"),
        ("patience(2, reports=3)", "it has 'reports' twice"),
        ("patience(2, min-delta=-1)", "'min-delta' is less than 0"),
        (
            "patience(2, min-delta=much)",
            "'min-delta' is no number: 'much'",
        ),
        ("patience(2, min-delta=)", "'min-delta' has no value"),
        ("threshold", "it needs 'min', 'max' or both"),
        ("threshold(max=nan)", "'max' is no number: 'nan'"),
        ("threshold(max=1, max=2)", "it has 'max' twice"),
        ("asha(reduction=1)", "'reduction' is less than 2"),
        (
            "hyperband",
            "it needs the steps of a whole trial, as in 'hyperband(81)'",
        ),
        (
            "median(minimize=a, maximize=b)",
            "it names its scalar more than once",
        ),
    ] {
        let error = StopRule::parse_all(text).unwrap_err();
        assert_eq!(error.reason, reason, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_and_no_series_breaks_anything(
        text in "(nan|asha|median|patience|threshold|hyperband)?[a-z(),= 0-9.-]{0,20}",
        own in proptest::collection::vec((-3_i64..20, -1e9..1e9_f64), 0..12),
        seen in 0_usize..14,
    ) {
        let own: Vec<Point> = own.into_iter().map(|(step, value)| Point { step, value }).collect();
        let series = Series { trial: 7, points: &own };
        let known = ["nan", "asha(min-steps=2)", "median(trials=1)", "patience(1)", "threshold(max=0)",
            "hyperband(9223372036854775807)", "asha(reduction=9223372036854775807)"];
        let rules = StopRule::parse_all(&text).unwrap_or_default();
        for rule in known.into_iter().map(rule).chain(rules) {
            let _ = rule.reason(series, seen, &[series, series], Goal::Maximize);
        }
    }
}
