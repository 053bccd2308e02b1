//! Top-ups are credited once, and only when Stripe says that they are paid.

use synesis_service::stripe::{
    DisputeStatus, NotPaid, PaymentStatus, StripeEventKind, report_usage, retrieve_charge,
    retrieve_dispute, retrieve_session, sessions_of_payment,
};
use synesis_testkit::WebhookSignature::{Aged, Forged, Good, OldSecret};
use synesis_testkit::{StripeFault, Webhook};

use crate::stripe_world::{Endpoint, World, done, user};

/// theopenco/llmgateway#1713 and three others: one payment, credited by each webhook about it.
#[tokio::test]
async fn a_payment_is_one_credit_however_often_and_in_whatever_order_it_is_told() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let session = world.top_up("top-up-1").await;
    world.double.pay(session.id.as_str());
    let webhooks = world.double.take_webhooks();
    assert!(webhooks.len() > 1, "Stripe tells of charge and payment too");
    for webhook in webhooks.iter().rev().chain(&webhooks) {
        let (one, two) = tokio::join!(
            endpoint.deliver(&world.double, webhook, Good),
            endpoint.deliver(&world.double, webhook, Good)
        );
        assert_eq!((one, two), (200, 200));
    }
    assert_eq!(endpoint.credits(), [(session.id.to_string(), 1000)]);
    let told = endpoint.told();
    let paid = told.iter().find_map(|kind| match kind {
        StripeEventKind::CheckoutPaid(paid) => Some(paid),
        _ => None,
    });
    assert_eq!(paid.unwrap().user, Some(user()));
    let afresh = done(&world.client, &retrieve_session(&session.id)).await;
    assert_eq!(afresh.paid().unwrap().as_ref(), paid);
}

#[tokio::test]
async fn money_that_comes_later_is_credited_when_it_comes() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let [came, failed] = [world.top_up("a").await.id, world.top_up("b").await.id];
    for session in [&came, &failed] {
        world.double.pay_later(session.as_str());
    }
    deliver_all(&world, &endpoint).await;
    assert_eq!(endpoint.credits(), [], "complete is not paid");
    let open = done(&world.client, &retrieve_session(&came)).await;
    assert_eq!(open.payment_status, PaymentStatus::Unpaid);
    world.double.settle(came.as_str(), true);
    world.double.settle(failed.as_str(), false);
    deliver_all(&world, &endpoint).await;
    assert_eq!(endpoint.credits(), [(came.to_string(), 1000)]);
    let why = NotPaid::Failed;
    let session = failed;
    assert!(
        endpoint
            .told()
            .contains(&StripeEventKind::CheckoutNotPaid { session, why })
    );
}

/// The browser that comes back to the success page proves nothing.
#[tokio::test]
async fn a_page_that_nobody_paid_is_no_credit() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let session = world.top_up("top-up-1").await;
    assert!(session.url.as_ref().unwrap().contains(session.id.as_str()));
    assert_eq!(session.paid(), Ok(None));
    world.double.expire(session.id.as_str());
    deliver_all(&world, &endpoint).await;
    assert_eq!(endpoint.credits(), []);
    assert_eq!(
        done(&world.client, &retrieve_session(&session.id))
            .await
            .paid(),
        Ok(None)
    );
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_page() {
    let world = World::new().await;
    let customer = world.customer().await.id;
    world.double.plan([StripeFault::DroppedReply; 2]);
    let first = world.top_up_of(customer.clone(), "top-up-1").await;
    let again = world.top_up_of(customer, "top-up-1").await;
    assert_eq!(first, again);
    let posted = world.posted("/v1/checkout/sessions");
    assert_eq!(posted.len(), 4);
    assert!(posted.iter().all(|post| post == &posted[0]), "{posted:?}");
}

#[tokio::test]
async fn webhooks_that_are_not_stripes_or_not_of_now_are_refused() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let session = world.top_up("top-up-1").await;
    world.double.pay(session.id.as_str());
    let webhooks = world.double.take_webhooks();
    for webhook in &webhooks {
        for (signature, status) in [(Forged, 400), (Aged(301), 400), (Aged(-301), 400)] {
            assert_eq!(
                endpoint.deliver(&world.double, webhook, signature).await,
                status
            );
        }
        let changed = Webhook {
            body: webhook.body.replace("1000", "1001"),
            ..webhook.clone()
        };
        let header = world.double.sign(&webhook.body, Good);
        let posted = reqwest::Client::builder().no_proxy().build().unwrap();
        let posted = posted
            .post(&endpoint.url)
            .header("stripe-signature", header);
        let answer = posted.body(changed.body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
    }
    assert_eq!(endpoint.credits(), []);
    for webhook in &webhooks {
        assert_eq!(
            endpoint.deliver(&world.double, webhook, Aged(299)).await,
            200
        );
    }
    assert_eq!(endpoint.credits(), [(session.id.to_string(), 1000)]);
}

