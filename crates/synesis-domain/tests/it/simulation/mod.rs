//! A device, a server and Stripe over a network that loses, doubles, delays and reorders, with
//! crashes at every write: whatever happens, the books agree.
//!
//! Each seed is one world of mostly poor users. After every step the invariants are checked; at the
//! end the network becomes perfect, everything comes to rest, and all three must say the same. A
//! failure names its seed: `SYNESIS_SEED=17 cargo test -p synesis-domain simulation` runs only that
//! one, `SYNESIS_SEEDS=2000` runs so many.

mod device;
mod network;
mod server;
mod stripe;

use device::Device;
use network::{Message, Network, Rng};
use server::Server;
use stripe::Stripe;
use synesis_domain::{NanoUsd, UserId};

const SEEDS: u64 = 200;
const STEPS: usize = 300;
const USERS: usize = 2;

struct World {
    now: i64,
    rng: Rng,
    network: Network,
    device: Device,
    server: Server,
    stripe: Stripe,
}

fn user(index: usize) -> UserId {
    UserId::from_bytes([u8::try_from(index).unwrap() + 1; 16])
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        Self {
            now: crate::table::START.as_millis(),
            network: Network::new(),
            device: Device::default(),
            server: Server::new(&mut rng),
            stripe: Stripe::default(),
            rng,
        }
    }

    fn step(&mut self, is_lively: bool) {
        self.now += match self.rng.below(60) {
            0 => 20 * 60_000,
            1 if is_lively => 9 * 24 * 3_600_000,
            _ => 1 + i64::try_from(self.rng.below(4000)).unwrap(),
        };
        if is_lively {
            self.device.act(&mut self.rng, &mut self.network, self.now);
            self.stripe.act(&mut self.rng, &mut self.network);
        }
        self.device.retry(&mut self.network, self.now);
        self.stripe.deliver_again(&mut self.network);
        self.server
            .act(&mut self.rng, &mut self.network, self.now, is_lively);
        for message in self.network.arrived(&mut self.rng, is_lively) {
            match message {
                Message::Ask { .. } | Message::Record { .. } | Message::Paid { .. } => {
                    self.server.handle(
                        message,
                        &mut self.rng,
                        &mut self.network,
                        self.now,
                        is_lively,
                    );
                }
                Message::Meter { .. } => {
                    let fails = is_lively && self.rng.below(4) == 0;
                    self.stripe.meter(message, fails, &mut self.network);
                }
                Message::Metered { .. } => {
                    self.server
                        .metered(&message, &mut self.rng, self.now, is_lively);
                }
                Message::Answer { .. } => self.device.answered(&message),
            }
        }
        self.check();
    }

    fn check(&self) {
        for index in 0..USERS {
            let account = self.server.account(index);
            let told = self.stripe.metered_cents(index);
            assert!(
                told <= account.queued_cents(),
                "Stripe counts what was never queued"
            );
            assert!(
                account.sent_cents() <= told,
                "taken for sent, and Stripe has not got it"
            );
            self.device.compare(index, self.server.charges(index));
        }
    }

    /// No more faults, no more wishes: everything on its way arrives.
    fn come_to_rest(&mut self) {
        // A new period has new room, so what the device still wanted is charged then.
        for _ in 0..50 {
            let before = self.device.open_count();
            self.server.close_periods(&mut self.rng, self.now);
            for _ in 0..60 {
                self.step(false);
            }
            if self.device.open_count() == before {
                break;
            }
        }
        self.device.give_up();
        self.server.close_periods(&mut self.rng, self.now);
        for _ in 0..300 {
            self.step(false);
        }
        for index in 0..USERS {
            let account = self.server.account(index);
            assert_eq!(account.held(), NanoUsd::ZERO, "a hold outlives its call");
            let billed = self.server.billed_cents(index);
            assert_eq!(account.queued_cents(), billed);
            assert_eq!(
                self.stripe.metered_cents(index),
                billed,
                "Stripe has the bills"
            );
            assert_eq!(self.server.cash(index), self.stripe.cash(index), "cash");
            self.device.all_known(index, self.server.charges(index));
        }
        self.server.replay_all();
    }
}

fn run(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        world.step(true);
    }
    world.come_to_rest();
}

#[test]
fn device_cloud_and_stripe_agree_whatever_breaks() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seeds = match number("SYNESIS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SYNESIS_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| run(seed));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}
