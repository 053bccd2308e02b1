//! Whether the next numbered chunk of a stream is new, known already, or comes too early.
//!
//! Chunks count from 1 without gaps. After a cut the cloud is asked to go on after the last one
//! that arrived; what it repeats is dropped, what it skips is noticed.

/// Where a chunk belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is the next one.
    Next,
    /// It arrived before.
    Seen,
    /// Chunks before it are missing.
    Early,
    /// It has no number.
    Unnumbered,
}

/// The chunks of one answer that have arrived.
#[derive(Debug, Default)]
pub(crate) struct ChunkOrder {
    last: u64,
}

impl ChunkOrder {
    /// The number of the last chunk that arrived in order; 0 before the first.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Says where a chunk belongs, and takes it when it is the next one.
    pub(crate) fn handle_chunk(&mut self, sequence: u64) -> Place {
        match sequence.checked_sub(self.last) {
            _ if sequence == 0 => Place::Unnumbered,
            None | Some(0) => Place::Seen,
            Some(1) => {
                self.last = sequence;
                Place::Next
            }
            Some(_) => Place::Early,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn repeated_chunks_are_dropped_and_missing_ones_noticed() {
        let mut order = ChunkOrder::default();
        let cases = [
            (2, Place::Early),
            (1, Place::Next),
            (1, Place::Seen),
            (2, Place::Next),
            (1, Place::Seen),
            (4, Place::Early),
            (3, Place::Next),
            (0, Place::Unnumbered),
            (u64::MAX, Place::Early),
        ];
        for (sequence, expected) in cases {
            assert_eq!(order.handle_chunk(sequence), expected, "chunk {sequence}");
        }
        assert_eq!(order.last(), 3);
    }

    proptest! {
        #[test]
        fn however_often_it_is_cut_each_chunk_is_taken_once_and_in_order(
            cuts in proptest::collection::vec((0_u64..5, 1_u64..8), 1..40),
        ) {
            let mut order = ChunkOrder::default();
            let mut taken = Vec::new();
            for (repeats, count) in cuts {
                // The cloud goes on a little before or right after the last chunk that arrived.
                let from = (order.last() + 1).saturating_sub(repeats).max(1);
                for sequence in from..from + count {
                    if order.handle_chunk(sequence) == Place::Next {
                        taken.push(sequence);
                    }
                }
            }
            let expected: Vec<u64> = (1..=order.last()).collect();
            prop_assert_eq!(taken, expected);
        }
    }
}
