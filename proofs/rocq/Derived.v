(** What comes of the operations (theorem T6): every operation of an accepted parent is accepted in the
    same buffer, and all but broadcasts and windows keep uniqueness. For any rank. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Differences Models Operations Selections Documented.
Import ListNotations.
Open Scope Z_scope.

(** ** The gate *)

Definition non_negative (shape : list Z) : Prop := Forall (fun n => 0 <= n) shape.

Lemma count_zero shape : count shape = 0 <-> In 0 shape.
Proof.
  unfold count. induction shape as [|n shape IH]; cbn [fold_right In]; [lia|].
  rewrite Z.mul_eq_0, IH. intuition lia.
Qed.

Lemma size_positive shape p : non_negative shape -> ~ In 0 shape -> (p < length shape)%nat ->
  1 <= nth p shape 0.
Proof.
  intros N Z P. pose proof (nth_In shape 0 P) as In. unfold non_negative in N.
  rewrite Forall_forall in N. specialize (N _ In). assert (nth p shape 0 <> 0) by congruence. lia.
Qed.

(** A selection out of a parent that is not empty starts at an index of it. *)
Lemma starts_inside shape op s p : non_negative shape -> ~ In 0 shape ->
  selection_of shape op = Some s -> (p < length shape)%nat ->
  0 <= component p (fst s) < nth p shape 0.
Proof.
  intros N Z S P. pose proof (size_positive shape p N Z P) as Size.
  assert (forall cuts, by_ (cuts p) <> 0 ->
    0 <= component p (fst (cutting shape cuts)) < nth p shape 0) as Cut.
  { intros cuts C. unfold cutting, selecting, component. cbn [fst]. rewrite nth_seq.
    apply Nat.ltb_lt in P. rewrite P. pose proof (first_inside (nth p shape 0) (cuts p) Size C). lia. }
  unfold selection_of, provided in S.
  destruct op; try (match type of S with (if ?c then _ else _) = _ => destruct c eqn:C; [|discriminate] end);
    injection S as <-; bools;
    try (apply Cut; unfold only; cases; discriminate);
    try (unfold selecting, component; cbn [fst]; rewrite nth_seq; cases; subst; lia).
  - apply Cut. apply cuts_step; assumption.
  - unfold selecting, component; cbn [fst]; rewrite nth_seq; unfold diagonal.
    destruct (Z.eqb_spec (Z.max 0 (Z.min (nth rows shape 0 - Z.max 0 (- offset))
                                         (nth columns shape 0 - Z.max 0 offset))) 0); cases; subst; lia.
Qed.

Lemma selection_ranked shape op s : selection_of shape op = Some s ->
  ranked (length shape) (fst s) (selected (length shape) (snd s)).
Proof.
  intros S. apply selected_ranked. unfold selection_of, provided, cutting, selecting in S.
  destruct op; try (match type of S with (if ?c then _ else _) = _ => destruct c; [|discriminate] end);
    injection S as <-; cbn [fst]; now rewrite map_length, seq_length.
Qed.

(** T6: every operation of a parent that is not empty passes the gate. *)
Theorem passes_the_gate shape op s : non_negative shape -> ~ In 0 shape ->
  selection_of shape op = Some s ->
  let walks := selected (length shape) (snd s) in
  count (sizes_of walks) <= isize.MAX -> gate shape (fst s) walks.
Proof.
  intros N Z S walks C p P. pose proof (selection_ranked _ _ _ S) as R.
  split; [unfold sizes_of, column; now rewrite !map_length|]. split; [exact C|].
  destruct (in_dec Z.eq_dec 0 (sizes_of walks)) as [E|E]; [left|right]; (split; [exact E|]).
  - pose proof (starts_inside _ _ _ _ N Z S P). change (component p shape) with (nth p shape 0). lia.
  - intros index V. destruct (selects_as_documented _ _ _ S index p V P) as [D B].
    rewrite <- D, (place_on_axis _ _ _ _ _ R V) in B. fold walks in B.
    change (component p shape) with (nth p shape 0). lia.
Qed.

(** ** Uniqueness *)

Lemma injective_by n m axis :
  (forall k, (k < m)%nat -> 1 < fst (axis k) -> exists p, (p < n)%nat /\
     step_on p (snd (axis k)) <> 0 /\
     forall l, (l < m)%nat -> l <> k -> step_on p (snd (axis l)) = 0) ->
  injective (selected n (map axis (seq 0 m))).
Proof.
  intros A k K. unfold selected in *. rewrite map_map in *. rewrite map_length, seq_length in *.
  assert (forall l, (l < m)%nat -> nth l (map (fun k => walking n (fst (axis k)) (snd (axis k)))
    (seq 0 m)) (0, []) = walking n (fst (axis l)) (snd (axis l))) as Nth.
  { intros l L. rewrite nth_seq. apply Nat.ltb_lt in L. now rewrite L. }
  rewrite Nth by exact K. cbn [fst snd walking]. intros Size.
  destruct (A k K Size) as (p & P & Step & Others). exists p.
  assert (forall along, component p (map (fun p => step_on p along) (seq 0 n)) = step_on p along) as On.
  { intros along. unfold component. rewrite nth_seq. apply Nat.ltb_lt in P. now rewrite P. }
  rewrite On. split; [exact Step|]. intros l L D _. rewrite Nth by exact L. cbn [snd walking].
  rewrite On. auto.
Qed.

Lemma cutting_injective shape cuts : (forall p, by_ (cuts p) <> 0) ->
  injective (selected (length shape) (snd (cutting shape cuts))).
Proof.
  intros C. apply injective_by. intros k K _. exists k. cbn [snd step_on]. rewrite Nat.eqb_refl.
  split; [exact K|]. split; [|intros; cases; lia].
  unfold stepping. destruct (_ =? 0); [lia|]. pose proof (C k). lia.
Qed.

Theorem selects_injectively shape op s : selection_of shape op = Some s ->
  match op with BroadcastTo _ | Windows _ _ => False | _ => True end ->
  injective (selected (length shape) (snd s)).
Proof.
  unfold selection_of, provided. intros S K.
  destruct op; try contradiction;
    try (match type of S with (if ?c then _ else _) = _ => destruct c eqn:C; [|discriminate] end);
    injection S as <-; bools;
    try (apply cutting_injective; intros; first [apply cuts_step; assumption|unfold only; cases; discriminate]);
    unfold selecting; cbn [snd]; apply injective_by; intros k L Size.
  - destruct (permutation _ _ H H0) as (Distinct & _ & Below). exists (nth k axes 0%nat).
    split; [auto|]. cbn [snd step_on]. rewrite Nat.eqb_refl. split; [lia|]. intros l L' N. cases; [|lia].
    exfalso. apply N. apply (proj1 (NoDup_nth axes 0%nat) Distinct); lia.
  - exists (if (k =? one)%nat then other else if (k =? other)%nat then one else k).
    cbn [snd step_on]. cases; repeat split; try lia; intros; cases; lia.
  - exists (length shape - 1 - k)%nat. cbn [snd step_on]. cases; repeat split; try lia; intros; cases; lia.
  - exists (skip axis k). unfold skip. cbn [snd step_on]. cases; repeat split; try lia; intros; cases; lia.
  - exists (if (k <? axis)%nat then k else k - 1)%nat. revert Size.
    cbn [snd step_on]. cases; repeat split; try lia; intros; cases; lia.
  - exists (skip axis k). unfold skip. cbn [snd step_on]. cases; repeat split; try lia; intros; cases; lia.
  - pose proof (fun l p => both_skipped rows columns l p H0) as Kept.
    destruct (Nat.ltb_spec k (length shape - 2)).
    + destruct (Kept k 0%nat) as (R & C & _). exists (skip_both rows columns k). cbn [snd step_on]. rewrite Nat.eqb_refl.
      split; [unfold skip_both, skip; cases; lia|]. split; [lia|]. intros l L' N.
      destruct (Nat.ltb_spec l (length shape - 2)); cbn [snd step_on]; [|cases; lia].
      pose proof (proj1 (proj2 (proj2 (Kept l (skip_both rows columns k))) R C)).
      pose proof (proj1 (proj2 (proj2 (Kept k (skip_both rows columns k))) R C) eq_refl). cases; lia.
    + exists rows. cbn [snd step_on]. rewrite Nat.eqb_refl. split; [exact H|].
      split; [cases; lia|]. intros l L' N.
      destruct (Nat.ltb_spec l (length shape - 2)); cbn [snd step_on]; [|lia].
      destruct (Kept l 0%nat) as (R & _). cases; lia.
Qed.

(** The strides of a view are those of its walks wherever an index moves. *)
Lemma still_strides sizes moved index :
  forallb (fun axis => isize.fits (snd axis) || ((count sizes =? 0) || (fst axis <=? 1)))
    (combine sizes moved) = true ->
  length moved = length sizes -> valid sizes index ->
  dot index (map (fun s => if isize.fits s then s else 0) moved) = dot index moved.
Proof.
  intros F L V. assert (count sizes =? 0 = false) as Z.
  { apply Z.eqb_neq. intros E. apply count_zero in E. clear -E V.
    induction V; destruct E; auto; lia. }
  rewrite Z in F. clear Z. unfold dot. revert moved F L.
  induction V as [|n i sizes index B V IH]; intros [|s moved] F L; try discriminate; [reflexivity|].
  cbn [combine forallb map sum2 fst snd orb] in *. apply andb_prop in F as [A F].
  rewrite IH by (auto; cbn in L; lia). destruct (isize.fits s); [reflexivity|].
  cbn [orb] in A. apply Z.leb_le in A. replace i with 0 by lia. lia.
Qed.

Lemma no_index shape index : In 0 shape -> ~ valid shape index.
Proof. intros E V. induction V; destruct E; auto; lia. Qed.

Section operations.
  Context (shape strides : list Z) (offset : Z) (op : operation) (s : selection).
  Context (sizes strides' : list Z) (offset' : Z).
  Hypothesis N : non_negative shape.
  Hypothesis S : selection_of shape op = Some s.
  Hypothesis D : derived shape strides offset s = Some (sizes, strides', offset').

  Let walks := selected (length shape) (snd s).

  Lemma derived_numbers :
    sizes = sizes_of walks /\ length strides' = length sizes /\ count sizes <= isize.MAX /\
    offset' = (if count shape =? 0 then offset else offset + dot (fst s) strides) /\
    forall index, valid sizes index -> dot index strides' = dot index (strides_of walks strides).
  Proof.
    unfold derived in D. fold walks in D. destruct (_ && _) eqn:C; [|discriminate].
    injection D as <- <- <-. apply andb_prop in C as [C F]. apply Z.leb_le in C.
    assert (length (strides_of walks strides) = length (sizes_of walks)) as L
      by (unfold strides_of, sizes_of; now rewrite !map_length).
    split; [reflexivity|]. split; [now rewrite map_length|]. split; [exact C|]. split; [reflexivity|].
    intros index V. apply still_strides with (sizes_of walks); auto.
  Qed.

  (** T6: every operation of an accepted parent is accepted, in the same buffer. *)
  Theorem operation_is_accepted len item : 0 <= item ->
    accepts shape strides offset len item -> accepts sizes strides' offset' len item.
  Proof.
    intros I A. destruct derived_numbers as (E & L & C & O & Dot). split; [auto|]. split; [exact C|].
    destruct (in_dec Z.eq_dec 0 sizes) as [Z|Z]; [left|right]; (split; [exact Z|]).
    - destruct A as (_ & _ & [[Z' A]|[Z' A]]).
      + apply count_zero in Z'. rewrite O, Z'. exact A.
      + destruct (Z.eqb_spec (count shape) 0) as [Y|_]; [apply count_zero in Y; contradiction|].
        assert (valid shape (fst s)) as V.
        { apply valid_by_components; [apply (selection_ranked _ _ _ S)|].
          intros p P. exact (starts_inside _ _ _ _ N Z' S P). }
        specialize (A _ V). lia.
    - intros index V. rewrite (Dot _ V). rewrite E in V, Z, C.
      destruct (in_dec Z.eq_dec 0 shape) as [Z'|Z'].
      + exfalso. apply (no_index shape (place (fst s) walks index) Z').
        apply valid_by_components; [exact (place_length _ _ _ _ (selection_ranked _ _ _ S))|].
        intros p P. destruct (selects_as_documented _ _ _ S index p V P) as [X B].
        rewrite <- X in B. exact B.
      + pose proof (derived_is_accepted _ _ _ _ _ _ _ A (selection_ranked _ _ _ S)
          (passes_the_gate _ _ _ N Z' S C) C Z) as (_ & _ & [[X _]|[_ X]]); [contradiction|].
        destruct (Z.eqb_spec (count shape) 0) as [Y|_]; [apply count_zero in Y; contradiction|].
        rewrite O. apply X. exact V.
  Qed.

  (** T6: every operation but a broadcast and windows keeps uniqueness. *)
  Theorem operation_keeps_uniqueness item :
    match op with BroadcastTo _ | Windows _ _ => False | _ => True end ->
    unique shape strides item -> unique sizes strides' item.
  Proof.
    intros K U. destruct derived_numbers as (E & _ & C & _ & Dot). intros i j Vi Vj.
    rewrite (Dot _ Vi), (Dot _ Vj). rewrite E in *.
    assert (~ In 0 shape) as Z'.
    { intros Z'. apply (no_index shape (place (fst s) walks i) Z').
      apply valid_by_components; [exact (place_length _ _ _ _ (selection_ranked _ _ _ S))|].
      intros p P. destruct (selects_as_documented _ _ _ S i p Vi P) as [X B].
      rewrite <- X in B. exact B. }
    apply (selected_is_unique shape strides item (fst s) walks); auto.
    - apply selection_ranked with op. exact S.
    - apply passes_the_gate with op; auto.
    - apply selects_injectively with op; auto.
  Qed.
End operations.

Print Assumptions operation_is_accepted.
Print Assumptions operation_keeps_uniqueness.
