(** Derived views (theorem T6), for any rank of the parent and of the view.

    An operation selects: the view's axis [k] has a size, and a step along it moves by a vector over
    the parent's axes; the all-zero index lies at [start]. The gate looks at each axis of the parent
    alone: there the selection must be a view of [0 .. size - 1], which is what the kernel decides. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Differences Models.
Import ListNotations.
Open Scope Z_scope.

(** An axis of a derived view: its size and how far one step moves on each axis of the parent. *)
Notation walk := (Z * list Z)%type.

Lemma plus_length a b : length a = length b -> length (plus a b) = length b.
Proof. intros H. unfold plus. rewrite map_length, combine_length. lia. Qed.

Lemma dot_plus a b s : length a = length b -> dot (plus a b) s = dot a s + dot b s.
Proof.
  unfold dot, plus. revert b s.
  induction a as [|x a IH]; intros [|y b] [|z s] L; cbn [combine map sum2 fst snd] in *;
    try discriminate; try lia.
  rewrite IH by (cbn in L; lia). ring.
Qed.

Lemma dot_times i a s : dot (times i a) s = i * dot a s.
Proof.
  unfold dot, times. revert s.
  induction a as [|x a IH]; intros [|z s]; cbn [map sum2]; try lia.
  rewrite IH. ring.
Qed.

Definition ranked (n : nat) (start : list Z) (walks : list walk) : Prop :=
  length start = n /\ Forall (fun w => length (snd w) = n) walks.

Lemma place_length n start walks index :
  ranked n start walks -> length (place start walks index) = n.
Proof.
  intros [S W]. revert index. induction W as [|[size v] walks H W IH]; intros [|i index]; cbn; auto.
  unfold times. rewrite plus_length; [apply IH|]. rewrite map_length, IH. exact H.
Qed.

(** A view's own numbers give the parent's address of the index selected. *)
Theorem addresses_are_the_parents n start walks strides index :
  ranked n start walks -> valid (sizes_of walks) index ->
  dot (place start walks index) strides =
  dot start strides + dot index (strides_of walks strides).
Proof.
  intros R. assert (R0 := R). destruct R as [S W]. revert index R0.
  induction W as [|[size v] walks H W IH]; intros index R V; inversion V; subst; cbn [place].
  { unfold dot. cbn. lia. }
  assert (ranked (length start) start walks) as R' by (split; auto).
  rewrite dot_plus, dot_times, IH; auto.
  - unfold strides_of, dot. cbn [map sum2 snd]. lia.
  - unfold times. rewrite map_length, (place_length (length start)); auto.
Qed.

(** What is selected on one axis of the parent. *)
Definition component (p : nat) (l : list Z) : Z := nth p l 0.
Definition column (p : nat) (walks : list walk) : list Z :=
  map (fun w => component p (snd w)) walks.

Lemma component_plus p a b : length a = length b ->
  component p (plus a b) = component p a + component p b.
Proof.
  unfold component, plus. revert p b.
  induction a as [|x a IH]; intros [|p] [|y b] L; cbn [combine map nth fst snd] in *;
    try discriminate; auto.
Qed.

Lemma component_times p i a : component p (times i a) = i * component p a.
Proof.
  unfold component, times. replace 0 with (i * 0) at 1 by lia. apply map_nth.
Qed.

Theorem place_on_axis n p start walks index :
  ranked n start walks -> valid (sizes_of walks) index ->
  component p (place start walks index) = component p start + dot index (column p walks).
Proof.
  intros R. assert (R0 := R). destruct R as [S W]. revert index R0.
  induction W as [|[size v] walks H W IH]; intros index R V; inversion V; subst; cbn [place].
  { unfold dot. cbn. lia. }
  assert (ranked (length start) start walks) as R' by (split; auto).
  rewrite component_plus, component_times, IH; auto.
  - unfold column, dot. cbn [map sum2 snd]. lia.
  - unfold times. rewrite map_length, (place_length (length start)); auto.
Qed.

(** The gate, for a view that has an index. *)
Definition gate (shape start : list Z) (walks : list walk) : Prop :=
  forall p, (p < length shape)%nat ->
    accepts (sizes_of walks) (column p walks) (component p start) (component p shape) 1.

Lemma valid_by_components shape index : length index = length shape ->
  (forall p, (p < length shape)%nat -> 0 <= component p index < component p shape) ->
  valid shape index.
Proof.
  unfold valid. revert index. induction shape as [|n shape IH]; intros [|i index] L H;
    try discriminate; constructor.
  - exact (H 0%nat ltac:(cbn; lia)).
  - apply IH; [cbn in L; lia|]. intros p Hp. exact (H (S p) ltac:(cbn; lia)).
Qed.

(** T6: through the gate, every index of the view lies on a valid index of the parent. *)
Theorem selected_is_valid shape start walks index :
  ranked (length shape) start walks -> gate shape start walks ->
  valid (sizes_of walks) index -> valid shape (place start walks index).
Proof.
  intros R G V. apply valid_by_components; [exact (place_length _ _ _ _ R)|].
  intros p Hp. rewrite (place_on_axis (length shape)) by auto.
  destruct (G p Hp) as (_ & _ & [[E _]|[_ A]]).
  - exfalso. clear -E V. revert E. induction V as [|n i l idx H _ IH]; intros E; [destruct E|].
    destruct E; [lia|auto].
  - specialize (A index V). lia.
Qed.

(** So a view of an accepted parent is accepted: its addresses are among the parent's. *)
Theorem derived_is_accepted shape strides offset len item start walks :
  accepts shape strides offset len item ->
  ranked (length shape) start walks -> gate shape start walks ->
  count (sizes_of walks) <= isize.MAX -> ~ In 0 (sizes_of walks) ->
  accepts (sizes_of walks) (strides_of walks strides) (offset + dot start strides) len item.
Proof.
  intros (L & _ & P) R G C NE. split.
  { unfold sizes_of, strides_of. now rewrite !map_length. }
  split; [exact C|]. right. split; [exact NE|]. intros index V.
  pose proof (selected_is_valid _ _ _ _ R G V) as V'.
  pose proof (addresses_are_the_parents _ _ _ strides _ R V) as D.
  destruct P as [[E _]|[_ A]].
  - exfalso. clear -E V'. revert E. induction V' as [|n i l idx H _ IH]; intros E; [destruct E|].
    destruct E; [lia|auto].
  - specialize (A _ V'). lia.
Qed.

(** ** Uniqueness *)

(** Every axis of more than one index moves on an axis of the parent on which no other such axis
    moves. *)
Definition injective (walks : list walk) : Prop :=
  forall k, (k < length walks)%nat -> 1 < fst (nth k walks (0, [])) ->
  exists p, component p (snd (nth k walks (0, []))) <> 0 /\
    forall l, (l < length walks)%nat -> l <> k -> 1 < fst (nth l walks (0, [])) ->
      component p (snd (nth l walks (0, []))) = 0.

Lemma dot_single k i j c : length i = length c -> length j = length c ->
  (forall l, (l < length c)%nat -> l <> k -> (nth l i 0 - nth l j 0) * nth l c 0 = 0) ->
  dot i c - dot j c = (nth k i 0 - nth k j 0) * nth k c 0.
Proof.
  unfold dot. revert k i j. induction c as [|z c IH]; intros k [|x i] [|y j] Li Lj H;
    try discriminate.
  { destruct k; cbn; lia. }
  cbn [sum2]. cbn in Li, Lj. destruct k as [|k].
  - assert (forall k', sum2 Z.mul i c - sum2 Z.mul j c = (nth k' i 0 - nth k' j 0) * nth k' c 0)
      as E.
    { intros k'. apply IH; try lia. intros l Hl _. exact (H (S l) ltac:(cbn; lia) ltac:(lia)). }
    specialize (E (length c)). rewrite !nth_overflow in E by lia. cbn [nth]. lia.
  - assert ((x - y) * z = 0) as Z0 by exact (H 0%nat ltac:(cbn; lia) ltac:(lia)).
    cbn [nth]. rewrite <- (IH k i j) by
      (try lia; intros l Hl N; exact (H (S l) ltac:(cbn; lia) ltac:(lia))).
    lia.
Qed.

Lemma differ i j : length i = length j -> i <> j ->
  exists k, (k < length i)%nat /\ nth k i 0 <> nth k j 0.
Proof.
  revert j. induction i as [|x i IH]; intros [|y j] L N; try discriminate; [congruence|].
  destruct (Z.eq_dec x y) as [->|D].
  - destruct (IH j) as (k & Hk & E); [cbn in L; lia|congruence|]. exists (S k). cbn. split; [lia|auto].
  - exists 0%nat. cbn. split; [lia|auto].
Qed.

Lemma valid_nth shape index k : valid shape index -> (k < length shape)%nat ->
  0 <= nth k index 0 < nth k shape 0.
Proof.
  intros V. revert k. induction V as [|n i shape index H _ IH]; intros [|k] Hk; cbn in *; try lia.
  apply IH. lia.
Qed.

Lemma valid_length shape index : valid shape index -> length shape = length index.
Proof. induction 1; cbn; auto. Qed.

Theorem injective_places n start walks i j :
  ranked n start walks -> injective walks ->
  valid (sizes_of walks) i -> valid (sizes_of walks) j -> i <> j ->
  place start walks i <> place start walks j.
Proof.
  intros R Inj Vi Vj N E.
  pose proof (valid_length _ _ Vi) as Li. pose proof (valid_length _ _ Vj) as Lj.
  unfold sizes_of in Li, Lj. rewrite map_length in Li, Lj.
  destruct (differ i j) as (k & Hk & D); [lia|exact N|].
  assert (forall l, nth l (sizes_of walks) 0 = fst (nth l walks (0, []))) as Nth.
  { intros l. unfold sizes_of. change 0 with (fst (0, @nil Z)). apply map_nth. }
  assert (forall l, (l < length walks)%nat -> 0 <= nth l i 0 < fst (nth l walks (0, [])) /\
                    0 <= nth l j 0 < fst (nth l walks (0, []))) as In.
  { intros l Hl. rewrite <- Nth. split; apply valid_nth; auto;
      unfold sizes_of; rewrite map_length; exact Hl. }
  destruct (In k ltac:(lia)) as [Ik Jk].
  destruct (Inj k ltac:(lia) ltac:(lia)) as (p & P & Others).
  assert (component p (place start walks i) = component p (place start walks j)) as C by now rewrite E.
  rewrite !(place_on_axis n) in C by auto.
  assert (forall l, nth l (column p walks) 0 = component p (snd (nth l walks (0, [])))) as Col.
  { intros l. unfold column.
    replace 0 with (component p (snd ((0, []) : walk))) at 1 by (unfold component; destruct p; auto).
    apply (map_nth (fun w : walk => component p (snd w))). }
  pose proof (dot_single k i j (column p walks)) as S.
  rewrite Col in S. unfold column in S at 1 2 3. rewrite map_length in S.
  specialize (S ltac:(lia) ltac:(lia)).
  assert (dot i (column p walks) - dot j (column p walks) =
          (nth k i 0 - nth k j 0) * component p (snd (nth k walks (0, [])))) as S'.
  { apply S. intros l Hl Nl. rewrite Col. destruct (In l Hl) as [Il Jl].
    destruct (Z.le_gt_cases (fst (nth l walks (0, []))) 1).
    - replace (nth l i 0 - nth l j 0) with 0 by lia. lia.
    - rewrite (Others l Hl Nl) by lia. lia. }
  assert ((nth k i 0 - nth k j 0) * component p (snd (nth k walks (0, []))) = 0) as Z0 by lia.
  apply Z.mul_eq_0 in Z0. destruct Z0; [lia|contradiction].
Qed.

(** T6: what is selected injectively out of a unique parent is unique, at any items. *)
Theorem selected_is_unique shape strides item start walks :
  ranked (length shape) start walks -> gate shape start walks -> injective walks ->
  unique shape strides item ->
  unique (sizes_of walks) (strides_of walks strides) item.
Proof.
  intros R G Inj U i j Vi Vj N unit [A B].
  pose proof (addresses_are_the_parents _ _ _ strides _ R Vi).
  pose proof (addresses_are_the_parents _ _ _ strides _ R Vj).
  apply (U (place start walks i) (place start walks j)) with (unit := dot start strides + unit).
  - apply selected_is_valid; auto.
  - apply selected_is_valid; auto.
  - apply (injective_places (length shape)); auto.
  - lia.
Qed.

Print Assumptions addresses_are_the_parents.
Print Assumptions selected_is_unique.
Print Assumptions derived_is_accepted.
