//! The graphics devices that trials have to themselves, each a set of its own.

use super::side_by_side::SideBySide;
use crate::base::gpus::Gpus;
use crate::home::Home;

/// The variable by which programs are told which devices they may see.
pub const VISIBLE: &str = "CUDA_VISIBLE_DEVICES";

/// Why devices cannot be given to trials.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There are fewer than trials that run at once need.
    #[error(
        "cannot give {needed} GPU(s) to trials ({each} for each of {jobs}): {there}\nUse --gpus to \
         say which there are, or smaller numbers for --jobs or --gpus-per-trial."
    )]
    TooFew {
        /// How many trials run at once.
        jobs: u64,
        /// How many devices each needs.
        each: u64,
        /// How many that are.
        needed: u64,
        /// What there is.
        there: String,
    },
}

/// The slots in which trials run at once, each with the devices of a trial in it, as
/// [`VISIBLE`] names them; none where trials see what this process does. `visible` are
/// the devices that the batch may see, where that is said.
///
/// # Errors
/// There are too few devices.
pub fn slots(wanted: &SideBySide, visible: Option<&str>) -> Result<Vec<Option<String>>, Error> {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let Some(each) = wanted.gpus_per_trial else {
        return Ok(vec![None; count(wanted.jobs.unwrap_or(1))]);
    };
    let devices: Vec<String> = match visible {
        Some(names) => {
            let names = names.split(',').map(str::trim);
            let names = names.take_while(|name| !name.is_empty() && *name != "-1");
            names.map(str::to_string).collect()
        }
        None => Gpus::default().indices(),
    };
    let available = devices.len() as u64 / each;
    let jobs = wanted.jobs.unwrap_or(available.max(1));
    if jobs > available {
        return Err(Error::TooFew {
            jobs,
            each,
            needed: jobs.saturating_mul(each),
            there: match (&devices[..], visible) {
                ([], Some(_)) => "none is visible".to_string(),
                ([], None) => "nvidia-smi tells of none".to_string(),
                ([one], _) => format!("there is only {one}"),
                (all, _) => format!("there are only {}", all.join(", ")),
            },
        });
    }
    let sets = devices.chunks_exact(count(each)).take(count(jobs));
    Ok(sets.map(|set| Some(set.join(","))).collect())
}

/// What the surroundings say of the devices that are visible.
pub fn visible(home: &Home) -> Option<String> {
    home.variable(VISIBLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(jobs: Option<u64>, each: u64, visible: &str) -> Result<Vec<String>, String> {
        let wanted = SideBySide {
            jobs,
            gpus_per_trial: Some(each),
            ..SideBySide::default()
        };
        let slots = slots(&wanted, Some(visible)).map_err(|error| error.to_string())?;
        Ok(slots.into_iter().flatten().collect())
    }

    #[test]
    fn devices_are_divided_among_trials() {
        assert_eq!(sets(None, 2, "0,1,2,3,4").unwrap(), ["0,1", "2,3"]);
        assert_eq!(sets(Some(1), 2, "0,1,2,3").unwrap(), ["0,1"]);
        assert_eq!(sets(None, 1, "GPU-a, GPU-b").unwrap(), ["GPU-a", "GPU-b"]);
        // What comes after a number that names none is not visible.
        assert_eq!(sets(None, 1, "2,-1,3").unwrap(), ["2"]);
    }

    #[test]
    fn too_few_are_told() {
        for (jobs, visible, expected) in [
            (
                Some(3),
                "0,1,2,3",
                "cannot give 6 GPU(s) to trials (2 for each of 3): there are only 0, 1, 2, 3\n",
            ),
            (
                None,
                "7",
                "cannot give 2 GPU(s) to trials (2 for each of 1): there is only 7\n",
            ),
            (
                None,
                "",
                "cannot give 2 GPU(s) to trials (2 for each of 1): none is visible\n",
            ),
        ] {
            let message = sets(jobs, 2, visible).unwrap_err();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn without_devices_slots_are_just_a_number() {
        let wanted = SideBySide {
            jobs: Some(2),
            ..SideBySide::default()
        };
        assert_eq!(slots(&wanted, Some("0")).unwrap(), [None, None]);
        assert_eq!(slots(&SideBySide::default(), None).unwrap(), [None]);
    }
}
