(** What is true of the specification alone: the lowest and the highest address are attained at
    corners of the index space, so that sums of reaches decide whether all indices are in range. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec.
Import ListNotations.
Open Scope Z_scope.

(** * Walking along two lists *)

Lemma sum2_snoc f : forall k l m x y,
  nth_error l k = Some x -> nth_error m k = Some y ->
  sum2 f (firstn (S k) l) (firstn (S k) m) = sum2 f (firstn k l) (firstn k m) + f x y.
Proof.
  induction k as [|k IH]; intros [|a l] [|b m] x y Hx Hy; try discriminate; cbn in Hx, Hy.
  - injection Hx as ->. injection Hy as ->. cbn [firstn sum2]. lia.
  - rewrite 2!(firstn_cons (S k)), 2!(firstn_cons k). cbn [sum2]. rewrite (IH l m x y); auto. lia.
Qed.

Lemma count_snoc : forall k shape n,
  nth_error shape k = Some n -> count (firstn (S k) shape) = count (firstn k shape) * n.
Proof.
  unfold count. induction k as [|k IH]; intros [|a shape] n H; try discriminate; cbn in H.
  - injection H as ->. cbn [firstn fold_right]. lia.
  - rewrite (firstn_cons (S k)), (firstn_cons k). cbn [fold_right]. rewrite (IH shape n); auto. lia.
Qed.

Lemma sum2_split f k l m :
  sum2 f l m = sum2 f (firstn k l) (firstn k m) + sum2 f (skipn k l) (skipn k m).
Proof.
  revert l m. induction k as [|k IH]; intros [|x l] [|y m]; cbn [firstn skipn sum2]; try lia.
  - destruct (skipn k l); cbn [sum2]; lia.
  - rewrite (IH l m). lia.
Qed.

Lemma count_split k shape : count shape = count (firstn k shape) * count (skipn k shape).
Proof.
  unfold count. revert shape. induction k as [|k IH]; intros [|n shape]; cbn [firstn skipn fold_right];
    try lia. rewrite (IH shape). lia.
Qed.

(** * Shapes without an axis of size 0 *)

Definition nonempty (shape : list Z) : Prop := Forall (fun size => 1 <= size) shape.

Lemma nonempty_spec shape : Forall is_usize shape -> ~ In 0 shape -> nonempty shape.
Proof.
  unfold nonempty. rewrite !Forall_forall. intros U N n I. specialize (U n I). unfold is_usize in U.
  destruct (Z.eq_dec n 0) as [->|]; [contradiction|lia].
Qed.

Lemma nonempty_no_zero shape : nonempty shape -> ~ In 0 shape.
Proof. unfold nonempty. rewrite Forall_forall. intros N I. specialize (N 0 I). lia. Qed.

Lemma nonempty_firstn k shape : nonempty shape -> nonempty (firstn k shape).
Proof.
  revert shape. induction k as [|k IH]; intros [|n shape] N; cbn; try constructor;
    inversion N; subst; auto. apply IH. auto.
Qed.

Lemma nonempty_skipn k shape : nonempty shape -> nonempty (skipn k shape).
Proof.
  revert shape. induction k as [|k IH]; intros [|n shape] N; cbn; auto. inversion N; subst. auto.
Qed.

Lemma nonempty_nth k shape n : nonempty shape -> nth_error shape k = Some n -> 1 <= n.
Proof. unfold nonempty. rewrite Forall_forall. intros N H. apply N. eapply nth_error_In; eauto. Qed.

Lemma count_pos shape : nonempty shape -> 1 <= count shape.
Proof. unfold count. induction 1; cbn; nia. Qed.

Lemma count_empty shape : In 0 shape -> count shape = 0.
Proof.
  unfold count. induction shape as [|n shape IH]; cbn; [tauto|].
  intros [->|I]; [lia|]. rewrite IH; auto. lia.
Qed.

Lemma count_firstn k shape : nonempty shape -> count (firstn k shape) <= count shape.
Proof.
  intros N. rewrite (count_split k shape).
  pose proof (count_pos _ (nonempty_firstn k _ N)). pose proof (count_pos _ (nonempty_skipn k _ N)).
  nia.
Qed.

(** * Reaches *)

Definition reach_up := sum2 up.
Definition reach_down := sum2 down.

Lemma up_nonneg n s : 1 <= n -> 0 <= up n s.
Proof. unfold up. nia. Qed.

Lemma down_nonneg n s : 1 <= n -> 0 <= down n s.
Proof. unfold down. nia. Qed.

Lemma sum2_nonneg f shape strides :
  (forall n s, 1 <= n -> 0 <= f n s) -> nonempty shape -> 0 <= sum2 f shape strides.
Proof.
  intros F N. revert strides. induction N as [|n shape H N IH]; intros [|s strides]; cbn; try lia.
  specialize (F n s H). specialize (IH strides). lia.
Qed.

Lemma sum2_firstn f k shape strides :
  (forall n s, 1 <= n -> 0 <= f n s) -> nonempty shape ->
  sum2 f (firstn k shape) (firstn k strides) <= sum2 f shape strides.
Proof.
  intros F N. rewrite (sum2_split f k shape strides).
  pose proof (sum2_nonneg f _ (skipn k strides) F (nonempty_skipn k _ N)). lia.
Qed.

(** Every valid index lies within the reaches. *)
Lemma within shape strides index :
  valid shape index -> - reach_down shape strides <= dot index strides <= reach_up shape strides.
Proof.
  intros V. revert strides. induction V as [|n i shape index H V IH]; intros [|s strides];
    unfold reach_down, reach_up, dot in *; cbn; try lia.
  specialize (IH strides). assert (- down n s <= i * s <= up n s) by (unfold down, up; nia). lia.
Qed.

(** * Corners *)

(** The last index on the axes that [chosen] picks by their stride, 0 elsewhere. *)
Fixpoint corner (chosen : Z -> bool) (shape strides : list Z) : list Z :=
  match shape, strides with
  | n :: shape, s :: strides => (if chosen s then n - 1 else 0) :: corner chosen shape strides
  | _, _ => []
  end.

Lemma corner_valid chosen shape strides :
  nonempty shape -> length shape = length strides -> valid shape (corner chosen shape strides).
Proof.
  intros N. revert strides. induction N as [|n shape H N IH]; intros [|s strides] L; try discriminate;
    cbn [corner]; constructor.
  - destruct (chosen s); lia.
  - apply IH. injection L. auto.
Qed.

Lemma zeros_valid shape : nonempty shape -> valid shape (map (fun _ => 0) shape).
Proof. induction 1; cbn [map]; constructor; [lia|assumption]. Qed.

Lemma corner_up shape strides :
  dot (corner (fun s => 0 <=? s) shape strides) strides = reach_up shape strides.
Proof.
  unfold dot, reach_up. revert strides.
  induction shape as [|n shape IH]; intros [|s strides]; cbn [corner sum2]; auto.
  rewrite IH. unfold up.
  destruct (Z.leb_spec 0 s); [rewrite Z.max_l by lia|rewrite Z.max_r by lia]; lia.
Qed.

Lemma corner_down shape strides :
  dot (corner (fun s => s <? 0) shape strides) strides = - reach_down shape strides.
Proof.
  unfold dot, reach_down. revert strides.
  induction shape as [|n shape IH]; intros [|s strides]; cbn [corner sum2]; auto.
  rewrite IH. unfold down.
  destruct (Z.ltb_spec s 0); [rewrite Z.max_l by lia|rewrite Z.max_r by lia]; lia.
Qed.

Lemma lowest_spec shape strides offset :
  nonempty shape -> length shape = length strides ->
  is_lowest shape strides offset (offset - reach_down shape strides).
Proof.
  intros N L. split.
  - exists (corner (fun s => s <? 0) shape strides). rewrite corner_down. split; [|lia].
    apply corner_valid; auto.
  - intros index V. pose proof (within _ strides _ V). lia.
Qed.

Lemma highest_spec shape strides offset :
  nonempty shape -> length shape = length strides ->
  is_highest shape strides offset (offset + reach_up shape strides).
Proof.
  intros N L. split.
  - exists (corner (fun s => 0 <=? s) shape strides). rewrite corner_up. split; [|lia].
    apply corner_valid; auto.
  - intros index V. pose proof (within _ strides _ V). lia.
Qed.

(** Acceptance by two sums; among them the least length, which errors report. *)
Lemma accepts_spec shape strides offset len item :
  nonempty shape -> length shape = length strides ->
  accepts shape strides offset len item <->
  count shape <= isize.MAX /\
  reach_down shape strides <= offset /\ offset + reach_up shape strides + item <= len.
Proof.
  intros N L. pose proof (nonempty_no_zero _ N) as NZ. unfold accepts. split.
  - intros (_ & C & [[Z _]|[_ A]]); [contradiction|]. split; [exact C|].
    pose proof (A _ (corner_valid (fun s => s <? 0) _ strides N L)) as D.
    pose proof (A _ (corner_valid (fun s => 0 <=? s) _ strides N L)) as U.
    rewrite corner_down in D. rewrite corner_up in U. lia.
  - intros (C & D & U). split; [exact L|]. split; [exact C|]. right. split; [exact NZ|].
    intros index V. pose proof (within _ strides _ V). lia.
Qed.

Lemma accepts_empty shape strides offset len item :
  In 0 shape -> length shape = length strides ->
  accepts shape strides offset len item <-> offset <= len.
Proof.
  intros Z L. unfold accepts. rewrite (count_empty _ Z). split.
  - intros (_ & _ & [[_ H]|[NZ _]]); [exact H|contradiction].
  - intros H. split; [exact L|]. split; [unfold isize.MAX; lia|]. left. auto.
Qed.

(** The least length that errors report: with it and with every longer buffer the view is accepted,
    and where the view reaches before the buffer no length helps. *)
Theorem least_len shape strides offset item :
  nonempty shape -> length shape = length strides -> count shape <= isize.MAX ->
  (reach_down shape strides <= offset ->
   is_required_len shape strides offset item (offset + reach_up shape strides + item)) /\
  (offset < reach_down shape strides -> forall len, ~ accepts shape strides offset len item).
Proof.
  intros N L C. split.
  - intros D len. rewrite accepts_spec by auto. lia.
  - intros D len. rewrite accepts_spec by auto. lia.
Qed.
