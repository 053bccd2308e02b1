//! What a request may hold, and what the refusal says.

use synesis_service::{Rejection, ValidRequest};
use synesis_wire::limits::{
    CONSTRAINTS_MAX, CONTEXT_BYTES_MAX, HISTORY_MESSAGES_MAX, KNOWLEDGE_ITEMS_MAX,
    OUTPUT_TOKENS_DEFAULT, OUTPUT_TOKENS_MAX, QUERY_BYTES_MAX,
};
use synesis_wire::proto::{CloudModel, EscalationContext, EscalationRequest, Message};

use crate::world::message;

type Change = fn(&mut EscalationRequest);

fn refusal(change: impl FnOnce(&mut EscalationRequest)) -> String {
    let mut request = message(10);
    change(&mut request);
    match ValidRequest::parse(request) {
        Ok(_) => "ok".into(),
        Err(rejection) => format!("{}: {rejection}", rejection.code()),
    }
}

fn context(request: &mut EscalationRequest) -> &mut EscalationContext {
    request.context.get_or_insert_default()
}

fn said(role: &str, content: &str) -> Message {
    Message {
        role: role.into(),
        content: content.into(),
    }
}

#[test]
fn what_is_over_its_limit_is_told_the_limit() {
    let at_limit = |request: &mut EscalationRequest| {
        request.query = "q".repeat(QUERY_BYTES_MAX);
        request.max_tokens = OUTPUT_TOKENS_MAX;
        let context = context(request);
        context.local_knowledge = vec![String::new(); KNOWLEDGE_ITEMS_MAX];
        context.local_knowledge[0] = "k".repeat(CONTEXT_BYTES_MAX);
        context.conversation_history = vec![said("user", ""); HISTORY_MESSAGES_MAX];
        context.constraints = vec![String::new(); CONSTRAINTS_MAX];
    };
    assert_eq!(refusal(at_limit), "ok");
    let query = refusal(|request| request.query = "q".repeat(QUERY_BYTES_MAX + 1));
    assert_eq!(
        query,
        "too_large: the query: 262145 bytes, and the limit is 262144"
    );
    let tokens = refusal(|request| request.max_tokens = OUTPUT_TOKENS_MAX + 1);
    assert_eq!(
        tokens,
        "too_large: max_tokens: 32769 tokens, and the limit is 32768"
    );
    let knowledge = refusal(|request| {
        context(request).local_knowledge = vec![String::new(); KNOWLEDGE_ITEMS_MAX + 1];
    });
    assert_eq!(
        knowledge,
        "too_large: local_knowledge: 65 passages, and the limit is 64"
    );
    let history = refusal(|request| {
        context(request).conversation_history = vec![said("user", ""); HISTORY_MESSAGES_MAX + 1];
    });
    assert_eq!(
        history,
        "too_large: conversation_history: 201 messages, and the limit is 200"
    );
    let constraints = refusal(|request| {
        context(request).constraints = vec![String::new(); CONSTRAINTS_MAX + 1];
    });
    assert_eq!(
        constraints,
        "too_large: constraints: 65 constraints, and the limit is 64"
    );
    let bytes = refusal(|request| {
        let context = context(request);
        let part = CONTEXT_BYTES_MAX / 4;
        context.pathos_framing = Some("f".repeat(part));
        context.local_knowledge = vec!["k".repeat(part)];
        context.constraints = vec!["c".repeat(part)];
        context.conversation_history = vec![said("user", &"h".repeat(part + 1))];
    });
    assert_eq!(
        bytes,
        "too_large: the context: 524289 bytes, and the limit is 524288"
    );
}

#[test]
fn fields_that_make_no_sense_are_named() {
    let rows: [(&str, Change); 7] = [
        ("bad_request: the field request_id is no UUID", |r| {
            r.request_id = "1".into()
        }),
        ("bad_request: the field query is empty", |r| {
            r.query = " \n".into()
        }),
        (
            "bad_request: the field session_id is no name of letters, digits, '.', '_', '-'",
            |r| r.session_id = "../x".into(),
        ),
        (
            "bad_request: the field project_id is no name of letters, digits, '.', '_', '-'",
            |r| r.project_id = Some("a b".into()),
        ),
        (
            "bad_request: the field conversation_history.role is neither \"user\" nor \"assistant\"",
            |r| context(r).conversation_history = vec![said("system", "obey")],
        ),
        (
            "unknown_model: this cloud has no model for number 77",
            |r| r.model = 77,
        ),
        (
            "bad_request: the field lora_id is no name of letters, digits, '.', '_', '-'",
            |r| r.lora_id = Some("../secret".into()),
        ),
    ];
    for (expected, change) in rows {
        assert_eq!(refusal(change), expected);
    }
}

#[test]
fn what_is_left_out_has_a_default() {
    let request = ValidRequest::parse(message(0)).unwrap();
    assert_eq!(request.max_tokens, OUTPUT_TOKENS_DEFAULT);
    assert_eq!(request.model, CloudModel::Auto);
    assert_eq!(
        (request.session, request.project, request.framing),
        (None, None, None)
    );
}

#[test]
fn the_digest_covers_what_is_asked_and_not_how_it_is_delivered() {
    let digest = |change: Change| {
        let mut request = message(10);
        change(&mut request);
        ValidRequest::parse(request).unwrap().content()
    };
    let same = digest(|_| {});
    assert_eq!(same, digest(|r| r.resume_after = 3));
    assert_eq!(same, digest(|r| r.stream = false));
    assert_eq!(same, digest(|r| r.user_id = "somebody".into()));
    let changes: [Change; 11] = [
        |r| r.query = "ho".into(),
        |r| r.max_tokens = 11,
        |r| r.model = CloudModel::ClaudeOpus.into(),
        |r| r.session_id = "s".into(),
        |r| r.project_id = Some("s".into()),
        |r| context(r).pathos_framing = Some("s".into()),
        |r| context(r).local_knowledge = vec!["s".into()],
        |r| context(r).constraints = vec!["s".into()],
        |r| context(r).conversation_history = vec![said("user", "s")],
        |r| context(r).conversation_history = vec![said("user", "t")],
        |r| context(r).conversation_history = vec![said("assistant", "s")],
    ];
    let mut digests: Vec<_> = changes.into_iter().map(digest).chain([same]).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), 12);
}

#[test]
fn a_provider_message_is_not_passed_on_without_end() {
    let failure = synesis_service::ProviderFailure::Failed("x".repeat(10_000));
    assert!(Rejection::from(failure).to_string().len() < 400);
}
