//! All lines of the two case files: requests from other projects' tests, and inputs on which real
//! checkers were wrong.

use oracle::{Answer, Request, Truth, colliding_pair, is_collision, judge};
use serde_json::Value;
use strideproof::{Error, Layout, StridedViewMut};
use strideproof_testkit::{oracle, subject};

const PEERS: &str = include_str!("cases/peers.jsonl");
const BUGZOO: &str = include_str!("cases/bugzoo.jsonl");

/// The lines whose numbers no `usize` or `isize` holds. The library cannot be asked about them: a
/// negative size or offset is refused by whoever converts it. The command answers these lines.
const NOT_IN_THE_TYPES: [(&str, &str); 4] = [
    ("case-129", "shape[0] = -3"),
    ("case-154", "shape[0] = -2"),
    ("zoo-05", "offset = -1"),
    ("zoo-06", "offset = -1"),
];

/// One line, with integers as wide as JSON may write them here.
struct Case {
    id: String,
    bytes: bool,
    itemsize: i128,
    shape: Vec<i128>,
    strides: Vec<i128>,
    offset: i128,
    len: i128,
    mutable: bool,
    accepted: bool,
}

fn integer(value: &Value) -> i128 {
    let wide = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
    wide.unwrap_or_else(|| panic!("{value} is no integer of 64 bits"))
}

fn integers(value: &Value) -> Vec<i128> {
    value.as_array().expect("an array").iter().map(integer).collect()
}

/// One of two words, and nothing else.
fn is(value: &Value, yes: &str, no: &str) -> bool {
    let word = value.as_str().expect("a word");
    assert!(word == yes || word == no, "{word} is neither {yes} nor {no}");
    word == yes
}

fn cases() -> Vec<Case> {
    let lines = PEERS.lines().chain(BUGZOO.lines());
    let cases: Vec<_> = lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            Case {
                id: line["id"].as_str().expect("an id").to_owned(),
                bytes: is(&line["unit"], "bytes", "elements"),
                itemsize: integer(&line["itemsize"]),
                shape: integers(&line["shape"]),
                strides: integers(&line["strides"]),
                offset: integer(&line["offset"]),
                len: integer(&line["buffer_len"]),
                mutable: is(&line["mode"], "mut", "ro"),
                accepted: is(&line["strideproof"], "accepted", "rejected"),
            }
        })
        .collect();
    assert_eq!((PEERS.lines().count(), BUGZOO.lines().count()), (134, 46), "no line is lost");
    cases
}

/// The first number of a line that the library's types cannot hold.
fn out_of_type(case: &Case) -> Option<String> {
    let holds = |value: i128| usize::try_from(value).is_ok();
    let axis = case.shape.iter().position(|&extent| !holds(extent));
    if let Some(axis) = axis {
        return Some(format!("shape[{axis}] = {}", case.shape[axis]));
    }
    if let Some(axis) = case.strides.iter().position(|&stride| isize::try_from(stride).is_err()) {
        return Some(format!("strides[{axis}] = {}", case.strides[axis]));
    }
    [("offset", case.offset), ("buffer_len", case.len)]
        .into_iter()
        .find(|&(_, value)| !holds(value))
        .map(|(name, value)| format!("{name} = {value}"))
}

/// A line in the library's types.
struct Typed {
    shape: Vec<usize>,
    strides: Vec<isize>,
    offset: usize,
    len: usize,
    item: usize,
}

impl Typed {
    fn new(case: &Case) -> Self {
        let size = |&value: &i128| usize::try_from(value).expect("checked before");
        Self {
            shape: case.shape.iter().map(size).collect(),
            strides: case.strides.iter().map(|&s| isize::try_from(s).expect("checked")).collect(),
            offset: size(&case.offset),
            len: size(&case.len),
            item: if case.bytes { size(&case.itemsize) } else { 1 },
        }
    }

    fn request(&self) -> Request<'_> {
        let Self { shape, strides, offset, len, item } = self;
        let unit_bytes = 1;
        Request { shape, strides, offset: *offset, len: *len, item: *item, unit_bytes }
    }
}

/// Whether the crate lends the layout for writing: over elements of no size, so that a buffer may
/// be as long as any line says.
fn lends_mutably<const N: usize>(request: &Request<'_>) -> Result<(), Error> {
    let layout = subject::new_layout::<N>(request).expect("ranks agree")?;
    let mut everything = [(); usize::MAX];
    StridedViewMut::new(&mut everything[..request.len], layout).map(|_| ())
}

