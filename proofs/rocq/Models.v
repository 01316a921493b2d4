(** The models: what the library computes where its source is not translated, as functions.

    Operations as what they select of a parent, reshapes, reinterpretations, the walk over all indices,
    and the byte form. There are no proofs here; [Operations.v], [Documented.v], [Reshape.v], [Order.v] and
    [Bytes.v] have them. `cargo xtask rocq` has Coq evaluate these functions on thousands of requests
    and compares the answers with the library's. *)

From Coq Require Import ZArith List Bool.
From Strideproof Require Import Prelude Spec.
Import ListNotations.
Open Scope Z_scope.
Open Scope bool_scope.

(** * Selections

    The view's axis [k] has a size, and a step along it moves by a vector over the parent's axes; the
    all-zero index lies at [start]. *)

Definition sizes_of (walks : list (Z * list Z)) : list Z := map fst walks.

Definition plus (a b : list Z) : list Z := map (fun p => fst p + snd p) (combine a b).
Definition times (i : Z) (a : list Z) : list Z := map (Z.mul i) a.

(** The parent's index at which an index of the view lies. *)
Fixpoint place (start : list Z) (walks : list (Z * list Z)) (index : list Z) : list Z :=
  match walks, index with
  | (_, v) :: walks, i :: index => plus (times i v) (place start walks index)
  | _, _ => start
  end.

(** The strides of the view. *)
Definition strides_of (walks : list (Z * list Z)) (strides : list Z) : list Z :=
  map (fun w => dot (snd w) strides) walks.

(** How far the steps listed move on one axis. *)
Fixpoint step_on (p : nat) (along : list (nat * Z)) : Z :=
  match along with
  | (a, t) :: along => (if Nat.eqb a p then t else 0) + step_on p along
  | [] => 0
  end.

(** A view's axis of [size], along axes of a parent of rank [n]. *)
Definition walking (n : nat) (size : Z) (along : list (nat * Z)) : Z * list Z :=
  (size, map (fun p => step_on p along) (seq 0 n)).

Definition selected (n : nat) (axes : list (Z * list (nat * Z))) : list (Z * list Z) :=
  map (fun axis => walking n (fst axis) (snd axis)) axes.

(** ** Slices of one axis, by Python's rules *)

Record cut : Type := { from : option Z; to : option Z; by_ : Z }.

Definition whole : cut := {| from := None; to := None; by_ := 1 |}.

(** A negative position counts from the end; beyond either end it is that end. *)
Definition clamp (size step position : Z) : Z :=
  let low := if step <? 0 then -1 else 0 in
  let high := if step <? 0 then size - 1 else size in
  Z.min (Z.max (if position <? 0 then position + size else position) low) high.

Definition start_of (size : Z) (c : cut) : Z :=
  match from c with
  | Some position => clamp size (by_ c) position
  | None => if by_ c <? 0 then size - 1 else 0
  end.

Definition end_of (size : Z) (c : cut) : Z :=
  match to c with
  | Some position => clamp size (by_ c) position
  | None => if by_ c <? 0 then -1 else size
  end.

(** How many elements a slice takes. *)
Definition taken (size : Z) (c : cut) : Z :=
  let span := if by_ c <? 0 then start_of size c - end_of size c
              else end_of size c - start_of size c in
  if span <=? 0 then 0 else (span - 1) / Z.abs (by_ c) + 1.

(** First element, size and step of an axis; of one that is left empty, start and step stay. *)
Definition first (size : Z) (c : cut) : Z := if taken size c =? 0 then 0 else start_of size c.
Definition stepping (size : Z) (c : cut) : Z := if taken size c =? 0 then 1 else by_ c.

(** ** The operations *)

Inductive operation : Type :=
| Slice (cuts : list cut)
| Permute (axes : list nat)
| SwapAxes (one other : nat)
| Transpose
| Reverse (axis : nat)
| IndexAxis (axis : nat) (position : Z)
| InsertAxis (axis : nat)
| Squeeze (axis : nat)
| BroadcastTo (sizes : list Z)
| Windows (window steps : list Z)
| Diagonal (offset : Z) (rows columns : nat)
| Head (axis : nat) (position : Z)
| Tail (axis : nat) (position : Z).

(** Where a selection starts, and the view's axes: each its size, and its steps on the parent's. *)
Notation selection := (list Z * list (Z * list (nat * Z)))%type.

(** A view of [m] axes of a parent of [n], by the numbers of the axes. *)
Definition selecting (n : nat) (start : nat -> Z) (m : nat) (axis : nat -> Z * list (nat * Z)) :
  selection := (map start (seq 0 n), map axis (seq 0 m)).

Definition provided (condition : bool) (s : selection) : option selection :=
  if condition then Some s else None.

(** The [k]th axis when axis [a] is left out. *)
Definition skip (a k : nat) : nat := if (k <? a)%nat then k else S k.

(** The [k]th axis when two are left out. *)
Definition skip_both (one other k : nat) : nat :=
  skip (Nat.max one other) (skip (Nat.min one other) k).

(** All axes stay, and each is cut. *)
Definition cutting (shape : list Z) (cuts : nat -> cut) : selection :=
  let n := length shape in
  let size p := nth p shape 0 in
  selecting n (fun p => first (size p) (cuts p)) n
    (fun p => (taken (size p) (cuts p), [(p, stepping (size p) (cuts p))])).

Definition only (axis : nat) (c : cut) (p : nat) : cut := if (p =? axis)%nat then c else whole.

(** How long a diagonal is. *)
Definition diagonal (height width offset : Z) : Z :=
  Z.max 0 (Z.min (height - Z.max 0 (- offset)) (width - Z.max 0 offset)).

(** What an operation selects of a parent; nothing if an argument is bad. *)
Definition selection_of (shape : list Z) (op : operation) : option selection :=
  let n := length shape in
  let size p := nth p shape 0 in
  let origin (p : nat) := 0 in
  let along p := (size p, [(p, 1)]) in
  match op with
  | Slice cuts =>
    provided ((length cuts <=? n)%nat && forallb (fun c => negb (by_ c =? 0)) cuts)
      (cutting shape (fun p => nth p cuts whole))
  | Permute axes =>
    provided ((length axes =? n)%nat && forallb (fun p => existsb (Nat.eqb p) axes) (seq 0 n))
      (selecting n origin n (fun k => along (nth k axes 0%nat)))
  | SwapAxes one other =>
    provided ((one <? n)%nat && (other <? n)%nat)
      (selecting n origin n (fun k =>
        along (if (k =? one)%nat then other else if (k =? other)%nat then one else k)))
  | Transpose => Some (selecting n origin n (fun k => along (n - 1 - k)%nat))
  | Reverse axis =>
    provided (axis <? n)%nat
      (cutting shape (only axis {| from := None; to := None; by_ := -1 |}))
  | IndexAxis axis position =>
    provided ((axis <? n)%nat && (0 <=? position) && (position <? size axis))
      (selecting n (fun p => if (p =? axis)%nat then position else 0) (n - 1)
        (fun k => along (skip axis k)))
  | InsertAxis axis =>
    provided (axis <=? n)%nat
      (selecting n origin (n + 1) (fun k =>
        if (k =? axis)%nat then (1, []) else along (if (k <? axis)%nat then k else k - 1)%nat))
  | Squeeze axis =>
    provided ((axis <? n)%nat && (size axis =? 1))
      (selecting n origin (n - 1) (fun k => along (skip axis k)))
  | BroadcastTo sizes =>
    let added := (length sizes - n)%nat in
    let target p := nth (added + p) sizes 0 in
    provided ((n <=? length sizes)%nat &&
              forallb (fun p => (size p =? target p) || (size p =? 1)) (seq 0 n))
      (selecting n origin (length sizes) (fun k =>
        let wanted := nth k sizes 0 in
        if (added <=? k)%nat && (size (k - added)%nat =? wanted) then along (k - added)%nat
        else (wanted, [])))
  | Windows window steps =>
    let inside p := nth p window 0 in
    let step p := nth p steps 0 in
    provided ((length window =? n)%nat && (length steps =? n)%nat &&
              forallb (fun p => (0 <=? inside p) && (inside p <=? size p) && (1 <=? step p)) (seq 0 n))
      (selecting n origin (n + n) (fun k =>
        if (k <? n)%nat then ((size k - inside k) / step k + 1, [(k, step k)])
        else (inside (k - n)%nat, [((k - n)%nat, 1)])))
  | Diagonal offset rows columns =>
    let long := diagonal (size rows) (size columns) offset in
    provided ((rows <? n)%nat && (columns <? n)%nat && negb (rows =? columns)%nat)
      (selecting n (fun p =>
          if long =? 0 then 0
          else if (p =? rows)%nat then Z.max 0 (- offset)
          else if (p =? columns)%nat then Z.max 0 offset else 0)
        (n - 1) (fun k =>
          if (k <? n - 2)%nat
          then along (skip_both rows columns k)
          else (long, [(rows, 1); (columns, 1)])))
  | Head axis position =>
    provided ((axis <? n)%nat && (0 <=? position) && (position <=? size axis))
      (cutting shape (only axis {| from := None; to := Some position; by_ := 1 |}))
  | Tail axis position =>
    provided ((axis <? n)%nat && (0 <=? position) && (position <=? size axis))
      (cutting shape (only axis {| from := Some position; to := None; by_ := 1 |}))
  end.

(** The numbers of the view. The offset of an empty parent stays. A stride that [isize] does not hold
    is 0 where no index moves along it, and refuses the view elsewhere; so does the count. *)
Definition derived (shape strides : list Z) (offset : Z) (s : selection) :
  option (list Z * list Z * Z) :=
  let walks := selected (length shape) (snd s) in
  let sizes := sizes_of walks in
  let moved := strides_of walks strides in
  let still size := (count sizes =? 0) || (size <=? 1) in
  if (count sizes <=? isize.MAX) &&
     forallb (fun axis => isize.fits (snd axis) || still (fst axis)) (combine sizes moved)
  then Some (sizes, map (fun s => if isize.fits s then s else 0) moved,
             if count shape =? 0 then offset else offset + dot (fst s) strides)
  else None.

(** * Reshapes

    Axes are listed from the innermost outwards here, each with its size and its stride. *)

Definition inwards (shape strides : list Z) : list (Z * Z) := rev (combine shape strides).

(** The longest runs: an axis that continues the one inside it makes it longer; axes of size 1 do
    not count. *)
Fixpoint extend (n s : Z) (axes : list (Z * Z)) : list (Z * Z) :=
  match axes with
  | [] => [(n, s)]
  | (m, t) :: axes =>
    if m =? 1 then extend n s axes
    else if t =? n * s then extend (n * m) s axes
    else (n, s) :: extend m t axes
  end.
Fixpoint runs (axes : list (Z * Z)) : list (Z * Z) :=
  match axes with
  | [] => []
  | (n, s) :: axes => if n =? 1 then runs axes else extend n s axes
  end.

Fixpoint alike (one other : list (Z * Z)) : bool :=
  match one, other with
  | [], [] => true
  | (n, s) :: one, (m, t) :: other => (n =? m) && (s =? t) && alike one other
  | _, _ => false
  end.

(** Strides for sizes, out of what is left of a run, [n] elements [s] apart, and the runs after it. *)
Fixpoint deal (n s : Z) (rest : list (Z * Z)) (sizes : list Z) : option (list Z) :=
  match sizes with
  | [] => Some []
  | 1 :: sizes => option_map (cons 0) (deal n s rest sizes)
  | m :: sizes =>
    let '(n, s, rest) :=
      match rest with
      | (n', s') :: rest' => if n =? 1 then (n', s', rest') else (n, s, rest)
      | [] => (n, s, rest)
      end in
    if n mod m =? 0 then option_map (cons s) (deal (n / m) (s * m) rest sizes) else None
  end.

(** The strides of another shape over the same elements in the same order, if there are any. *)
Definition reshaped (shape strides sizes : list Z) : option (list Z) :=
  if negb (count shape =? count sizes) then None
  else if count shape =? 0 then Some (map (fun _ => 0) sizes)
  else match deal 1 0 (runs (inwards shape strides)) (rev sizes) with
       | Some found =>
         if forallb isize.fits found && alike (runs (inwards shape strides))
                                              (runs (inwards sizes (rev found)))
         then Some (rev found) else None
       | None => None
       end.

(** * Reinterpretations *)

Definition replace (axis : nat) (new : Z) (l : list Z) : list Z :=
  firstn axis l ++ new :: skipn (S axis) l.

(** The same bytes as items of another size: items along [axis] lie side by side and are joined or cut
    up; all other strides, where an index moves along them, and the offset are whole numbers of items. *)
Definition reinterpreted (shape strides : list Z) (offset : Z) (axis : nat) (size item : Z) :
  option (list Z * list Z * Z) :=
  let used n := (1 <? n) && negb (count shape =? 0) in
  let whole a := a * size mod item =? 0 in
  let n := nth axis shape 0 in
  let others := combine (replace axis 0 shape) strides in
  let sizes := replace axis (n * size / item) shape in
  let len := if count shape =? 0 then offset else offset + sum2 up shape strides + 1 in
  (* Everything is counted in bytes on the way. *)
  let fits :=
    usize.fits (n * size) && usize.fits (len * size) && (count sizes <=? isize.MAX) &&
    forallb (fun other => negb (used (fst other)) || isize.fits (snd other * size)) others in
  if negb ((axis <? length shape)%nat && (1 <=? size) && (1 <=? item)) then None
  else if size =? item then Some (shape, strides, offset)
  else if (negb (used n) || (nth axis strides 0 =? 1)) && whole n &&
          forallb (fun other => negb (used (fst other)) || whole (snd other)) others &&
          ((count shape =? 0) || whole offset) && fits
  then Some (sizes, replace axis 1 (map (fun s => s * size / item) strides), offset * size / item)
  else None.

(** * The walk *)

Definition zeros (shape : list Z) : list Z := map (fun _ => 0) shape.

(** The step of the walk: the last axis that has an index left moves on, those after it start anew;
    [None] after the last index. *)
Fixpoint next (shape index : list Z) : option (list Z) :=
  match shape, index with
  | n :: shape, i :: index =>
    match next shape index with
    | Some index => Some (i :: index)
    | None => if i + 1 <? n then Some (i + 1 :: zeros shape) else None
    end
  | _, _ => None
  end.

(** All indices that the walk visits from one on, in [fuel] steps at most. *)
Fixpoint visits (fuel : nat) (shape index : list Z) : list (list Z) :=
  match fuel with
  | O => []
  | S fuel => index :: match next shape index with
                       | Some index => visits fuel shape index
                       | None => []
                       end
  end.

(** * The byte form *)

(** Strides in bytes, of those in elements of [size] bytes. *)
Definition in_bytes (size : Z) (strides : list Z) : list Z := map (Z.mul size) strides.
