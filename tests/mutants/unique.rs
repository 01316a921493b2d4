//! Uniqueness tests with planted faults, next to the crate's own.

use strideproof::{Error, Layout, StridedViewMut};

use crate::oracle::{Tuple, addresses, colliding_pair, is_collision};

/// What a uniqueness test says, with a pair when it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unique,
    Aliased(Option<(Tuple, Tuple)>),
}

pub(crate) type Test = fn(&[usize], &[isize]) -> Verdict;

/// The faults found in the field, and slips of the same kind.
pub(crate) const FAULTS: [(&str, Test); 8] = [
    ("M22 overlap before empty", m22_overlap_before_empty),
    ("M23 unit axes count", m23_unit_axes_count),
    ("M24 extent times stride", m24_extent_times_stride),
    ("M25 previous axis only", m25_previous_axis_only),
    ("M27 no test", |_, _| Verdict::Unique),
    ("M34 nested only", m34_nested_only),
    ("U01 distinct strides", u01_distinct_strides),
    ("U02 signed strides", u02_signed_strides),
];

/// The crate: it lends a view for writing, over elements of no size, or names a pair.
pub(crate) fn the_crate(shape: &[usize], strides: &[isize]) -> Verdict {
    match shape.len() {
        0 => lend::<0>(shape, strides),
        1 => lend::<1>(shape, strides),
        2 => lend::<2>(shape, strides),
        3 => lend::<3>(shape, strides),
        4 => lend::<4>(shape, strides),
        rank => unreachable!("no test asks for rank {rank}"),
    }
}

fn lend<const N: usize>(shape: &[usize], strides: &[isize]) -> Verdict {
    let (shape, strides) = (shape.try_into().unwrap(), strides.try_into().unwrap());
    // In the middle of more elements than any request of these tests reaches.
    let layout = Layout::<N>::new(shape, strides, 1 << 62, 1 << 63).expect("plenty of room");
    let mut everything = [(); 1 << 63];
    match StridedViewMut::new(&mut everything, layout) {
        Ok(_) => Verdict::Unique,
        Err(Error::Aliased { first, second }) => {
            let [first, second] = [&first, &second].map(|index| index.as_slice().unwrap());
            Verdict::Aliased(Some((Tuple::new(first), Tuple::new(second))))
        }
        Err(other) => panic!("{other}"),
    }
}

/// Compares with brute force.
pub(crate) fn judge(shape: &[usize], strides: &[isize], verdict: Verdict) -> Result<(), String> {
    let pair = colliding_pair(shape, strides, 1);
    let wrong = match verdict {
        Verdict::Unique => pair.is_some(),
        Verdict::Aliased(None) => pair.is_none(),
        Verdict::Aliased(Some((first, second))) => {
            pair.is_none() || !is_collision(shape, strides, 1, first.as_slice(), second.as_slice())
        }
    };
    match wrong {
        true => Err(format!("shape {shape:?} strides {strides:?}: {verdict:?}, truly {pair:?}")),
        false => Ok(()),
    }
}

/// The axes of more than one element (or all of them) by the magnitude of their strides.
fn sorted(shape: &[usize], strides: &[isize], all: bool) -> Vec<(usize, usize)> {
    let axes = strides.iter().map(|stride| stride.unsigned_abs()).zip(shape.iter().copied());
    let mut axes: Vec<_> = axes.filter(|&(_, extent)| all || extent != 1).collect();
    axes.sort_unstable();
    axes
}

fn brute(shape: &[usize], strides: &[isize]) -> Verdict {
    let mut all = addresses(shape, strides, 0);
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    if all.len() == count { Verdict::Unique } else { Verdict::Aliased(None) }
}

/// Whether each stride is at least the one before times its extent, from `need` on.
fn steps_over(axes: &[(usize, usize)], mut need: usize) -> bool {
    axes.iter().all(|&(stride, extent)| {
        let enough = stride >= need;
        need = stride * extent;
        enough
    })
}

fn m22_overlap_before_empty(shape: &[usize], strides: &[isize]) -> Verdict {
    let repeats = shape.iter().zip(strides).any(|(&extent, &stride)| extent > 1 && stride == 0);
    if repeats { Verdict::Aliased(None) } else { brute(shape, strides) }
}

fn m23_unit_axes_count(shape: &[usize], strides: &[isize]) -> Verdict {
    let strict = shape.contains(&1) && !shape.contains(&0);
    if strict && !steps_over(&sorted(shape, strides, true), 1) {
        return Verdict::Aliased(None);
    }
    brute(shape, strides)
}

fn m24_extent_times_stride(shape: &[usize], strides: &[isize]) -> Verdict {
    if steps_over(&sorted(shape, strides, false), 0) {
        return Verdict::Unique;
    }
    brute(shape, strides)
}

fn m25_previous_axis_only(shape: &[usize], strides: &[isize]) -> Verdict {
    let axes = sorted(shape, strides, false);
    let beyond = axes.windows(2).all(|two| two[1].0 > two[0].0 * two[0].1.saturating_sub(1));
    if beyond && axes.iter().all(|axis| axis.0 > 0) {
        return Verdict::Unique;
    }
    brute(shape, strides)
}

fn m34_nested_only(shape: &[usize], strides: &[isize]) -> Verdict {
    let nested = shape.contains(&0) || steps_over(&sorted(shape, strides, false), 1);
    if nested { Verdict::Unique } else { Verdict::Aliased(None) }
}

fn u01_distinct_strides(shape: &[usize], strides: &[isize]) -> Verdict {
    let axes = sorted(shape, strides, false);
    let distinct = axes.windows(2).all(|two| two[0].0 != two[1].0);
    if distinct && axes.iter().all(|axis| axis.0 > 0) {
        return Verdict::Unique;
    }
    brute(shape, strides)
}

fn u02_signed_strides(shape: &[usize], strides: &[isize]) -> Verdict {
    // As if stride and -stride could not meet.
    let mut axes: Vec<_> =
        shape.iter().zip(strides).filter(|axis| *axis.0 > 1).map(|axis| *axis.1).collect();
    axes.sort_unstable();
    axes.dedup();
    if axes.len() > 1 && axes.iter().any(|&stride| stride < 0) && !axes.contains(&0) {
        return Verdict::Unique;
    }
    brute(shape, strides)
}
