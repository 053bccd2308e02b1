//! A bounded number of guests who come and go: where there are too many, the oldest makes room.
//!
//! For things that take a moment when they are meant well. Whoever has been at it the longest is
//! then the one that only holds a place.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

/// All guests.
#[derive(Debug)]
pub(crate) struct Crowd {
    guests_max: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    next: u64,
    /// Oldest first.
    guests: VecDeque<(u64, CancellationToken)>,
}

impl Crowd {
    pub(crate) fn new(guests_max: usize) -> Arc<Self> {
        Arc::new(Self {
            guests_max,
            inside: Mutex::default(),
        })
    }

    /// One more comes in.
    pub(crate) fn join(self: &Arc<Self>) -> Place {
        let mut inside = self.lock();
        if inside.guests.len() >= self.guests_max
            && let Some((_, oldest)) = inside.guests.pop_front()
        {
            oldest.cancel();
        }
        let number = inside.next;
        inside.next += 1;
        let leave = CancellationToken::new();
        inside.guests.push_back((number, leave.clone()));
        Place {
            crowd: Arc::clone(self),
            number,
            leave,
        }
    }

    /// How many are there.
    pub(crate) fn len(&self) -> usize {
        self.lock().guests.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one guest, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    leave: CancellationToken,
}

impl Place {
    /// Ends when this guest has to make room.
    pub(crate) fn wanted(&self) -> WaitForCancellationFuture<'_> {
        self.leave.cancelled()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.crowd.lock();
        let place = inside
            .guests
            .binary_search_by_key(&self.number, |(number, _)| *number);
        if let Ok(place) = place {
            inside.guests.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_makes_room_and_who_left_takes_none() {
        let crowd = Crowd::new(2);
        let (one, two) = (crowd.join(), crowd.join());
        drop(one);
        let three = crowd.join();
        assert!(!two.leave.is_cancelled(), "there was room");
        let four = crowd.join();
        assert!(two.leave.is_cancelled());
        assert!(!three.leave.is_cancelled() && !four.leave.is_cancelled());
        assert_eq!(crowd.len(), 2);
        drop(two);
        assert_eq!(crowd.len(), 2, "it had made room before");
        drop((three, four));
        assert_eq!(crowd.len(), 0);
    }
}
