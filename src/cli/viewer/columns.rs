//! The columns as the user has them: in which order, how wide, which are hidden,
//! and which of them are on the screen.

use super::grid::{Column, Grid};

/// Cells before the first column, for signs.
pub const GUTTER: usize = 2;

/// How wide a column is at first, at the most, by its name and by what is in it.
const LABEL_WIDTH: usize = 16;
const WIDTH: usize = 24;

/// How wide a column may ever be.
const MOST: usize = 250;

/// How much room must be left beside the first column for it to stay in place.
const ROOM_BESIDE_FIRST: usize = 16;

/// The least of a column that is worth showing where it is cut off by the edge.
const LEAST: usize = 3;

/// A column as the user has it.
#[derive(Debug, Clone)]
pub struct View {
    /// Its name, by which it is known again after a refresh.
    pub label: String,
    /// Its place in the grid.
    pub column: usize,
    /// How many cells it takes.
    pub width: usize,
    /// Whether it is not shown.
    pub hidden: bool,
    /// Whether the user set its width.
    set: bool,
}

/// A column on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its place among those that are shown.
    pub at: usize,
    /// Its first cell.
    pub x: usize,
    /// How many of its cells are on the screen.
    pub width: usize,
}

/// All columns.
#[derive(Debug, Default)]
pub struct Columns {
    views: Vec<View>,
    /// Places in `views` of those that are shown.
    shown: Vec<usize>,
    /// The first that is on the screen, behind the one that stays in place.
    left: usize,
    gap: usize,
    wide: bool,
}

impl Columns {
    /// Those of `grid`, as they come.
    pub fn new(grid: &Grid) -> Self {
        let mut columns = Self {
            gap: 2,
            ..Self::default()
        };
        columns.renew(grid);
        columns
    }

    /// Those of `grid`, which is newer: as they were, and new ones behind those
    /// that come before them.
    pub fn renew(&mut self, grid: &Grid) {
        let old = std::mem::take(&mut self.views);
        let mut views: Vec<View> = Vec::new();
        for view in old {
            if let Some(column) = grid.column(&view.label) {
                views.push(View { column, ..view });
            }
        }
        for (at, column) in grid.columns().iter().enumerate() {
            if views.iter().any(|view| view.column == at) {
                continue;
            }
            let before = views
                .iter()
                .position(|view| Some(view.column) == at.checked_sub(1));
            let place = before.map_or(if at == 0 { 0 } else { views.len() }, |before| before + 1);
            let view = View {
                label: column.label().to_string(),
                column: at,
                width: 0,
                hidden: false,
                set: false,
            };
            views.insert(place, view);
        }
        self.views = views;
        self.fit(grid);
        self.list_shown();
    }

    /// Gives columns whose width the user did not set the one that fits.
    pub fn fit(&mut self, grid: &Grid) {
        for view in self.views.iter_mut().filter(|view| !view.set) {
            let column = &grid.columns()[view.column];
            view.width = match self.wide {
                true => whole_width(column),
                false => first_width(column),
            };
        }
    }

    fn list_shown(&mut self) {
        let views = self.views.iter().enumerate();
        let shown = views.filter(|(_, view)| !view.hidden).map(|(at, _)| at);
        self.shown = shown.collect();
    }

    /// All, hidden or not, in order.
    pub fn all(&self) -> &[View] {
        &self.views
    }

    /// How many are shown.
    pub fn count(&self) -> usize {
        self.shown.len()
    }

    /// How many are hidden.
    pub fn hidden(&self) -> usize {
        self.views.len() - self.shown.len()
    }

    /// The column at the place `at` of those that are shown.
    pub fn get(&self, at: usize) -> Option<&View> {
        self.shown.get(at).map(|&view| &self.views[view])
    }

    /// The place of the column with this name among those that are shown.
    pub fn find(&self, label: &str) -> Option<usize> {
        let mut shown = self.shown.iter();
        shown.position(|&view| self.views[view].label == label)
    }

    /// Hides or shows the column at the place `view` of all. The last one that is
    /// shown stays; says whether that was done.
    pub fn set_hidden(&mut self, view: usize, hidden: bool) -> bool {
        if hidden && self.shown.len() <= 1 {
            return false;
        }
        let Some(view) = self.views.get_mut(view) else {
            return false;
        };
        view.hidden = hidden;
        self.list_shown();
        true
    }

    /// Hides the column at the place `at` of those that are shown.
    pub fn hide(&mut self, at: usize) -> bool {
        let view = self.shown.get(at).copied();
        view.is_some_and(|view| self.set_hidden(view, true))
    }

