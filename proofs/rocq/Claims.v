(** What the theorems claim of the translated source: requests, and what the answers must be. *)

From Coq Require Import ZArith List.
From Strideproof Require Import Prelude Logic Spec Kernel.
Import ListNotations.
Open Scope Z_scope.

(** A request that Rust can make: every number has its type's width, no slice is longer than a slice
    can be. The rank is arbitrary, and [item] may be anything. *)
Definition request (shape strides : list Z) (offset len item : Z) : Prop :=
  is_slice is_usize shape /\ is_slice is_isize strides /\
  is_usize offset /\ is_usize len /\ is_usize item.

(** The extent's numbers are those of the specification. *)
Definition extent_right (shape strides : list Z) (offset item : Z) (e : Extent) : Prop :=
  Extent_count e = count shape /\
  is_required_len shape strides offset item (Extent_required_len e) /\
  (In 0 shape -> Extent_lowest e = offset /\ Extent_highest e = offset) /\
  (~ In 0 shape ->
   is_lowest shape strides offset (Extent_lowest e) /\
   is_highest shape strides offset (Extent_highest e)).

(** Whether a stride points to a side of the offset. *)
Definition points (side : Side) (stride : Z) : bool :=
  match side with Side_Below => stride <? 0 | Side_Above => 0 <=? stride end.

(** The index tuple that a refusal names: [index] on [axis], the last index on every earlier axis
    whose stride points to [side], and 0 elsewhere. *)
Fixpoint witness (axis : nat) (side : Side) (index : Z) (shape strides : list Z) : list Z :=
  match shape, strides with
  | size :: shape, stride :: strides =>
    match axis with
    | O => index :: map (fun _ => 0) shape
    | S axis =>
      (if points side stride then size - 1 else 0) :: witness axis side index shape strides
    end
  | _, _ => []
  end.

(** A refusal says the truth. *)
Definition refusal_right (shape strides : list Z) (offset len item : Z) (r : Refusal) : Prop :=
  match r with
  | Refusal_Rank => length shape <> length strides
  | Refusal_Count axis =>
    (* The first axis at which the count does not fit. *)
    length shape = length strides /\ ~ In 0 shape /\
    exists k : nat, axis = Z.of_nat k /\ (k < length shape)%nat /\
      count (firstn k shape) <= isize.MAX < count (firstn (S k) shape)
  | Refusal_EmptyOffset =>
    length shape = length strides /\ In 0 shape /\ len < offset
  | Refusal_Origin =>
    (* The tuple of zeros is a valid index, and its item ends behind the buffer. *)
    length shape = length strides /\ count shape <= isize.MAX /\
    valid shape (map (fun _ => 0) shape) /\ len < offset + item
  | Refusal_Leaves axis side index excess =>
    length shape = length strides /\ count shape <= isize.MAX /\
    exists (k : nat) (stride : Z), axis = Z.of_nat k /\ nth_error strides k = Some stride /\
      points side stride = true /\
      let tuple := witness k side index shape strides in
      valid shape tuple /\
      (* It leaves by the excess, and the index before it on this axis does not leave. *)
      1 <= excess <= Z.abs stride /\
      match side with
      | Side_Below => offset + dot tuple strides = - excess
      | Side_Above => offset + dot tuple strides + item = len + excess
      end
  end.

Definition answer_right (shape strides : list Z) (offset len item : Z)
    (answer : result Extent Refusal) : Prop :=
  match answer with
  | Ok e => accepts shape strides offset len item /\ extent_right shape strides offset item e
  | Err r =>
    ~ accepts shape strides offset len item /\ refusal_right shape strides offset len item r
  end.

(** Every request is answered, without overflow or panic, and rightly. *)
Definition decide_claim : Prop :=
  forall shape strides offset len item,
    request shape strides offset len item ->
    ends (decide shape strides offset len item)
      (answer_right shape strides offset len item).

(** Of an accepted request, an index tuple has an address exactly if it is valid, the address is
    that of the specification, and nothing overflows while it is computed. *)
Definition address_right (shape strides : list Z) (offset len item : Z) (index : list Z)
    (answer : option Z) : Prop :=
  match answer with
  | Some a =>
    valid shape index /\ a = offset + dot index strides /\ 0 <= a /\ a + item <= len
  | None => ~ valid shape index
  end.

Definition address_claim : Prop :=
  forall shape strides offset len item index,
    request shape strides offset len item ->
    accepts shape strides offset len item ->
    is_slice is_usize index ->
    ends (address shape strides offset index)
      (address_right shape strides offset len item index).

(** Of an accepted request, the extent is computed from its numbers alone, without overflow. *)
Definition extent_claim : Prop :=
  forall shape strides offset len item,
    request shape strides offset len item ->
    accepts shape strides offset len item ->
    ends (extent shape strides offset item)
      (extent_right shape strides offset item).

(** The first axis at which a count does not fit, from any axis and count on. *)
Definition overfull_claim : Prop :=
  forall shape from start,
    is_slice is_usize shape -> ~ In 0 shape -> (from <= length shape)%nat ->
    1 <= start <= isize.MAX ->
    ends (overfull_axis shape (Z.of_nat from) start) (fun answer =>
      match answer with
      | Some axis => exists k : nat, axis = Z.of_nat k /\ (from <= k < length shape)%nat /\
          start * count (firstn (k - from) (skipn from shape)) <= isize.MAX <
          start * count (firstn (S (k - from)) (skipn from shape))
      | None => start * count (skipn from shape) <= isize.MAX
      end).
