//! What payers, banks and the operator do, and how their webhooks are delivered.

use serde_json::{Value, json};

use super::StripeDouble;
use super::events::{Webhook, WebhookSignature, meter_error, signed, tell};
use super::state::State;

impl StripeDouble {
    /// Somebody pays a session by card. Gives the payment's name.
    ///
    /// # Panics
    /// When the session is not open.
    pub fn pay(&self, session: &str) -> String {
        let payment = self.submit(session, "paid");
        self.change(&payment, |state, now_s, payment| {
            charge(state, payment, now_s);
        });
        self.tell_of(session, "checkout.session.completed");
        payment
    }

    /// Somebody pays a session by a way that takes days: it is complete and not paid.
    ///
    /// # Panics
    /// When the session is not open.
    pub fn pay_later(&self, session: &str) -> String {
        let payment = self.submit(session, "unpaid");
        self.tell_of(session, "checkout.session.completed");
        payment
    }

    /// The days have passed and the money came, or did not.
    ///
    /// # Panics
    /// When the session was not paid that way.
    pub fn settle(&self, session: &str, came: bool) {
        let payment = self.change(session, |_, _, session| {
            assert_eq!(
                session["status"], "complete",
                "{session} waits for no money"
            );
            assert_eq!(session["payment_status"], "unpaid", "{session} was paid");
            if came {
                session["payment_status"] = json!("paid");
            }
            session["payment_intent"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        });
        if came {
            self.change(&payment, |state, now_s, payment| {
                charge(state, payment, now_s)
            });
        }
        let what = if came { "succeeded" } else { "failed" };
        self.tell_of(session, &format!("checkout.session.async_payment_{what}"));
    }

    /// Nobody paid in time.
    ///
    /// # Panics
    /// When the session is not open.
    pub fn expire(&self, session: &str) {
        self.change(session, |_, _, session| {
            assert_eq!(session["status"], "open", "{session} cannot expire");
            session["status"] = json!("expired");
            session["url"] = json!(null);
        });
        self.tell_of(session, "checkout.session.expired");
    }

    /// The operator gives so many cents of a payment back.
    ///
    /// # Panics
    /// When it was not paid, or not so much.
    pub fn refund(&self, payment: &str, cents: u64) {
        let charge = self.charge_of(payment);
        self.change(&charge, |_, _, charge| {
            let number = |name: &str| charge[name].as_u64().unwrap_or(0);
            let refunded = number("amount_refunded") + cents;
            assert!(refunded <= number("amount"), "{charge} is refunded whole");
            charge["refunded"] = json!(refunded == number("amount"));
            charge["amount_refunded"] = json!(refunded);
        });
        self.tell_of(&charge, "charge.refunded");
    }

    /// The payer's bank takes a payment back. Gives the dispute's name.
    ///
    /// # Panics
    /// When it was not paid.
    pub fn dispute(&self, payment: &str) -> String {
        let charge = self.charge_of(payment);
        let id = self.change(&charge, |state, now_s, charge| {
            let dispute = json!({
                "id": state.name("du"),
                "object": "dispute",
                "amount": charge["amount"],
                "charge": charge["id"],
                "created": now_s,
                "currency": "usd",
                "livemode": false,
                "metadata": {},
                "payment_intent": payment,
                "reason": "fraudulent",
                "status": "needs_response",
            });
            state.keep(&dispute);
            charge["disputed"] = json!(true);
            dispute["id"].as_str().unwrap_or_default().to_owned()
        });
        self.tell_of(&id, "charge.dispute.created");
        self.tell_of(&id, "charge.dispute.funds_withdrawn");
        id
    }

    /// A dispute ends.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn close_dispute(&self, dispute: &str, won: bool) {
        self.change(dispute, |_, _, dispute| {
            dispute["status"] = json!(if won { "won" } else { "lost" });
        });
        if won {
            self.tell_of(dispute, "charge.dispute.funds_reinstated");
        }
        self.tell_of(dispute, "charge.dispute.closed");
    }

    /// Something becomes of a customer's bill: `finalized`, `paid`, `payment_failed`, `voided`.
    pub fn bill(&self, customer: &str, cents: u64, change: &str) {
        let now_s = self.shared.now_s();
        let mut state = self.shared.lock();
        let invoice = json!({
            "id": state.name("in"),
            "object": "invoice",
            "amount_due": cents,
            "amount_paid": if change == "paid" { cents } else { 0 },
            "currency": "usd",
            "customer": customer,
            "livemode": false,
        });
        state.keep(&invoice);
        tell(&mut state, &format!("invoice.{change}"), &invoice, now_s);
    }

    /// Usage that was taken turns out to fit nobody.
    pub fn report_meter_error(&self) {
        let now_s = self.shared.now_s();
        meter_error(&mut self.shared.lock(), now_s);
    }

