//! What holds for all samplers.

use proptest::prelude::*;

use super::*;
use crate::base::yaml::Value;

/// The units of flag values as users write them.
pub(super) fn units(flags: &[(&str, &str)]) -> Units {
    Units::of(&space(flags)).unwrap()
}

/// The space of flag values as users write them.
pub(super) fn space(flags: &[(&str, &str)]) -> Space {
    let flags = flags
        .iter()
        .map(|(name, text)| (*name, crate::flags::decode(text)));
    Space::of_flags(&flags.collect()).unwrap()
}

fn mixed() -> Space {
    space(&[
        ("a", "[0.0:1]"),
        ("b", "loguniform[1e-5:1e2]"),
        ("c", "[1:9]"),
        ("opt", "[sgd,adam,rms]"),
        ("momentum", "uniform[0.5:0.99] if opt == sgd else 0"),
    ])
}

/// The first trials of a search that goes on after each of `stops`.
fn trials(name: &str, space: &Space, count: usize, stops: &[usize]) -> Vec<Suggestion> {
    let of = |nth| sampler(name, &Map::new(), space, 11, nth).unwrap();
    let (mut sampler, mut past, mut all) = (of(0), Vec::new(), Vec::new());
    for nth in 0..count {
        if stops.contains(&nth) {
            sampler = of(nth);
        }
        let suggestion = sampler.suggest(&past).unwrap();
        let number = |name| {
            suggestion
                .values
                .get(name)
                .and_then(Value::as_f64)
                .unwrap_or(0.0)
        };
        let loss = (number("a") - 0.3).abs() + libm::log(number("b")).abs() + number("c");
        past.push(Observation {
            values: suggestion.values.clone(),
            result: match nth % 7 {
                3 => Outcome::Failed,
                5 => Outcome::Stopped(vec![loss + 1.0]),
                6 if nth + 2 > count => Outcome::Running,
                _ => Outcome::Objectives(vec![loss, number("a")]),
            },
        });
        all.push(suggestion);
    }
    all
}

#[test]
fn a_search_that_goes_on_suggests_what_it_would_have() {
    for name in SAMPLERS {
        let all = trials(name, &mixed(), 24, &[]);
        let stopped = trials(name, &mixed(), 24, &[1, 12, 13, 23]);
        assert!(all == stopped, "{name}");
        assert!(all.iter().all(|trial| !trial.why.is_empty()));
    }
}

#[test]
fn flags_have_values_where_they_have_a_use() {
    for name in SAMPLERS {
        for trial in trials(name, &mixed(), 30, &[]) {
            let is_used = trial.values.get("opt") == Some(&"sgd".into());
            let momentum = trial.values.get("momentum").unwrap();
            assert_eq!(momentum == &Value::Int(0), !is_used, "{name}");
        }
    }
}

#[test]
fn constraints_hold() {
    let settings = Map::from_iter([("constraint", "a + c <= 4 and b < 1")]);
    for name in SAMPLERS {
        let mut sampler = sampler(name, &settings, &mixed(), 1, 0).unwrap();
        let mut past = Vec::new();
        for _ in 0..15 {
            let values = sampler.suggest(&past).unwrap().values;
            let number = |name| values.get(name).and_then(Value::as_f64).unwrap();
            assert!(
                number("a") + number("c") <= 4.0 && number("b") < 1.0,
                "{name}"
            );
            let result = Outcome::Objectives(vec![number("b")]);
            past.push(Observation { values, result });
        }
    }
    let settings = Map::from_iter([("constraint", "a > 2")]);
    for name in ["grid", "random", "sobol", "tpe"] {
        let result = sampler(name, &settings, &mixed(), 1, 0)
            .unwrap()
            .suggest(&[]);
        assert!(
            matches!(result, Err(Error::Constraints(_) | Error::Exhausted(0))),
            "{name}"
        );
    }
}

#[test]
fn initial_values_come_first() {
    let space = space(&[("a", "[0.0:1:0.25]"), ("b", "[1:9:3]")]);
    for name in SAMPLERS.iter().filter(|name| **name != "grid") {
        let first = &trials(name, &space, 2, &[])[0].values;
        let expected = Map::from_iter([("a", Value::from(0.25)), ("b", 3.into())]);
        assert_eq!(*first, expected, "{name}");
    }
}

