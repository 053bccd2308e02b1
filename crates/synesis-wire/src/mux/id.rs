//! Who opened a stream, which way it goes, and its number.

/// Which end of the connection this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The device: it opens calls and notices.
    Device,
    /// The cloud: it opens control streams.
    Cloud,
}

/// The two kinds of streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ends write.
    Bi,
    /// Only the end that opened it writes.
    Uni,
}

/// A stream of this connection, numbered as in QUIC (RFC 9000, section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub(super) u64);

impl StreamId {
    pub(super) const fn new(opener: Side, direction: Direction, index: u64) -> Self {
        let opener = match opener {
            Side::Device => 0,
            Side::Cloud => 1,
        };
        let direction = match direction {
            Direction::Bi => 0,
            Direction::Uni => 2,
        };
        Self(index << 2 | direction | opener)
    }

    pub(super) const fn opener(self) -> Side {
        if self.0 & 1 == 0 {
            Side::Device
        } else {
            Side::Cloud
        }
    }

    pub(super) const fn direction(self) -> Direction {
        if self.0 & 2 == 0 {
            Direction::Bi
        } else {
            Direction::Uni
        }
    }

    pub(super) const fn index(self) -> u64 {
        self.0 >> 2
    }
}
