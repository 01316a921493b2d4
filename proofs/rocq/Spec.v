(** The specification, over the integers, where nothing overflows (docs: "Acceptance").

    [shape] and [strides] are lists of any length; an address counts units of the buffer, and an
    item at it occupies [item] units. Nothing here mentions the code. *)

From Coq Require Import ZArith List.
From Strideproof Require Import Prelude.
Import ListNotations.
Open Scope Z_scope.

(** An index tuple is valid if it has a component in [0 .. size - 1] for every axis. *)
Definition valid (shape index : list Z) : Prop :=
  Forall2 (fun size i => 0 <= i < size) shape index.

(** The sum of [f] over two lists side by side. *)
Fixpoint sum2 (f : Z -> Z -> Z) (l m : list Z) : Z :=
  match l, m with
  | x :: l, y :: m => f x y + sum2 f l m
  | _, _ => 0
  end.

(** Where an index tuple lies, relative to the offset. *)
Definition dot (index strides : list Z) : Z := sum2 Z.mul index strides.

(** How many elements there are. *)
Definition count (shape : list Z) : Z := fold_right Z.mul 1 shape.

(** Accepted, exactly: the ranks agree, the count is one that [isize] holds, and every item of
    every valid index lies in the buffer; of a view without elements, the offset. *)
Definition accepts (shape strides : list Z) (offset len item : Z) : Prop :=
  length shape = length strides /\
  count shape <= isize.MAX /\
  (In 0 shape /\ offset <= len \/
   ~ In 0 shape /\
   forall index, valid shape index ->
     0 <= offset + dot index strides /\ offset + dot index strides + item <= len).

(** [lowest] is the least address of a valid index. *)
Definition is_lowest (shape strides : list Z) (offset lowest : Z) : Prop :=
  (exists index, valid shape index /\ offset + dot index strides = lowest) /\
  (forall index, valid shape index -> lowest <= offset + dot index strides).

(** [highest] is the greatest. *)
Definition is_highest (shape strides : list Z) (offset highest : Z) : Prop :=
  (exists index, valid shape index /\ offset + dot index strides = highest) /\
  (forall index, valid shape index -> offset + dot index strides <= highest).

(** [required] is the least length of a buffer with which the view is accepted, and every longer
    buffer will do. *)
Definition is_required_len (shape strides : list Z) (offset item required : Z) : Prop :=
  forall len, accepts shape strides offset len item <-> required <= len.

(** The part of an axis's reach on either side of the offset. *)
Definition up (size stride : Z) : Z := (size - 1) * Z.max stride 0.
Definition down (size stride : Z) : Z := (size - 1) * Z.max (- stride) 0.