    /// Shows all columns, and says how many of them were hidden.
    pub fn show_all(&mut self) -> usize {
        let hidden = self.hidden();
        for view in &mut self.views {
            view.hidden = false;
        }
        self.list_shown();
        hidden
    }

    /// Changes places of the columns at `at` and `to` of those that are shown.
    pub fn swap(&mut self, at: usize, to: usize) {
        if let (Some(&a), Some(&b)) = (self.shown.get(at), self.shown.get(to)) {
            self.views.swap(a, b);
        }
    }

    /// Moves the column at the place `view` of all to the place `to`.
    pub fn swap_views(&mut self, view: usize, to: usize) {
        if view < self.views.len() && to < self.views.len() {
            self.views.swap(view, to);
            self.list_shown();
        }
    }

    /// Makes the column at `at` of those that are shown, or all where that is none,
    /// a fifth wider or narrower.
    pub fn resize(&mut self, at: Option<usize>, wider: bool) {
        for (place, &view) in self.shown.iter().enumerate() {
            if at.is_none_or(|at| at == place) {
                let view = &mut self.views[view];
                let step = (view.width / 5).max(1);
                view.width = match wider {
                    true => (view.width + step).min(MOST),
                    false => view.width.saturating_sub(step).max(1),
                };
                view.set = true;
            }
        }
    }

    /// Makes the column at `at` of those that are shown `width` cells wide, or as
    /// wide as what is in it.
    pub fn set_width(&mut self, at: usize, width: Option<usize>, grid: &Grid) {
        if let Some(&view) = self.shown.get(at) {
            let view = &mut self.views[view];
            let whole = whole_width(&grid.columns()[view.column]);
            view.width = width.unwrap_or(whole).clamp(1, MOST);
            view.set = true;
        }
    }

    /// Makes all columns `width` cells wide; without a width, as wide as what is in
    /// them, or as they were at first, in turn.
    pub fn set_widths(&mut self, width: Option<usize>, grid: &Grid) {
        for view in &mut self.views {
            view.set = width.is_some();
            view.width = width.unwrap_or(view.width).clamp(1, MOST);
        }
        if width.is_none() {
            self.wide = !self.wide;
            self.fit(grid);
        }
    }

    /// Puts more or less room between columns.
    pub fn set_gap(&mut self, wider: bool) {
        self.gap = match wider {
            true => (self.gap + 1).min(20),
            false => self.gap.saturating_sub(1),
        };
    }

    /// Whether the first column stays in place on a screen of `room` cells.
    fn is_pinned(&self, room: usize) -> bool {
        let first = self.get(0).map_or(0, |view| view.width);
        room >= GUTTER + first + self.gap + ROOM_BESIDE_FIRST
    }

    /// The columns on a screen of `room` cells, from left to right.
    pub fn layout(&self, room: usize) -> Vec<Placed> {
        let pinned = self.is_pinned(room);
        let first = if pinned { self.left.max(1) } else { self.left };
        let shown = (0..usize::from(pinned)).chain(first..self.count());
        let mut x = GUTTER.min(room / 2);
        let mut placed = Vec::new();
        for at in shown {
            let Some(view) = self.get(at) else { break };
            let width = view.width.min(room.saturating_sub(x));
            if width == 0 || (width < view.width.min(LEAST) && !placed.is_empty()) {
                break;
            }
            placed.push(Placed { at, x, width });
            x += width + self.gap;
        }
        placed
    }

    /// Scrolls a screen of `room` cells so that the column at `at` of those that are
    /// shown is whole on it, if it can be.
    pub fn reveal(&mut self, at: usize, room: usize) {
        self.left = self.left.min(self.count().saturating_sub(1));
        if at == 0 {
            self.left = 0;
        }
        if at < self.left {
            self.left = at;
        }
        let whole = |columns: &Self| {
            let width = columns.get(at).map(|view| view.width);
            let placed = columns.layout(room).into_iter();
            let mut placed = placed.filter(|placed| placed.at == at);
            placed
                .next()
                .is_some_and(|placed| Some(placed.width) == width)
        };
        while self.left < at && !whole(self) {
            self.left += 1;
        }
    }

    /// Where to go from `at` for a screen of `room` cells further to the right or
    /// to the left.
    pub fn page(&self, at: usize, room: usize, right: bool) -> usize {
        let first = self.get(0).map_or(0, |view| view.width + self.gap);
        let pinned = if self.is_pinned(room) { first } else { 0 };
        let page = room.saturating_sub(GUTTER + pinned);
        let (mut to, mut passed) = (at, 0);
        loop {
            let next = match right {
                true => to + 1,
                false => to.wrapping_sub(1),
            };
            let Some(view) = self.get(next) else { break };
            passed += view.width + self.gap;
            if passed > page && to != at {
                break;
            }
            to = next;
        }
        to
    }
}

