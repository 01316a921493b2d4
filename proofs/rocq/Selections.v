(** What each operation selects, on one axis of the parent (theorem T6).

    An axis of the view moves along some axes of the parent, each by a step; [Operations.v] says what
    comes of it. Slices, reversals, permutations, indexing, inserted and squeezed axes, broadcasts and
    splits have at most one axis of the view on each axis of the parent; windows have two; a diagonal
    is one axis of the view on two of the parent. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Models Operations.
Import ListNotations.
Open Scope Z_scope.

Lemma selected_ranked n start axes : length start = n -> ranked n start (selected n axes).
Proof.
  intros L. split; [exact L|]. apply Forall_map, Forall_forall. intros axis _. cbn.
  rewrite map_length. apply seq_length.
Qed.

Lemma column_selected n axes p : (p < n)%nat ->
  column p (selected n axes) = map (fun axis => step_on p (snd axis)) axes.
Proof.
  intros H. unfold column, selected. rewrite map_map. apply map_ext. intros axis. cbn.
  unfold component. rewrite (nth_indep _ 0 (step_on 0 (snd axis))) by
    (rewrite map_length, seq_length; exact H).
  rewrite (map_nth (fun p => step_on p (snd axis))), seq_nth by exact H. reflexivity.
Qed.

Lemma dot_one k i c : (forall l, l <> k -> nth l c 0 = 0) -> dot i c = nth k i 0 * nth k c 0.
Proof.
  unfold dot. revert k i. induction c as [|z c IH]; intros k [|x i] H; cbn [sum2].
  - destruct k; cbn; lia.
  - destruct k; cbn; lia.
  - destruct k; cbn; lia.
  - destruct k as [|k].
    + rewrite (IH (length c) i) by (intros l _; apply (H (S l)); lia).
      rewrite (nth_overflow c) by lia. cbn [nth]. lia.
    + rewrite (IH k i) by (intros l N; apply (H (S l)); lia).
      pose proof (H 0%nat ltac:(lia)) as Z0. cbn [nth] in *. subst z. lia.
Qed.

Lemma dot_two k j i c : k <> j -> (forall l, l <> k -> l <> j -> nth l c 0 = 0) ->
  dot i c = nth k i 0 * nth k c 0 + nth j i 0 * nth j c 0.
Proof.
  unfold dot. revert k j i. induction c as [|z c IH]; intros k j [|x i] D H; cbn [sum2].
  - destruct k, j; cbn; lia.
  - destruct k, j; cbn; lia.
  - destruct k, j; cbn; lia.
  - destruct k as [|k], j as [|j]; [lia| | |].
    + cbn [nth]. fold (dot i c). rewrite (dot_one j i c); [lia|].
      intros l N. apply (H (S l)); lia.
    + cbn [nth]. fold (dot i c). rewrite (dot_one k i c); [lia|].
      intros l N. apply (H (S l)); lia.
    + rewrite (IH k j i) by (try lia; intros l N M; apply (H (S l)); lia).
      pose proof (H 0%nat ltac:(lia) ltac:(lia)) as Z0. cbn [nth] in *. subst z. lia.
Qed.

Section operations.
  Context (n : nat) (start : list Z) (axes : list (Z * list (nat * Z))) (p : nat).
  Hypothesis rank : length start = n.
  Hypothesis axis : (p < n)%nat.

  Let walks := selected n axes.
  Let steps (k : nat) : Z := step_on p (snd (nth k axes (0, []))).

  Lemma steps_column k : nth k (column p walks) 0 = steps k.
  Proof.
    unfold walks. rewrite column_selected by exact axis.
    replace 0 with (step_on p (snd ((0, []) : Z * list (nat * Z)))) at 1 by reflexivity.
    apply (map_nth (fun axis => step_on p (snd axis))).
  Qed.

  (** No axis of the view moves here: the index is the start. So an axis that is indexed. *)
  Theorem fixed index : valid (sizes_of walks) index -> (forall k, steps k = 0) ->
    component p (place start walks index) = component p start.
  Proof.
    intros V H. rewrite (place_on_axis n) by (first [exact V|apply selected_ranked; exact rank]).
    rewrite (dot_one 0); [|intros l _; rewrite steps_column; apply H].
    rewrite steps_column, H. lia.
  Qed.

  (** One axis moves here: start, plus its index times its step. So slices ([start] is the first
      element, the step that of the slice), reversals (from the last, by -1), permutations, axes that
      stay, either half of a split (the second one starts where it is split), and both axes of a
      diagonal, which one axis of the view moves along. *)
  Theorem one_axis index k : valid (sizes_of walks) index ->
    (forall l, l <> k -> steps l = 0) ->
    component p (place start walks index) = component p start + steps k * nth k index 0.
  Proof.
    intros V H. rewrite (place_on_axis n) by (first [exact V|apply selected_ranked; exact rank]).
    rewrite (dot_one k); [|intros l N; rewrite steps_column; auto].
    rewrite steps_column. lia.
  Qed.

  (** Two axes move here: windows, whose position and whose inside both do, by 1. *)
  Theorem two_axes index k j : valid (sizes_of walks) index -> k <> j ->
    (forall l, l <> k -> l <> j -> steps l = 0) ->
    component p (place start walks index) =
    component p start + steps k * nth k index 0 + steps j * nth j index 0.
  Proof.
    intros V D H. rewrite (place_on_axis n) by (first [exact V|apply selected_ranked; exact rank]).
    rewrite (dot_two k j); [|exact D|intros l N M; rewrite steps_column; auto].
    rewrite !steps_column. lia.
  Qed.
End operations.

Print Assumptions one_axis.
Print Assumptions two_axes.