fn mutable(request: &Request<'_>) -> Result<(), Error> {
    match request.shape.len() {
        0 => lends_mutably::<0>(request),
        1 => lends_mutably::<1>(request),
        2 => lends_mutably::<2>(request),
        3 => lends_mutably::<3>(request),
        4 => lends_mutably::<4>(request),
        rank => panic!("a mutable case of rank {rank}"),
    }
}

#[test]
fn the_lines_that_the_types_refuse_are_these() {
    let found: Vec<_> = cases()
        .iter()
        .filter_map(|case| Some((case.id.clone(), out_of_type(case)?, case.accepted)))
        .collect();
    let expected: Vec<_> = NOT_IN_THE_TYPES
        .iter()
        .map(|&(id, number)| (id.to_owned(), number.to_owned(), false))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_line_has_its_verdict_and_a_true_witness() {
    let (mut accepted, mut rejected, mut aliased, mut elsewhere) = (0, 0, 0, 0);
    for case in cases() {
        if out_of_type(&case).is_some() {
            elsewhere += 1;
            continue;
        }
        let id = &case.id;
        let typed = Typed::new(&case);
        let request = typed.request();
        let answer =
            if case.bytes { subject::bytes(&request) } else { subject::elements(&request) };
        let truth = Truth::by_corners(request.shape, request.strides, request.offset);
        judge(&request, truth, &answer)
            .unwrap_or_else(|wrong| panic!("{id}: {wrong:?}: {answer:?} to {request:?}"));

        if !case.mutable || !answer.accepts() {
            assert_eq!(answer.accepts(), case.accepted, "{id}: {answer:?}");
            if answer.accepts() {
                accepted += 1
            } else {
                rejected += 1
            };
            continue;
        }
        // Uniqueness is asked in elements; of the byte lines, all have items of one byte.
        assert_eq!(request.item, 1, "{id}");
        let pair = colliding_pair(request.shape, request.strides, 1);
        assert_eq!(pair.is_none(), case.accepted, "{id}: {pair:?}");
        match mutable(&request) {
            Ok(()) => {
                assert!(case.accepted, "{id} is lent for writing, but {pair:?} collide");
                accepted += 1;
            }
            Err(Error::Aliased { first, second }) => {
                assert!(!case.accepted, "{id} is refused: {first} and {second}");
                let [first, second] = [&first, &second].map(|index| index.as_slice().unwrap());
                let collide = is_collision(request.shape, request.strides, 1, first, second);
                assert!(collide, "{id}: {first:?} and {second:?} do not collide");
                aliased += 1;
            }
            Err(other) => panic!("{id}: {other}"),
        }
    }
    // Change the files, and these change.
    assert_eq!((accepted, rejected, aliased, elsewhere), (99, 66, 11, 4));
}

#[test]
fn lines_in_whole_items_say_the_same_in_bytes_and_in_elements() {
    let mut compared = 0;
    for case in cases() {
        if out_of_type(&case).is_some() || !case.bytes {
            continue;
        }
        let typed = Typed::new(&case);
        let request = typed.request();
        let Ok(item) = isize::try_from(request.item) else { continue };
        let whole = request.offset % request.item == 0
            && request.strides.iter().all(|stride| stride % item == 0);
        if !whole {
            continue;
        }
        let strides: Vec<isize> = request.strides.iter().map(|stride| stride / item).collect();
        let elements = Request {
            strides: &strides,
            offset: request.offset / request.item,
            len: request.len / request.item,
            item: 1,
            ..request
        };
        assert_eq!(
            subject::bytes(&request).accepts(),
            subject::elements(&elements).accepts(),
            "{}: {request:?}",
            case.id
        );
        compared += 1;
    }
    assert!(compared > 40, "only {compared} lines are in whole items");
}

#[test]
fn byte_strides_convert_with_their_sign() {
    // zoo-35 and zoo-36: a negative stride divided by an unsigned itemsize.
    let layout = Layout::from_bytes([4, 3], [-4, 16], 12, 48, 4).unwrap();
    assert_eq!((layout.strides(), layout.offset()), (&[-1, 4], 3));
    let layout = Layout::from_bytes([10], [-8], 72, 80, 8).unwrap();
    assert_eq!((layout.strides(), layout.offset()), (&[-1], 9));
}

#[test]
fn an_empty_view_keeps_its_origin() {
    // zoo-27: (d - 1) with d = 0 moves the origin the wrong way.
    let layout = Layout::new([2, 0, 2], [1, -4, 2], 0, 12).unwrap();
    assert_eq!((layout.offset(), layout.extent(), layout.required_len()), (0, None, 0));
    let request = Request {
        shape: &[2, 0, 2],
        strides: &[1, -4, 2],
        offset: 0,
        len: 12,
        item: 1,
        unit_bytes: 1,
    };
    assert!(matches!(subject::elements(&request), Answer::Accepted(_)));
}
