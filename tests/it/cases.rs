//! All known cases: requests from other projects' tests, and inputs on which real checkers were
//! wrong. Those in bytes are seeds of the fuzz target `bytes` as well, which compares them with the same
//! requests in elements.

use strideproof::{Error, LayoutDyn, StridedViewMutDyn, check_elements};
use strideproof_oracle::cases::{Known, all};
use strideproof_oracle::{Answer, Request, colliding_pair, is_collision, judge};
use strideproof_testkit::subject;

/// The lines whose numbers no `usize` or `isize` holds. The library cannot be asked about them: a
/// negative size or offset is refused by the code that converts it. The command answers these lines.
const NOT_IN_THE_TYPES: [&str; 4] = ["case-129", "case-154", "zoo-05", "zoo-06"];

#[test]
fn the_lines_that_the_types_refuse_are_these() {
    let known = all();
    assert_eq!(known.len(), 180, "no line is lost");
    let outside: Vec<&Known> = known.iter().filter(|known| known.request().is_none()).collect();
    let names: Vec<&str> = outside.iter().map(|known| &known.id[..]).collect();
    assert_eq!(names, NOT_IN_THE_TYPES);
    assert!(outside.iter().all(|known| !known.accepted), "and none is accepted");
}

/// The library's answer in the unit of the case.
fn answer(known: &Known, request: &Request) -> Answer {
    if known.in_bytes { subject::bytes(request) } else { subject::elements(request) }
}

/// Whether the library lends the layout for writing: over elements of no size, so that a buffer may
/// be as long as any line says.
fn mutable(request: &Request) -> Result<(), Error> {
    let Request { shape, strides, offset, len, .. } = request;
    let layout = LayoutDyn::new(shape, strides, *offset, *len)?;
    let mut everything = [(); usize::MAX];
    StridedViewMutDyn::new(&mut everything[..*len], layout).map(|_| ())
}

#[test]
fn every_line_has_its_verdict_and_a_true_witness() {
    let (mut accepted, mut rejected, mut aliased) = (0, 0, 0);
    for known in all() {
        let Some(request) = known.request() else { continue };
        let id = &known.id;
        let answer = answer(&known, &request);
        judge(&request, &answer).unwrap_or_else(|finding| panic!("{id}: {finding}"));
        if !known.mutable || !answer.accepts() {
            assert_eq!(answer.accepts(), known.accepted, "{id}: {answer:?}");
            *(if answer.accepts() { &mut accepted } else { &mut rejected }) += 1;
            continue;
        }
        // Uniqueness is asked in elements; of the byte lines, all have items of one byte.
        assert_eq!(request.item, 1, "{id}");
        let Request { shape, strides, .. } = &request;
        let pair = colliding_pair(shape, strides, 1);
        assert_eq!(pair.is_none(), known.accepted, "{id}: {pair:?}");
        match mutable(&request) {
            Ok(()) => {
                assert!(known.accepted, "{id} is lent for writing, but {pair:?} collide");
                accepted += 1;
            }
            Err(Error::Aliased { first, second }) => {
                assert!(!known.accepted, "{id} is refused: {first} and {second}");
                let [first, second] = [&first, &second].map(|index| index.as_slice().unwrap());
                let collide = is_collision(shape, strides, 1, first, second);
                assert!(collide, "{id}: {first:?} and {second:?} do not collide");
                aliased += 1;
            }
            Err(other) => panic!("{id}: {other}"),
        }
    }
    // Change the files, and these change.
    assert_eq!((accepted, rejected, aliased), (99, 66, 11));
}

#[test]
fn too_many_elements_are_told_before_what_leaves_the_buffer() {
    // The second axis leaves the buffer; with it or with the third there are too many.
    for (shape, strides, axis) in [
        ([4, 1 << 62, 1], [0, 1, 0], 1),
        ([4, 2, 1 << 60], [0, 9, 0], 2),
        ([9, 4, 1 << 61], [0, 9, 1], 2),
    ] {
        let told = check_elements(&shape, &strides, 0, 5);
        assert_eq!(told, Err(Error::TooManyElements { axis }), "{shape:?}");
    }
}
