//! The library's answers in the oracle's terms. Nothing here decides anything.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};

use strideproof::overlap::Sharing;
use strideproof::{
    Const, Dyn, Error, Layout, LayoutDyn, Operand, PerAxis, Rank, Unit, check_bytes, check_elements,
};
use strideproof_oracle::model::{Part, Refusal, View as Model};
use strideproof_oracle::{Answer, Extent, Remedy, Request, address, for_each_index};

/// The byte form, at any rank and any itemsize.
pub fn bytes(request: &Request) -> Answer {
    let &Request { ref shape, ref strides, offset, len, item } = request;
    numbers(check_bytes(shape, strides, offset, len, item), request, Unit::Bytes)
}

fn numbers(found: Result<strideproof::Extent, Error>, request: &Request, expected: Unit) -> Answer {
    match found {
        Ok(extent) => Answer::Accepted(Extent {
            count: extent.count as u128,
            lowest: extent.lowest as i128,
            highest: extent.highest as i128,
            required_len: extent.required_len as i128,
        }),
        Err(error) => translate(&error, request, expected),
    }
}

/// `Layout::new` of run-time rank, for items of one unit.
///
/// # Panics
/// For other requests, when the layout does not keep what it was given, and when `check_elements`
/// answers otherwise.
pub fn elements(request: &Request) -> Answer {
    let Request { shape, strides, offset, len, .. } = request;
    let answer = layout_of(request, |_| Layout::<Dyn>::new(shape, strides, *offset, *len));
    let checked = numbers(check_elements(shape, strides, *offset, *len), request, Unit::Elements);
    assert_eq!(checked, answer, "check_elements, and the layout, of {request:?}");
    answer
}

/// `Layout::new` of constant rank, up to rank 6.
///
/// # Panics
/// As for [`elements`], and for a higher rank.
pub fn elements_of_constant_rank(request: &Request) -> Answer {
    if request.shape.len() != request.strides.len() {
        // It cannot be said in the types.
        return Answer::Rank;
    }
    let answer = at_rank!(request.shape.len(), constant_rank(request));
    answer.expect("a rank up to 6")
}

fn constant_rank<const N: usize>(request: &Request) -> Answer {
    layout_of(request, new_layout::<N>)
}

/// Shape and strides of rank `N`.
pub fn lists<const N: usize>(shape: &[usize], strides: &[isize]) -> ([usize; N], [isize; N]) {
    (shape.try_into().expect("the rank is N"), strides.try_into().expect("the rank is N"))
}

/// The layout of a request of rank `N`.
///
/// # Errors
/// The library's.
pub fn new_layout<const N: usize>(request: &Request) -> Result<Layout<Const<N>>, Error> {
    let (shape, strides) = lists::<N>(&request.shape, &request.strides);
    Layout::new(shape, strides, request.offset, request.len)
}

fn layout_of<D: Rank>(
    request: &Request,
    new: impl FnOnce(&Request) -> Result<Layout<D>, Error>,
) -> Answer {
    assert_eq!(request.item, 1, "an element is one unit");
    match new(request) {
        Ok(layout) => {
            let at = layout.offset();
            let (lowest, highest) = layout.extent().unwrap_or((at, at));
            assert_eq!(layout.extent().is_none(), layout.is_empty());
            assert_eq!(
                (layout.shape().as_ref(), layout.strides().as_ref(), at, layout.rank()),
                (&request.shape[..], &request.strides[..], request.offset, request.shape.len()),
                "a layout keeps what it was given"
            );
            Answer::Accepted(Extent {
                count: layout.len() as u128,
                lowest: lowest as i128,
                highest: highest as i128,
                required_len: layout.required_len() as i128,
            })
        }
        Err(error) => translate(&error, request, Unit::Elements),
    }
}

/// An index in the form that a view of a rank takes.
pub fn index<D: Rank>(index: &[usize]) -> D::List<usize> {
    let mut list = D::filled(index.len(), 0).expect("an index of that rank");
    list.as_mut().copy_from_slice(index);
    list
}

/// Ranks whose lists are taken as an index.
pub trait Indexed: Rank<List<usize>: PerAxis<usize, Rank = Self>> {}

