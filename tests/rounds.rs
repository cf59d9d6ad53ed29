//! How often a test of random instants goes round, and what makes it random.

/// The number of rounds, which is `default` unless `GUILD_KILLS` says otherwise, and
/// a source of numbers, which repeats those of `GUILD_KILLS_SEED`. What repeats this
/// test is printed.
#[expect(clippy::print_stdout, reason = "it is needed where a test fails")]
pub fn rounds(default: u64) -> (u64, fastrand::Rng) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count = number("GUILD_KILLS").unwrap_or(default);
    let seed = number("GUILD_KILLS_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("GUILD_KILLS={count} GUILD_KILLS_SEED={seed}");
    (count, fastrand::Rng::with_seed(seed))
}