    /// What the endpoint is to sign its webhooks with: the secrets of now, oldest first.
    #[must_use]
    pub fn webhook_secrets(&self) -> Vec<String> {
        self.shared.lock().webhook_secrets.clone()
    }

    /// The operator exchanges the secret: both sign until [`retire_old_secrets`]. Gives the new one.
    ///
    /// [`retire_old_secrets`]: Self::retire_old_secrets
    pub fn exchange_webhook_secret(&self) -> String {
        let mut state = self.shared.lock();
        let secret = format!("whsec_Double{}", state.webhook_secrets.len() + 1);
        state.webhook_secrets.push(secret.clone());
        secret
    }

    /// Only the newest secret signs from now on.
    pub fn retire_old_secrets(&self) {
        let mut state = self.shared.lock();
        let newest = state.webhook_secrets.len().saturating_sub(1);
        state.webhook_secrets.drain(..newest);
    }

    /// The webhooks that wait, oldest first, which then wait no more. A test keeps them, turns them
    /// round, delivers them twice.
    #[must_use]
    pub fn take_webhooks(&self) -> Vec<Webhook> {
        std::mem::take(&mut self.shared.lock().webhooks)
    }

    /// The header `Stripe-Signature` for a body, signed at this moment of the double's clock.
    #[must_use]
    pub fn sign(&self, body: &str, signature: WebhookSignature) -> String {
        signed(
            &self.webhook_secrets(),
            body,
            self.shared.now_s(),
            signature,
        )
    }

    /// Posts a webhook. Gives the status of the answer.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn deliver(
        &self,
        client: &reqwest::Client,
        url: &str,
        webhook: &Webhook,
        signature: WebhookSignature,
    ) -> u16 {
        let posted = client
            .post(url)
            .header("content-type", "application/json; charset=utf-8")
            .header(
                "user-agent",
                "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            )
            .header("stripe-signature", self.sign(&webhook.body, signature))
            .body(webhook.body.clone())
            .send()
            .await;
        posted.expect("an answer to a webhook").status().as_u16()
    }

    fn submit(&self, session: &str, status: &str) -> String {
        self.change(session, |state, now_s, session| {
            assert_eq!(session["status"], "open", "{session} cannot be paid");
            let id = session["id"].as_str().unwrap_or_default();
            let notes = state.objects.get(&format!("{id} payment notes")).cloned();
            let payment = json!({
                "id": state.name("pi"),
                "object": "payment_intent",
                "amount": session["amount_total"],
                "created": now_s,
                "currency": session["currency"],
                "customer": session["customer"],
                "latest_charge": null,
                "livemode": false,
                "metadata": notes,
                "status": if status == "paid" { "succeeded" } else { "processing" },
            });
            state.keep(&payment);
            session["payment_intent"] = payment["id"].clone();
            session["payment_status"] = json!(status);
            session["status"] = json!("complete");
            session["url"] = json!(null);
            payment["id"].as_str().unwrap_or_default().to_owned()
        })
    }

    fn charge_of(&self, payment: &str) -> String {
        let payment = self.object(payment);
        let charge = payment["latest_charge"].as_str();
        charge
            .unwrap_or_else(|| panic!("{payment} was not paid"))
            .to_owned()
    }

    /// Changes an object in place.
    fn change<T>(&self, id: &str, by: impl FnOnce(&mut State, i64, &mut Value) -> T) -> T {
        let now_s = self.shared.now_s();
        let mut object = self.object(id);
        let mut state = self.shared.lock();
        let done = by(&mut state, now_s, &mut object);
        state.keep(&object);
        done
    }

    fn tell_of(&self, id: &str, kind: &str) {
        let object = self.object(id);
        let now_s = self.shared.now_s();
        tell(&mut self.shared.lock(), kind, &object, now_s);
    }
}

/// The money moves. Stripe tells of that too, which concerns nobody here.
fn charge(state: &mut State, payment: &mut Value, now_s: i64) {
    let charge = json!({
        "id": state.name("ch"),
        "object": "charge",
        "amount": payment["amount"],
        "amount_refunded": 0,
        "created": now_s,
        "currency": payment["currency"],
        "customer": payment["customer"],
        "disputed": false,
        "livemode": false,
        "metadata": payment["metadata"],
        "paid": true,
        "payment_intent": payment["id"],
        "refunded": false,
        "status": "succeeded",
    });
    state.keep(&charge);
    payment["latest_charge"] = charge["id"].clone();
    payment["status"] = json!("succeeded");
    tell(state, "charge.succeeded", &charge, now_s);
    tell(state, "payment_intent.succeeded", payment, now_s);
}