#[tokio::test]
async fn a_secret_is_exchanged_without_losing_a_webhook() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    world.double.report_meter_error();
    let webhook = world.double.take_webhooks().remove(0);
    let deliver = |signature| endpoint.deliver(&world.double, &webhook, signature);
    // Stripe signs with both from here on, and the endpoint knows only the old one.
    world.double.exchange_webhook_secret();
    assert_eq!(deliver(Good).await, 200);
    endpoint.learn_secrets(&world.double);
    assert_eq!(deliver(Good).await, 200);
    assert_eq!(deliver(OldSecret).await, 200);
    let old = world.double.sign(&webhook.body, OldSecret);
    world.double.retire_old_secrets();
    endpoint.learn_secrets(&world.double);
    assert_eq!(deliver(Good).await, 200);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let late = http.post(&endpoint.url).header("stripe-signature", old);
    assert_eq!(
        late.body(webhook.body.clone())
            .send()
            .await
            .unwrap()
            .status(),
        400
    );
}

#[tokio::test]
async fn refunds_and_disputes_lead_to_their_session_and_their_state_is_asked_afresh() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let session = world.top_up("top-up-1").await;
    let payment = world.double.pay(session.id.as_str());
    let _ = world.double.take_webhooks();
    world.double.refund(&payment, 100);
    world.double.refund(&payment, 250);
    let dispute = world.double.dispute(&payment);
    world.double.close_dispute(&dispute, true);
    // Whatever arrives last, the sums are told as totals.
    for webhook in world.double.take_webhooks().iter().rev() {
        assert_eq!(endpoint.deliver(&world.double, webhook, Good).await, 200);
    }
    let mut charge = None;
    let mut story = Vec::new();
    for kind in endpoint.told() {
        story.push(match kind {
            StripeEventKind::Refunded {
                payment_intent,
                charge: about,
                amount_refunded_total_cents,
            } => {
                assert_eq!(payment_intent.as_str(), payment);
                charge = Some(about);
                format!("refunded {amount_refunded_total_cents}")
            }
            StripeEventKind::DisputeOpened(about) => format!("opened {}", about.amount_cents),
            StripeEventKind::FundsWithdrawn(about) => format!("withdrawn {}", about.amount_cents),
            StripeEventKind::FundsReinstated(about) => format!("reinstated {}", about.amount_cents),
            StripeEventKind::DisputeClosed { won, .. } => format!("closed, won: {won}"),
            other => format!("{other:?}"),
        });
    }
    let expected = "closed, won: true; reinstated 1000; withdrawn 1000; opened 1000; refunded 350; refunded 100";
    assert_eq!(story.join("; "), expected);
    let payment = payment.parse().unwrap();
    let sessions = done(&world.client, &sessions_of_payment(&payment))
        .await
        .data;
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].id, session.id);
    let charge = done(&world.client, &retrieve_charge(&charge.unwrap())).await;
    assert_eq!((charge.amount, charge.amount_refunded), (1000, 350));
    let dispute = done(&world.client, &retrieve_dispute(&dispute.parse().unwrap())).await;
    assert_eq!(dispute.status, DisputeStatus::Won);
    let other = done(
        &world.client,
        &sessions_of_payment(&"pi_other".parse().unwrap()),
    )
    .await;
    assert_eq!(other.data, []);
}

#[tokio::test]
async fn usage_for_nobody_and_bills_are_told_too() {
    let world = World::new().await;
    let endpoint = Endpoint::new(&world.double).await;
    let nobody = "cus_nobody".parse().unwrap();
    done(
        &world.client,
        &report_usage(&world.usage(&nobody, "syn-1", 500)),
    )
    .await;
    world.double.bill("cus_1", 700, "payment_failed");
    deliver_all(&world, &endpoint).await;
    let told = endpoint.told();
    let meter = Some(world.double.meter_id().parse().unwrap());
    assert_eq!(told[0], StripeEventKind::MeterError { meter });
    assert!(matches!(&told[1], StripeEventKind::Invoice(about) if about.amount_due_cents == 700));
}

async fn deliver_all(world: &World, endpoint: &Endpoint) {
    for webhook in world.double.take_webhooks() {
        assert_eq!(endpoint.deliver(&world.double, &webhook, Good).await, 200);
    }
}
