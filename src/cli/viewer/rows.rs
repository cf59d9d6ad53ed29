//! The rows as the user has them: in which order, which are shown, which are
//! picked. The order is worked out when something changes, not when it is drawn.

use std::collections::HashSet;

use super::filter::Filter;
use super::grid::Grid;
use super::sort::Sort;

/// All rows.
#[derive(Debug, Default)]
pub struct Rows {
    /// Places in the grid of the rows that are shown, in order.
    order: Vec<usize>,
    sort: Option<Sort>,
    filter: Option<Filter>,
    only_picked: bool,
    /// Ids of runs, which are known by them again after a refresh.
    picked: HashSet<String>,
}

impl Rows {
    /// Works the order out again, of `grid`.
    pub fn renew(&mut self, grid: &Grid) {
        let rows = grid.rows().iter().enumerate();
        let shown = rows.filter(|(_, row)| {
            let filter = self.filter.as_ref();
            (!self.only_picked || self.picked.contains(&row.run_id))
                && filter.is_none_or(|filter| filter.keeps(row, grid))
        });
        self.order = shown.map(|(at, _)| at).collect();
        if let Some(sort) = &self.sort {
            sort.apply(&mut self.order, grid);
        }
    }

    /// How many are shown.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Where in the grid the row at the place `at` of those that are shown is.
    pub fn get(&self, at: usize) -> Option<usize> {
        self.order.get(at).copied()
    }

    /// The place of the run with this id among those that are shown.
    pub fn find(&self, run_id: &str, grid: &Grid) -> Option<usize> {
        let mut order = self.order.iter();
        order.position(|&row| grid.rows()[row].run_id == run_id)
    }

    /// What they are sorted by.
    pub fn sort(&self) -> Option<&Sort> {
        self.sort.as_ref()
    }

    /// Sorts them; without a `sort`, they are as the runs came.
    pub fn set_sort(&mut self, sort: Option<Sort>, grid: &Grid) {
        self.sort = sort;
        self.renew(grid);
    }

    /// What rows must have to be shown.
    pub fn filter(&self) -> Option<&Filter> {
        self.filter.as_ref()
    }

    /// Shows only rows that `filter` keeps; without one, all.
    pub fn set_filter(&mut self, filter: Option<Filter>, grid: &Grid) {
        self.filter = filter;
        self.renew(grid);
    }

    /// Whether only picked runs are shown.
    pub fn only_picked(&self) -> bool {
        self.only_picked
    }

    /// Shows only picked runs, or others too.
    pub fn set_only_picked(&mut self, only: bool, grid: &Grid) {
        self.only_picked = only;
        self.renew(grid);
    }

    /// How many runs are picked, shown or not.
    pub fn picked(&self) -> usize {
        self.picked.len()
    }

    /// Whether the run with this id is picked.
    pub fn is_picked(&self, run_id: &str) -> bool {
        self.picked.contains(run_id)
    }

    /// Picks the run with this id; one that is picked, no more.
    pub fn toggle(&mut self, run_id: &str) {
        if !self.picked.remove(run_id) {
            self.picked.insert(run_id.to_string());
        }
    }

    /// Picks all that are shown; none of them, where all are.
    pub fn toggle_all(&mut self, grid: &Grid) {
        let ids = || self.order.iter().map(|&row| &grid.rows()[row].run_id);
        let all: Vec<String> = ids().cloned().collect();
        if all.iter().all(|id| self.picked.contains(id)) {
            self.picked.retain(|id| !all.contains(id));
        } else {
            self.picked.extend(all);
        }
    }

    /// The ids of picked runs, in the order of rows, those that are not shown last.
    pub fn picked_ids(&self, grid: &Grid) -> Vec<String> {
        let shown: HashSet<usize> = self.order.iter().copied().collect();
        let hidden = (0..grid.rows().len()).filter(|row| !shown.contains(row));
        let rows = self.order.iter().copied().chain(hidden);
        let ids = rows.map(|row| &grid.rows()[row].run_id);
        ids.filter(|id| self.picked.contains(*id))
            .cloned()
            .collect()
    }

    /// Forgets picked runs that are not there any more.
    pub fn forget_gone(&mut self, grid: &Grid) {
        let ids: HashSet<&str> = grid.rows().iter().map(|row| row.run_id.as_str()).collect();
        self.picked.retain(|id| ids.contains(id.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::viewer::grid::tests::grid;
    use crate::cli::viewer::sort::By;

    #[test]
    fn rows_are_filtered_sorted_and_picked() {
        let grid = grid(&["x"], &["[3]", "[1]", "[2]"]);
        let mut rows = Rows::default();
        rows.renew(&grid);
        assert_eq!(rows.order, [0, 1, 2]);
        let sort = Sort {
            label: "x".to_string(),
            by: By::Value,
            descending: false,
        };
        rows.set_sort(Some(sort), &grid);
        assert_eq!(rows.order, [1, 2, 0]);
        rows.set_filter(Filter::parse("x > 1", &grid).ok(), &grid);
        assert_eq!(rows.order, [2, 0]);
        rows.toggle("1");
        rows.toggle("2");
        assert_eq!(rows.picked_ids(&grid), ["1", "2"]);
        rows.set_only_picked(true, &grid);
        assert_eq!(rows.order, [0]);
        rows.set_only_picked(false, &grid);
        rows.toggle_all(&grid);
        assert_eq!(rows.picked_ids(&grid), ["3", "1", "2"]);
        rows.toggle_all(&grid);
        assert_eq!(rows.picked_ids(&grid), ["2"]);
        rows.forget_gone(&Grid::default());
        assert_eq!(rows.picked(), 0);
    }
}
