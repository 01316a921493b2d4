//! The generated requests are where the boundary is.

use arbitrary::Unstructured;
use strideproof_oracle::generate::{Width, request};
use strideproof_oracle::{MAX_COUNT, Request, Rng, count};

/// The first requests of a width whose items take some units, the same in each run.
fn sample(item: usize) -> Vec<Request> {
    let mut random = Rng::new(11);
    let mut generated = || {
        let bytes = random.bytes(200);
        request(&mut Unstructured::new(&bytes), Width::Full, item, 1).unwrap()
    };
    (0..3000).map(|_| generated()).collect()
}

#[test]
fn the_random_requests_are_where_the_boundary_is() {
    type Property = fn(&Request) -> bool;
    let wanted: [(&str, usize, Property); 12] = [
        ("is accepted", 330, Request::is_accepted),
        ("fails by one", 330, Request::is_refused_for_one),
        ("has rank 0", 50, |request| request.shape.is_empty()),
        ("has rank 6", 100, |request| request.shape.len() == 6),
        ("is empty", 30, |request| request.shape.contains(&0)),
        ("has an axis of size 1", 200, |request| request.shape.contains(&1)),
        ("steps backwards", 400, |request| request.strides.iter().any(|&stride| stride < 0)),
        ("repeats elements", 50, |request| request.strides.contains(&0)),
        ("ends beyond 32 bits", 400, |request| request.len > 1 << 32),
        ("ends beyond 63 bits", 20, |request| request.len > 1 << 63),
        ("has too many elements", 5, |request| count(&request.shape) > MAX_COUNT),
        ("is accepted, wide and of several axes", 100, |request| {
            request.is_accepted() && request.shape.len() > 1 && request.len > 1 << 32
        }),
    ];
    let samples = [sample(1), sample(3), sample(0)];
    for (what, least, property) in wanted {
        for sample in &samples {
            let share = sample.iter().filter(|request| property(request)).count() / 3;
            println!("{what:<38} {share} of 1000");
            assert!(share >= least, "{what}: {share} < {least} of 1000");
        }
    }
}
