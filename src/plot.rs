//! Charts of numbers, as text for a terminal and as SVG and PNG.
//!
//! What is drawn, and where it comes from, is for others.

mod axis;
mod image;
mod text;

pub use image::{Format, image};
pub use text::{Frame, text};

/// Why a chart cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Drawing failed, for the reason that is given.
    #[error("cannot draw: {0}")]
    Draw(String),
}

/// How values go up a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    Linear,
    /// By their logarithm. Only those above zero can be shown.
    Logarithmic,
}

/// Lines with common axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What stands above.
    pub title: String,
    /// What goes from left to right.
    pub x_name: String,
    /// How values go up.
    pub scale: Scale,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// What else is said of it, where there is room.
    pub note: String,
    /// Its number, by which lines of several charts have the same colour.
    pub number: usize,
    /// Its points from left to right: finite numbers.
    pub points: Vec<(f64, f64)>,
}

impl Chart {
    /// The points of `line` as they are drawn: where the scale is logarithmic, by
    /// the logarithms of those values that have one.
    fn drawn(&self, line: &Line) -> Vec<(f64, f64)> {
        let points = line.points.iter().copied();
        match self.scale {
            Scale::Linear => points.collect(),
            Scale::Logarithmic => points
                .filter(|(_, y)| *y > 0.0)
                .map(|(x, y)| (x, y.log10()))
                .collect(),
        }
    }

    /// The axes that hold all `lines`, with about so many marks.
    fn axes(
        &self,
        lines: &[Vec<(f64, f64)>],
        (x_marks, y_marks): (usize, usize),
    ) -> (axis::Axis, axis::Axis) {
        let points = || lines.iter().flatten();
        let xs = || points().map(|point| point.0);
        // Nothing comes before a single step or instant.
        let only = xs().next().filter(|first| xs().all(|x| x == *first));
        let x = axis::Axis::linear(xs().chain(only.map(|x| x + 1.0)), x_marks);
        let ys = points().map(|point| point.1);
        let y = match self.scale {
            Scale::Linear => axis::Axis::linear(ys, y_marks),
            Scale::Logarithmic => axis::Axis::logarithmic(ys, y_marks),
        };
        (x, y)
    }
}
