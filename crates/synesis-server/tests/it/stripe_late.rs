//! What happens at Stripe and is heard late or never: reports without an answer for a day, payments
//! of which no webhook told.

use std::time::Duration;

use rusqlite::Connection;
use synesis_testkit::StripeFault;

use crate::backend::Backend;
use crate::client::{PATIENCE, REQUEST, balance};
use crate::stripe_cloud::{Cloud, DOLLAR};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const OTHER_REQUEST: &str = "0190a6b2-8f6e-4c3a-9d15-3b1f0a2c4e6e";
const REPORTS: &str = "/v1/billing/meter_events";

impl Cloud {
    /// The database of the running server: SQLite lets others write between its transactions.
    fn database(&self) -> Connection {
        let database = Connection::open(self.world.dir.path().join("cloud.db")).unwrap();
        database.busy_timeout(PATIENCE).unwrap();
        database
    }

    /// Waits until a query of one number gives that number.
    async fn until_counted(&self, query: &str, wanted: i64) {
        let database = self.database();
        let waiting = async {
            while database
                .query_row(query, [], |row| row.get::<_, i64>(0))
                .unwrap()
                != wanted
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE * 2, waiting)
            .await
            .expect("the database did not come so far");
    }

    fn reports(&self) -> usize {
        let received = self.double.received();
        received.iter().filter(|call| call.path == REPORTS).count()
    }

    /// Sends a report with these faults until it has no answer, and makes that a day ago.
    async fn unanswered_for_a_day(&self, faults: [StripeFault; 5]) -> String {
        let page = self.ten_dollars(REQUEST).await;
        self.double.expire(&page.session_id);
        self.double.plan(faults);
        self.use_words(OTHER_REQUEST, 15).await;
        let waiting = async {
            while self.reports() < faults.len() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE * 2, waiting).await.unwrap();
        self.double.forget_idempotency_keys();
        // What the try wrote down comes after its last fault: until then the row is not touched.
        let changed = self
            .database()
            .execute(
                "UPDATE outbox SET first_sent_at = first_sent_at - ?1, due_at = 0",
                [DAY_MS + 1],
            )
            .unwrap();
        assert_eq!(changed, 1);
        self.customer_of(&page.session_id)
    }
}

#[tokio::test]
async fn a_report_that_arrived_without_an_answer_is_found_in_stripes_sums_and_not_sent_again() {
    let cloud = Cloud::new(Backend::SQLITE).await;
    let customer = cloud
        .unanswered_for_a_day([StripeFault::DroppedReply; 5])
        .await;
    cloud
        .until_counted("SELECT count(*) FROM outbox WHERE stage = 1", 1)
        .await;
    let charged = balance(&cloud.connection).await.charged_nano_usd;
    let cents = u64::try_from(charged / (DOLLAR / 100)).unwrap();
    assert_eq!(cloud.double.counted_cents(&customer), cents);
    assert_eq!(cloud.reports(), 5);
}

#[tokio::test]
async fn a_report_that_never_arrived_is_sent_again_after_stripes_sums_were_asked() {
    let cloud = Cloud::new(Backend::SQLITE).await;
    let customer = cloud
        .unanswered_for_a_day([StripeFault::DroppedRequest; 5])
        .await;
    cloud
        .until_counted("SELECT count(*) FROM outbox WHERE stage = 1", 1)
        .await;
    assert!(cloud.double.counted_cents(&customer) > 0);
    assert_eq!(cloud.reports(), 6);
    let asked = cloud.double.received();
    let sums = |call: &&synesis_testkit::ReceivedCall| call.path.ends_with("/event_summaries");
    assert_eq!(asked.iter().filter(sums).count(), 1);
}

/// The webhook is lost for good: the comparison of the day notes the gap and credits the payment.
#[tokio::test]
async fn a_payment_that_nobody_told_of_is_a_gap_and_then_credited() {
    let cloud = Cloud::new(Backend::SQLITE).await;
    let page = cloud.ten_dollars(REQUEST).await;
    cloud.double.pay(&page.session_id);
    drop(cloud.double.take_webhooks());
    cloud
        .until_counted("SELECT count(*) FROM turns WHERE name = 'reconcile'", 1)
        .await;
    cloud
        .database()
        .execute("UPDATE turns SET due_at = 0", [])
        .unwrap();
    cloud
        .until(|balance| balance.credit_nano_usd == 10 * DOLLAR)
        .await;
    // The gap is noted as closed after the credit.
    let moved = async {
        loop {
            let mut kinds = cloud.kinds().await;
            kinds.retain(|kind| ["compared", "topped-up"].contains(kind));
            if kinds.len() >= 3 {
                return kinds;
            }
            tokio::task::yield_now().await;
        }
    };
    let moved = tokio::time::timeout(PATIENCE, moved).await.unwrap();
    assert_eq!(moved, ["compared", "topped-up", "compared"]);
}
