//! Which parser the command line of a script ends in.

use ruff_text_size::TextSize;

use super::super::follow::{Args, Follower, Stop, Value};
use super::Kind;

impl<'a> Follower<'a> {
    /// A parse of the command line by `parser`: it ends the script where the
    /// parser has an option for help. A parse of `known` arguments leaves others.
    pub(super) fn parse(
        &mut self,
        parser: usize,
        args: &Args<'a>,
        known: bool,
    ) -> Result<Value<'a>, Stop> {
        let at = args.at;
        self.check_risk(at)?;
        self.check_argv(at)?;
        match args.get(0, "args") {
            _ if !args.complete => {
                let why = "what arguments are parsed is computed";
                return Err(Stop::cannot_tell(why, at));
            }
            None | Some(Value::Null | Value::Argv(1)) => {}
            Some(_) => {
                let why = "other arguments than those of the command line are parsed";
                return Err(Stop::cannot_tell(why, at));
            }
        }
        let base_args = self.base_args;
        let mut outer = Vec::new();
        let (chosen, has_help) = self.choose(parser, base_args, at, &mut outer)?;
        self.parsers.ran = Some((chosen, at));
        self.parsers.outer = outer;
        if has_help || !known {
            return Err(self.parsed(at));
        }
        if self.takes_for_help(chosen) {
            let why = "an option starts with `--help`";
            return Err(Stop::cannot_tell(why, at));
        }
        // The other arguments, `--help` among them.
        Ok(Value::tuple(vec![Value::Unknown(at), Value::Argv(1)]))
    }

    /// Whether a parser without help takes `--help` for the start of an option.
    fn takes_for_help(&self, parser: usize) -> bool {
        let actions = &self.parsers.parsers[parser].actions;
        let mut actions = actions.iter().map(|&action| &self.parsers.actions[action]);
        actions.any(|action| action.options.iter().any(|o| o.starts_with("--help")))
    }

    /// The parser that `words` lead to, and whether it shows its help; those that
    /// they lead through are added to `outer`.
    fn choose(
        &self,
        parser: usize,
        words: &[String],
        at: TextSize,
        outer: &mut Vec<usize>,
    ) -> Result<(usize, bool), Stop> {
        let made = &self.parsers.parsers[parser];
        let actions: Vec<_> = made
            .actions
            .iter()
            .map(|&action| &self.parsers.actions[action])
            .collect();
        let mut has_help = false;
        for action in &actions {
            let is_help = action.options.iter().any(|option| **option == *"--help");
            if is_help && action.kind != Kind::Help {
                let why = "`--help` is an option of the script's own";
                return Err(Stop::cannot_tell(why, action.at));
            }
            has_help |= is_help;
            if action.options.is_empty() && action.nargs.as_str() == Some("...") {
                let why = "an argument takes all that is left";
                return Err(Stop::cannot_tell(why, action.at));
            }
        }
        let Some(commands) = &made.commands else {
            return Ok((parser, has_help));
        };
        let unclear = || {
            let why = "which sub-command the arguments choose is not clear";
            Stop::cannot_tell(why, at)
        };
        let before = actions.iter().filter(|action| action.options.is_empty());
        let before: Vec<_> = before
            .take_while(|action| action.kind != Kind::Parsers)
            .collect();
        if before
            .iter()
            .any(|action| !matches!(action.nargs, Value::Null))
            && !words.is_empty()
        {
            return Err(unclear());
        }
        let mut left = before.len();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word.starts_with('-') && word.len() > 1 {
                let (name, value) = match word.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (word.as_str(), None),
                };
                let mut known = actions.iter();
                let action = known.find(|action| action.options.iter().any(|o| **o == *name));
                let action = action.ok_or_else(unclear)?;
                let count = match &action.nargs {
                    _ if value.is_some() || !action.takes_values => 0,
                    Value::Null => 1,
                    Value::Int(count) => usize::try_from(*count).map_err(|_| unclear())?,
                    _ => return Err(unclear()),
                };
                for _ in 0..count {
                    words.next();
                }
            } else if left > 0 {
                left -= 1;
            } else {
                let mut commands = commands.iter();
                let chosen = commands.find(|(name, _)| **name == **word);
                let (_, chosen) = chosen.ok_or_else(|| {
                    Stop::cannot_tell(format!("there is no sub-command `{word}`"), at)
                })?;
                outer.push(parser);
                return self.choose(*chosen, words.as_slice(), at, outer);
            }
        }
        Ok((parser, has_help))
    }
}
