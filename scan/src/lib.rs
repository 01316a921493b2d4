//! Where to look.
