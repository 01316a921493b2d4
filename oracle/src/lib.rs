#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cases;
mod collide;
pub mod generate;
pub mod grid;
mod judge;
mod memory;
pub mod model;
mod request;
mod rng;
mod truth;

pub use collide::{Items, MOST_LISTED, colliding_pair, exact_sum, is_collision, is_index, unravel};
pub use judge::{Answer, Extent, Finding, Remedy, Wrong, judge, judge_against};
pub use memory::{
    Case, Checked, ELEMENTS, Element, Nothing, Rgb, Unchecked, in_buffer, judge_in_memory,
};
pub use request::Request;
pub use rng::Rng;
pub use truth::{MAX_COUNT, Truth, address, addresses, advance, count, for_each_index};
