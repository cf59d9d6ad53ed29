//! The page is whole, tells everything, and runs nothing that a spec wrote.

use super::*;
use crate::report::record::Spec;
use crate::report::sample;

fn text_of(document: &Document) -> String {
    page(document).into_string()
}

#[test]
fn everything_is_told() {
    let text = text_of(&sample::document());
    for part in [
        "<h1>Interrupted</h1>",
        "specs/a/failed &lt;&amp;&gt;.md:10",
        "a <mark>b</mark> c",
        "2<mark>nd</mark>",
        "harness run 'specs/a/failed &lt;&amp;&gt;.md:15'",
        "passed at attempt 2",
        "needs &lt;R&gt; &amp; more",
        "not for linux",
        "left running, ended: sleep (pid 12)",
        "cdcdcdcd",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

/// The only script and style are those whose digests the policy has.
#[test]
fn hostile_output() {
    let text = text_of(&sample::document());
    assert_eq!(text.matches("<script").count(), 1);
    assert_eq!(text.matches("<style").count(), 1);
    assert!(!text.contains("<b>") && !text.contains("<i>"));
    for (start, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
        let body = text.split(start).nth(1).unwrap().split(end).next().unwrap();
        let digest = source(body).replace('\'', "&#39;");
        assert!(
            text.contains(&digest) || text.contains(&source(body)),
            "{start}"
        );
    }
    assert!(text.contains("default-src 'none'") || text.contains("default-src &#39;none&#39;"));
    // Nothing is loaded from anywhere, nor could an attribute run anything.
    assert!(!text.contains("http://") && !text.contains("https://"));
    assert!(!text.contains(" onclick=") && !text.contains("javascript:"));
}

#[test]
fn five_thousand_specs() {
    let mut document = sample::document();
    let one = document.specs[0].clone();
    let many = (0..5000).map(|number| Spec {
        path: format!("specs/{}/{number}.md", number / 100),
        ..one.clone()
    });
    document.specs.extend(many);
    let text = text_of(&document);
    assert_eq!(text.matches("<details class=\"folder\"").count(), 53);
    assert!(text.len() < 3 << 20, "{}", text.len());
}
