(** Every acceptance of a mutable view: what the checker accepts is unique. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Differences Uniqueness Walks.
From Strideproof Require Kernel Certificate.
Import ListNotations.
Open Scope Z_scope.

(* So that a proof about other code fails at once, instead of running it. *)
Local Opaque Certificate.covers Certificate.separates Kernel.is_empty.

(** [holds] ends, without a panic or an overflow, for whatever numbers it is given; and if it says
    yes, no two indices have items that share a unit. *)
Theorem holds_correct shape strides item order divisors sorted :
  is_slice is_usize shape -> is_slice is_isize strides -> is_usize item ->
  is_slice is_usize order -> is_slice is_usize divisors -> is_slice is_usize sorted ->
  ends (Certificate.holds shape strides item order divisors sorted) (fun accepted =>
    accepted = true -> unique shape strides item).
Proof.
  intros Hsh Hst Hi Ho Hd Hs. unfold Certificate.holds.
  destruct (Z.eqb_spec (slice.len shape) (slice.len strides)) as [L|]; [|cbn; discriminate].
  cbn [negb]. assert (length shape = length strides) as L' by (unfold slice.len in L; lia).
  destruct (Z.eqb_spec item 0) as [->|Hpos].
  { cbn. intros _. apply no_items. lia. }
  apply ends_bind. eapply ends_weaken; [apply is_empty_right, Hsh|].
  intros [|] E; cbn.
  { intros _. apply no_indices, E. }
  apply ends_bind. eapply ends_weaken; [apply (covers_correct shape strides L' Hsh Hst order Ho)|].
  intros [|] C; [|cbn; discriminate].
  apply ends_bind. eapply ends_weaken.
  { apply (separates_correct shape strides); auto. unfold is_usize in Hi. lia. }
  intros accepted S. cbn. intros A.
  apply sole_unique; [exact L'|]. apply (sole_listed _ order); auto.
Qed.

(** The same of the quick checks. *)
Theorem nested_is_unique shape strides item :
  is_slice is_usize shape -> is_slice is_isize strides -> is_usize item ->
  length shape = length strides ->
  ends (Certificate.nested shape strides item) (fun accepted =>
    accepted = true -> unique shape strides item) /\
  ends (Certificate.nested_columns shape strides item) (fun accepted =>
    accepted = true -> unique shape strides item).
Proof. intros. split; [apply nested_correct|apply nested_columns_correct]; auto. Qed.

Print Assumptions holds_correct.
Print Assumptions nested_is_unique.
