(** The order of iteration: the walk visits every index exactly once, in row-major order. *)

From Coq Require Import ZArith List Lia Bool Sorted.
From Strideproof Require Import Prelude Spec Models.
Import ListNotations.
Open Scope Z_scope.

(** Row-major order: the first component that differs decides. *)
Inductive before : list Z -> list Z -> Prop :=
| Sooner i j a b : i < j -> before (i :: a) (j :: b)
| Later i a b : before a b -> before (i :: a) (i :: b).

(** How many indices come after one. *)
Fixpoint left (shape index : list Z) : Z :=
  match shape, index with
  | n :: shape, i :: index => (n - 1 - i) * count shape + left shape index
  | _, _ => 0
  end.

Lemma zeros_valid shape : Forall (fun n => 1 <= n) shape -> valid shape (zeros shape).
Proof. induction 1; cbn; constructor; auto; lia. Qed.

Lemma count_positive shape : Forall (fun n => 1 <= n) shape -> 1 <= count shape.
Proof. unfold count. induction 1; cbn [fold_right]; nia. Qed.

Lemma left_zeros shape : Forall (fun n => 1 <= n) shape ->
  left shape (zeros shape) = count shape - 1.
Proof.
  unfold count, zeros. induction 1 as [|n shape H F IH]; cbn [left map fold_right]; [lia|].
  unfold count. rewrite IH. lia.
Qed.

Lemma left_bounds shape index : Forall (fun n => 1 <= n) shape -> valid shape index ->
  0 <= left shape index < count shape.
Proof.
  intros P V. induction V as [|n i shape index H V IH]; cbn [left]; [cbn; lia|].
  inversion P; subst. specialize (IH ltac:(auto)).
  change (count (n :: shape)) with (n * count shape). nia.
Qed.

Lemma next_correct shape index : Forall (fun n => 1 <= n) shape -> valid shape index ->
  match next shape index with
  | Some after => valid shape after /\ before index after /\ left shape after = left shape index - 1
  | None => left shape index = 0
  end.
Proof.
  intros P V. induction V as [|n i shape index H V IH]; cbn [next left]; [reflexivity|].
  inversion P as [|? ? P1 P']; subst. specialize (IH P').
  destruct (next shape index) as [after|].
  - destruct IH as (A & B & C). repeat split.
    + constructor; auto.
    + now apply Later.
    + cbn [left]. lia.
  - destruct (Z.ltb_spec (i + 1) n).
    + repeat split.
      * constructor; [lia|]. now apply zeros_valid.
      * apply Sooner. lia.
      * cbn [left]. fold (zeros shape). rewrite left_zeros by auto. lia.
    + replace (n - 1 - i) with 0 by lia. lia.
Qed.

Lemma before_trans a b c : before a b -> before b c -> before a c.
Proof.
  intros H. revert c. induction H as [i j a b L|i a b H IH]; intros c K; inversion K; subst.
  - apply Sooner. lia.
  - now apply Sooner.
  - now apply Sooner.
  - apply Later. auto.
Qed.

Lemma before_irreflexive a : ~ before a a.
Proof. induction a; intros H; inversion H; subst; [lia|auto]. Qed.

Lemma walk_correct shape fuel index :
  Forall (fun n => 1 <= n) shape -> valid shape index -> left shape index < Z.of_nat fuel ->
  let visited := visits fuel shape index in
  Forall (valid shape) visited /\
  Forall (fun other => other = index \/ before index other) visited /\
  StronglySorted before visited /\
  Z.of_nat (length visited) = left shape index + 1.
Proof.
  intros P. revert index. induction fuel as [|fuel IH]; intros index V L; cbn [visits].
  { pose proof (left_bounds _ _ P V). lia. }
  pose proof (next_correct _ _ P V) as N. destruct (next shape index) as [after|].
  - destruct N as (V' & B & E). destruct (IH after V' ltac:(lia)) as (W1 & W2 & W3 & W4).
    assert (Forall (before index) (visits fuel shape after)) as Up.
    { eapply Forall_impl; [|exact W2]. cbn. intros other [->|O]; auto.
      eapply before_trans; eauto. }
    split; [constructor; auto|]. split; [|split].
    + constructor; auto. eapply Forall_impl; [|exact Up]. cbn. auto.
    + constructor; auto.
    + cbn [length]. lia.
  - split; [constructor; auto|]. split; [constructor; auto|]. split; [constructor; constructor|].
    cbn [length]. lia.
Qed.

(** Different indices have different numbers left after them: so none is left out. *)
Lemma left_injective shape i j : Forall (fun n => 1 <= n) shape ->
  valid shape i -> valid shape j -> left shape i = left shape j -> i = j.
