//! How busy the machine's graphics devices are, as `nvidia-smi` tells.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The program that is asked.
const PROGRAM: &str = "nvidia-smi";

/// What is asked for, in the order of the answer's columns.
const QUERY: &str = "--query-gpu=index,fan.speed,pstate,memory.total,memory.used,\
                     utilization.gpu,utilization.memory,temperature.gpu,power.draw";

/// How long the program may take.
const TIME_LIMIT: Duration = Duration::from_secs(3);

/// How much of its answer is read, in bytes.
const LONGEST_ANSWER: u64 = 1 << 16;

const MIB: f64 = 1_048_576.0;

/// Asks for the load of graphics devices, again and again. Clones share what they
/// know.
#[derive(Debug, Clone, Default)]
pub struct Gpus {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    asked: Option<Child>,
    /// There is no such program, it hangs, or nobody wants to know any more.
    given_up: bool,
}

impl Gpus {
    /// The load of all devices by the names that Guild AI has for it, such as
    /// `sys/gpu0/util`: shares between 0 and 1 (`util`, `mem_util`, `fanspeed`),
    /// bytes (`mem_...`), degrees Celsius and watts. Nothing where the program is
    /// not there or fails; one that hangs is ended, and not asked again.
    pub fn load(&self) -> Vec<(String, f64)> {
        parse(&self.answer().unwrap_or_default())
    }

    /// The numbers of the devices that are there, by which programs name them.
    pub fn indices(&self) -> Vec<String> {
        let answer = self.answer().unwrap_or_default();
        let indices = answer.lines().filter_map(|line| {
            let (index, _) = line.split_once(',')?;
            Some(index.trim()).filter(|index| is_index(index))
        });
        indices.map(str::to_string).collect()
    }

    /// What the program says. None where it is not there, or hangs, and is ended.
    fn answer(&self) -> Option<String> {
        let mut answer = self.ask()?;
        let (sender, read) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let whole = answer.by_ref().take(LONGEST_ANSWER).read_to_end(&mut bytes);
            drop(answer);
            let _ = sender.send(whole.map(|_| bytes));
        });
        match read.recv_timeout(TIME_LIMIT) {
            Ok(read) => {
                self.lock().dismiss();
                Some(String::from_utf8_lossy(&read.unwrap_or_default()).into_owned())
            }
            Err(_) => {
                self.give_up();
                None
            }
        }
    }

    /// Asks no more, and ends a program that is being asked.
    pub fn give_up(&self) {
        let mut state = self.lock();
        state.given_up = true;
        state.dismiss();
    }

    /// Starts the program; what it prints.
    fn ask(&self) -> Option<impl Read + Send + use<>> {
        let mut state = self.lock();
        if state.given_up {
            return None;
        }
        let started = Command::new(PROGRAM)
            .args(["--format=csv,noheader", QUERY])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            state.given_up = true;
            return None;
        };
        let answer = child.stdout.take();
        state.asked = Some(child);
        answer
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What is in there is whole at every instant.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Ends the program that was asked, if it has not ended.
    fn dismiss(&mut self) {
        if let Some(mut child) = self.asked.take() {
            let _ = child.kill();
            // A program that the driver holds does not end; nobody waits for that.
            thread::spawn(move || child.wait());
        }
    }
}

/// Reads the answer: a line for each device, with a comma between columns. What a
/// device does not tell is in brackets.
fn parse(answer: &str) -> Vec<(String, f64)> {
    let mut load = Vec::new();
    for line in answer.lines() {
        let columns: Vec<&str> = line.split(',').map(str::trim).collect();
        let &[
            index,
            fan,
            state,
            total,
            used,
            util,
            memory_util,
            heat,
            power,
        ] = &columns[..]
        else {
            continue;
        };
        if !is_index(index) {
            continue;
        }
        let share = |text| Some(number(text, " %")? / 100.0);
        let bytes = |text| Some(number(text, " MiB")? * MIB);
        let free = || Some(bytes(total)? - bytes(used)?);
        for (name, value) in [
            ("fanspeed", share(fan)),
            (
                "pstate",
                state.strip_prefix('P').and_then(|state| number(state, "")),
            ),
            ("mem_total", bytes(total)),
            ("mem_used", bytes(used)),
            ("mem_free", free()),
            ("mem_util", share(memory_util)),
            ("util", share(util)),
            ("temp", number(heat, "")),
            ("powerdraw", number(power, " W")),
        ] {
            load.extend(value.map(|value| (format!("sys/gpu{index}/{name}"), value)));
        }
    }
    load
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str, unit: &str) -> Option<f64> {
    let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_line_for_each_device() {
        let answer = "0, 35 %, P2, 24576 MiB, 1024 MiB, 97 %, 41 %, 63, 250.50 W\n\
                      1, [Not Supported], P8, 100 MiB, [N/A], 0 %, 0 %, 30, [No data]\n";
        let load: Vec<_> = parse(answer)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let expected = [
            "sys/gpu0/fanspeed=0.35",
            "sys/gpu0/pstate=2",
            "sys/gpu0/mem_total=25769803776",
            "sys/gpu0/mem_used=1073741824",
            "sys/gpu0/mem_free=24696061952",
            "sys/gpu0/mem_util=0.41",
            "sys/gpu0/util=0.97",
            "sys/gpu0/temp=63",
            "sys/gpu0/powerdraw=250.5",
            "sys/gpu1/pstate=8",
            "sys/gpu1/mem_total=104857600",
            "sys/gpu1/mem_util=0",
            "sys/gpu1/util=0",
            "sys/gpu1/temp=30",
        ];
        assert_eq!(load, expected);
    }

    #[test]
    fn what_is_no_answer_is_left_out() {
        for answer in [
            "",
            "No devices were found",
            "0, 1",
            "x, 35 %, P2, 1 MiB, 1 MiB, 97 %, 41 %, 63, 250 W",
            "0, %, P, MiB, x MiB, nan %, inf %, 1 C, W",
            ",,,,,,,,",
        ] {
            assert!(parse(answer).is_empty(), "{answer}");
        }
    }

    #[test]
    fn nobody_is_asked_after_that_was_given_up() {
        let gpus = Gpus::default();
        gpus.clone().give_up();
        assert!(gpus.load().is_empty());
    }
}