impl<D: Rank<List<usize>: PerAxis<usize, Rank = D>>> Indexed for D {}

fn translate(error: &Error, request: &Request, expected: Unit) -> Answer {
    let leaves = |witness: &strideproof::Witness, remedy| {
        assert_eq!(witness.unit, expected);
        // At any rank; up to some rank the error has them all.
        let axes = request.shape.iter().zip(&request.strides).enumerate();
        let index: Vec<usize> =
            axes.map(|(axis, (&size, &stride))| witness.index_on(axis, size, stride)).collect();
        let whole = witness.index.as_slice();
        assert!(whole.is_none_or(|whole| whole == index), "index_on agrees with {whole:?}");
        assert_eq!(whole.is_none(), index.len() > strideproof::INLINE_RANK, "{whole:?}");
        Answer::Leaves { axis: witness.axis, index, address: witness.address, remedy }
    };
    let signed = |value: u128| i128::try_from(value).expect("far below 2^127");
    match error {
        Error::RankMismatch { shape, strides } => {
            assert_eq!((*shape, *strides), (request.shape.len(), request.strides.len()));
            Answer::Rank
        }
        Error::TooManyElements { axis } => Answer::TooMany { axis: *axis },
        Error::OffsetPastEnd { offset, len, unit } => {
            assert_eq!((*offset, *len, *unit), (request.offset, request.len, expected));
            let required = error.required_len().expect("an offset that some length would take");
            Answer::EmptyOffset { required_len: signed(required) }
        }
        Error::PastEnd { witness, len, itemsize, required_len } => {
            assert_eq!((*len, *itemsize), (request.len, request.item));
            assert_eq!(error.required_len(), *required_len);
            leaves(witness, Remedy::Len(required_len.map(signed)))
        }
        Error::BeforeStart { witness, required_offset } => {
            leaves(witness, Remedy::Offset(signed(*required_offset)))
        }
        other => panic!("{other:?} is no answer to {request:?}"),
    }
}

/// The refusal of an operation in the oracle's terms.
///
/// # Panics
/// For an error that no operation gives.
pub fn refusal(error: &Error) -> Refusal {
    let natural = |number: i128| usize::try_from(number).expect("what was given");
    match *error {
        Error::WrongRank { rank, needed } => Refusal::Rank { given: rank, needed },
        Error::BadAxis { axis, rank } => Refusal::Axis { axis: natural(axis), rank },
        Error::BadIndex { axis, index, size } => {
            Refusal::Index { axis, index: natural(index), size }
        }
        Error::RepeatedAxis { axis } => Refusal::Repeated { axis },
        Error::ZeroStep { axis } => Refusal::ZeroStep { axis },
        Error::NotSizeOne { axis, size } => Refusal::NotSizeOne { axis, size },
        Error::WindowTooLarge { axis, window, size } => Refusal::Window { axis, window, size },
        Error::IncompatibleShapes { .. } => Refusal::Shapes,
        Error::CountMismatch { .. } | Error::TwoInferred { .. } => Refusal::Count,
        Error::PartsOverlap { first, second, .. } => Refusal::Overlap { first, second },
        Error::NeedsCopy { .. } => Refusal::NeedsCopy,
        Error::TooManyElements { axis } => Refusal::TooMany { axis },
        Error::DoesNotFit { axis } => Refusal::DoesNotFit { axis },
        Error::Misaligned { axis: None, excess, align } => Refusal::Misaligned { excess, align },
        Error::NotAdjacent { axis, stride } => {
            Refusal::NotAdjacent { axis, stride: stride as i128 }
        }
        Error::NotItemMultiple { operand, bytes, itemsize: item } => {
            let part = match operand {
                Operand::Axis { axis } => Part::Axis(axis),
                Operand::Stride { axis } => Part::Stride(axis),
                Operand::Offset => Part::Offset,
                other => panic!("{other:?} is no multiple of an item"),
            };
            Refusal::NotMultiple { part, bytes, item }
        }
        other => panic!("{other:?} is no refusal of an operation"),
    }
}

/// A view with more indices than this is compared at its corners only.
pub(crate) const MOST: u128 = 256;

