//! Random requests at full width: the generator of the fuzz targets, fed by proptest.

#![allow(dead_code, reason = "each test program uses its part")]

use arbitrary::{Result, Unstructured};
use proptest::prelude::*;
use proptest::test_runner::Config;
use strideproof_testkit::request::{self, RequestBuf, Width, request};

/// Enough cases for a run of a second or two; no file is written on failure.
pub(crate) fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// What a generator makes of random bytes.
fn generated<T: std::fmt::Debug>(
    generate: impl Fn(&mut Unstructured<'_>) -> Result<T>,
) -> impl Strategy<Value = T> {
    prop::collection::vec(any::<u8>(), 200).prop_map(move |bytes| {
        generate(&mut Unstructured::new(&bytes)).expect("bytes that run out count as 0")
    })
}

/// Any number, most often one near the end of a word.
pub(crate) fn boundary() -> impl Strategy<Value = usize> {
    generated(request::boundary)
}

/// Requests of rank 0 to 6 in elements; shape and strides always agree in length.
pub(crate) fn in_elements() -> impl Strategy<Value = RequestBuf> {
    generated(|bytes| request(bytes, Width::Full, 1, 1))
}

/// Requests of rank 0 to 6 with an itemsize; now and then one stride is missing.
pub(crate) fn in_bytes() -> impl Strategy<Value = RequestBuf> {
    let item = prop_oneof![8 => 0usize..=8, 2 => 0usize..100, 1 => boundary()];
    let request = (item, prop::collection::vec(any::<u8>(), 200)).prop_map(|(item, bytes)| {
        let generated = request(&mut Unstructured::new(&bytes), Width::Full, item, 1);
        generated.expect("bytes that run out count as 0")
    });
    (request, prop::bool::weighted(0.02)).prop_map(|(mut request, drop_stride)| {
        if drop_stride {
            request.strides.pop();
        }
        request
    })
}

/// An index tuple of a shape without a size of 0: each component near either end or anywhere.
pub(crate) fn index_of(shape: &[usize], choices: &[(u8, usize)]) -> Vec<usize> {
    let axes = shape.iter().zip(choices);
    axes.map(|(&extent, &(kind, anywhere))| match kind % 4 {
        0 => 0,
        1 => extent - 1,
        2 => (extent - 1).min(1),
        _ => anywhere % extent,
    })
    .collect()
}