Proof.
  intros P V. revert j. induction V as [|n x shape i H V IH]; intros j W E;
    inversion W as [|? y ? j' H' W']; subst; auto.
  inversion P as [|? ? _ P']; subst. cbn [left] in E.
  pose proof (left_bounds _ _ P' V). pose proof (left_bounds _ _ P' W').
  assert (x = y) by nia. subst. f_equal. apply IH; auto. lia.
Qed.

Lemma sorted_distinct l : StronglySorted before l -> NoDup l.
Proof.
  induction 1 as [|a l _ IH F]; constructor; auto.
  intros I. rewrite Forall_forall in F. exact (before_irreflexive a (F a I)).
Qed.

(** The walk from the all-zero index: every valid index, each exactly once, in row-major order. *)
Theorem walk_is_row_major shape fuel :
  Forall (fun n => 1 <= n) shape -> count shape <= Z.of_nat fuel ->
  let visited := visits fuel shape (zeros shape) in
  (forall index, In index visited <-> valid shape index) /\
  NoDup visited /\ StronglySorted before visited /\ Z.of_nat (length visited) = count shape.
Proof.
  intros P F. pose proof (zeros_valid _ P) as V0. pose proof (left_zeros _ P) as L0.
  destruct (walk_correct shape fuel (zeros shape) P V0 ltac:(lia)) as (W1 & _ & W3 & W4).
  pose proof (sorted_distinct _ W3) as ND.
  split; [|repeat split; auto; lia].
  intros index. split; [intros I; rewrite Forall_forall in W1; auto|]. intros V.
  (* The numbers left after the visited ones are distinct and below the count: all of them. *)
  set (visited := visits fuel shape (zeros shape)) in *.
  assert (NoDup (map (left shape) visited)) as ND'.
  { clear -P W1 ND. induction visited as [|a l IH]; cbn; constructor.
    - inversion W1 as [|? ? Va W1']; inversion ND as [|? ? NI ND']; subst.
      rewrite in_map_iff. intros (b & E & I). apply NI.
      rewrite Forall_forall in W1'. rewrite <- (left_injective shape b a); auto.
    - inversion W1; inversion ND; subst; auto. }
  set (all := map Z.of_nat (seq 0 (Z.to_nat (count shape)))).
  assert (incl all (map (left shape) visited)) as All.
  { apply (NoDup_length_incl ND').
    - subst all. rewrite !map_length, seq_length. lia.
    - intros k K. apply in_map_iff in K as (a & <- & I). rewrite Forall_forall in W1.
      pose proof (left_bounds _ _ P (W1 a I)). subst all. apply in_map_iff.
      exists (Z.to_nat (left shape a)). rewrite in_seq. lia. }
  pose proof (left_bounds _ _ P V) as B.
  assert (In (left shape index) (map (left shape) visited)) as I.
  { apply All. subst all. apply in_map_iff. exists (Z.to_nat (left shape index)).
    rewrite in_seq. lia. }
  apply in_map_iff in I as (a & E & I). rewrite Forall_forall in W1.
  rewrite <- (left_injective shape a index); auto.
Qed.

Print Assumptions walk_is_row_major.

(** Inner axes that continue each other: each stride is the last one times the sizes behind it, except
    where there is one index only. *)
Fixpoint continuing (stride : Z) (shape strides : list Z) : Prop :=
  match shape, strides with
  | [], [] => True
  | n :: shape, s :: strides => (n = 1 \/ s = stride * count shape) /\ continuing stride shape strides
  | _, _ => False
  end.

Lemma continuing_dot stride shape strides index :
  continuing stride shape strides -> valid shape index ->
  dot index strides = stride * (count shape - 1 - left shape index).
Proof.
  intros C V. revert strides C.
  induction V as [|n i shape index H V IH]; intros [|s strides] C; cbn [continuing] in C;
    try contradiction.
  - unfold dot, count. cbn. lia.
  - destruct C as [E C]. specialize (IH strides C). cbn [left].
    change (count (n :: shape)) with (n * count shape).
    change (dot (i :: index) (s :: strides)) with (i * s + dot index strides). rewrite IH.
    destruct E as [->| ->]; [assert (i = 0) as -> by lia|]; ring.
Qed.

Lemma dot_app a b c d : length a = length b -> dot (a ++ c) (b ++ d) = dot a b + dot c d.
Proof.
  revert b. induction a as [|x a IH]; intros [|y b] L; try discriminate; [reflexivity|].
  change (x * y + dot (a ++ c) (b ++ d) = x * y + dot a b + dot c d).
  rewrite IH by (now injection L). lia.
Qed.

Lemma after_valid shape index after : Forall (fun n => 1 <= n) shape -> valid shape index ->
  next shape index = Some after -> valid shape after /\ left shape after = left shape index - 1.
Proof. intros P V N. pose proof (next_correct _ _ P V) as C. rewrite N in C. tauto. Qed.

(** A run: while the index on the outer axes stays, each step of the walk adds the same stride. *)
Theorem run_is_even stride outer_strides shape strides outer index after :
  length outer = length outer_strides ->
  Forall (fun n => 1 <= n) shape -> continuing stride shape strides -> valid shape index ->
  next shape index = Some after ->
  dot (outer ++ after) (outer_strides ++ strides) =
  dot (outer ++ index) (outer_strides ++ strides) + stride.
Proof.
  intros L P C V N. destruct (after_valid _ _ _ P V N) as [V' E].
  rewrite !dot_app by assumption.
  rewrite (continuing_dot _ _ _ _ C V), (continuing_dot _ _ _ _ C V'), E. ring.
Qed.
