//! Tables in words: each line is a command and what comes of it, or a figure and its value.
//!
//! `open 100`, `hold a 60`, `extend a 80`, `settle a 40`, `release a`, `sweep` and `wait 15`
//! (minutes) are followed by `ok` (something happened), `again` (nothing more happened) or the
//! refusal in words. `a'` is the request a with other content. `charged 40`, `held 60`, `room 0`,
//! `owed 40`, `absorbed 5` and `given 5` check figures. Amounts are dollars.

use synesis_domain::account::{Book, HeldCall};
use synesis_domain::limits::HOLD_TTL_MS;
use synesis_domain::{
    Account, AccountCommand, BasisPoints, DeviceId, Digest, ModelName, NanoUsd, Refusal, RequestId,
    Tier, Timestamp, TokenUsage, UserId,
};

/// A tier that adds nothing, so that figures are what was typed.
pub(crate) const PLAIN: Tier = Tier::Managed {
    markup: BasisPoints::new(0),
};

pub(crate) fn check(table: &str) {
    check_on(PLAIN, table);
}

pub(crate) fn check_on(tier: Tier, table: &str) {
    let mut book = TestBook::new(tier);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let arity = match words[0] {
            "hold" | "extend" | "settle" => 3,
            "sweep" => 1,
            _ => 2,
        };
        let got = book.act(&words[..arity]);
        assert_eq!(got, words[arity..].join(" "), "in the line: {line}");
    }
}

pub(crate) fn request(name: &str) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    RequestId::from_bytes(bytes)
}

pub(crate) fn call(content: &str) -> HeldCall {
    HeldCall {
        content: Digest::of_parts([content.as_bytes()]),
        device: DeviceId::from_bytes([7; 16]),
        model: ModelName::new("m").unwrap(),
        price_version: 1,
    }
}

struct TestBook {
    account: Account,
    tier: Tier,
    now: Timestamp,
}

impl TestBook {
    fn new(tier: Tier) -> Self {
        // 2026-01-01T00:00:00Z.
        let now = Timestamp::from_millis(1_767_225_600_000);
        Self {
            account: Account::new(UserId::from_bytes([1; 16])),
            tier,
            now,
        }
    }

    /// Does what a line says; gives what came of it, nothing for a figure that is right.
    fn act(&mut self, words: &[&str]) -> String {
        let name = |at: usize| request(words[at].trim_end_matches('\''));
        let money = |at: usize| words[at].parse::<NanoUsd>().unwrap();
        let ttl_ms = HOLD_TTL_MS;
        let command = match words[0] {
            "open" => AccountCommand::Open {
                tier: self.tier,
                ceiling: money(1),
            },
            "hold" => AccountCommand::Hold {
                request: name(1),
                call: call(words[1]),
                amount: money(2),
                ttl_ms,
            },
            "extend" => AccountCommand::Extend {
                request: name(1),
                total: money(2),
                ttl_ms,
            },
            "settle" => AccountCommand::Settle {
                request: name(1),
                usage: TokenUsage::new(1, 0, 1),
                cost: money(2),
            },
            "release" => AccountCommand::Release { request: name(1) },
            "sweep" => AccountCommand::ExpireHolds,
            "wait" => {
                self.now = self.now.plus_ms(words[1].parse::<i64>().unwrap() * 60_000);
                return String::new();
            }
            figure => {
                assert_eq!(self.figure(figure), money(1), "{figure}");
                return String::new();
            }
        };
        self.answer(&command)
    }

    fn answer(&mut self, command: &AccountCommand) -> String {
        let due = match self.account.decide(self.now, &AccountCommand::ExpireHolds) {
            Ok(events) if *command != AccountCommand::ExpireHolds => events.len(),
            _ => 0,
        };
        match self.account.decide(self.now, command) {
            Ok(events) => {
                events.iter().for_each(|event| self.account.apply(event));
                if events.len() > due {
                    "ok".into()
                } else {
                    "again".into()
                }
            }
            Err(refusal) => in_words(refusal),
        }
    }

    fn figure(&self, name: &str) -> NanoUsd {
        let balance = |book| self.account.books().balance(book);
        match name {
            "charged" => self.account.period().charged,
            "given" => self.account.period().waived,
            "held" => self.account.held(),
            "room" => self.account.room(),
            "owed" => balance(Book::Receivable),
            "absorbed" => balance(Book::Absorbed),
            other => panic!("no such word: {other}"),
        }
    }
}

pub(crate) fn in_words(refusal: Refusal) -> String {
    let dollars = |amount: NanoUsd| amount.to_string().replace('$', "").replace(".00", "");
    match refusal {
        Refusal::Amount(_) => "bad amount".into(),
        Refusal::Ttl(_) => "bad life".into(),
        Refusal::NotOpen => "not open".into(),
        Refusal::AlreadyOpen => "already open".into(),
        Refusal::OtherContent => "other content".into(),
        Refusal::AlreadySettled => "already settled".into(),
        Refusal::NothingHeld => "nothing held".into(),
        Refusal::TooManyHolds { max } => format!("more than {max} holds"),
        Refusal::Ceiling { excess, room } => {
            format!(
                "ceiling passed by {} with {} left",
                dollars(excess),
                dollars(room)
            )
        }
    }
}