/// As wide as its name and what is in it, within limits that leave room for others.
fn first_width(column: &Column) -> usize {
    let label = column.label_width().min(LABEL_WIDTH);
    // Digits that are cut off make another number.
    let most = if column.shape().is_some() {
        MOST
    } else {
        WIDTH
    };
    label.max(column.width().min(most)).max(1)
}

fn whole_width(column: &Column) -> usize {
    column.label_width().max(column.width()).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::viewer::grid::tests::grid;

    /// Columns of 4, 6, 30 (24 at first), 8 and 2 cells.
    fn columns() -> (Grid, Columns) {
        let long = "x".repeat(30);
        let row = format!("[aaaa, bbbbbb, {long}, dddddddd, ee]");
        let grid = grid(&["a", "b", "c", "d", "e"], &[&row]);
        let columns = Columns::new(&grid);
        (grid, columns)
    }

    fn placed(columns: &Columns, room: usize) -> Vec<(usize, usize, usize)> {
        let placed = columns.layout(room).into_iter();
        placed
            .map(|placed| (placed.at, placed.x, placed.width))
            .collect()
    }

    #[test]
    fn columns_stand_side_by_side_until_the_edge() {
        let (_, columns) = columns();
        assert_eq!(
            placed(&columns, 80),
            [(0, 2, 4), (1, 8, 6), (2, 16, 24), (3, 42, 8), (4, 52, 2)]
        );
        assert_eq!(placed(&columns, 30), [(0, 2, 4), (1, 8, 6), (2, 16, 14)]);
        assert_eq!(placed(&columns, 17), [(0, 2, 4), (1, 8, 6)]);
        assert_eq!(placed(&columns, 1), [(0, 0, 1)]);
        assert_eq!(placed(&columns, 0), []);
    }

    #[test]
    fn the_first_column_stays_where_there_is_room() {
        let (_, mut columns) = columns();
        columns.reveal(4, 30);
        assert_eq!(placed(&columns, 30), [(0, 2, 4), (3, 8, 8), (4, 18, 2)]);
        columns.reveal(0, 30);
        assert_eq!(placed(&columns, 30)[1], (1, 8, 6));
        columns.reveal(4, 12);
        assert_eq!(placed(&columns, 12), [(4, 2, 2)]);
        columns.reveal(2, 12);
        assert_eq!(placed(&columns, 12), [(2, 2, 10)]);
    }

    #[test]
    fn columns_are_hidden_but_for_the_last() {
        let (_, mut columns) = columns();
        assert!(columns.hide(1));
        assert_eq!(columns.get(1).unwrap().label, "c");
        assert_eq!((columns.count(), columns.hidden()), (4, 1));
        for _ in 0..3 {
            assert!(columns.hide(0));
        }
        assert!(!columns.hide(0));
        assert_eq!(columns.show_all(), 4);
        assert_eq!(columns.count(), 5);
    }

    #[test]
    fn what_the_user_did_outlives_a_refresh() {
        let (_, mut columns) = columns();
        columns.swap(3, 4);
        columns.resize(Some(0), true);
        columns.hide(1);
        let newer = grid(&["a", "b", "n", "c", "e"], &["[aaaaaaaaa, b, 1, c, e]"]);
        columns.renew(&newer);
        let labels: Vec<&str> = columns
            .all()
            .iter()
            .map(|view| view.label.as_str())
            .collect();
        assert_eq!(labels, ["a", "b", "n", "c", "e"]);
        assert_eq!(columns.find("b"), None);
        assert_eq!(columns.get(0).unwrap().width, 5);
    }

    #[test]
    fn widths_change_by_a_fifth_or_to_a_number() {
        let (grid, mut columns) = columns();
        columns.resize(Some(2), false);
        assert_eq!(columns.get(2).unwrap().width, 20);
        columns.set_width(2, None, &grid);
        assert_eq!(columns.get(2).unwrap().width, 30);
        columns.set_width(2, Some(0), &grid);
        assert_eq!(columns.get(2).unwrap().width, 1);
        columns.set_widths(Some(7), &grid);
        assert!(columns.all().iter().all(|view| view.width == 7));
        columns.set_widths(None, &grid);
        assert_eq!(columns.get(2).unwrap().width, 30);
        columns.set_widths(None, &grid);
        assert_eq!(columns.get(2).unwrap().width, 24);
    }

    #[test]
    fn pages_go_by_what_fits() {
        let (_, columns) = columns();
        assert_eq!(columns.page(0, 30, true), 1);
        assert_eq!(columns.page(1, 30, true), 2);
        assert_eq!(columns.page(4, 30, true), 4);
        assert_eq!(columns.page(4, 60, false), 0);
    }
}
