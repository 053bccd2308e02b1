//! Mixed documents of the size that is asked for, for throughput: prose, code, logs, JSON, and private values between.

use super::dice::{Case, Dice};

const PROSE: &[&str] = &[
    "The quarterly review went well, although the second half of the plan needs more work before anybody can call it done. ",
    "We measured the latency of every request and found that most of the time is spent waiting for the database to answer. ",
    "If the cache is cold, the first call takes longer; after that, the numbers settle at about a third of what they were. ",
    "Nobody expected the migration to finish before the weekend, so the team had made plans for a long Saturday. ",
];
const CODE: &[&str] = &[
    "fn parse(input: &str) -> Result<Vec<Token>, ParseError> {\n    let mut tokens = Vec::new();\n    for (line, text) in input.lines().enumerate() {\n        tokens.push(Token::new(line, text.trim()));\n    }\n    Ok(tokens)\n}\n",
    "export async function load(url, options = {}) {\n  const response = await fetch(url, { ...options, cache: 'no-store' });\n  if (!response.ok) throw new Error(`failed: ${response.status}`);\n  return response.json();\n}\n",
    "class Queue:\n    def __init__(self, size=128):\n        self.items = []\n        self.size = size\n\n    def push(self, item):\n        if len(self.items) >= self.size:\n            raise OverflowError('full')\n        self.items.append(item)\n",
];

/// About `bytes` bytes; every thirtieth piece or so is private.
pub(super) fn mixed(dice: &mut Dice, cases: &[Case], bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 1024);
    while out.len() < bytes {
        match dice.range(0, 9) {
            0..=3 => (0..4).for_each(|_| out.push_str(dice.pick(PROSE))),
            4 | 5 => out.push_str(dice.pick(CODE)),
            6 | 7 => {
                for _ in 0..6 {
                    let line = format!("2024-03-{:02}T{:02}:{:02}:07.{:03}Z INFO worker-{} handled request {} in {} ms status=200\n", dice.range(1, 28), dice.range(0, 23), dice.range(0, 59), dice.range(0, 999), dice.range(1, 32), dice.range(1000, 99999), dice.range(1, 900));
                    out.push_str(&line);
                }
            }
            8 => out.push_str(&format!("{{\"id\": {}, \"kind\": \"event\", \"tags\": [\"alpha\", \"beta\"], \"score\": 0.{}, \"ok\": true}}\n", dice.range(1, 99999), dice.range(100, 999))),
            _ => out.push_str(&cases[(dice.next() % cases.len() as u64) as usize].text),
        }
        out.push('\n');
    }
    out
}
