//! Groups of digits with marks between them, and parts of them as digits and as a shape.

use crate::detect::View;

/// Groups of digits in a row, at most this many.
const GROUPS_MAX: usize = 19;
/// The longest cluster, in bytes.
const CLUSTER_BYTES_MAX: usize = 48;

/// Digits in groups, as `+49 (0)30 1234-567`.
pub(in crate::detect) struct Cluster {
    pub(in crate::detect) groups: [(usize, usize); GROUPS_MAX],
    pub(in crate::detect) count: usize,
    /// Whether a plus stands before.
    pub(in crate::detect) plus: bool,
}

/// The digits of some groups, and how they are parted: `3-2-4`.
pub(in crate::detect) struct Slice {
    pub(in crate::detect) digits: [u8; 40],
    pub(in crate::detect) count: usize,
    shape: [u8; 40],
    shape_len: usize,
}

impl Slice {
    pub(in crate::detect) fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }

    pub(in crate::detect) fn shape(&self) -> &[u8] {
        &self.shape[..self.shape_len]
    }

    fn push_shape(&mut self, byte: u8) -> Option<()> {
        *self.shape.get_mut(self.shape_len)? = byte;
        self.shape_len += 1;
        Some(())
    }
}

impl Cluster {
    pub(super) fn read(view: &View<'_>, start: usize) -> Self {
        let bytes = view.bytes;
        let mut cluster = Self {
            groups: [(0, 0); GROUPS_MAX],
            count: 0,
            plus: false,
        };
        let mut before = start;
        while before > 0 && start - before < 2 && matches!(bytes[before - 1], b'(' | b' ') {
            before -= 1;
        }
        cluster.plus = view.before(start) == Some(b'+')
            || (before < start && view.before(before) == Some(b'+'));
        let mut at = start;
        while cluster.count < GROUPS_MAX && at - start < CLUSTER_BYTES_MAX {
            let length = bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let lettered = view
                .at(at + length)
                .is_some_and(|byte| byte.is_ascii_alphabetic() && byte != b'x')
                && !is_time(view, at + length);
            if lettered && cluster.count > 0 {
                break;
            }
            cluster.groups[cluster.count] = (at, at + length);
            cluster.count += 1;
            at += length;
            let marks = bytes[at..]
                .iter()
                .take(4)
                .take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'))
                .count();
            let next = at + marks;
            if marks == 0 || marks > 3 || !view.at(next).is_some_and(|byte| byte.is_ascii_digit()) {
                break;
            }
            // A full stop and a space end a sentence.
            if bytes[at] == b'.' && marks > 1 {
                break;
            }
            at = next;
        }
        cluster
    }

    pub(in crate::detect) fn end(&self, group: usize) -> usize {
        self.groups[group].1
    }

    pub(in crate::detect) fn start(&self, group: usize) -> usize {
        self.groups[group].0
    }

    /// The groups from `first` to `last`, when they are not too long.
    pub(in crate::detect) fn slice(
        &self,
        view: &View<'_>,
        first: usize,
        last: usize,
    ) -> Option<Slice> {
        let mut slice = Slice {
            digits: [0; 40],
            count: 0,
            shape: [0; 40],
            shape_len: 0,
        };
        for group in first..=last {
            let (start, end) = self.groups[group];
            if slice.count + (end - start) > 34 {
                return None;
            }
            if group > first {
                let mark = self.mark(view, group);
                slice.push_shape(mark)?;
            }
            for &byte in &view.bytes[start..end] {
                slice.digits[slice.count] = byte - b'0';
                slice.count += 1;
            }
            let length = end - start;
            if length >= 10 {
                slice.push_shape(b'0' + u8::try_from(length / 10).ok()?)?;
            }
            slice.push_shape(b'0' + u8::try_from(length % 10).ok()?)?;
        }
        Some(slice)
    }

    /// What stands before a group: one mark, or `x` for several.
    pub(in crate::detect) fn mark(&self, view: &View<'_>, group: usize) -> u8 {
        let between = &view.bytes[self.groups[group - 1].1..self.groups[group].0];
        match between {
            [mark] => *mark,
            [b' ', b'-', b' '] | [b' ', b'/', b' '] => between[1],
            [b')', b' '] | [b')', b'-'] => b')',
            [b' ', b'('] => b'(',
            _ => b'x',
        }
    }
}

/// The `T` of `2024-01-31T12:00`.
pub(super) fn is_time(view: &View<'_>, at: usize) -> bool {
    view.at(at) == Some(b'T') && view.at(at + 1).is_some_and(|byte| byte.is_ascii_digit())
}
