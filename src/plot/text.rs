//! Charts made of characters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line as Text;
use ratatui::widgets::{Axis as Scaling, Chart as Drawing, Dataset, GraphType, Widget};
use unicode_width::UnicodeWidthChar;

use super::axis::Axis;
use super::{Chart, Line};
use crate::base::terminal;

/// The colours of lines, which start again when they are used up. Any of the
/// usual ones of a terminal shows on light and on dark.
const COLOURS: [(Color, &str); 6] = [
    (Color::Cyan, "36"),
    (Color::Yellow, "33"),
    (Color::Magenta, "35"),
    (Color::Green, "32"),
    (Color::Blue, "34"),
    (Color::Red, "31"),
];

/// What lines are drawn with where there is no colour to tell them apart.
const LETTERS: [char; 12] = ['o', '+', 'x', '*', '#', '@', '%', '&', '=', '~', 'a', 'b'];

/// How much room a chart has, and whether it may have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Its width in characters.
    pub columns: u16,
    /// The height in lines of what is between title and legend.
    pub rows: u16,
    /// Whether lines are told apart by colours instead of characters.
    pub colour: bool,
}

/// The lines of text that show `chart`: its title, the lines with their axes, and
/// a legend. No line is wider than the frame.
pub fn text(chart: &Chart, frame: Frame) -> Vec<String> {
    let columns = usize::from(frame.columns);
    let title = terminal::visible(&chart.title);
    let mut lines = vec![cut(&title, columns)];
    let points: Vec<_> = chart.lines.iter().map(|line| chart.drawn(line)).collect();
    if points.iter().all(Vec::is_empty) {
        lines.push("  (nothing to draw)".to_string());
    } else {
        lines.extend(drawing(chart, &points, frame));
    }
    for (index, line) in chart.lines.iter().enumerate() {
        lines.push(legend(line, index, chart, frame));
    }
    lines
}

/// The lines of `chart` and their axes.
fn drawing(chart: &Chart, points: &[Vec<(f64, f64)>], frame: Frame) -> Vec<String> {
    let marks = (
        usize::from(frame.columns / 16),
        usize::from(frame.rows / 3).min(8),
    );
    let (x, y) = chart.axes(points, marks);
    let x_marks = x.marks.clone();
    let sets = chart.lines.iter().zip(points).enumerate();
    let sets = sets.map(|(index, (line, points))| {
        let (graph, marker) = match (points.len(), marker(chart, index, frame)) {
            // A line of one point would not be seen.
            (1, Marker::Braille) => (GraphType::Scatter, Marker::Dot),
            (1, marker) => (GraphType::Scatter, marker),
            (_, marker) => (GraphType::Line, marker),
        };
        Dataset::default()
            .data(points)
            .graph_type(graph)
            .marker(marker)
            .style(Style::new().fg(colour(line).0))
    });
    let drawing = Drawing::new(sets.collect())
        .legend_position(None)
        .x_axis(scaling(x))
        .y_axis(scaling(y));
    let area = Rect::new(0, 0, frame.columns, frame.rows);
    let mut buffer = Buffer::empty(area);
    drawing.render(area, &mut buffer);
    name_marks(&mut buffer, &x_marks, &chart.x_name);
    (0..frame.rows)
        .map(|row| row_text(&buffer, row, frame.colour))
        .collect()
}

/// Puts the names of the marks of the x axis exactly below their places, and the
/// axis' own at its end.
fn name_marks(buffer: &mut Buffer, marks: &[String], name: &str) {
    let Rect { width, height, .. } = buffer.area;
    let (Some(bottom), Some(line)) = (height.checked_sub(1), height.checked_sub(2)) else {
        return;
    };
    let corner = (0..width).find(|column| buffer[(*column, line)].symbol() == "└");
    let Some(start) = corner.map(|corner| usize::from(corner) + 1) else {
        return;
    };
    let width = usize::from(width);
    let Some(last) = (width - start).checked_sub(1) else {
        return;
    };
    buffer.set_string(0, bottom, " ".repeat(width), Style::new());
    let mut free = 0;
    for (index, mark) in marks.iter().enumerate() {
        let place = start + index * last / (marks.len() - 1).max(1);
        let length = mark.chars().count();
        let from = place
            .saturating_sub(length / 2)
            .min(width.saturating_sub(length));
        if from >= free {
            buffer.set_string(from as u16, bottom, mark, Style::new());
            free = from + length + 1;
        }
    }
    let name = format!(" {name}");
    if name.chars().count() < last {
        let from = width - name.chars().count();
        buffer.set_string(from as u16, line, name, Style::new());
    }
}

fn scaling(axis: Axis) -> Scaling<'static> {
    let marks = axis.marks.into_iter().map(Text::from);
    Scaling::default()
        .bounds(axis.bounds)
        .labels(marks.collect::<Vec<_>>())
}

/// What the line `index` of `chart` is drawn with.
fn marker(chart: &Chart, index: usize, frame: Frame) -> Marker {
    match frame.colour || chart.lines.len() == 1 {
        true => Marker::Braille,
        false => Marker::Custom(LETTERS[index % LETTERS.len()]),
    }
}