/// Compares two values.
///
/// # Errors
/// That they differ.
fn same<A: PartialEq<B> + Debug, B: Debug>(is: A, should_be: B, what: &str) -> Result<(), String> {
    if is == should_be { Ok(()) } else { Err(format!("{what}: {is:?}, not {should_be:?}")) }
}

fn hash(layout: &LayoutDyn) -> u64 {
    let mut hasher = DefaultHasher::new();
    layout.hash(&mut hasher);
    hasher.finish()
}

/// Compares a layout with the model of its view. A layout counts elements from somewhere, so it is
/// the distances that must agree. What takes longer is compared if `all` is to be, of few indices.
///
/// # Errors
/// What differs.
pub fn layout_is(layout: &LayoutDyn, model: &Model, all: bool) -> Result<(), String> {
    let shape = model.shape();
    same((layout.shape(), layout.rank()), (shape, shape.len()), "the shape and the rank")?;
    let count = (layout.len() as u128, layout.is_empty());
    same(count, (model.count(), model.is_empty()), "the count")?;
    let samples = model.samples(MOST);
    let origin = samples.first().map_or(0, |(_, origin)| *origin);
    let (first, item) = (layout.offset() as i128, model.item().max(1) as i128);
    let place = |byte: i128| (byte - origin) / item + first;
    for (index, byte) in &samples {
        let by_strides = address(layout.strides(), layout.offset(), index);
        let found = layout.address(index).map(|address| address as i128);
        if (found, by_strides) != (Some(place(*byte)), place(*byte)) {
            return Err(format!("{layout:?} has {index:?} at {found:?}, not {}", place(*byte)));
        }
    }
    let mut outside = vec![0; shape.len()];
    for axis in 0..shape.len() {
        for beyond in [0, 1 << 32, 1 << 63, usize::MAX] {
            outside[axis] = shape[axis].saturating_add(beyond);
            same(layout.address(&outside), None, "the address of no index")?;
        }
        outside[axis] = 0;
    }
    let expected = model.extent().map(|(low, high)| (place(low), place(high)));
    let extent = layout.extent().map(|(low, high)| (low as i128, high as i128));
    same(extent, expected, "the extent")?;
    let required_len = extent.map_or(first, |(_, highest)| highest + 1);
    same(layout.required_len() as i128, required_len, "the required length")?;
    if !all || model.count() > MOST {
        return Ok(());
    }
    let found = (layout.distinct_len(), layout.is_contiguous(), layout.is_column_major());
    let expected = (Some(model.distinct()), model.is_packed(false), model.is_packed(true));
    same(found, expected, "distinct elements, and whether they are packed by rows, by columns")?;
    let anew = |len| LayoutDyn::new(shape, layout.strides(), layout.offset(), len);
    let long = anew(layout.required_len());
    same(&long, &Ok(layout.clone()), "the layout made anew")?;
    same(long.map(|anew| hash(&anew)), Ok(hash(layout)), "the hash of the layout made anew")?;
    let short = layout.required_len().checked_sub(1).map(anew);
    same(short.is_some_and(|short| short.is_ok()), false, "the layout in a shorter buffer")
}

/// Compares the library's answer with a list of which part over the first `outer` axes has which
/// address; returns whether they share nothing.
///
/// # Errors
/// What differs.
pub fn disjoint_over(
    found: &Result<Sharing<<Dyn as Rank>::List<usize>>, Error>,
    model: &Model,
    outer: usize,
) -> Result<bool, String> {
    let mut owners: BTreeMap<i128, Vec<usize>> = BTreeMap::new();
    let mut apart = true;
    for_each_index(model.shape(), |index| {
        let owner = index[..outer].to_vec();
        apart &= *owners.entry(model.at(index)).or_insert(owner.clone()) == owner;
    });
    let right = match found {
        Ok(Sharing::Disjoint) => apart,
        Ok(Sharing::Shared { first, second }) => {
            !apart && first[..outer] != second[..outer] && model.at(first) == model.at(second)
        }
        _ => false,
    };
    if right { Ok(apart) } else { Err(format!("disjoint over {outer}: {found:?} of {model:?}")) }
}
