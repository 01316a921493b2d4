(** Each operation selects what its documentation says (theorem T6), for any rank of the parent.

    [documented] restates the documentation: which index of the parent an index of the view stands for,
    axis by axis of the parent. [Models.v] has what the operations select. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Differences Models Operations Selections.
Import ListNotations.
Open Scope Z_scope.

(** The parent's index on axis [p]. *)
Definition documented (shape : list Z) (op : operation) (index : list Z) (p : nat) : Z :=
  let n := length shape in
  let size := nth p shape 0 in
  let i k := nth k index 0 in
  match op with
  | Slice cuts => let c := nth p cuts whole in start_of size c + by_ c * i p
  | Permute axes => i (hd 0%nat (filter (fun k => nth k axes 0 =? p)%nat (seq 0 n)))
  | SwapAxes one other =>
    i (if (p =? one)%nat then other else if (p =? other)%nat then one else p)
  | Transpose => i (n - 1 - p)%nat
  | Reverse axis => if (p =? axis)%nat then size - 1 - i p else i p
  | IndexAxis axis position =>
    if (p <? axis)%nat then i p else if (p =? axis)%nat then position else i (p - 1)%nat
  | InsertAxis axis => i (if (p <? axis)%nat then p else p + 1)%nat
  | Squeeze axis => if (p <? axis)%nat then i p else if (p =? axis)%nat then 0 else i (p - 1)%nat
  | BroadcastTo sizes => if size =? 1 then 0 else i (length sizes - n + p)%nat
  | Windows window steps => nth p steps 0 * i p + i (n + p)%nat
  | Diagonal offset rows columns =>
    if (p =? rows)%nat then Z.max 0 (- offset) + i (n - 2)%nat
    else if (p =? columns)%nat then Z.max 0 offset + i (n - 2)%nat
    else i (p - (if (rows <? p)%nat then 1 else 0) - (if (columns <? p)%nat then 1 else 0))%nat
  | Head axis position => i p
  | Tail axis position => if (p =? axis)%nat then position + i p else i p
  end.

(** ** Slices of one axis *)

(** What a slice takes are the elements from its start on, a step apart, that lie before its end. *)
Lemma slice_takes size c k : by_ c <> 0 -> 0 <= k ->
  k < taken size c <->
  if by_ c <? 0 then end_of size c < start_of size c + by_ c * k
  else start_of size c + by_ c * k < end_of size c.
Proof.
  intros N K. unfold taken. cbv zeta.
  assert (forall span t, 0 < t ->
    k < (if span <=? 0 then 0 else (span - 1) / t + 1) <-> t * k < span) as Count.
  { intros span t T. destruct (Z.leb_spec span 0); [nia|].
    pose proof (Z.div_mod (span - 1) t ltac:(lia)). pose proof (Z.mod_pos_bound (span - 1) t T). nia. }
  rewrite (Count _ (Z.abs (by_ c)) ltac:(lia)).
  destruct (Z.ltb_spec (by_ c) 0); [rewrite Z.abs_neq by lia|rewrite Z.abs_eq by lia]; lia.
Qed.

Lemma slice_inside size c k : by_ c <> 0 -> 0 <= k < taken size c ->
  first size c + stepping size c * k = start_of size c + by_ c * k /\
  0 <= start_of size c + by_ c * k < size.
Proof.
  intros N K. pose proof (proj1 (slice_takes size c k N ltac:(lia)) ltac:(lia)) as T.
  unfold first, stepping. destruct (Z.eqb_spec (taken size c) 0); [lia|]. split; [reflexivity|].
  unfold start_of, end_of, clamp in *.
  destruct (Z.ltb_spec (by_ c) 0).
  - assert (by_ c * k <= 0) by nia. destruct (from c), (to c); lia.
  - assert (0 <= by_ c * k) by nia. destruct (from c), (to c); lia.
Qed.

Lemma first_inside size c : 1 <= size -> by_ c <> 0 -> 0 <= first size c < size.
Proof.
  intros S N. unfold first. destruct (Z.eqb_spec (taken size c) 0); [lia|].
  assert (0 <= taken size c).
  { unfold taken. cbv zeta. destruct (_ <=? 0) eqn:E; [lia|]. apply Z.leb_gt in E.
    apply Z.add_nonneg_nonneg; [apply Z.div_pos|]; lia. }
  pose proof (slice_inside size c 0 N ltac:(lia)). lia.
Qed.

(** ** Windows and diagonals of one axis *)

(** There is a window at each position from which it fits. *)
Lemma windows_fit size window step k : 1 <= step -> window <= size -> 0 <= k ->
  k < (size - window) / step + 1 <-> step * k + window <= size.
Proof.
  intros S W K. pose proof (Z.div_mod (size - window) step ltac:(lia)).
  pose proof (Z.mod_pos_bound (size - window) step ltac:(lia)). nia.
Qed.

(** A diagonal has an element for each row and column that it meets. *)
Lemma diagonal_meets height width offset k : 0 <= k ->
  k < diagonal height width offset <->
  Z.max 0 (- offset) + k < height /\ Z.max 0 offset + k < width.
Proof. unfold diagonal. lia. Qed.

(** ** One axis of the parent *)

Lemma nth_seq {A} (f : nat -> A) n k d : nth k (map f (seq 0 n)) d = if (k <? n)%nat then f k else d.
Proof.
  destruct (Nat.ltb_spec k n).
  - rewrite (nth_indep _ d (f 0%nat)) by (rewrite map_length, seq_length; lia).
    rewrite map_nth, seq_nth by lia. reflexivity.
  - apply nth_overflow. rewrite map_length, seq_length. lia.
Qed.

Section one_selection.
  Context (n m : nat) (start : nat -> Z) (axis : nat -> Z * list (nat * Z)) (index : list Z).
  Let walks := selected n (map axis (seq 0 m)).
  Hypothesis V : valid (sizes_of walks) index.

  Lemma index_inside k : (k < m)%nat -> 0 <= nth k index 0 < fst (axis k).
  Proof.
    intros H.
    assert (sizes_of walks = map (fun k => fst (axis k)) (seq 0 m)) as E.
    { unfold walks, selected, sizes_of. rewrite !map_map. reflexivity. }
    rewrite E in V. pose proof (valid_nth _ _ k V) as B.
    rewrite map_length, seq_length, nth_seq in B. apply Nat.ltb_lt in H as H'. rewrite H' in B. auto.
  Qed.

  Lemma steps_of p l : step_on p (snd (nth l (map axis (seq 0 m)) (0, []))) =
    if (l <? m)%nat then step_on p (snd (axis l)) else 0.
  Proof. rewrite nth_seq. destruct (l <? m)%nat; reflexivity. Qed.

  Lemma start_of_axis p : (p < n)%nat -> component p (map start (seq 0 n)) = start p.
  Proof. intros H. unfold component. rewrite nth_seq. apply Nat.ltb_lt in H. now rewrite H. Qed.

  Lemma start_ranked : length (map start (seq 0 n)) = n.
  Proof. now rewrite map_length, seq_length. Qed.

  Lemma by_one p k : (p < n)%nat -> (k < m)%nat ->
    (forall l, (l < m)%nat -> l <> k -> step_on p (snd (axis l)) = 0) ->
    component p (place (map start (seq 0 n)) walks index) =
    start p + step_on p (snd (axis k)) * nth k index 0.
  Proof.
    intros P K O. unfold walks in *.
    rewrite (one_axis n _ _ p start_ranked P index k V), start_of_axis, steps_of by
      (auto; intros l L; rewrite steps_of; destruct (Nat.ltb_spec l m); auto).
    apply Nat.ltb_lt in K. now rewrite K.
  Qed.

  Lemma by_two p k j : (p < n)%nat -> (k < m)%nat -> (j < m)%nat -> k <> j ->
    (forall l, (l < m)%nat -> l <> k -> l <> j -> step_on p (snd (axis l)) = 0) ->
    component p (place (map start (seq 0 n)) walks index) =
    start p + step_on p (snd (axis k)) * nth k index 0 + step_on p (snd (axis j)) * nth j index 0.
  Proof.
    intros P K J D O. unfold walks in *.
    rewrite (two_axes n _ _ p start_ranked P index k j V D), start_of_axis, !steps_of by
      (auto; intros l L L'; rewrite steps_of; destruct (Nat.ltb_spec l m); auto).
    apply Nat.ltb_lt in K, J. now rewrite K, J.
  Qed.

  Lemma by_none p : (p < n)%nat -> (forall l, (l < m)%nat -> step_on p (snd (axis l)) = 0) ->
    component p (place (map start (seq 0 n)) walks index) = start p.
  Proof.
    intros P O. unfold walks in *. rewrite (fixed n _ _ p start_ranked P index V), start_of_axis
      by (auto; intros l; rewrite steps_of; destruct (Nat.ltb_spec l m); auto). reflexivity.
  Qed.
End one_selection.

(** Splits every comparison of axis numbers, inner ones first. *)
Ltac flat a := lazymatch a with context[if _ then _ else _] => fail | _ => idtac end.
Ltac cases :=
  repeat (match goal with
  | |- context[(?a =? ?b)%nat] => flat a; flat b; destruct (Nat.eqb_spec a b)
  | |- context[(?a <? ?b)%nat] => flat a; flat b; destruct (Nat.ltb_spec a b)
  | |- context[(?a <=? ?b)%nat] => flat a; flat b; destruct (Nat.leb_spec a b)
  end; cbn [andb orb negb fst snd step_on] in *).

Ltac bools :=
  repeat match goal with
  | H : _ && _ = true |- _ => apply andb_prop in H as [? ?]
  | H : (_ <? _)%nat = true |- _ => apply Nat.ltb_lt in H
  | H : (_ <=? _)%nat = true |- _ => apply Nat.leb_le in H
  | H : (_ =? _)%nat = true |- _ => apply Nat.eqb_eq in H
  | H : negb (_ =? _)%nat = true |- _ => apply negb_true_iff, Nat.eqb_neq in H
  | H : (_ <? _) = true |- _ => apply Z.ltb_lt in H
  | H : (_ <=? _) = true |- _ => apply Z.leb_le in H
  | H : (_ =? _) = true |- _ => apply Z.eqb_eq in H
  end.

(** The axis [k] of the view is the only one that moves on the parent's axis. *)
Ltac along k :=
  rewrite (by_one _ _ _ _ _ ltac:(eassumption) _ k) by (intros; unfold skip in *; cbn [fst snd step_on]; cases; lia).

(** What is to be shown of each operation, on one axis of the parent. *)
Definition right (shape : list Z) (op : operation) (s : selection) : Prop :=
  forall index p,
    valid (sizes_of (selected (length shape) (snd s))) index -> (p < length shape)%nat ->
    component p (place (fst s) (selected (length shape) (snd s)) index) =
      documented shape op index p /\
    0 <= documented shape op index p < nth p shape 0.

Lemma cuts_step cuts p : forallb (fun c => negb (by_ c =? 0)) cuts = true ->
  by_ (nth p cuts whole) <> 0.
Proof.
  intros A. destruct (nth_in_or_default p cuts whole) as [In | ->]; [|discriminate].
  rewrite forallb_forall in A. specialize (A _ In). now apply negb_true_iff, Z.eqb_neq in A.
Qed.

Lemma cutting_right shape cuts op :
  (forall p, by_ (cuts p) <> 0) ->
  (forall index p, documented shape op index p =
    start_of (nth p shape 0) (cuts p) + by_ (cuts p) * nth p index 0) ->
  right shape op (cutting shape cuts).
Proof.
  intros N D index p V P. unfold cutting, selecting in *. cbn [fst snd] in *. rewrite D.
  pose proof (index_inside _ _ _ _ V p P) as I. cbn [fst] in I.
  along p. cbn [fst snd step_on]. rewrite Nat.eqb_refl.
  destruct (slice_inside _ _ _ (N p) I). split; [|assumption]. lia.
Qed.

Ltac enter :=
  intros index p V P; unfold selecting in *; cbn [fst snd documented] in *;
  pose proof (index_inside _ _ _ _ V) as B.

(** The axis [k] of the view is the only one that moves here, by the documented step. *)
Ltac moves k :=
  along k; match goal with B : forall k, (k < _)%nat -> _ |- _ => specialize (B k); revert B end;
  unfold skip; cbn [fst snd step_on]; cases; subst;
  repeat match goal with
  | |- context[nth ?a _ 0] =>
    tryif is_var a then fail else match goal with p : nat |- _ => replace a with p by lia end
  end; try lia.

(** A list of axes that names each is a permutation. *)
Lemma permutation axes n : length axes = n ->
  forallb (fun p => existsb (Nat.eqb p) axes) (seq 0 n) = true ->
  NoDup axes /\ (forall p, (p < n)%nat -> In p axes) /\ forall k, (k < n)%nat -> (nth k axes 0 < n)%nat.
Proof.
  intros L A. assert (incl (seq 0 n) axes) as I.
  { intros p P. rewrite forallb_forall in A. apply A, existsb_exists in P as (? & ? & ->%Nat.eqb_eq).
    assumption. }
  assert (length axes <= length (seq 0 n))%nat as L' by (rewrite seq_length; lia).
  split; [|split].
  - exact (NoDup_incl_NoDup (seq_NoDup n 0) L' I).
  - intros p P. apply I, in_seq. lia.
  - intros k K. pose proof (NoDup_length_incl (seq_NoDup n 0) L' I (nth k axes 0%nat)) as In.
    rewrite <- L in K. specialize (In (nth_In _ _ K)). apply in_seq in In. lia.
Qed.

(** The place of an axis in it. *)
Lemma place_in axes n p : length axes = n -> NoDup axes -> In p axes ->
  exists k, hd 0%nat (filter (fun k => nth k axes 0 =? p)%nat (seq 0 n)) = k /\
    (k < n)%nat /\ nth k axes 0%nat = p /\
    forall l, (l < n)%nat -> l <> k -> nth l axes 0%nat <> p.
Proof.
  intros L D P. eexists. split; [reflexivity|]. set (found := filter _ _).
  assert (forall k, In k found <-> (k < n)%nat /\ nth k axes 0%nat = p) as F.
  { intros k. unfold found. rewrite filter_In, in_seq, Nat.eqb_eq. intuition lia. }
  destruct (In_nth _ _ 0%nat P) as (k & K & E).
  destruct found as [|k' rest] eqn:Found; [destruct (proj2 (F k)); lia|]. cbn [hd].
  destruct (proj1 (F k') (or_introl eq_refl)) as [K' E']. repeat split; auto.
  intros l L' N E''. apply N. apply (proj1 (NoDup_nth axes 0%nat) D); lia.
Qed.

Lemma start_of_position size position : 0 <= position <= size ->
  start_of size {| from := Some position; to := None; by_ := 1 |} = position.
Proof. intros. unfold start_of, clamp. cbn [from by_ Z.ltb Z.compare].
  destruct (Z.ltb_spec position 0); lia.
Qed.

(** The axes that a diagonal leaves. *)
Lemma both_skipped one other k p : one <> other ->
  skip_both one other k <> one /\ skip_both one other k <> other /\
  (p <> one -> p <> other -> skip_both one other k = p <->
   k = (p - (if (one <? p)%nat then 1 else 0) - (if (other <? p)%nat then 1 else 0))%nat).
Proof.
  intros D. assert (skip_both one other k = if (k <? Nat.min one other)%nat then k
    else if (S k <? Nat.max one other)%nat then S k else S (S k)) as ->.
  { unfold skip_both, skip. cases; lia. }
  cases; lia.
Qed.

Ltac all_axes H p := rewrite forallb_forall in H; specialize (H p ltac:(apply in_seq; lia)).

(** T6: every operation selects what its documentation says, and inside its parent. *)
Theorem selects_as_documented shape op s : selection_of shape op = Some s -> right shape op s.
Proof.
  unfold selection_of, provided. intros S.
  destruct op; try (match type of S with (if ?c then _ else _) = _ => destruct c eqn:C; [|discriminate] end);
    injection S as <-; bools.
  - (* Slice *)
    apply cutting_right; [|reflexivity]. intros p. apply cuts_step. assumption.
  - (* Permute *)
    enter. destruct (permutation _ _ H H0) as (Distinct & All & _).
    destruct (place_in axes (length shape) p) as (k & -> & K & E & O); auto.
    specialize (B k K). cbn [fst] in B. rewrite E in B.
    rewrite (by_one _ _ _ _ _ V _ k) by
      (auto; intros l L N; cbn [snd step_on]; specialize (O l L N); cases; lia).
    cbn [snd step_on]. rewrite E, Nat.eqb_refl. lia.
  - (* SwapAxes *)
    enter. destruct (Nat.eqb_spec p one); [subst; moves other|].
    destruct (Nat.eqb_spec p other); [subst; moves one|moves p].
  - (* Transpose *)
    enter. moves (length shape - 1 - p)%nat.
  - (* Reverse *)
    apply cutting_right; intros; unfold only, documented; cases; try discriminate;
      unfold start_of, whole; cbn [from by_ Z.ltb Z.compare]; lia.
  - (* IndexAxis *)
    enter. destruct (Nat.ltb_spec p axis); [moves p|].
    destruct (Nat.eqb_spec p axis); [subst|moves (p - 1)%nat].
    rewrite by_none by (eassumption || intros; unfold skip; cbn [fst snd step_on]; cases; lia).
    cases; lia.
  - (* InsertAxis *)
    enter. destruct (Nat.ltb_spec p axis); [moves p|moves (p + 1)%nat].
  - (* Squeeze *)
    enter. destruct (Nat.ltb_spec p axis); [moves p|].
    destruct (Nat.eqb_spec p axis); [subst|moves (p - 1)%nat].
    rewrite by_none by (eassumption || intros; unfold skip; cbn [fst snd step_on]; cases; lia).
    lia.
  - (* BroadcastTo *)
    enter. all_axes H0 p.
    assert (length sizes - length shape + length shape = length sizes)%nat by lia.
    set (added := (length sizes - length shape)%nat) in *.
    specialize (B (added + p)%nat ltac:(lia)). cbn [fst] in B.
    replace (added + p - added)%nat with p in B by lia.
    destruct (Z.eqb_spec (nth p shape 0) (nth (added + p) sizes 0)) as [E|N].
    + rewrite (by_one _ _ _ _ _ V _ (added + p)%nat) by
        (first [lia|intros l L D; 
          destruct (Nat.leb_spec added l), (nth (l - added) shape 0 =? nth l sizes 0);
          cbn [andb snd step_on]; cases; lia]).
      replace (added + p - added)%nat with p by lia. apply Z.eqb_eq in E as E'. rewrite E' in *.
      destruct (Nat.leb_spec added (added + p)); [|lia]. cbn [andb fst snd step_on] in *.
      rewrite Nat.eqb_refl. destruct (Z.eqb_spec (nth p shape 0) 1); lia.
    + cbn [orb] in H0. rewrite H0. apply Z.eqb_eq in H0.
      rewrite by_none by (first [exact V|exact P|intros l L;
        destruct (Nat.leb_spec added l), (Z.eqb_spec (nth (l - added) shape 0) (nth l sizes 0));
        cbn [andb snd step_on]; cases; try lia; subst p;
        replace (added + (l - added))%nat with l in N by lia; congruence]).
      lia.
  - (* Windows *)
    enter. all_axes H0 p. bools.
    pose proof (B p ltac:(lia)) as X. pose proof (B (length shape + p)%nat ltac:(lia)) as Y. clear B.
    rewrite (by_two _ _ _ _ _ V _ p (length shape + p)%nat) by
      (try lia; intros; cbn [snd step_on]; cases; lia).
    cbn [fst snd step_on] in *. revert X Y.
    replace (length shape + p - length shape)%nat with p by lia. cases; try lia. intros X Y.
    pose proof (Z.mul_div_le (nth p shape 0 - nth p window 0) (nth p steps 0) ltac:(lia)). nia.
  - (* Diagonal *)
    enter. assert (length shape - 2 < length shape - 1)%nat as K by lia. specialize (B _ K) as X.
    set (long := diagonal _ _ _) in *. cbn beta in X.
    rewrite Nat.ltb_irrefl in X. cbn [fst] in X.
    assert (forall l, l < length shape - 1 -> l <> length shape - 2 -> l < length shape - 2)%nat
      as Else by lia.
    destruct (Nat.eqb_spec p rows) as [->|]; [|destruct (Nat.eqb_spec p columns) as [->|]].
    1,2: rewrite (by_one _ _ _ _ _ V _ (length shape - 2)%nat) by
        (first [lia|intros l L N; specialize (Else l L N); apply Nat.ltb_lt in Else; rewrite Else;
                cbn [snd step_on]; destruct (both_skipped rows columns l 0 H0) as (A & A' & _);
                apply Nat.eqb_neq in A, A'; rewrite ?A, ?A'; reflexivity]);
      rewrite Nat.ltb_irrefl; cbn [snd step_on]; rewrite !Nat.eqb_refl;
      destruct (Z.eqb_spec long 0); [lia|]; subst long; unfold diagonal in *; cases; lia.
    set (k := (p - _ - (if (columns <? p)%nat then 1 else 0))%nat).
    assert (forall l, skip_both rows columns l = p <-> l = k) as Kept
      by (intros l; apply both_skipped; auto).
    assert (k < length shape - 2)%nat as Small by (subst k; cases; lia).
    specialize (B k ltac:(lia)). apply Nat.ltb_lt in Small as Small'. cbn beta in B. rewrite Small' in B.
    rewrite (proj2 (Kept k) eq_refl) in B. cbn [fst] in B.
    rewrite (by_one _ _ _ _ _ V _ k) by
      (first [lia|intros l L N; cbn [snd step_on]; destruct (Nat.ltb_spec l (length shape - 2));
              cbn [snd step_on]; [destruct (Nat.eqb_spec (skip_both rows columns l) p);
                [apply Kept in e; lia|reflexivity]|cases; lia]]).
    rewrite Small', (proj2 (Kept k) eq_refl). cbn [snd step_on]. rewrite Nat.eqb_refl.
    destruct (long =? 0); cases; lia.
  - (* Head *)
    apply cutting_right; intros; unfold only, documented; cases; try discriminate;
      unfold start_of, whole; cbn [from by_ Z.ltb Z.compare]; lia.
  - (* Tail *)
    apply cutting_right; intros; unfold only, documented; cases; try discriminate;
      [subst; rewrite start_of_position by lia|unfold start_of, whole]; cbn [from by_ Z.ltb Z.compare]; lia.
Qed.

Print Assumptions selects_as_documented.
