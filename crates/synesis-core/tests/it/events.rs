//! Events as data: what `--json` prints and a web page reads.

use crate::script::play;

#[test]
fn the_happy_path_as_json_lines() {
    let played = play(
        "demo",
        "What is 1234 plus 5678?",
        "pathos arithmetic 95\nlogos 0.99 1234 + 5678 = 6912.\nethos approve 97",
    );
    let lines: Vec<String> = played
        .events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
