//! Runs the specs that the documentation shows, and holds each to the verdict
//! that its block names.
//!
//! A block opens with four backticks and an info string: the language, then in
//! any order the name of a file and a verdict.
//!
//! - `markdown [NAME] [passes|fails|skipped|broken]` is a spec. It is written to
//!   a folder, run there, and must end so; without a verdict it must pass.
//! - `LANGUAGE NAME` is a file that the specs of the same document may use.
//!
//! All files with a name are in the folder of every spec of the document.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

/// The verdicts, and the exit codes of a run that ends so.
const VERDICTS: &[(&str, i32)] = &[("passes", 0), ("fails", 1), ("broken", 2), ("skipped", 4)];

/// A block of a document.
#[derive(Debug, Clone)]
struct Block {
    /// The line it opens on.
    line: usize,
    is_spec: bool,
    name: Option<String>,
    /// The exit code it names.
    code: i32,
    text: String,
}

fn main() -> ExitCode {
    let mut trials = vec![Trial::test("a_wrong_verdict_is_told", wrong_verdict)];
    for document in documents() {
        match fs::read_to_string(&document) {
            Ok(text) => trials.extend(trials_of(&document, &text)),
            Err(error) => {
                let message = format!("{}: {error}", document.display());
                trials.push(Trial::test(message.clone(), || Err(message.into())));
            }
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The files of `docs`, and the language's own first of all, which must be there.
fn documents() -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs"));
    let mut documents = vec![folder.join("spec-language.md")];
    let others = fs::read_dir(folder).into_iter().flatten().flatten();
    documents.extend(others.map(|entry| entry.path()).filter(|path| {
        path.extension().is_some_and(|e| e == "md") && !path.ends_with("spec-language.md")
    }));
    documents.sort();
    documents
}

fn trials_of(document: &Path, text: &str) -> Vec<Trial> {
    let file = document.file_name().unwrap_or_default().to_string_lossy();
    let blocks = match blocks(text) {
        Ok(blocks) => blocks,
        Err(fault) => {
            let name = format!("{file}: {fault}");
            return vec![Trial::test(name, || Err("a block that is no spec".into()))];
        }
    };
    let specs = blocks.iter().filter(|block| block.is_spec);
    specs
        .map(|spec| {
            let (spec, blocks) = (spec.clone(), blocks.clone());
            let name = format!("{file}:{}", spec.line);
            Trial::test(name, move || check(&spec, &blocks))
        })
        .collect()
}

/// The blocks with four backticks, or what is wrong with one.
fn blocks(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(info) = line.strip_prefix("````") else {
            continue;
        };
        let mut block = Block {
            line: index + 1,
            is_spec: info.split_whitespace().next() == Some("markdown"),
            name: None,
            code: 0,
            text: String::new(),
        };
        for word in info.split_whitespace().skip(1) {
            match VERDICTS.iter().find(|(verdict, _)| *verdict == word) {
                Some((_, code)) => block.code = *code,
                None if word.contains('.') => block.name = Some(word.to_owned()),
                None => return Err(format!("line {}: no verdict: `{word}`", index + 1)),
            }
        }
        for (_, line) in lines.by_ref().take_while(|(_, line)| *line != "````") {
            block.text.push_str(line);
            block.text.push('\n');
        }
        blocks.push(block);
    }
    Ok(blocks)
}

/// Runs a spec in a folder with the files of its document.
fn check(spec: &Block, blocks: &[Block]) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for block in blocks {
        if let Some(name) = &block.name {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap_or(folder.path()))?;
            fs::write(file, &block.text)?;
        }
    }
    let name = spec.name.as_deref().unwrap_or("example.md");
    fs::write(folder.path().join(name), &spec.text)?;
    let output = Command::new(env!("CARGO_BIN_EXE_harness"))
        .args(["run", name])
        .current_dir(folder.path())
        .output()?;
    if output.status.code() == Some(spec.code) {
        return Ok(());
    }
    let told = format!(
        "ended with {}, not with exit code {}\n{}{}",
        output.status,
        spec.code,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Err(told.into())
}

/// That this test can fail: specs that end otherwise than their block says.
fn wrong_verdict() -> Result<(), Failed> {
    let document =
        "````markdown fails\n    >>> 1\n    1\n````\n\n````markdown\n    >>> 1\n    2\n````\n";
    let blocks = blocks(document)?;
    for (block, code) in blocks.iter().zip(["0", "1"]) {
        let told = check(block, &blocks)
            .err()
            .and_then(|f| f.message().map(str::to_owned));
        if !told
            .unwrap_or_default()
            .contains(&format!("exit status: {code}"))
        {
            return Err(format!("line {}: taken for right", block.line).into());
        }
    }
    Ok(())
}
