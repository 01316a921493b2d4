//! What a case leaves behind when its process ends: plain atomics, which live in memory that parent
//! and child share, and which a signal handler may write.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::class::{Class, Validity};

/// The most choices that a case may draw; further ones are 0.
pub(crate) const MOST_CHOICES: usize = 4096;

/// Text of at most `N` bytes; the rest is cut off.
pub(crate) struct Text<const N: usize> {
    len: AtomicUsize,
    bytes: [AtomicU8; N],
}

impl<const N: usize> Text<N> {
    pub(crate) fn clear(&self) {
        self.len.store(0, Relaxed);
    }

    /// Replaces the text.
    pub(crate) fn set(&self, text: fmt::Arguments<'_>) {
        self.clear();
        self.push(text);
    }

    /// Appends to the text.
    pub(crate) fn push(&self, text: fmt::Arguments<'_>) {
        // Writing to memory has no error; one of a foreign `Debug` leaves the text short.
        let _ = { self }.write_fmt(text);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Relaxed) == 0
    }

    pub(crate) fn read(&self) -> String {
        let bytes = self.bytes[..self.len.load(Relaxed).min(N)].iter();
        let bytes: Vec<u8> = bytes.map(|byte| byte.load(Relaxed)).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl<const N: usize> Write for &Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let len = self.len.load(Relaxed).min(N);
        let room = self.bytes[len..].iter();
        for (to, from) in room.zip(text.bytes()) {
            to.store(from, Relaxed);
        }
        self.len.store(N.min(len + text.len()), Relaxed);
        Ok(())
    }
}

/// All zero is a valid record, the empty one.
pub(crate) struct Record {
    /// The number of the case.
    pub(crate) case: AtomicU64,
    class: AtomicU8,
    validity: AtomicU8,
    pub(crate) refused: AtomicBool,
    /// Whether the child came to its own end.
    pub(crate) returned: AtomicBool,
    /// Whether an allocation was refused for the limit.
    pub(crate) starved: AtomicBool,
    /// Whether the case is the one that is reported, and says all it can.
    pub(crate) verbose: AtomicBool,
    /// What was being called.
    pub(crate) call: Text<256>,
    /// What happened.
    pub(crate) detail: Text<1024>,
    /// The request in words.
    pub(crate) notes: Text<4096>,
    /// The request as statements.
    pub(crate) code: Text<8192>,
    /// The message of the last panic.
    pub(crate) panic: Text<1024>,
    /// A backtrace, where one was asked for.
    pub(crate) frames: Text<131_072>,
    chosen: AtomicUsize,
    choices: [AtomicU64; MOST_CHOICES],
    /// How many requests of each [`Validity`] were accepted and refused, and how many showed what an
    /// earlier finding shows.
    pub(crate) tallies: [AtomicU64; 7],
}

impl Record {
    /// Forgets the last case.
    pub(crate) fn begin(&self, case: u64) {
        self.case.store(case, Relaxed);
        self.class.store(0, Relaxed);
        self.validity.store(0, Relaxed);
        self.refused.store(false, Relaxed);
        self.starved.store(false, Relaxed);
        self.call.clear();
        self.detail.clear();
        self.notes.clear();
        self.code.clear();
        self.panic.clear();
        self.frames.clear();
        self.chosen.store(0, Relaxed);
    }

    pub(crate) fn class(&self) -> Option<Class> {
        Class::of_code(self.class.load(Relaxed))
    }

    /// Says what happened, unless something graver is known already.
    pub(crate) fn found(&self, class: Class, detail: fmt::Arguments<'_>) {
        if self.class().is_none_or(|known| class < known) {
            self.class.store(class.code(), Relaxed);
            self.detail.set(detail);
        }
    }

    pub(crate) fn validity(&self) -> Validity {
        match self.validity.load(Relaxed) {
            1 => Validity::Good,
            2 => Validity::Bad,
            _ => Validity::Unknown,
        }
    }

    pub(crate) fn set_validity(&self, validity: Validity) {
        self.validity.store(validity as u8 + 1, Relaxed);
    }

    /// Remembers a choice; `false` when there is no more room.
    pub(crate) fn choose(&self, value: u64) -> bool {
        let at = self.chosen.load(Relaxed);
        let Some(choice) = self.choices.get(at) else { return false };
        choice.store(value, Relaxed);
        self.chosen.store(at + 1, Relaxed);
        true
    }

    pub(crate) fn choices(&self) -> Vec<u64> {
        let chosen = self.choices.iter().take(self.chosen.load(Relaxed));
        chosen.map(|choice| choice.load(Relaxed)).collect()
    }

    /// Counts the case by how it ended.
    pub(crate) fn count(&self) {
        let ended = 2 * self.validity() as usize + usize::from(self.refused.load(Relaxed));
        self.tallies[ended].fetch_add(1, Relaxed);
    }

    /// Counts the case as one that shows what an earlier one did.
    pub(crate) fn repeat(&self) {
        self.tallies[6].fetch_add(1, Relaxed);
    }
}
