//! What goes on around the tunnel: the machine slept, or it is on another network now.
//!
//! Nobody tells a process of either, everywhere and without rights, so both are looked for: the wall
//! clock runs on while the monotonic one stands still in sleep, and the kernel knows from which
//! address it would send to the cloud. Neither look sends a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Instant, SystemTime};

use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::limits::{SLEEP_JUMP, SURROUNDINGS_INTERVAL};

/// Addresses that belong to nobody (RFC 5737, RFC 3849): the way there is the way to everywhere.
const ANYWHERE: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The port of those addresses; nothing is sent there.
const ANY_PORT: u16 = 9;

/// What was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noticed {
    /// The machine slept.
    Sleep,
    /// There is a way to the cloud, and it is not the one that was there before.
    OtherNetwork,
}

/// How the clocks are read.
pub(crate) struct Look(pub(crate) Box<dyn Fn() -> Clocks + Send>);

impl Default for Look {
    fn default() -> Self {
        Self(Box::new(Clocks::now))
    }
}

/// The last look at clocks and ways.
pub(crate) struct Surroundings {
    look: Look,
    clocks: Clocks,
    ways: Ways,
    tick: Interval,
}

impl Surroundings {
    pub(crate) fn new(look: Look) -> Self {
        let mut tick = interval(SURROUNDINGS_INTERVAL);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            clocks: (look.0)(),
            look,
            ways: Ways::default(),
            tick,
        }
    }

    /// Looks every now and then until there is something to tell. `cloud` is where the last
    /// connection went. Can be dropped and called again at any await.
    pub(crate) async fn changed(&mut self, cloud: Option<SocketAddr>) -> Noticed {
        loop {
            self.tick.tick().await;
            let slept = self.clocks.jumped((self.look.0)());
            let moved = self
                .ways
                .changed(cloud.map(|cloud| cloud.ip()), source_towards);
            if slept {
                return Noticed::Sleep;
            }
            if moved {
                return Noticed::OtherNetwork;
            }
        }
    }
}

/// The wall clock beside the monotonic one.
pub(crate) struct Clocks {
    pub(crate) wall: SystemTime,
    pub(crate) monotonic: Instant,
}

impl Clocks {
    fn now() -> Self {
        Self {
            wall: SystemTime::now(),
            monotonic: Instant::now(),
        }
    }

    /// Whether the wall clock went much further than the monotonic one since the last look.
    fn jumped(&mut self, now: Self) -> bool {
        let before = std::mem::replace(self, now);
        let wall = self.wall.duration_since(before.wall).unwrap_or_default();
        let monotonic = self.monotonic.duration_since(before.monotonic);
        wall.saturating_sub(monotonic) > SLEEP_JUMP
    }
}

/// From which addresses this machine would send to the cloud; without a cloud, to anywhere.
#[derive(Default)]
struct Ways {
    cloud: Option<IpAddr>,
    /// `None` before the first look.
    sources: Option<[Option<IpAddr>; 2]>,
}

impl Ways {
    /// Whether there is a way now that was not there at the last look. A way that is gone is only
    /// remembered: there is nothing to do before another one comes.
    fn changed(
        &mut self,
        cloud: Option<IpAddr>,
        source: impl Fn(IpAddr) -> Option<IpAddr>,
    ) -> bool {
        if cloud.is_some_and(|cloud| cloud.is_loopback()) {
            return false;
        }
        let sources = match cloud {
            Some(cloud) => [source(cloud), None],
            None => ANYWHERE.map(source),
        };
        let same_cloud = std::mem::replace(&mut self.cloud, cloud) == cloud;
        let before = self.sources.replace(sources);
        same_cloud
            && before.is_some_and(|before| {
                let new = |(now, before): (&Option<IpAddr>, &Option<IpAddr>)| {
                    now.is_some() && now != before
                };
                sources.iter().zip(&before).any(new)
            })
    }
}

/// From which address the kernel would send there now.
fn source_towards(there: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match there {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // Only chooses a way: nothing is sent before something is written.
    socket.connect((there, ANY_PORT)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_a_wall_clock_that_ran_ahead_means_sleep() {
        let (wall, monotonic) = (SystemTime::now(), Instant::now());
        let seconds = Duration::from_secs;
        let mut clocks = Clocks { wall, monotonic };
        let mut look = |wall_passed: u64, monotonic_passed: u64| {
            clocks.jumped(Clocks {
                wall: wall + seconds(wall_passed),
                monotonic: monotonic + seconds(monotonic_passed),
            })
        };
        assert!(!look(5, 5), "both went on");
        assert!(!look(19, 10), "a clock that was set a little");
        assert!(look(3_619, 15), "an hour of sleep");
        assert!(!look(3_624, 20), "awake again");
        assert!(!look(24, 25), "a clock that was set back");
    }

    /// One line is one look: `<cloud or -> <source or -> <expected>`.
    fn check(looks: &str) {
        let mut ways = Ways::default();
        for look in looks.lines().map(str::trim).filter(|look| !look.is_empty()) {
            let mut words = look.split_whitespace();
            let mut address = || words.next().unwrap().parse().ok();
            let (cloud, source): (Option<IpAddr>, Option<IpAddr>) = (address(), address());
            let changed = ways.changed(cloud, |there| source.filter(|_| there.is_ipv4()));
            let found = if changed { "changed" } else { "same" };
            assert_eq!(Some(found), words.next(), "{look}");
        }
    }

    #[test]
    fn another_way_to_the_cloud_is_a_change_and_a_lost_one_is_not() {
        check(
            "203.0.113.7 192.168.1.5 same
             203.0.113.7 192.168.1.5 same
             203.0.113.7 10.0.0.2    changed
             203.0.113.7 10.0.0.2    same
             203.0.113.7 -           same
             203.0.113.7 -           same
             203.0.113.7 10.0.0.2    changed",
        );
    }

    #[test]
    fn without_a_cloud_the_way_to_anywhere_counts() {
        check(
            "- -           same
             - 192.168.1.5 changed
             - 192.168.1.5 same",
        );
    }

    #[test]
    fn another_cloud_and_one_on_this_machine_are_no_other_network() {
        check(
            "203.0.113.7  192.168.1.5 same
             198.51.100.1 10.0.0.2    same
             127.0.0.1    127.0.0.1   same
             198.51.100.1 10.0.0.2    same",
        );
    }

    #[test]
    fn kernel_names_the_address_it_would_send_from() {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        assert_eq!(source_towards(loopback), Some(loopback));
    }
}
