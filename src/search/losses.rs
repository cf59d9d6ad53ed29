//! Losses made fit for models that think in normal distributions: those of a few
//! bad trials are drawn in if they would hide all differences between good ones.

/// Losses on a scale of their own, with mean 0 and variance 1.
#[derive(Debug)]
pub(super) struct Scaled {
    /// In the order they were given.
    pub values: Vec<f64>,
    scale: Scale,
}

/// How losses are taken to that scale.
#[derive(Debug, Clone, Copy)]
struct Scale {
    least: f64,
    /// From the least to the middle loss.
    spread: f64,
    /// What is added before logarithms are taken, none for losses as they are.
    offset: Option<f64>,
    mean: f64,
    deviation: f64,
}

impl Scaled {
    /// The losses on the scale on which they look most like a normal distribution.
    pub fn of(losses: &[f64]) -> Self {
        let offsets = [None, Some(1.0)];
        let scales = offsets.map(|offset| Scale::of(losses, offset));
        let likeliest = scales
            .into_iter()
            .map(|scale| (scale.likelihood(losses), scale));
        let best = likeliest.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let scale = best.map_or_else(|| Scale::of(losses, None), |(_, scale)| scale);
        Self {
            values: losses.iter().map(|loss| scale.value(*loss)).collect(),
            scale,
        }
    }

    /// The loss that is at a value of the scale.
    pub fn loss(&self, value: f64) -> f64 {
        let value = value * self.scale.deviation + self.scale.mean;
        let unit = match self.scale.offset {
            None => value,
            Some(offset) => libm::exp(value) - offset,
        };
        unit * self.scale.spread + self.scale.least
    }
}

impl Scale {
    fn of(losses: &[f64], offset: Option<f64>) -> Self {
        let mut sorted = losses.to_vec();
        sorted.sort_by(f64::total_cmp);
        let least = sorted.first().copied().unwrap_or(0.0);
        let middle = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let most = sorted.last().copied().unwrap_or(0.0);
        // Halves, as the difference of two floats may be infinite.
        let spread = [middle / 2.0 - least / 2.0, most / 2.0 - least / 2.0, 0.5]
            .into_iter()
            .find(|half| *half > 1e-300)
            .map_or(1.0, |half| (half * 2.0).min(f64::MAX));
        let mut scale = Self {
            least,
            spread,
            offset,
            mean: 0.0,
            deviation: 1.0,
        };
        let count = losses.len().max(1) as f64;
        scale.mean = losses.iter().map(|loss| scale.value(*loss) / count).sum();
        let squares = losses.iter().map(|loss| {
            let value = scale.value(*loss);
            value * (value / count)
        });
        let variance: f64 = squares.sum();
        scale.deviation = if variance > 1e-24 && variance.is_finite() {
            variance.sqrt()
        } else {
            1.0
        };
        scale
    }

    /// The value of a loss on the scale.
    fn value(&self, loss: f64) -> f64 {
        let unit = self.unit(loss);
        let value = match self.offset {
            None => unit,
            Some(offset) => libm::log(unit + offset),
        };
        (value - self.mean) / self.deviation
    }

    /// 0 for the least loss, 1 for the middle one.
    fn unit(&self, loss: f64) -> f64 {
        (loss / self.spread - self.least / self.spread).clamp(0.0, 1e100)
    }

    /// The logarithm of how likely the losses are if they are normal on this scale,
    /// less what is the same for all scales.
    fn likelihood(&self, losses: &[f64]) -> f64 {
        let slopes: f64 = match self.offset {
            None => 0.0,
            Some(offset) => losses
                .iter()
                .map(|loss| -libm::log(self.unit(*loss) + offset))
                .sum(),
        };
        slopes - losses.len() as f64 * libm::log(self.deviation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_losses_stay_as_they_are() {
        let losses: Vec<f64> = (0..20_i32).map(f64::from).collect();
        let scaled = Scaled::of(&losses);
        assert!(scaled.scale.offset.is_none());
        for (value, loss) in scaled.values.iter().zip(&losses) {
            assert!((scaled.loss(*value) - loss).abs() < 1e-9);
        }
    }

    #[test]
    fn huge_losses_are_drawn_in() {
        let losses: Vec<f64> = (-9..10_i32)
            .map(|power| libm::pow(10.0, f64::from(power)))
            .collect();
        let scaled = Scaled::of(&losses);
        assert!(scaled.scale.offset.is_some());
        assert!((scaled.loss(scaled.values[12]) / losses[12] - 1.0).abs() < 1e-9);
        let order = scaled.values.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(order);
    }

    #[test]
    fn any_losses_have_finite_values() {
        for losses in [
            vec![],
            vec![3.0; 4],
            vec![-1e308, 1e308, 0.0],
            vec![1e-320, 2e-320, 0.0],
        ] {
            let scaled = Scaled::of(&losses);
            assert!(
                scaled.values.iter().all(|value| value.is_finite()),
                "{losses:?}"
            );
        }
    }
}
