//! Whatever a provider, a caller and other calls do: the books are right and the chunks in order.

use proptest::prelude::*;
use synesis_domain::TokenUsage;
use synesis_service::{Finish, StopReason};
use synesis_wire::proto::stream_chunk::Payload;

use crate::world::{Host, PROMPT_USUAL, Run, TOKEN, message};

#[derive(Clone, Debug)]
enum Event {
    Words { text: String, tokens: u32 },
    Many(usize),
    Counted(u32),
    End(Option<(u32, u32)>, bool),
    Fail,
    Cancel,
    Wait(i64),
    OtherHolds(i64),
    OtherEnds,
}

fn an_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => ("[a-zü€]{0,12}", 0_u32..20).prop_map(|(text, tokens)| Event::Words { text, tokens }),
        4 => (1_usize..300).prop_map(Event::Many),
        1 => (0_u32..30).prop_map(Event::Counted),
        1 => (prop::option::of((0_u32..50, 0_u32..2000)), any::<bool>())
            .prop_map(|(usage, length)| Event::End(usage, length)),
        1 => Just(Event::Fail),
        1 => Just(Event::Cancel),
        2 => (0_i64..200_000).prop_map(Event::Wait),
        3 => (0_i64..12_000).prop_map(Event::OtherHolds),
        2 => Just(Event::OtherEnds),
    ]
}

/// Does an event; gives the text that the provider wrote while it was listened to.
fn act(event: &Event, host: &mut Host, run: &mut Run) -> String {
    let mut written = String::new();
    let listening = |run: &Run| run.call.is_some() && run.record.is_none();
    match event {
        Event::Words { text, tokens } => {
            if listening(run) {
                written.push_str(text);
            }
            run.delta(host, text, *tokens);
        }
        Event::Many(count) => {
            for _ in 0..*count {
                written.push_str(if listening(run) { "x" } else { "" });
                run.delta(host, "x", 1);
            }
        }
        Event::Counted(prompt) => {
            run.escalation
                .handle_provider_usage(TokenUsage::new(*prompt, 0, 1));
        }
        Event::End(usage, length) => {
            let usage = usage.map(|(prompt, completion)| TokenUsage::new(prompt, 0, completion));
            run.end(
                host,
                usage,
                if *length {
                    Finish::Length
                } else {
                    Finish::Stop
                },
            );
        }
        Event::Fail => run.fail(host),
        Event::Cancel => run.stop(host, StopReason::Cancelled),
        Event::Wait(millis) => run.wait(host, *millis),
        // Refused where there is no room, or it is held already: both are fine here.
        Event::OtherHolds(amount) => drop(host.other_call_holds(*amount).ok()),
        Event::OtherEnds => drop(host.other_call_ends().ok()),
    }
    written
}

fn chunks_are_in_order(run: &Run) {
    for (place, chunk) in (1..).zip(&run.sent) {
        assert_eq!(chunk.sequence, place, "a gap");
        let last = matches!(chunk.payload, Some(Payload::End(_) | Payload::Error(_)));
        assert_eq!(
            last,
            place as usize == run.sent.len() && run.record.is_some()
        );
    }
    let transcript = run.escalation.transcript();
    let middle = run.sent.len() / 2;
    assert_eq!(
        transcript.after(middle as u64).collect::<Vec<_>>(),
        run.sent[middle..]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_happens_the_books_and_the_chunks_are_right(
        ceiling in 0_i64..30_000,
        max_tokens in 1_u32..2000,
        other in 0_i64..12_000,
        events in prop::collection::vec(an_event(), 0..30),
    ) {
        let mut host = Host::new(ceiling);
        host.other_call_holds(other).ok();
        let mut run = host.start(message(max_tokens));
        let mut written = String::new();
        for event in events.iter().chain([&Event::Cancel]) {
            written.push_str(&act(event, &mut host, &mut run));
            prop_assert!(host.charged() + host.held() <= ceiling, "past the ceiling");
            chunks_are_in_order(&run);
        }
        host.other_call_ends().ok();
        prop_assert_eq!(host.held(), 0, "nothing stays held");
        prop_assert!(run.escalation.is_ended());
        prop_assert_eq!(run.text(), written, "what was written was sent");
        let record = run.record.as_ref().unwrap();
        let charged = record.entry.map_or(0, |entry| entry.charged.get());
        prop_assert_eq!(host.charged(), charged);
        let told = run.ending();
        prop_assert_eq!(told.split(' ').next_back().and_then(|cost| cost.parse().ok()), Some(charged));
        prop_assert!(host.settlements <= 1);
        prop_assert_eq!(record.unsettled.as_ref(), None);
    }

    #[test]
    fn a_cut_bills_exactly_what_was_generated(
        words in 0_usize..600, reason in prop_oneof![Just(StopReason::Cancelled), Just(StopReason::ShuttingDown)],
    ) {
        let mut host = Host::new(1_000_000);
        let mut run = host.start(message(1000));
        run.tokens(&mut host, words);
        run.stop(&mut host, reason);
        let cost = if words == 0 { 0 } else { PROMPT_USUAL + words as i64 * TOKEN };
        prop_assert_eq!((host.charged(), host.held()), (cost, 0));
    }
}