fn colour(line: &Line) -> (Color, &'static str) {
    COLOURS[line.number % COLOURS.len()]
}

/// The name of a line and what is said of it, behind what it is drawn with.
fn legend(line: &Line, index: usize, chart: &Chart, frame: Frame) -> String {
    let sign = match marker(chart, index, frame) {
        Marker::Custom(letter) => letter.to_string(),
        _ => "━━".to_string(),
    };
    let text = format!("{}  {}", line.name, line.note);
    let room = usize::from(frame.columns).saturating_sub(sign.chars().count() + 4);
    let text = cut(&terminal::visible(text.trim_end()), room);
    match frame.colour {
        true => format!("  \x1b[{}m{sign}\x1b[0m  {text}", colour(line).1),
        false => format!("  {sign}  {text}"),
    }
}

/// As much of `text` as fits in so many columns.
fn cut(text: &str, columns: usize) -> String {
    let mut room = columns;
    let fits = |c: &char| match room.checked_sub(c.width().unwrap_or(0)) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).collect()
}

/// A row of `buffer`, without blanks at its end.
fn row_text(buffer: &Buffer, row: u16, with_colour: bool) -> String {
    let mut text = String::new();
    let mut current = None;
    let mut blanks = 0;
    for column in 0..buffer.area.width {
        let cell = &buffer[(column, row)];
        if cell.symbol() == " " || cell.symbol() == "\u{2800}" {
            blanks += 1;
            continue;
        }
        let wanted = COLOURS.iter().find(|(colour, _)| *colour == cell.fg);
        let wanted = wanted.filter(|_| with_colour).map(|(_, code)| *code);
        if current != wanted && current.is_some() {
            text.push_str("\x1b[0m");
        }
        text.extend(std::iter::repeat_n(' ', blanks));
        blanks = 0;
        if let (true, Some(code)) = (current != wanted, wanted) {
            text.push_str(&format!("\x1b[{code}m"));
        }
        current = wanted;
        text.push_str(cell.symbol());
    }
    if current.is_some() {
        text.push_str("\x1b[0m");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::Scale;
    use super::*;

    fn chart(lines: Vec<Line>) -> Chart {
        Chart {
            title: "loss".to_string(),
            x_name: "step".to_string(),
            scale: Scale::Linear,
            lines,
        }
    }

    fn line(number: usize, points: &[(f64, f64)]) -> Line {
        Line {
            name: format!("run{number}"),
            note: "last 1".to_string(),
            number,
            points: points.to_vec(),
        }
    }

    const FRAME: Frame = Frame {
        columns: 40,
        rows: 8,
        colour: false,
    };

    #[test]
    fn a_line_goes_from_its_first_to_its_last_point() {
        let rising = line(0, &[(0.0, 0.0), (10.0, 10.0)]);
        let falling = line(1, &[(0.0, 10.0), (10.0, 0.0)]);
        let lines = text(&chart(vec![rising, falling]), FRAME);
        assert_eq!(lines[0], "loss");
        assert!(
            lines[1].starts_with("10│") && lines[1].ends_with('o'),
            "{lines:#?}"
        );
        assert!(
            lines[6].contains('o') && lines[6].ends_with('+'),
            "{lines:#?}"
        );
        assert!(lines[7].ends_with("─ step"), "{lines:#?}");
        assert_eq!(
            lines[8],
            "   0             5                     10".replace(
                "             5                     ",
                "                 5                "
            )
        );
        assert_eq!(lines.last().unwrap(), "  +  run1  last 1");
        assert_eq!(lines.len(), 1 + 8 + 2);
    }

    #[test]
    fn colours_are_only_where_they_may_be() {
        let one = chart(vec![line(1, &[(0.0, 0.0), (1.0, 1.0)])]);
        let plain = text(&one, FRAME).join("\n");
        assert!(!plain.contains('\x1b') && plain.contains("━━"));
        let colour = true;
        let painted = text(&one, Frame { colour, ..FRAME }).join("\n");
        assert!(painted.contains("\x1b[33m━━\x1b[0m"));
        assert!(painted.matches("\x1b[33m").count() > 2, "{painted}");
    }

    #[test]
    fn any_size_and_any_number_of_points_can_be_drawn() {
        for columns in [0, 1, 3, 10, 300] {
            for rows in [0, 1, 3, 60] {
                for points in [&[][..], &[(3.0, 4.0)], &[(3.0, 4.0), (3.0, 5.0)]] {
                    let colour = true;
                    let frame = Frame {
                        columns,
                        rows,
                        colour,
                    };
                    text(&chart(vec![line(0, points)]), frame);
                }
            }
        }
    }

    #[test]
    fn what_has_no_logarithm_is_left_out() {
        let mut chart = chart(vec![line(0, &[(0.0, -1.0), (1.0, 0.0)])]);
        chart.scale = Scale::Logarithmic;
        assert_eq!(text(&chart, FRAME)[1], "  (nothing to draw)");
    }
}
