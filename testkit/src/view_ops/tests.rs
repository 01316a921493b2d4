//! How often programs from arbitrary bytes reach what they are for.

use std::collections::BTreeMap;
use std::vec::Vec;

use arbitrary::{Arbitrary, Unstructured};

use super::{Case, Expect};

/// Cases from bytes that nobody chose.
fn cases(count: usize) -> impl Iterator<Item = Case> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..count).map(move |_| {
        let length = usize::from(next()) + 8;
        let bytes: Vec<u8> = (0..length).map(|_| next()).collect();
        Case::arbitrary(&mut Unstructured::new(&bytes)).expect("no bytes are refused")
    })
}

#[test]
fn each_operation_is_granted_and_refused_often_enough() {
    /// What is never refused, or only by giving nothing.
    const GRANTED: [&str; 10] = [
        "t",
        "read",
        "pair",
        "wrong count",
        "fill",
        "map_in_place",
        "iter_mut",
        "into_iter",
        "get_mut",
        "write dynamically",
    ];
    let (mut tally, mut steps, mut empty) = (BTreeMap::<_, [u32; 2]>::new(), 0, 0);
    for case in cases(4000) {
        let plan = case.plan(0);
        for chain in &plan.chains {
            let mut model = &plan.root;
            for step in chain {
                let refused = matches!(step.expect, Expect::Refused(_) | Expect::NeedsCopy);
                tally.entry(step.op.name()).or_default()[usize::from(refused)] += 1;
                steps += 1;
                empty += u32::from(model.is_empty());
                model = step.successor().unwrap_or(model);
            }
        }
    }
    assert_eq!(tally.len(), 34, "the operations: {tally:?}");
    for (name, [granted, refused]) in tally {
        let (granted, refused) = (granted * 1000 / steps, refused * 1000 / steps);
        assert!(granted >= 5, "{name} is granted in {granted} of 1000 steps");
        let enough = refused >= 1 || GRANTED.contains(&name);
        assert!(enough, "{name} is refused in {refused} of 1000 steps");
    }
    let empty = empty * 100 / steps;
    assert!((10..33).contains(&empty), "{empty} of 100 steps are on views without elements");
}

#[test]
fn a_case_is_made_again_from_its_bytes() {
    for case in cases(500) {
        let bytes = case.encode();
        let again = Case::arbitrary(&mut Unstructured::new(&bytes)).expect("no bytes are refused");
        assert_eq!(again, case);
    }
}
