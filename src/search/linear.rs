//! The linear algebra of Gaussian processes and of evolution strategies: matrices
//! of some hundred rows, factored as Cholesky did. Sums are added in an order that
//! is the same on every machine.
//!
//! A crate such as `nalgebra` or `faer` has this too, with a hundred times the code
//! to build, and with sums whose order depends on the processor.

/// A square matrix, row after row.
#[derive(Debug, Clone)]
pub(super) struct Square {
    size: usize,
    cells: Vec<f64>,
}

/// The lower triangle `L` of a matrix that is `L` times its transpose.
#[derive(Debug, Clone)]
pub(super) struct Factor(Square);

impl Square {
    /// A matrix of a function of row and column.
    pub fn of(size: usize, cell: impl Fn(usize, usize) -> f64) -> Self {
        let cells = (0..size * size)
            .map(|at| cell(at / size, at % size))
            .collect();
        Self { size, cells }
    }

    /// The matrix that changes nothing.
    pub fn identity(size: usize) -> Self {
        Self::of(size, |row, column| f64::from(u8::from(row == column)))
    }

    /// A row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..(row + 1) * self.size]
    }

    /// A row to write.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.cells[row * self.size..(row + 1) * self.size]
    }

    /// The factor, of which only the lower triangle is read; none if the matrix is
    /// not positive definite.
    pub fn factor(mut self) -> Option<Factor> {
        for row in 0..self.size {
            let (done, rest) = self.cells.split_at_mut(row * self.size);
            for column in 0..row {
                let other = &done[column * self.size..][..column + 1];
                let left = rest[column] - dot(&rest[..column], &other[..column]);
                rest[column] = left / other[column];
            }
            let left = rest[row] - dot(&rest[..row], &rest[..row]);
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            rest[row] = left.sqrt();
        }
        Some(Factor(self))
    }
}

impl Factor {
    /// The factor of the matrix that changes nothing.
    pub fn identity(size: usize) -> Self {
        Self(Square::identity(size))
    }

    /// What `L` takes to `vector`.
    pub fn solve(&self, vector: &[f64]) -> Vec<f64> {
        let mut solution: Vec<f64> = Vec::with_capacity(vector.len());
        for (index, wanted) in vector.iter().enumerate() {
            let row = self.0.row(index);
            let value = (wanted - dot(&row[..index], &solution)) / row[index];
            solution.push(value);
        }
        solution
    }

    /// The product of `L` and a vector.
    pub fn times(&self, vector: &[f64]) -> Vec<f64> {
        let cell = |row: usize| dot(&self.0.row(row)[..=row], &vector[..=row]);
        (0..vector.len()).map(cell).collect()
    }

    /// The logarithm of the determinant of the whole matrix.
    pub fn log_determinant(&self) -> f64 {
        let diagonal = (0..self.0.size).map(|index| libm::log(self.0.row(index)[index]));
        2.0 * diagonal.sum::<f64>()
    }

    /// The inverse of the whole matrix.
    pub fn inverse(&self) -> Square {
        let size = self.0.size;
        // Row after row the columns of the inverse of `L`, empty before the diagonal.
        let mut columns = Square::of(size, |_, _| 0.0);
        for start in 0..size {
            let column = columns.row_mut(start);
            column[start] = 1.0 / self.0.row(start)[start];
            for index in start + 1..size {
                let row = self.0.row(index);
                column[index] = -dot(&row[start..index], &column[start..index]) / row[index];
            }
        }
        let mut inverse = Square::of(size, |_, _| 0.0);
        for row in 0..size {
            for column in 0..=row {
                let cell = dot(&columns.row(row)[row..], &columns.row(column)[row..]);
                inverse.row_mut(row)[column] = cell;
                inverse.row_mut(column)[row] = cell;
            }
        }
        inverse
    }
}

/// The sum of products, added in eight lanes, which processors do at once.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_and_inverses_agree() {
        let size = 19;
        let matrix = Square::of(size, |row, column| {
            let far = row.abs_diff(column) as f64;
            libm::exp(-far / 3.0) + if row == column { 0.1 } else { 0.0 }
        });
        let factor = matrix.clone().factor().unwrap();
        let vector: Vec<f64> = (0..size).map(|index| index as f64 - 7.5).collect();
        for (a, b) in factor.times(&factor.solve(&vector)).iter().zip(&vector) {
            assert!((a - b).abs() < 1e-12);
        }
        let inverse = factor.inverse();
        for row in 0..size {
            for column in 0..size {
                let cell = dot(matrix.row(row), inverse.row(column));
                let expected = if row == column { 1.0 } else { 0.0 };
                assert!((cell - expected).abs() < 1e-12);
            }
        }
        assert!(factor.log_determinant().is_finite());
        assert!(Square::of(2, |_, _| 1.0).factor().is_none());
        assert!(Square::of(2, |_, _| f64::NAN).factor().is_none());
    }
}
