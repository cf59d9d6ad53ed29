//! How users write rules: `nan`, `threshold(max=10)`, `patience(20, min-delta=0.001)`.

use super::{Goal, Halving, Kind, StopRule};

/// The rules there are.
const RULES: [&str; 6] = [
    "asha",
    "hyperband",
    "median",
    "nan",
    "patience",
    "threshold",
];

/// Settings that every rule has.
const COMMON: [&str; 4] = ["after", "maximize", "minimize", "scalar"];

/// Why a text is no rule.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("cannot stop early by '{rule}': {reason}")]
pub struct Error {
    /// The rule as written.
    pub rule: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What is in the brackets of a rule.
struct Settings<'a> {
    /// A setting without a name.
    first: Option<&'a str>,
    named: Vec<(&'a str, &'a str)>,
}

impl StopRule {
    /// Reads rules, which are separated by commas.
    ///
    /// # Errors
    /// There is no such rule, or a setting makes no sense.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Error> {
        split(text).into_iter().map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, Error> {
        read(text).map_err(|reason| Error {
            rule: text.to_string(),
            reason,
        })
    }
}

/// `text` at its commas, but for those in brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).collect()
}

fn read(text: &str) -> Result<StopRule, String> {
    let (name, inside) = match text.split_once('(') {
        None => (text, ""),
        Some((name, rest)) => {
            let inside = rest.strip_suffix(')').ok_or("it does not end with ')'")?;
            (name.trim(), inside)
        }
    };
    let settings = Settings::read(inside)?;
    let (kind, own): (Kind, &[&str]) = match name {
        "nan" => (Kind::Nan, &[]),
        "threshold" => (threshold(&settings)?, &["min", "max"]),
        "patience" => (patience(&settings)?, &["reports", "min-delta"]),
        "median" => {
            let trials = settings.count("trials")?.unwrap_or(5);
            (
                Kind::Median {
                    trials: clamped(trials),
                },
                &["trials"],
            )
        }
        "asha" => (
            Kind::Halving(halving(&settings)?),
            &["reduction", "min-steps"],
        ),
        "hyperband" => (
            Kind::Halving(hyperband(&settings)?),
            &["max-steps", "reduction", "min-steps"],
        ),
        _ => return Err(format!("there are {}", RULES.join(", "))),
    };
    if settings.first.is_some() && !["patience", "hyperband"].contains(&name) {
        return Err("each of its settings needs a name".to_string());
    }
    let unknown = settings
        .named
        .iter()
        .find(|(key, _)| !own.contains(key) && !COMMON.contains(key));
    if let Some((key, _)) = unknown {
        let known: Vec<_> = own.iter().chain(&COMMON).copied().collect();
        return Err(format!(
            "it has no setting '{key}', but {}",
            known.join(", ")
        ));
    }
    let (scalar, goal) = objective(&settings)?;
    Ok(StopRule {
        text: text.to_string(),
        kind,
        scalar,
        goal,
        after: settings.count("after")?.unwrap_or(i64::MIN),
    })
}

fn threshold(settings: &Settings<'_>) -> Result<Kind, String> {
    let (min, max) = (settings.number("min")?, settings.number("max")?);
    if min.is_none() && max.is_none() {
        return Err("it needs 'min', 'max' or both".to_string());
    }
    Ok(Kind::Threshold {
        min: min.unwrap_or(f64::NEG_INFINITY),
        max: max.unwrap_or(f64::INFINITY),
    })
}

fn patience(settings: &Settings<'_>) -> Result<Kind, String> {
    let reports = settings.first_count("reports")?;
    let min_delta = settings.number("min-delta")?.unwrap_or(0.0);
    if min_delta < 0.0 {
        return Err("'min-delta' is less than 0".to_string());
    }
    Ok(Kind::Patience {
        reports: clamped(reports.ok_or("it needs a number of reports, as in 'patience(20)'")?),
        min_delta,
    })
}

fn halving(settings: &Settings<'_>) -> Result<Halving, String> {
    let reduction = settings.count("reduction")?.unwrap_or(3);
    if reduction < 2 {
        return Err("'reduction' is less than 2".to_string());
    }
    Ok(Halving {
        reduction,
        min_steps: settings.count("min-steps")?.unwrap_or(1),
        max_steps: None,
    })
}

fn hyperband(settings: &Settings<'_>) -> Result<Halving, String> {
    let max_steps = settings.first_count("max-steps")?;
    Ok(Halving {
        max_steps: Some(
            max_steps.ok_or("it needs the steps of a whole trial, as in 'hyperband(81)'")?,
        ),
        ..halving(settings)?
    })
}

/// The scalar to look at, and which values of it are better.
fn objective(settings: &Settings<'_>) -> Result<(Option<String>, Option<Goal>), String> {
    let kinds = [
        ("minimize", Some(Goal::Minimize)),
        ("maximize", Some(Goal::Maximize)),
        ("scalar", None),
    ];
    let named = kinds
        .iter()
        .filter_map(|&(key, goal)| Some((settings.get(key)?, goal)));
    let named: Vec<_> = named.collect();
    match named[..] {
        [] => Ok((None, None)),
        [(scalar, goal)] => Ok((Some(scalar.to_string()), goal)),
        _ => Err("it names its scalar more than once".to_string()),
    }
}

/// A count, which was checked not to be negative.
fn clamped(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

impl<'a> Settings<'a> {
    fn read(inside: &'a str) -> Result<Self, String> {
        let mut settings = Self {
            first: None,
            named: Vec::new(),
        };
        let items = inside.split(',').map(str::trim);
        for (place, item) in items.enumerate().filter(|_| !inside.trim().is_empty()) {
            match item.split_once('=') {
                Some((key, value)) => {
                    let (key, value) = (key.trim(), value.trim());
                    if settings.get(key).is_some() {
                        return Err(format!("it has '{key}' twice"));
                    }
                    if value.is_empty() {
                        return Err(format!("'{key}' has no value"));
                    }
                    settings.named.push((key, value));
                }
                None if place == 0 && !item.is_empty() => settings.first = Some(item),
                None => return Err(format!("'{item}' is no setting NAME=VALUE")),
            }
        }
        Ok(settings)
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let mut named = self.named.iter();
        named
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }

    fn number(&self, key: &str) -> Result<Option<f64>, String> {
        let read = |text: &str| {
            let number: Option<f64> = text.parse().ok();
            let is_number = |number: &f64| number.is_finite();
            number
                .filter(is_number)
                .ok_or_else(|| format!("'{key}' is no number: '{text}'"))
        };
        self.get(key).map(read).transpose()
    }

    fn count(&self, key: &str) -> Result<Option<i64>, String> {
        self.get(key).map(|text| count(key, text)).transpose()
    }

    /// A count that may be given without its name.
    fn first_count(&self, key: &str) -> Result<Option<i64>, String> {
        match (self.first, self.get(key)) {
            (Some(_), Some(_)) => Err(format!("it has '{key}' twice")),
            (Some(text), None) => count(key, text).map(Some),
            (None, _) => self.count(key),
        }
    }
}

/// A positive whole number.
fn count(key: &str, text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|&number: &i64| number > 0);
    number.ok_or_else(|| format!("'{key}' is no positive whole number: '{text}'"))
}
