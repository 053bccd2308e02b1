//! When to dial, and when to give up: the tunnel's reconnect policy.
//!
//! Exponential back-off with full jitter. The back-off starts again from the bottom only after a
//! connection has lived a while, so that a line that comes and goes is not hammered. A network
//! change cuts a wait short.
//!
//! No clock, no randomness, no sockets: the host passes in both and does what [`Reconnect::poll`]
//! says. Moments are durations since any fixed point of a monotonic clock.

use std::time::Duration;

use crate::limits::{PROVEN_AFTER, RECONNECT_DELAY_MAX};

/// The numbers of the policy.
#[derive(Debug, Clone)]
pub struct ReconnectConfig {
    /// The upper end of the first wait; it doubles with each attempt.
    pub delay_min: Duration,
    /// The upper end of the longest wait.
    pub delay_max: Duration,
    /// After so many attempts in a row the tunnel has failed. `None`: it never gives up.
    pub attempts_max: Option<u32>,
    /// A connection that lived this long starts the back-off again.
    pub proven_after: Duration,
}

impl Default for ReconnectConfig {
    fn default() -> Self {
        Self {
            delay_min: Duration::from_millis(100),
            delay_max: RECONNECT_DELAY_MAX,
            attempts_max: None,
            proven_after: PROVEN_AFTER,
        }
    }
}

/// Why there is no connection (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The line, the server, the network: trying again can help.
    Passing,
    /// The server goes away and says when to come back.
    Drained {
        /// Not before this much time has passed.
        retry_after: Duration,
        /// Spread over this much time after that.
        window: Duration,
    },
    /// Certificates or versions: a person has to do something first.
    Final,
}

/// What the host has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing; the tunnel is not wanted, or it has failed.
    Rest,
    /// Dial now, then report with [`Reconnect::handle_online`] or [`Reconnect::handle_lost`].
    Dial,
    /// Nothing before this moment.
    WaitUntil(Duration),
    /// Watch the connection.
    Watch,
}

/// Where the policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not wanted.
    Disconnected,
    /// The first dial since [`Reconnect::handle_connect`].
    Connecting,
    /// Online since a moment.
    Connected {
        /// That moment.
        since: Duration,
    },
    /// Waiting for, or in, a further attempt.
    Reconnecting {
        /// Counts from 1.
        attempt: u32,
        /// When the attempt begins.
        at: Duration,
    },
    /// Given up.
    Failed,
}

/// The reconnect policy of one tunnel.
#[derive(Debug)]
pub struct Reconnect {
    config: ReconnectConfig,
    standing: Standing,
    attempts: u32,
}

impl Reconnect {
    /// A policy at rest.
    #[must_use]
    pub fn new(config: ReconnectConfig) -> Self {
        Self {
            config,
            standing: Standing::Disconnected,
            attempts: 0,
        }
    }

    /// Where the policy stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Somebody wants the tunnel. While it is up or on its way this changes nothing.
    pub fn handle_connect(&mut self) {
        if matches!(self.standing, Standing::Disconnected | Standing::Failed) {
            self.attempts = 0;
            self.standing = Standing::Connecting;
        }
    }

    /// The first answer of the server arrived.
    pub fn handle_online(&mut self, now: Duration) {
        if matches!(
            self.standing,
            Standing::Connecting | Standing::Reconnecting { .. }
        ) {
            self.standing = Standing::Connected { since: now };
        }
    }

    /// The dial failed or the connection ended. `random` is uniform over all of `u64`.
    pub fn handle_lost(&mut self, now: Duration, loss: Loss, random: u64) {
        match self.standing {
            Standing::Disconnected | Standing::Failed => return,
            Standing::Connected { since }
                if now.saturating_sub(since) >= self.config.proven_after =>
            {
                self.attempts = 0;
            }
            _ => {}
        }
        if loss == Loss::Final
            || self
                .config
                .attempts_max
                .is_some_and(|max| self.attempts >= max)
        {
            self.standing = Standing::Failed;
            return;
        }
        self.attempts = self.attempts.saturating_add(1);
        let delay = match loss {
            Loss::Drained {
                retry_after,
                window,
            } => retry_after + share(window, random),
            Loss::Passing | Loss::Final => share(self.ceiling(), random),
        };
        self.standing = Standing::Reconnecting {
            attempt: self.attempts,
            at: now.saturating_add(delay),
        };
    }

