//! The library and the models of `Models.v`: operations, reshapes, reinterpretations, the walk and the
//! byte form, on random layouts with good and bad arguments.

use std::panic::{AssertUnwindSafe, catch_unwind};

use strideproof::ops::{Cut, Operation};
use strideproof::{LayoutDyn, Slice, StridedViewDyn, check_bytes, check_elements};

use super::random::Random;
use super::{Comparison, Row, all_signed, all_wide, wide};
use crate::Result;

pub(super) const COMPARISON: Comparison = Comparison {
    what: "the library and the models",
    file: "Models.v",
    agrees: AGREES,
    requests: 6_000,
    rows: |random| Ok(rows(random)?.into_iter().map(|(_, row)| row).collect()),
};

const AGREES: &str = "
From Strideproof Require Import Spec Models.

(* An axis that may count from the end of [n]; one that is not there is [n]. *)
Definition axis_of (n : nat) (a : Z) : nat :=
  let z := Z.of_nat n in
  if (0 <=? a) && (a <? z) then Z.to_nat a
  else if (- z <=? a) && (a <? 0) then Z.to_nat (z + a) else n.

Fixpoint cuts_of (l : list Z) : list cut :=
  match l with
  | has :: start :: has' :: end_ :: step :: l =>
    {| from := if has =? 0 then None else Some start;
       to := if has' =? 0 then None else Some end_; by_ := step |} :: cuts_of l
  | _ => []
  end.

Definition operation_of (shape : list Z) (kind x y z : Z) (a b : list Z) : option operation :=
  let n := length shape in
  let axis := axis_of n in
  match kind with
  | 0 => Some (Slice (cuts_of a))
  | 1 => Some (Permute (map axis a))
  | 2 => Some (SwapAxes (axis x) (axis y))
  | 3 => Some Transpose
  | 4 => Some (Reverse (axis x))
  | 5 => Some (IndexAxis (axis x) (if y <? 0 then y + nth (axis x) shape 0 else y))
  | 6 => Some (InsertAxis (axis_of (n + 1) x))
  | 7 => Some (Squeeze (axis x))
  | 8 => Some (BroadcastTo a)
  | 9 => Some (Windows a b)
  | 10 => Some (Diagonal x (axis y) (axis z))
  | 11 => Some (Head (axis x) y)
  | 12 => Some (Tail (axis x) y)
  | _ => None
  end.

Definition is_some {A} (o : option A) : bool := match o with Some _ => true | None => false end.
Definition refused (verdict : list Z) : bool := same verdict [0].

(* Whether strides are the same where an index moves along them. *)
Definition same_moves (sizes one other : list Z) : bool :=
  let still size := (count sizes =? 0) || (size <=? 1) in
  (length one =? length other)%nat &&
  forallb (fun axis => still (fst axis) || (fst (snd axis) =? snd (snd axis)))
    (combine sizes (combine one other)).

Definition agrees (row : list (list Z)) : bool :=
  match row with
  | [[kind; offset; x; y; z]; shape; strides; a; b; verdict; sizes; steps] =>
    match operation_of shape kind x y z a b with
    | Some op =>
      match selection_of shape op with
      | Some s =>
        match derived shape strides offset s with
        | Some (sizes', steps', offset') =>
          same verdict [1; offset'] && same sizes sizes' && same steps steps'
        | None => refused verdict
        end
      | None => refused verdict
      end
    | None =>
      match kind with
      | 13 => (* reshape to [a] *)
        match reshaped shape strides a with
        | Some steps' =>
          same verdict [1; offset] && same sizes a && same_moves a steps steps' &&
          ((count shape =? 0) || alike (runs (inwards shape strides)) (runs (inwards sizes steps)))
        | None => refused verdict
        end
      | 14 => (* reinterpret along axis [x], from items of [y] bytes to items of [z] *)
        match reinterpreted shape strides offset (axis_of (length shape) x) y z with
        | Some (sizes', steps', offset') =>
          match verdict with
          | [1; found] =>
            same sizes sizes' && same_moves sizes steps steps' &&
            ((count sizes =? 0) || (found =? offset'))
          | _ => false
          end
        | None => refused verdict
        end
      | 15 => (* the addresses in order: [sizes] item by item, [steps] all at once *)
        let expected :=
          if count shape =? 0 then []
          else map (fun index => offset + dot index strides)
                   (visits (Z.to_nat (count shape)) shape (zeros shape)) in
        same sizes expected && same steps expected
      | 16 => (* the verdict in elements, and the request and the verdict in bytes; items of [x] *)
        same a (in_bytes x strides) && same b [x * offset; x * y] &&
        match sizes, steps with
        | [], [] => true
        | [count; lowest; highest; len], bytes =>
          same bytes [count; x * lowest; x * highest; x * len]
        | _, _ => false
        end
      | _ => false
      end
    end
  | _ => false
  end.
";

/// The kinds of requests, by the numbers that `agrees` knows them by.
const KINDS: usize = 17;
const SPLITS: [usize; 2] = [11, 12];
const RESHAPE: usize = 13;
const REINTERPRET: usize = 14;
const WALK: usize = 15;
const BYTES: usize = 16;

/// What is asked of a layout: the kind, three numbers and two lists.
struct Asked {
    kind: usize,
    scalars: [isize; 3],
    lists: [Vec<i128>; 2],
}

impl Asked {
    fn new(kind: usize, scalars: [isize; 3]) -> Self {
        Self { kind, scalars, lists: [Vec::new(), Vec::new()] }
    }

    /// The row of a request and two lists of its answer, which are missing if it is refused.
    fn row(self, parent: &LayoutDyn, what: &str, answer: Option<(i128, [Vec<i128>; 2])>) -> Row {
        let Self { kind, scalars, lists: [a, b] } = self;
        let head = [vec![wide(kind), wide(parent.offset())], all_signed(&scalars)].concat();
        let request = format!("{what} of {parent:?}");
        let refused = answer.is_none();
        let (verdict, [one, other]) = match answer {
            Some((offset, lists)) => (vec![1, offset], lists),
            None => (vec![0], [Vec::new(), Vec::new()]),
        };
        let (shape, strides) = (all_wide(parent.shape()), all_signed(parent.strides()));
        Row { request, refused, numbers: vec![head, shape, strides, a, b, verdict, one, other] }
    }

    /// The row of a request that another layout answers.
    fn derived(self, parent: &LayoutDyn, what: &str, derived: Option<&LayoutDyn>) -> Row {
        let numbers = |layout: &LayoutDyn| {
            (wide(layout.offset()), [all_wide(layout.shape()), all_signed(layout.strides())])
        };
        self.row(parent, what, derived.map(numbers))
    }
}

/// Random requests of every kind, each with its kind.
fn rows(count: usize) -> Result<Vec<(usize, Row)>> {
    let mut random = Random(20_261_126);
    let mut rows = Vec::new();
    for kind in (0..KINDS).cycle() {
        if rows.len() == count {
            break;
        }
        let parent = layout(&mut random);
        let row = catch_unwind(AssertUnwindSafe(|| row(&mut random, kind, &parent)));
        let row = row.map_err(|_| format!("the library panics on kind {kind} of {parent:?}"))?;
        rows.extend(row.map(|row| (kind, row)));
    }
    Ok(rows)
}

fn row(random: &mut Random, kind: usize, parent: &LayoutDyn) -> Option<Row> {
    let (shape, rank) = (parent.shape(), parent.rank());
    let one = Asked::new(kind, [0; 3]);
    Some(match kind {
        WALK => {
            let parent =
                (parent.len() <= 200 && parent.required_len() <= 5_000).then_some(parent)?;
            let buffer: Vec<usize> = (0..parent.required_len()).collect();
            let view = StridedViewDyn::new(&buffer, parent.clone()).ok()?;
            let mut singly = Vec::new();
            for &address in view.iter() {
                singly.push(wide(address));
            }
            let together = view.iter().fold(Vec::new(), |mut seen, &address| {
                seen.push(wide(address));
                seen
            });
            one.row(parent, "walk", Some((0, [singly, together])))
        }
        BYTES => {
            let len = random.beside(wide(parent.required_len()));
            let size = random.one_of(&[1, 2, 3, 8, 16])?;
            let wider = isize::try_from(size).ok()?;
            let strides: Vec<_> = parent
                .strides()
                .iter()
                .map(|stride| stride.checked_mul(wider))
                .collect::<Option<_>>()?;
            let (offset, bytes) = (parent.offset().checked_mul(size)?, len.checked_mul(size)?);
            let elements = check_elements(shape, parent.strides(), parent.offset(), len);
            let in_bytes = check_bytes(shape, &strides, offset, bytes, size);
            let numbers = |extent: strideproof::Extent| {
                all_wide(&[extent.count, extent.lowest, extent.highest, extent.required_len])
            };
            let lists = [all_signed(&strides), all_wide(&[offset, bytes])];
            let asked = Asked { kind, scalars: [wider, isize::try_from(len).ok()?, 0], lists };
            let what = format!("byte form, {size} bytes an item, {len} items");
            let accepted = elements.is_ok() || in_bytes.is_ok();
            let answers = [elements, in_bytes].map(|answer| answer.map_or(Vec::new(), numbers));
            asked.row(parent, &what, accepted.then_some((0, answers)))
        }
        REINTERPRET => {
            let beyond = usize::from(random.once_in(10));
            let side_by_side = parent.strides().iter().position(|&stride| stride == 1);
            let axis = match side_by_side {
                Some(axis) if !random.once_in(4) => axis,
                _ => random.below(rank + beyond),
            };
            let sizes = [0, 1, 1, 2, 2, 4, 4, 8, 3, 6];
            let (from, to) = (random.one_of(&sizes)?, random.one_of(&sizes)?);
            let derived = parent.try_reinterpret_axis(axis, from, to).ok();
            let scalars = [axis, from, to].map(|number| isize::try_from(number).unwrap_or(0));
            let what = format!("items of {from} bytes as items of {to} along axis {axis}");
            Asked::new(kind, scalars).derived(parent, &what, derived.as_ref())
        }
        _ if SPLITS.contains(&kind) => {
            let beyond = usize::from(random.once_in(10));
            let axis = random.below(rank + beyond);
            let most = shape.get(axis).copied().unwrap_or(0);
            let position = random.below(most.saturating_add(3));
            let halves = parent.try_split_at(axis, position).ok();
            let half = halves.as_ref().map(|(head, tail)| if kind == 11 { head } else { tail });
            let scalars = [axis, position, 0].map(|number| isize::try_from(number).unwrap_or(0));
            let what = format!("split of axis {axis} at {position}, part {kind}");
            Asked::new(kind, scalars).derived(parent, &what, half)
        }
        _ => {
            let (operation, asked) = operation(random, kind, parent)?;
            let derived = parent.apply(&operation).ok();
            asked.derived(parent, &format!("{operation:?}"), derived.as_ref())
        }
    })
}

/// A layout: mostly packed in some order of the axes, with steps and gaps; some axes repeat or are huge.
fn layout(random: &mut Random) -> LayoutDyn {
    loop {
        let rank = random.below(6);
        let sizes = [0, 1, 1, 2, 2, 2, 3, 3, 4, 6];
        let mut shape: Vec<usize> = (0..rank)
            .map(|_| if random.once_in(40) { random.number() } else { random.below(10) })
            .map(|size| sizes.get(size).copied().unwrap_or(size))
            .collect();
        if random.once_in(2) {
            shape.iter_mut().filter(|size| **size == 0).for_each(|size| *size = 2);
        }
        let mut axes: Vec<usize> = (0..rank).rev().collect();
        if random.once_in(3) {
            shuffle(random, &mut axes);
        }
        let mut step = random.one_of(&[1, 1, 1, 1, 2, 3]).unwrap_or(1);
        let mut strides = vec![0; rank];
        for axis in axes {
            let (Some(stride), Some(&size)) = (strides.get_mut(axis), shape.get(axis)) else {
                continue;
            };
            *stride = match random.below(20) {
                0 => 0,
                1 => random.between(-9, 9),
                2 => random.signed(),
                3 | 4 => -step,
                _ => step,
            };
            step = step.saturating_mul(isize::try_from(size.max(1)).unwrap_or(isize::MAX));
            if random.once_in(8) {
                step = step.saturating_add(1);
            }
        }
        if random.once_in(6) {
            // Twice this is no stride, and four times this is no address.
            let huge = random.one_of(&[1 << 62, -1 << 62]).unwrap_or(0);
            strides.iter_mut().take(1).for_each(|stride| *stride = huge);
            shape.iter_mut().take(1).filter(|size| **size > 1).for_each(|size| *size = 4);
        }
        let mut low = 0i128;
        for (size, stride) in shape.iter().zip(all_signed(&strides)) {
            low += (wide(*size) - 1).max(0).saturating_mul(stride).clamp(-1 << 80, 0);
        }
        let Ok(offset) = usize::try_from(-low) else { continue };
        let offset = offset.saturating_add(random.one_of(&[0, 0, 0, 1, 4, 8]).unwrap_or(0));
        if let Ok(layout) = LayoutDyn::new(shape, strides, offset, usize::MAX) {
            return layout;
        }
    }
}

fn shuffle<T>(random: &mut Random, list: &mut [T]) {
    for at in (1..list.len()).rev() {
        list.swap(at, random.below(at + 1));
    }
}

/// An axis, counted from either end; one that is not there now and then.
fn axis(random: &mut Random, rank: usize) -> isize {
    let rank = isize::try_from(rank).unwrap_or(0);
    if random.once_in(20) {
        return random.one_of(&[rank, -rank - 1, isize::MIN, isize::MAX]).unwrap_or(rank);
    }
    random.between(-rank, (rank - 1).max(-rank))
}

/// A position on an axis of some size, beyond its ends at times.
fn position(random: &mut Random, size: usize) -> isize {
    let size = isize::try_from(size).unwrap_or(isize::MAX).min(1 << 40);
    if random.once_in(20) {
        return random.signed();
    }
    random.between(-size - 2, size + 2)
}

/// An operation of a kind.
fn operation(random: &mut Random, kind: usize, parent: &LayoutDyn) -> Option<(Operation, Asked)> {
    let (shape, rank) = (parent.shape(), parent.rank());
    let mut asked = Asked::new(kind, [0; 3]);
    let [first, second] = &mut asked.lists;
    let [x, y, z] = &mut asked.scalars;
    let operation = match kind {
        0 => {
            let surplus = usize::from(random.once_in(20));
            let mut cuts = Vec::new();
            // A stride three times as large does not fit, which shows in a view that is not empty.
            let all = random.once_in(8);
            let strides = parent.strides().iter().chain([&0]);
            let axes = shape.iter().chain([&2]).zip(strides).take(rank + surplus);
            for (&size, stride) in axes {
                let mut end = || (!random.once_in(4)).then(|| position(random, size));
                let (mut start, mut end) = (end(), end());
                let mut step = match random.below(30) {
                    0 => 0,
                    1 => random.signed(),
                    _ => random.one_of(&[1, 1, 2, 3, -1, -1, -2, -3])?,
                };
                if all {
                    (start, end) = (None, None);
                    step = if stride.unsigned_abs() >= 1 << 62 { 3 } else { 1 };
                }
                for bound in [start, end] {
                    first.extend(all_signed(&[isize::from(bound.is_some()), bound.unwrap_or(0)]));
                }
                first.extend(all_signed(&[step]));
                cuts.push(Cut::Range(Slice::new(start, end, step)));
            }
            Operation::Slice(cuts)
        }
        1 => {
            let mut axes: Vec<isize> = (0..isize::try_from(rank).ok()?).collect();
            shuffle(random, &mut axes);
            match random.below(12) {
                0 => axes.push(0),
                1 => drop(axes.pop()),
                2 | 3 => axes.iter_mut().take(1).for_each(|number| *number = axis(random, rank)),
                _ => {}
            }
            first.extend(all_signed(&axes));
            Operation::Permute(axes)
        }
        2 => {
            (*x, *y) = (axis(random, rank), axis(random, rank));
            Operation::SwapAxes(*x, *y)
        }
        3 => Operation::Transpose,
        4 => {
            *x = axis(random, rank);
            Operation::Reverse(vec![*x])
        }
        5 => {
            *x = axis(random, rank);
            let size = shape.get(usize::try_from(*x).unwrap_or(0)).copied();
            *y = position(random, size.unwrap_or(1).saturating_sub(1));
            Operation::IndexAxis(*x, *y)
        }
        6 => {
            *x = axis(random, rank + 1);
            Operation::InsertAxis(*x)
        }
        7 => {
            let one = shape.iter().position(|&size| size == 1);
            *x = match one {
                Some(one) if !random.once_in(4) => isize::try_from(one).ok()?,
                _ => axis(random, rank),
            };
            Operation::Squeeze(Some(*x))
        }
        8 => {
            let mut sizes = shape.to_vec();
            for size in &mut sizes {
                if *size == 1 || random.once_in(25) {
                    *size = if random.once_in(15) { random.number() } else { random.below(4) };
                }
            }
            let added = (0..random.below(3)).map(|_| random.below(4)).collect();
            let huge = if random.once_in(10) { vec![1 << 62, 2] } else { Vec::new() };
            let mut sizes = [huge, added, sizes].concat();
            if random.once_in(15) {
                sizes.pop();
            }
            first.extend(all_wide(&sizes));
            Operation::BroadcastTo(sizes)
        }
        9 => {
            let mut window: Vec<_> =
                shape.iter().map(|&n| random.below(n.saturating_add(1))).collect();
            let mut steps: Vec<_> = shape.iter().map(|_| random.below(3) + 1).collect();
            match random.below(12) {
                0 => window.iter_mut().take(1).for_each(|size| *size = size.saturating_add(3)),
                1 => steps.iter_mut().take(1).for_each(|step| *step = 0),
                2 => window.push(1),
                3 => drop(steps.pop()),
                _ => {}
            }
            let plain = random.once_in(3);
            if plain {
                steps = vec![1; window.len()];
            }
            first.extend(all_wide(&window));
            second.extend(all_wide(&steps));
            Operation::Windows(window, (!plain).then_some(steps))
        }
        10 => {
            (*x, *y, *z) = (random.between(-4, 4), axis(random, rank), axis(random, rank));
            Operation::Diagonal(*x, *y, *z)
        }
        RESHAPE => {
            let sizes = reshaped(random, parent);
            first.extend(all_wide(&sizes));
            Operation::Reshape(sizes.into_iter().map(Some).collect())
        }
        _ => return None,
    };
    Some((operation, asked))
}

/// Another shape, mostly of as many elements: neighbouring axes merged, axes split, 1s put in.
fn reshaped(random: &mut Random, parent: &LayoutDyn) -> Vec<usize> {
    let mut sizes: Vec<usize> = Vec::new();
    for &size in parent.shape() {
        if let Some(last) = sizes.last_mut().filter(|_| random.once_in(2)) {
            *last = last.saturating_mul(size);
        } else {
            sizes.push(size);
        }
    }
    let mut split = Vec::new();
    for size in sizes {
        let factor = random.one_of(&[1, 2, 2, 3]).unwrap_or(1);
        match size.checked_div(factor) {
            Some(rest) if rest * factor == size && random.once_in(2) => {
                split.extend([rest, factor])
            }
            _ => split.push(size),
        }
        if random.once_in(6) {
            split.push(1);
        }
    }
    match random.below(15) {
        0 => split.push(random.below(4)),
        1 => shuffle(random, &mut split),
        2..=4 => split.iter_mut().for_each(|size| *size = (*size).max(1)),
        _ => {}
    }
    split
}

#[cfg(test)]
mod tests {
    use super::{KINDS, WALK, rows};

    #[test]
    fn every_kind_is_accepted_and_refused() {
        let rows = rows(KINDS * 100).expect("no panic");
        for kind in 0..KINDS {
            let of_kind = || rows.iter().filter(|(other, _)| *other == kind);
            let (all, refused) = (of_kind().count(), of_kind().filter(|(_, r)| r.refused).count());
            assert!(all > 40 && refused * 4 < all * 3, "kind {kind}: {refused} refused of {all}");
            assert!(
                refused * 25 > all || [3, WALK].contains(&kind),
                "kind {kind}: {refused} of {all}"
            );
        }
    }
}