#[test]
fn a_small_space_is_gone_through_before_anything_comes_again() {
    let space = space(&[("c", "[1:3]"), ("opt", "[x,y]")]);
    for name in ["tpe", "gp", "forest", "gbrt", "cma-es"] {
        let all = trials(name, &space, 8, &[]);
        let different: std::collections::HashSet<_> = all
            .iter()
            .map(|trial| format!("{:?}", trial.values))
            .collect();
        assert!(different.len() >= 5, "{name} {different:?}");
    }
}

#[test]
fn what_does_not_exist_is_an_error() {
    let settings = Map::new();
    let fault =
        |result: Result<Box<dyn Sampler>, Error>| result.err().map(|error| error.to_string());
    assert_eq!(
        fault(sampler("best", &settings, &mixed(), 1, 0)).as_deref(),
        Some("unknown sampler 'best'")
    );
    assert_eq!(
        fault(sampler("tpe", &settings, &Space::default(), 1, 0)),
        Some(Error::NoDimensions.to_string())
    );
    let settings = Map::from_iter([("acq-func", "best")]);
    assert_eq!(
        fault(sampler("gp", &settings, &mixed(), 1, 0)).as_deref(),
        Some("invalid value best for acq-func: expected one of gp_hedge, EI, LCB, PI, EIps, PIps")
    );
    let settings = Map::from_iter([("random-starts", -1)]);
    assert!(sampler("gp", &settings, &mixed(), 1, 0).is_err());
}

#[test]
fn many_choices_are_fine() {
    let choices = Value::List((0..100_000).map(Value::Int).collect());
    let space =
        Space::of_flags(&Map::from_iter([("a", choices), ("b", "[0.0:1]".into())])).unwrap();
    for name in SAMPLERS {
        assert_eq!(trials(name, &space, 8, &[]).len(), 8, "{name}");
    }
}

fn domain() -> impl Strategy<Value = Domain> {
    let bound = prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        -3.0..3.0
    ];
    prop_oneof![
        // Bounds in any order, and equal.
        (bound.clone(), bound).prop_map(|(low, high)| Domain::Real {
            low,
            high,
            log: false
        }),
        (1e-300..1e300, 1e-9..1e9).prop_map(|(low, high)| Domain::Real {
            low,
            high,
            log: true
        }),
        any::<f64>()
            .prop_filter("finite", |x| x.is_finite())
            .prop_map(|low| Domain::Real {
                low,
                high: low,
                log: false
            }),
        (any::<i64>(), any::<i64>(), any::<bool>()).prop_map(|(low, high, log)| Domain::Int {
            low,
            high,
            log
        }),
        (-3..3_i64).prop_map(|low| Domain::Int {
            low,
            high: low,
            log: false
        }),
        (1..6_i64).prop_map(|count| Domain::Choice((0..count).map(Value::Int).collect())),
        Just(Domain::Choice(vec![
            Value::Null,
            f64::NAN.into(),
            1.into(),
            true.into()
        ])),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let loss = prop_oneof![
        any::<f64>(),
        -1.0..1.0,
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(1.0)
    ];
    prop_oneof![
        4 => prop::collection::vec(loss.clone(), 0..3).prop_map(Outcome::Objectives),
        1 => prop::collection::vec(loss, 0..2).prop_map(Outcome::Stopped),
        1 => Just(Outcome::Failed),
        1 => Just(Outcome::Running),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn nothing_makes_a_sampler_panic(
        domains in prop::collection::vec(domain(), 1..4),
        outcomes in prop::collection::vec(outcome(), 0..30),
        seed in any::<u64>(),
    ) {
        let flags = domains.into_iter().enumerate();
        let space = Space {
            dimensions: flags
                .map(|(index, domain)| Dimension::of_domain(&format!("f{index}"), domain))
                .collect(),
            ..Space::default()
        };
        let mut random = sampler("random", &Map::new(), &space, seed, 0).unwrap();
        let past: Vec<Observation> = outcomes
            .into_iter()
            .map(|result| Observation { values: random.suggest(&[]).unwrap().values, result })
            .collect();
        for name in SAMPLERS {
            let settings = Map::from_iter([("random-starts", 2)]);
            let mut sampler = sampler(name, &settings, &space, seed, 3).unwrap_or_else(|_| {
                sampler(name, &settings, &space, seed, 0).unwrap()
            });
            match sampler.suggest(&past) {
                Ok(suggestion) => prop_assert_eq!(suggestion.values.len(), space.dimensions.len()),
                Err(error) => prop_assert!(matches!(error, Error::Exhausted(_)), "{} {}", name, error),
            }
        }
    }
}