    /// The network changed or the machine woke up: a wait ends now.
    pub fn handle_network_changed(&mut self, now: Duration) {
        if let Standing::Reconnecting { at, .. } = &mut self.standing {
            *at = now.min(*at);
        }
    }

    /// Nobody wants the tunnel any more.
    pub fn handle_disconnect(&mut self) {
        self.attempts = 0;
        self.standing = Standing::Disconnected;
    }

    /// What to do now.
    #[must_use]
    pub fn poll(&self, now: Duration) -> Step {
        match self.standing {
            Standing::Disconnected | Standing::Failed => Step::Rest,
            Standing::Connecting => Step::Dial,
            Standing::Connected { .. } => Step::Watch,
            Standing::Reconnecting { at, .. } if now >= at => Step::Dial,
            Standing::Reconnecting { at, .. } => Step::WaitUntil(at),
        }
    }

    /// The upper end of the wait before this attempt.
    fn ceiling(&self) -> Duration {
        let doublings = self.attempts.saturating_sub(1).min(31);
        self.config
            .delay_min
            .saturating_mul(1 << doublings)
            .min(self.config.delay_max)
    }
}

/// A share of `whole` between nothing and all of it.
pub(crate) fn share(whole: Duration, random: u64) -> Duration {
    let nanos = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
    let part = (u128::from(nanos) * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(part).unwrap_or(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// One line is one happening: `<ms> <event> -> <standing> <step>`. Jitter is at its upper end
    /// unless a line says `(zero)`.
    fn check(attempts_max: Option<u32>, script: &str) {
        let mut policy = Reconnect::new(ReconnectConfig {
            attempts_max,
            ..ReconnectConfig::default()
        });
        for line in script
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let (event, expected) = line.split_once(" -> ").unwrap();
            let (at, event) = event.split_once(' ').unwrap();
            let now = ms(at.parse().unwrap());
            let random = if event.contains("(zero)") {
                0
            } else {
                u64::MAX
            };
            match event.split(' ').next().unwrap() {
                "connect" => policy.handle_connect(),
                "online" => policy.handle_online(now),
                "lost" => policy.handle_lost(now, Loss::Passing, random),
                "refused" => policy.handle_lost(now, Loss::Final, random),
                "drained" => {
                    let loss = Loss::Drained {
                        retry_after: ms(2_000),
                        window: ms(8_000),
                    };
                    policy.handle_lost(now, loss, random);
                }
                "network" => policy.handle_network_changed(now),
                "disconnect" => policy.handle_disconnect(),
                "wait" => {}
                other => panic!("unknown event {other}"),
            }
            let standing = match policy.standing() {
                Standing::Reconnecting { attempt, .. } => format!("reconnecting {attempt}"),
                Standing::Connected { .. } => "connected".to_owned(),
                other => format!("{other:?}").to_lowercase(),
            };
            let step = match policy.poll(now) {
                Step::WaitUntil(at) => format!("wait {}", (at - now).as_millis() + 1),
                other => format!("{other:?}").to_lowercase(),
            };
            assert_eq!(format!("{standing}, {step}"), expected, "after: {line}");
        }
    }

    #[test]
    fn waits_double_up_to_the_longest() {
        check(
            None,
            "
            0 wait -> disconnected, rest
            0 connect -> connecting, dial
            10 lost -> reconnecting 1, wait 100
            110 lost -> reconnecting 2, wait 200
            310 lost -> reconnecting 3, wait 400
            310 wait -> reconnecting 3, wait 400
            710 wait -> reconnecting 3, dial
            710 lost (zero) -> reconnecting 4, dial
            710 lost -> reconnecting 5, wait 1600
            5000 lost -> reconnecting 6, wait 3200
            9000 lost -> reconnecting 7, wait 6400
            20000 lost -> reconnecting 8, wait 12800
            40000 lost -> reconnecting 9, wait 25600
            80000 lost -> reconnecting 10, wait 30000
            120000 lost -> reconnecting 11, wait 30000
        ",
        );
    }

    #[test]
    fn back_off_starts_again_only_after_the_connection_lived() {
        check(
            None,
            "
            0 connect -> connecting, dial
            0 lost -> reconnecting 1, wait 100
            100 lost -> reconnecting 2, wait 200
            300 online -> connected, watch
            30299 lost -> reconnecting 3, wait 400
            31000 online -> connected, watch
            61000 lost -> reconnecting 1, wait 100
        ",
        );
    }

    #[test]
    fn network_change_cuts_the_wait_short_and_nothing_else() {
        check(
            None,
            "
            0 network -> disconnected, rest
            0 connect -> connecting, dial
            0 network -> connecting, dial
            0 lost -> reconnecting 1, wait 100
            10 network -> reconnecting 1, dial
            10 lost -> reconnecting 2, wait 200
            300 online -> connected, watch
            400 network -> connected, watch
        ",
        );
    }

    #[test]
    fn drained_server_is_left_alone_as_long_as_it_asks() {
        check(
            None,
            "
            0 connect -> connecting, dial
            0 online -> connected, watch
            40000 drained (zero) -> reconnecting 1, wait 2001
            40000 wait -> reconnecting 1, wait 2001
            42000 online -> connected, watch
            90000 drained -> reconnecting 1, wait 10000
        ",
        );
    }

    #[test]
    fn too_many_attempts_or_a_refusal_fail_until_somebody_connects_again() {
        check(
            Some(2),
            "
            0 connect -> connecting, dial
            0 lost -> reconnecting 1, wait 100
            0 lost -> reconnecting 2, wait 200
            0 lost -> failed, rest
            0 lost -> failed, rest
            0 network -> failed, rest
            0 online -> failed, rest
            0 connect -> connecting, dial
            0 online -> connected, watch
            9 refused -> failed, rest
            9 connect -> connecting, dial
            9 disconnect -> disconnected, rest
            9 lost -> disconnected, rest
        ",
        );
    }

    #[derive(Debug, Clone)]
    enum Happening {
        Connect,
        Online,
        Lost(u64),
        Network,
        Pass(u64),
    }

    fn happening() -> impl Strategy<Value = Happening> {
        prop_oneof![
            Just(Happening::Connect),
            Just(Happening::Online),
            any::<u64>().prop_map(Happening::Lost),
            Just(Happening::Network),
            (0_u64..100_000).prop_map(Happening::Pass),
        ]
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_ceiling_and_nothing_dials_while_online(
            happenings in proptest::collection::vec(happening(), 0..200),
        ) {
            let config = ReconnectConfig { attempts_max: None, ..ReconnectConfig::default() };
            let longest = config.delay_max;
            let mut policy = Reconnect::new(config);
            let mut now = Duration::ZERO;
            for happening in happenings {
                match happening {
                    Happening::Connect => policy.handle_connect(),
                    Happening::Online => policy.handle_online(now),
                    Happening::Lost(random) => policy.handle_lost(now, Loss::Passing, random),
                    Happening::Network => policy.handle_network_changed(now),
                    Happening::Pass(millis) => now += ms(millis),
                }
                match policy.poll(now) {
                    Step::WaitUntil(at) => {
                        prop_assert!(at > now);
                        prop_assert!(at - now <= longest);
                    }
                    Step::Watch => {
                        prop_assert!(matches!(policy.standing(), Standing::Connected { .. }), "watching");
                    }
                    Step::Dial | Step::Rest => {}
                }
                prop_assert_ne!(policy.standing(), Standing::Failed);
            }
        }
    }
}
