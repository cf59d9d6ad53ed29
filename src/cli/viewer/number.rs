//! Numbers one below the other: points, or where they would be, in one line.

/// How many cells stand before and behind the place of the point in a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Before it.
    pub whole: usize,
    /// From it on, the point itself and an exponent included.
    pub rest: usize,
}

impl Shape {
    /// Of the number that is written as `text`.
    pub fn of(text: &str) -> Self {
        let point = text.find(['.', 'e']).unwrap_or(text.len());
        // `inf` and `nan` have no point, and `e` only behind digits.
        Self {
            whole: point,
            rest: text.len() - point,
        }
    }

    /// One that takes both.
    pub fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole.max(other.whole),
            rest: self.rest.max(other.rest),
        }
    }

    /// How many cells it takes.
    pub fn width(self) -> usize {
        self.whole + self.rest
    }

    /// How many blanks go before the number `text` in `room` cells, so that its
    /// point is where all others are; flush right where there is too little room.
    pub fn indent(self, text: &str, room: usize) -> usize {
        let behind = self.rest - Self::of(text).rest.min(self.rest);
        let flush = room.saturating_sub(text.len());
        match room >= self.width() {
            true => flush.saturating_sub(behind),
            false => flush,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_in_one_line() {
        let numbers = ["0.5", "12", "-1.25", "1e-05", "nan", "-inf"];
        let shapes = numbers.map(Shape::of);
        let shape = shapes.into_iter().fold(Shape::default(), Shape::or);
        assert_eq!(shape, Shape { whole: 4, rest: 4 });
        let lines = numbers.map(|text| " ".repeat(shape.indent(text, 8)) + text);
        assert_eq!(
            lines,
            ["   0.5", "  12", "  -1.25", "   1e-05", " nan", "-inf"]
        );
    }

    #[test]
    fn without_room_numbers_are_flush_right() {
        let shape = Shape { whole: 4, rest: 4 };
        assert_eq!(shape.indent("0.5", 6), 3);
        assert_eq!(shape.indent("0.5", 2), 0);
    }
}
