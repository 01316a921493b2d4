(** The claims as tests that can be evaluated: one request on which a test says [false] refutes its
    claim. The faults of [faults.toml] are refuted so; nothing else rests on this file.

    For each claim [c] that a fault names there are the test [c_test], the answer [c_answer], and the
    theorem [c_refuted], all of the same arguments: the fault's request. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Corners Kernel.
From Strideproof Require Export Claims.
Import ListNotations.
Open Scope Z_scope.

Definition all_usize (l : list Z) : bool := forallb usize.fits l && (slice.len l <=? isize.MAX).
Definition all_isize (l : list Z) : bool := forallb isize.fits l && (slice.len l <=? isize.MAX).

Definition request_b (shape strides : list Z) (offset len item : Z) : bool :=
  all_usize shape && all_isize strides && usize.fits offset && usize.fits len && usize.fits item.

Definition zero_b (shape : list Z) : bool := existsb (fun n => n =? 0) shape.

Definition accepts_b (shape strides : list Z) (offset len item : Z) : bool :=
  Nat.eqb (length shape) (length strides) && (count shape <=? isize.MAX) &&
  (if zero_b shape then offset <=? len else
   (reach_down shape strides <=? offset) && (offset + reach_up shape strides + item <=? len)).

Definition extent_b (shape strides : list Z) (offset item : Z) (e : Extent) : bool :=
  (Extent_count e =? count shape) &&
  (if zero_b shape then
     (Extent_lowest e =? offset) && (Extent_highest e =? offset) && (Extent_required_len e =? offset)
   else
     (Extent_lowest e =? offset - reach_down shape strides) &&
     (Extent_highest e =? offset + reach_up shape strides) &&
     (Extent_required_len e =? offset + reach_up shape strides + item)).

Fixpoint valid_b (shape index : list Z) : bool :=
  match shape, index with
  | [], [] => true
  | n :: shape, i :: index => (0 <=? i) && (i <? n) && valid_b shape index
  | _, _ => false
  end.

(** An axis of the shape, as a position in the list. *)
Definition axis_b (axis : Z) (shape : list Z) : bool := (0 <=? axis) && (axis <? slice.len shape).

Definition refusal_b (shape strides : list Z) (offset len item : Z) (r : Refusal) : bool :=
  let ranks := Nat.eqb (length shape) (length strides) in
  match r with
  | Refusal_Rank => negb ranks
  | Refusal_Count axis =>
    ranks && negb (zero_b shape) && axis_b axis shape &&
    (count (firstn (Z.to_nat axis) shape) <=? isize.MAX) &&
    (isize.MAX <? count (firstn (S (Z.to_nat axis)) shape))
  | Refusal_EmptyOffset => ranks && zero_b shape && (len <? offset)
  | Refusal_Origin =>
    ranks && (count shape <=? isize.MAX) && valid_b shape (map (fun _ => 0) shape) &&
    (len <? offset + item)
  | Refusal_Leaves axis side index excess =>
    ranks && (count shape <=? isize.MAX) && axis_b axis shape &&
    match nth_error strides (Z.to_nat axis) with
    | None => false
    | Some stride =>
      let tuple := witness (Z.to_nat axis) side index shape strides in
      points side stride && valid_b shape tuple && (1 <=? excess) && (excess <=? Z.abs stride) &&
      match side with
      | Side_Below => offset + dot tuple strides =? - excess
      | Side_Above => offset + dot tuple strides + item =? len + excess
      end
    end
  end.

Definition decide_test (shape strides : list Z) (offset len item : Z) : bool :=
  match decide shape strides offset len item with
  | Val (Ok e) => accepts_b shape strides offset len item && extent_b shape strides offset item e
  | Val (Err r) =>
    negb (accepts_b shape strides offset len item) && refusal_b shape strides offset len item r
  | Panic | Endless => false
  end.

Definition address_test (shape strides : list Z) (offset len item : Z) (index : list Z) : bool :=
  match address shape strides offset index with
  | Val (Some a) => valid_b shape index && (a =? offset + dot index strides)
  | Val None => negb (valid_b shape index)
  | Panic | Endless => false
  end.

Definition extent_test (shape strides : list Z) (offset len item : Z) : bool :=
  match extent shape strides offset item with
  | Val e => extent_b shape strides offset item e
  | Panic | Endless => false
  end.

(** What the code answers, for the table. *)
Definition decide_answer (shape strides : list Z) (offset len item : Z) := decide shape strides offset len item.
Definition address_answer (shape strides : list Z) (offset len item : Z) := address shape strides offset.
Definition extent_answer (shape strides : list Z) (offset len item : Z) := extent shape strides offset item.

(** * The tests say what the claims say *)

Lemma all_usize_spec l : all_usize l = true <-> is_slice is_usize l.
Proof.
  unfold all_usize, is_slice. rewrite andb_true_iff, forallb_forall, Forall_forall, Z.leb_le.
  split; (intros [H ?]; split; [|assumption]); intros x I; apply usize_fits; auto.
Qed.

Lemma all_isize_spec l : all_isize l = true <-> is_slice is_isize l.
Proof.
  unfold all_isize, is_slice. rewrite andb_true_iff, forallb_forall, Forall_forall, Z.leb_le.
  split; (intros [H ?]; split; [|assumption]); intros x I; apply isize_fits; auto.
Qed.

Lemma request_spec shape strides offset len item :
  request_b shape strides offset len item = true <-> request shape strides offset len item.
Proof.
  unfold request_b, request. rewrite !andb_true_iff, all_usize_spec, all_isize_spec, !usize_fits.
  tauto.
Qed.

Lemma zero_spec shape : if zero_b shape then In 0 shape else ~ In 0 shape.
Proof.
  unfold zero_b. destruct (existsb _ shape) eqn:E.
  - apply existsb_exists in E. destruct E as (n & I & H). apply Z.eqb_eq in H. subst. exact I.
  - intros I. rewrite (proj2 (existsb_exists _ shape)) in E; [discriminate|]. exists 0. auto.
Qed.

Lemma valid_spec shape index : valid_b shape index = true <-> valid shape index.
Proof.
  unfold valid. revert index. induction shape as [|n shape IH]; intros [|i index]; cbn [valid_b];
    split; intros H; try discriminate; try constructor; try (inversion H; fail).
  - rewrite !andb_true_iff, Z.leb_le, Z.ltb_lt in H. lia.
  - apply IH. rewrite !andb_true_iff in H. tauto.
  - inversion H; subst. rewrite !andb_true_iff, Z.leb_le, Z.ltb_lt. rewrite IH. auto.
Qed.

Lemma accepts_b_spec shape strides offset len item : is_slice is_usize shape ->
  accepts_b shape strides offset len item = true <-> accepts shape strides offset len item.
Proof.
  intros [U _]. unfold accepts_b. rewrite !andb_true_iff, Nat.eqb_eq, Z.leb_le.
  pose proof (zero_spec shape) as S. destruct (zero_b shape).
  - rewrite Z.leb_le. split.
    + intros [[L _] O]. apply accepts_empty; auto.
    + intros A. pose proof A as (L & C & _). apply accepts_empty in A; auto.
  - pose proof (nonempty_spec _ U S) as N. rewrite andb_true_iff, !Z.leb_le. split.
    + intros [[L C] R]. apply accepts_spec; auto.
    + intros A. pose proof A as (L & C & _). apply accepts_spec in A; auto. tauto.
Qed.

Lemma lowest_unique shape strides offset a b :
  is_lowest shape strides offset a -> is_lowest shape strides offset b -> a = b.
Proof. intros [(i & Vi & <-) Ha] [(j & Vj & <-) Hb]. specialize (Ha j Vj). specialize (Hb i Vi). lia. Qed.

Lemma highest_unique shape strides offset a b :
  is_highest shape strides offset a -> is_highest shape strides offset b -> a = b.
Proof. intros [(i & Vi & <-) Ha] [(j & Vj & <-) Hb]. specialize (Ha j Vj). specialize (Hb i Vi). lia. Qed.

Lemma extent_b_spec shape strides offset len item e :
  is_slice is_usize shape -> accepts shape strides offset len item ->
  extent_right shape strides offset item e -> extent_b shape strides offset item e = true.
Proof.
  intros [U _] A (C & R & E0 & E1). pose proof A as (L & Cm & _). unfold extent_b.
  rewrite andb_true_iff, Z.eqb_eq. split; [exact C|].
  pose proof (zero_spec shape) as S. destruct (zero_b shape); rewrite !andb_true_iff, !Z.eqb_eq.
  - specialize (E0 S). split; [tauto|].
    pose proof (R (Extent_required_len e)) as R1. pose proof (R offset) as R2.
    rewrite accepts_empty in R1, R2 by auto. lia.
  - pose proof (nonempty_spec _ U S) as N. destruct (E1 S) as [Lo Hi]. repeat split.
    + eapply lowest_unique; [exact Lo|]. apply lowest_spec; auto.
    + eapply highest_unique; [exact Hi|]. apply highest_spec; auto.
    + pose proof (R (Extent_required_len e)) as R1.
      pose proof (R (offset + reach_up shape strides + item)) as R2.
      rewrite accepts_spec in R1, R2, A by auto. lia.
Qed.

Lemma axis_b_spec k shape : (k < length shape)%nat -> axis_b (Z.of_nat k) shape = true.
Proof. intros H. unfold axis_b, slice.len. rewrite andb_true_iff, Z.leb_le, Z.ltb_lt. lia. Qed.

Lemma not_zero shape : ~ In 0 shape -> zero_b shape = false.
Proof. intros H. pose proof (zero_spec shape). destruct (zero_b shape); [contradiction|reflexivity]. Qed.

Lemma refusal_b_spec shape strides offset len item r :
  refusal_right shape strides offset len item r -> refusal_b shape strides offset len item r = true.
Proof.
  destruct r as [|axis| | |axis side index excess]; cbn [refusal_right refusal_b].
  - intros H. rewrite (proj2 (Nat.eqb_neq _ _) H). reflexivity.
  - intros (L & NZ & k & -> & K & C). rewrite (proj2 (Nat.eqb_eq _ _) L), (not_zero _ NZ), Nat2Z.id.
    rewrite (axis_b_spec _ _ K). cbn [negb andb]. rewrite andb_true_iff, Z.leb_le, Z.ltb_lt. exact C.
  - intros (L & I & O). rewrite (proj2 (Nat.eqb_eq _ _) L). pose proof (zero_spec shape) as S.
    destruct (zero_b shape); [|contradiction]. cbn [andb]. apply Z.ltb_lt. exact O.
  - intros (L & C & V & O). rewrite (proj2 (Nat.eqb_eq _ _) L), (proj2 (valid_spec _ _) V).
    rewrite (proj2 (Z.leb_le _ _) C). cbn [andb]. apply Z.ltb_lt. exact O.
  - intros (L & C & k & stride & -> & Es & P & V & X & O). rewrite (proj2 (Nat.eqb_eq _ _) L), Nat2Z.id.
    rewrite (axis_b_spec k) by (rewrite L; apply nth_error_Some; congruence).
    rewrite (proj2 (Z.leb_le _ _) C), Es, P, (proj2 (valid_spec _ _) V).
    rewrite (proj2 (Z.leb_le 1 excess)), (proj2 (Z.leb_le excess _)) by lia. cbn [andb].
    destruct side; apply Z.eqb_eq; exact O.
Qed.

(** * Refutation *)

Theorem decide_refuted shape strides offset len item :
  request_b shape strides offset len item = true ->
  decide_test shape strides offset len item = false ->
  ~ decide_claim.
Proof.
  intros Q F H. apply request_spec in Q. specialize (H _ _ _ _ _ Q). pose proof Q as (SS & _).
  unfold decide_test in F. destruct (decide shape strides offset len item) as [[e|r]| |]; cbn [ends answer_right] in H;
    try contradiction.
  - destruct H as [A E]. rewrite (proj2 (accepts_b_spec _ _ _ _ _ SS) A) in F.
    rewrite (extent_b_spec _ _ _ _ _ _ SS A E) in F. discriminate.
  - destruct H as [A R]. rewrite (refusal_b_spec _ _ _ _ _ _ R) in F.
    destruct (accepts_b shape strides offset len item) eqn:B; [|discriminate].
    apply A, accepts_b_spec; auto.
Qed.

Theorem address_refuted shape strides offset len item index :
  request_b shape strides offset len item && all_usize index = true ->
  accepts_b shape strides offset len item = true ->
  address_test shape strides offset len item index = false ->
  ~ address_claim.
Proof.
  intros Q A F H. apply andb_true_iff in Q. destruct Q as [Q I]. apply request_spec in Q.
  apply all_usize_spec in I. pose proof Q as (SS & _). apply accepts_b_spec in A; auto.
  specialize (H _ _ _ _ _ _ Q A I). unfold address_test in F.
  destruct (address shape strides offset index) as [[a|]| |]; cbn [ends address_right] in H;
    try contradiction.
  - destruct H as (V & E & _). rewrite (proj2 (valid_spec _ _) V) in F. cbn [andb] in F.
    apply Z.eqb_neq in F. auto.
  - destruct (valid_b shape index) eqn:V; [|discriminate]. apply H, valid_spec, V.
Qed.

Theorem extent_refuted shape strides offset len item :
  request_b shape strides offset len item = true ->
  accepts_b shape strides offset len item = true ->
  extent_test shape strides offset len item = false ->
  ~ extent_claim.
Proof.
  intros Q A F H. apply request_spec in Q. pose proof Q as (SS & _). apply accepts_b_spec in A; auto.
  specialize (H _ _ _ _ _ Q A). unfold extent_test in F.
  destruct (extent shape strides offset item) as [e| |]; cbn [ends] in H; try contradiction.
  rewrite (extent_b_spec _ _ _ _ _ _ SS A H) in F. discriminate.
Qed.
