//! A device's login, line by line, and held to its promises whatever is asked.
//!
//! Lines are `ask`, `poll`, `approve ann`, `approve bob`, `deny`, or `wait 5` (seconds), each with
//! what comes of it.

use proptest::prelude::*;
use synesis_domain::limits::{LOGIN_INTERVAL_MS_MAX, LOGIN_LIFE_MS};
use synesis_domain::login::LoginStage;
use synesis_domain::{
    DeviceLogin, DeviceName, Digest, LoginCommand, LoginEvent, LoginRefusal, Place, Timestamp,
    UserCode, UserId,
};

const ANN: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);

fn ask() -> LoginCommand {
    LoginCommand::Ask {
        key: Digest::from_bytes([7; 32]),
        name: DeviceName::new("desk").unwrap(),
        place: Place::new("192.0.2.7").unwrap(),
    }
}

fn command(words: &str) -> Option<LoginCommand> {
    Some(match words {
        "ask" => ask(),
        "poll" => LoginCommand::Poll,
        "approve ann" => LoginCommand::Approve { user: ANN },
        "approve bob" => LoginCommand::Approve { user: BOB },
        "deny" => LoginCommand::Deny,
        _ => return None,
    })
}

fn told(answer: &Result<Vec<LoginEvent>, LoginRefusal>) -> String {
    match answer.as_ref().map(Vec::as_slice) {
        Ok([]) => "again".into(),
        Ok([LoginEvent::Asked(_) | LoginEvent::Approved { .. } | LoginEvent::Denied]) => {
            "ok".into()
        }
        Ok([LoginEvent::Waited { .. }]) => "pending".into(),
        Ok([LoginEvent::SlowedDown { interval_ms, .. }]) => {
            format!("slow down to {}", interval_ms / 1000)
        }
        Ok([LoginEvent::Redeemed { user }]) => if *user == ANN {
            "granted to ann"
        } else {
            "granted to bob"
        }
        .into(),
        Ok(_) => "too much".into(),
        Err(refusal) => refusal.to_string(),
    }
}

fn check(table: &str) {
    let mut login = DeviceLogin::default();
    let mut now = Timestamp::from_millis(1_800_000_000_000);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(seconds) = line.strip_prefix("wait ") {
            now = now.plus_ms((seconds.parse::<f64>().unwrap() * 1000.0).round() as i64);
            continue;
        }
        let (words, expected) = line.split_once(':').unwrap();
        let answer = login.decide(now, &command(words).unwrap());
        assert_eq!(told(&answer), expected.trim(), "{line}\nin{table}");
        for event in answer.unwrap_or_default() {
            login.apply(&event);
        }
    }
}

#[test]
fn an_approved_device_gets_its_grant_once() {
    check(
        "poll: there is no such request
         approve ann: there is no such request
         ask: ok
         ask: the code is taken
         poll: pending
         wait 5
         poll: pending
         approve ann: ok
         approve ann: again
         approve bob: the request was answered already
         deny: the request was answered already
         poll: granted to ann
         poll: the request was used
         approve ann: the request was used
         deny: the request was used",
    );
}

#[test]
fn a_denied_device_hears_so_and_nobody_changes_it() {
    check(
        "ask: ok
         deny: ok
         deny: again
         approve ann: the request was denied
         poll: the request was denied
         wait 700
         poll: the request was denied",
    );
}

#[test]
fn a_device_that_polls_too_soon_waits_longer_each_time() {
    check(
        "ask: ok
         poll: pending
         wait 4.6
         poll: pending
         wait 4.4
         poll: slow down to 10
         wait 5
         poll: slow down to 15
         wait 15
         poll: pending
         wait 1
         approve bob: ok
         poll: granted to bob",
    );
}

#[test]
fn nobody_can_answer_or_collect_after_ten_minutes() {
    check(
        "ask: ok
         wait 599
         poll: pending
         wait 1
         poll: the request has lapsed
         approve ann: the request has lapsed
         deny: the request has lapsed",
    );
    check(
        "ask: ok
         approve ann: ok
         wait 600
         poll: the request has lapsed",
    );
}

#[test]
fn a_code_is_read_however_it_is_typed() {
    let code: UserCode = "BCDF-GHJK".parse().unwrap();
    for typed in ["bcdfghjk", " bcdf ghjk ", "bC-dF-gH-jK", "BCDF\u{2013}GHJK"] {
        assert_eq!(typed.parse(), Ok(code), "{typed}");
    }
    assert_eq!(code.to_string(), "BCDF-GHJK");
    assert_eq!(code.letters(), "BCDFGHJK");
    for wrong in [
        "",
        "BCDF-GHJ",
        "BCDF-GHJKL",
        "BCDF-GHJA",
        "BCDF-GHJ0",
        "BCDFéGHJ",
    ] {
        assert!(wrong.parse::<UserCode>().is_err(), "{wrong}");
    }
}

fn a_command() -> impl Strategy<Value = LoginCommand> {
    prop_oneof![
        1 => Just(ask()),
        6 => Just(LoginCommand::Poll),
        1 => Just(LoginCommand::Approve { user: ANN }),
        1 => Just(LoginCommand::Approve { user: BOB }),
        1 => Just(LoginCommand::Deny),
    ]
}

proptest! {
    #[test]
    fn every_number_is_a_code_that_reads_back(number in any::<u64>()) {
        let code = UserCode::from_number(number);
        prop_assert_eq!(code.to_string().parse(), Ok(code));
        prop_assert!(code.letters().chars().all(|c| !"AEIOUY".contains(c)));
    }

    #[test]
    fn one_grant_at_most_and_only_what_a_person_approved_in_time(
        steps in prop::collection::vec((0_i64..40_000, a_command()), 1..120),
    ) {
        let mut login = DeviceLogin::default();
        let mut now = Timestamp::from_millis(0);
        let (mut approved_by, mut granted) = (None, 0);
        for (pause, command) in steps {
            now = now.plus_ms(pause);
            let before = login.clone();
            let Ok(events) = login.decide(now, &command) else { continue };
            for event in &events {
                login.apply(event);
                match event {
                    LoginEvent::Approved { user } => {
                        prop_assert_eq!(approved_by.replace(*user), None);
                    }
                    LoginEvent::Redeemed { user } => {
                        granted += 1;
                        prop_assert_eq!(approved_by, Some(*user));
                        let asked = before.request().unwrap().asked_at;
                        prop_assert!(now.since(asked) < LOGIN_LIFE_MS);
                    }
                    _ => {}
                }
            }
            prop_assert!(granted <= 1);
            prop_assert!(login.interval_ms() >= before.interval_ms());
            prop_assert!(login.interval_ms() <= LOGIN_INTERVAL_MS_MAX);
            if before.stage() == LoginStage::Denied {
                prop_assert_eq!(&login, &before);
            }
        }
    }

    #[test]
    fn a_device_that_waits_as_told_is_never_slowed(polls in 1_usize..100) {
        let mut login = DeviceLogin::default();
        let mut now = Timestamp::from_millis(0);
        for event in login.decide(now, &ask()).unwrap() {
            login.apply(&event);
        }
        for _ in 0..polls {
            now = now.plus_ms(i64::from(login.interval_ms()));
            let Ok(events) = login.decide(now, &LoginCommand::Poll) else { break };
            for event in &events {
                let slowed = matches!(event, LoginEvent::SlowedDown { .. });
                prop_assert!(!slowed);
                login.apply(event);
            }
        }
    }
}
