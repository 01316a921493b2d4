(** The claims about the checker of unique layouts as tests that can be evaluated: a request that it
    accepts, with two indices whose items share a unit, refutes the claim. The faults of
    [faults-rest.toml] are refuted so; nothing else rests on this file. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Differences Check.
From Strideproof Require Certificate.
Import ListNotations.
Open Scope Z_scope.

(** * The claims *)

Definition layout_request (shape strides : list Z) (item : Z) : Prop :=
  is_slice is_usize shape /\ is_slice is_isize strides /\ is_usize item /\
  length shape = length strides.

Definition answers (shape strides : list Z) (item : Z) (answer : res bool) : Prop :=
  ends answer (fun accepted => accepted = true -> unique shape strides item).

Definition holds_claim : Prop := forall shape strides item order divisors sorted,
  layout_request shape strides item ->
  is_slice is_usize order -> is_slice is_usize divisors -> is_slice is_usize sorted ->
  answers shape strides item (Certificate.holds shape strides item order divisors sorted).

Definition nested_claim : Prop := forall shape strides item,
  layout_request shape strides item ->
  answers shape strides item (Certificate.nested shape strides item).

Definition nested_columns_claim : Prop := forall shape strides item,
  layout_request shape strides item ->
  answers shape strides item (Certificate.nested_columns shape strides item).

(** * The tests *)

Definition layout_b (shape strides : list Z) (item : Z) : bool :=
  all_usize shape && all_isize strides && usize.fits item &&
  Nat.eqb (length shape) (length strides).

Definition collide_b (shape strides : list Z) (item : Z) (i j : list Z) : bool :=
  valid_b shape i && valid_b shape j && negb (if list_eq_dec Z.eq_dec i j then true else false) &&
  (Z.abs (dot i strides - dot j strides) <? item).

(** Whether an answer is right, as far as two indices tell. *)
Definition right_b (shape strides : list Z) (item : Z) (i j : list Z) (answer : res bool) : bool :=
  match answer with
  | Val true => negb (collide_b shape strides item i j)
  | Val false => true
  | Panic | Endless => false
  end.

Definition holds_test shape strides item order divisors sorted i j : bool :=
  right_b shape strides item i j (Certificate.holds shape strides item order divisors sorted).
Definition nested_test shape strides item i j : bool :=
  right_b shape strides item i j (Certificate.nested shape strides item).
Definition nested_columns_test shape strides item i j : bool :=
  right_b shape strides item i j (Certificate.nested_columns shape strides item).

(** What the code answers, for the table. *)
Definition holds_answer shape strides item order divisors sorted (i j : list Z) :=
  Certificate.holds shape strides item order divisors sorted.
Definition nested_answer shape strides item (i j : list Z) := Certificate.nested shape strides item.
Definition nested_columns_answer shape strides item (i j : list Z) :=
  Certificate.nested_columns shape strides item.

(** * Refutation *)

Lemma layout_b_spec shape strides item :
  layout_b shape strides item = true -> layout_request shape strides item.
Proof.
  unfold layout_b, layout_request.
  rewrite !andb_true_iff, all_usize_spec, all_isize_spec, usize_fits, Nat.eqb_eq. tauto.
Qed.

Lemma collide_b_spec shape strides item i j :
  collide_b shape strides item i j = true -> ~ unique shape strides item.
Proof.
  unfold collide_b. rewrite !andb_true_iff, !valid_spec, Z.ltb_lt.
  intros [[[Vi Vj] N] L] U. destruct (list_eq_dec Z.eq_dec i j) as [|D]; [discriminate|].
  apply (U i j Vi Vj D (Z.max (dot i strides) (dot j strides))). lia.
Qed.

Lemma right_b_spec shape strides item i j answer :
  right_b shape strides item i j answer = false -> ~ answers shape strides item answer.
Proof.
  unfold right_b, answers. destruct answer as [[|]| |]; cbn; try discriminate; auto.
  intros C H. apply negb_false_iff in C. exact (collide_b_spec _ _ _ _ _ C (H eq_refl)).
Qed.

Theorem holds_refuted shape strides item order divisors sorted i j :
  layout_b shape strides item = true ->
  all_usize order && all_usize divisors && all_usize sorted = true ->
  holds_test shape strides item order divisors sorted i j = false -> ~ holds_claim.
Proof.
  intros L A F H. apply (right_b_spec _ _ _ _ _ _ F).
  rewrite !andb_true_iff, !all_usize_spec in A. destruct A as [[A1 A2] A3].
  apply H; auto. apply layout_b_spec, L.
Qed.

Theorem nested_refuted shape strides item i j :
  layout_b shape strides item = true ->
  nested_test shape strides item i j = false -> ~ nested_claim.
Proof. intros L F H. apply (right_b_spec _ _ _ _ _ _ F), H, layout_b_spec, L. Qed.

Theorem nested_columns_refuted shape strides item i j :
  layout_b shape strides item = true ->
  nested_columns_test shape strides item i j = false -> ~ nested_columns_claim.
Proof. intros L F H. apply (right_b_spec _ _ _ _ _ _ F), H, layout_b_spec, L. Qed.
