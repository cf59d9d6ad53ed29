//! Which rows are shown: those that a filter expression holds for, or those with
//! some words in them.

use super::grid::{Grid, Row};
use crate::base::yaml::Value;
use crate::query::filter::{Expression, Key, Subject};
use crate::query::{Scalar, Which};

/// What rows must have to be shown.
#[derive(Debug, Clone)]
pub struct Filter {
    text: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// An expression whose names are those of columns.
    Expression(Expression),
    /// Words in any case, each of them in some cell.
    Words(Vec<String>),
}

impl Filter {
    /// Reads `text`. What compares something is an expression over the columns of
    /// `grid`; what does not is words to look for.
    ///
    /// # Errors
    /// What is wrong with an expression, or the column that it names and that is
    /// not there.
    pub fn parse(text: &str, grid: &Grid) -> Result<Self, String> {
        let text = text.trim().to_string();
        let parsed = text.parse::<Expression>();
        let test = match parsed {
            Ok(expression) if compares(&expression) => {
                check(&expression, grid)?;
                Test::Expression(expression)
            }
            Err(error) if text.contains(['<', '>', '=']) => return Err(error.to_string()),
            _ => Test::Words(text.split_whitespace().map(str::to_lowercase).collect()),
        };
        Ok(Self { text, test })
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `row`, one of `grid`, is to be shown.
    pub fn keeps(&self, row: &Row, grid: &Grid) -> bool {
        match &self.test {
            Test::Expression(expression) => expression.holds(&Asked { row, grid }),
            Test::Words(words) => {
                let cells: Vec<String> = row
                    .cells
                    .iter()
                    .map(|cell| cell.text().to_lowercase())
                    .collect();
                let somewhere = |word: &String| cells.iter().any(|cell| cell.contains(word));
                words.iter().all(somewhere)
            }
        }
    }
}

/// Whether `expression` is more than words that happen to make one.
fn compares(expression: &Expression) -> bool {
    match expression {
        Expression::Value(_) => false,
        Expression::Not(inner) => compares(inner),
        Expression::Joined { first, last } => {
            first.iter().any(|(part, _)| compares(part)) || compares(last)
        }
        Expression::Compare { .. } | Expression::In { .. } | Expression::Contains { .. } => true,
    }
}

/// Objects to names in `expression` that no column of `grid` has.
fn check(expression: &Expression, grid: &Grid) -> Result<(), String> {
    let key = match expression {
        Expression::Value(_) => return Ok(()),
        Expression::Not(inner) => return check(inner, grid),
        Expression::Joined { first, last } => {
            first.iter().try_for_each(|(part, _)| check(part, grid))?;
            return check(last, grid);
        }
        Expression::Compare { key, .. }
        | Expression::In { key, .. }
        | Expression::Contains { key, .. } => key,
    };
    let name = match key {
        Key::Any(name) | Key::Attribute(name) | Key::Flag(name) => name.clone(),
        Key::Scalar(scalar) => scalar_label(scalar),
    };
    match grid.column(&name) {
        Some(_) => Ok(()),
        None => Err(format!("there is no column '{name}'")),
    }
}

/// The column of a scalar as it is called where it has no name of its own.
fn scalar_label(scalar: &Scalar) -> String {
    let which = match scalar.which {
        Which::Last => String::new(),
        which => format!("{} ", which.as_str()),
    };
    let prefix = match scalar.prefix.as_str() {
        "" => String::new(),
        prefix => format!("{prefix} "),
    };
    let step = if scalar.step { " step" } else { "" };
    format!("{which}{prefix}{}{step}", scalar.tag)
}

/// A row that an expression is asked of.
struct Asked<'a> {
    row: &'a Row,
    grid: &'a Grid,
}

impl Asked<'_> {
    fn value(&self, label: &str) -> Option<Value> {
        let cell = &self.row.cells[self.grid.column(label)?];
        (!cell.value().is_null()).then(|| cell.value().clone())
    }
}

impl Subject for Asked<'_> {
    fn attribute(&self, name: &str) -> Option<Value> {
        self.value(name)
    }

    fn flag(&self, name: &str) -> Option<Value> {
        self.value(name)
    }

    fn logged_attribute(&self, _: &str) -> Option<Value> {
        None
    }

    fn scalar(&self, scalar: &Scalar) -> Option<Value> {
        self.value(&scalar_label(scalar))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::viewer::grid::tests::grid;

    fn kept(text: &str) -> Result<Vec<usize>, String> {
        let grid = grid(
            &["run", "status", "lr", "loss", "min loss step"],
            &[
                "[a, completed, 0.1, 0.5, 3]",
                "[b, error, 0.01, null, null]",
                "[c, completed, 0.001, 0.05, 10]",
            ],
        );
        let filter = Filter::parse(text, &grid)?;
        let rows = grid.rows().iter().enumerate();
        let kept = rows.filter(|(_, row)| filter.keeps(row, &grid));
        Ok(kept.map(|(at, _)| at).collect())
    }

    #[test]
    fn expressions_are_over_columns() {
        assert_eq!(kept("loss < 0.1"), Ok(vec![2]));
        assert_eq!(kept("status = completed and lr > 0.01"), Ok(vec![0]));
        assert_eq!(kept("not status = completed"), Ok(vec![1]));
        assert_eq!(kept("loss is undefined"), Ok(vec![1]));
        assert_eq!(kept("min loss step > 5"), Ok(vec![2]));
        assert_eq!(kept("lr in [0.1, 0.01]"), Ok(vec![0, 1]));
    }

    #[test]
    fn anything_else_is_words() {
        assert_eq!(kept("COMPL"), Ok(vec![0, 2]));
        assert_eq!(kept("compl 0.05"), Ok(vec![2]));
        assert_eq!(kept("error completed"), Ok(vec![]));
        assert_eq!(kept(""), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn mistakes_are_told() {
        assert_eq!(kept("los < 0.1").unwrap_err(), "there is no column 'los'");
        assert_eq!(
            kept("loss <").unwrap_err(),
            "syntax error in filter - unexpected end of expresion"
        );
        assert!(kept("loss = 1 and flag:x = 2").is_err());
    }
}
