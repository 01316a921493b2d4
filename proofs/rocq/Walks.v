(** The kernel's small functions and its walks over one slice. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Corners Kernel Claims.
Import ListNotations.
Open Scope Z_scope.

(** Cases of a machine operation or a comparison in the goal. *)
Ltac cases :=
  repeat (match goal with
    | |- context [usize.checked ?a] =>
      let H := fresh in destruct (checked_spec a) as [[-> H]|[-> H]]
    | |- context [?a <? ?b] => destruct (Z.ltb_spec a b)
    | |- context [?a <=? ?b] => destruct (Z.leb_spec a b)
    | |- context [?a =? ?b] => destruct (Z.eqb_spec a b)
    end; cbn [bind ends negb andb]).

Lemma max_count : MAX_COUNT = isize.MAX.
Proof. reflexivity. Qed.

Lemma length_bound {A} (P : A -> Prop) l : is_slice P l -> Z.of_nat (length l) <= isize.MAX.
Proof. intros [_ B]. exact B. Qed.

Lemma slice_nth {A} (P : A -> Prop) l k x : is_slice P l -> nth_error l k = Some x -> P x.
Proof. intros [F _] H. rewrite Forall_forall in F. apply F. eapply nth_error_In; eauto. Qed.

Lemma nth_some {A} (l : list A) k : (k < length l)%nat -> exists x, nth_error l k = Some x.
Proof. intros H. destruct (nth_error l k) eqn:E; eauto. apply nth_error_None in E. lia. Qed.

Lemma nth_bound {A} (l : list A) k x : nth_error l k = Some x -> (k < length l)%nat.
Proof. intros H. apply nth_error_Some. congruence. Qed.

Lemma firstn_snoc {A} (l : list A) k x : nth_error l k = Some x -> firstn (S k) l = firstn k l ++ [x].
Proof.
  revert l. induction k as [|k IH]; intros [|y l] H; try discriminate; cbn in H.
  - injection H as ->. reflexivity.
  - rewrite (firstn_cons (S k)), (IH l H). reflexivity.
Qed.

(** The counter of a walk: axis [k] of [n]. *)
Lemma counter k n : (k < n)%nat -> Z.of_nat n <= isize.MAX ->
  usize.saturating_add (Z.of_nat k) 1 = Z.of_nat (S k).
Proof. intros H B. rewrite (next_axis _ (Z.of_nat n)) by lia. lia. Qed.

Lemma counter_strict k n (P : Z -> Prop) : (k < n)%nat -> Z.of_nat n <= isize.MAX ->
  P (Z.of_nat (S k)) -> ends (usize.add (Z.of_nat k) 1) P.
Proof.
  intros H B HP. apply ends_strict.
  - unfold is_usize, usize.MAX, isize.MAX in *. lia.
  - replace (Z.of_nat k + 1) with (Z.of_nat (S k)) by lia. exact HP.
Qed.

(** * is_empty *)

Lemma is_empty_right shape : is_slice is_usize shape ->
  ends (is_empty shape) (fun b => if b : bool then In 0 shape else ~ In 0 shape).
Proof.
  intros SL. pose proof (length_bound _ _ SL) as B. unfold is_empty. cbv zeta. apply ends_bind.
  apply ends_loop with
    (I := fun axis => exists k, axis = Z.of_nat k /\ (k <= length shape)%nat /\ ~ In 0 (firstn k shape))
    (measure := fun axis => slice.len shape - axis); unfold slice.len.
  - exists 0%nat. cbn. split; [reflexivity|]. split; [lia|tauto].
  - unfold isize.MAX in B. lia.
  - intros axis (k & -> & K & NZ). split; [lia|]. rewrite get_nth.
    destruct (nth_error shape k) as [n|] eqn:E.
    + pose proof (nth_bound _ _ _ E). cases.
      * subst n. eapply nth_error_In; eauto.
      * rewrite (counter k (length shape)) by auto. cbn [ends]. split; [|lia].
        exists (S k). split; [reflexivity|]. split; [lia|].
        rewrite (firstn_snoc _ _ _ E), in_app_iff. intros [I|[I|[]]]; [contradiction|lia].
    + apply nth_error_None in E. cbn [ends]. rewrite firstn_all2 in NZ by lia. exact NZ.
Qed.

(** * is_valid *)

Lemma valid_firstn shape index k : valid shape index -> valid (firstn k shape) (firstn k index).
Proof.
  intros V. revert k. induction V as [|n i shape index H V IH]; intros [|k]; cbn; constructor; auto.
  apply IH.
Qed.

Lemma valid_length shape index : valid shape index -> length shape = length index.
Proof. induction 1; cbn; auto. Qed.

Lemma valid_nth : forall shape index, valid shape index <->
  length shape = length index /\
  forall k n i, nth_error shape k = Some n -> nth_error index k = Some i -> 0 <= i < n.
Proof.
  unfold valid. induction shape as [|n shape IH]; intros [|i index]; split.
  - intros _. split; [reflexivity|]. intros [|k]; discriminate.
  - intros _. constructor.
  - intros H. inversion H.
  - intros [H _]. discriminate.
  - intros H. inversion H.
  - intros [H _]. discriminate.
  - intros H. inversion H; subst. destruct (proj1 (IH index)) as [L N]; auto.
    split; [cbn; lia|]. intros [|k] a b Ha Hb; cbn in Ha, Hb; [|eauto].
    injection Ha as ->. injection Hb as ->. auto.
  - intros [L N]. cbn in L. constructor.
    + apply (N 0%nat); reflexivity.
    + apply (proj2 (IH index)). split; [lia|]. intros k a b Ha Hb. apply (N (S k)); auto.
Qed.

Lemma is_valid_right shape index : is_slice is_usize shape -> is_slice is_usize index ->
  ends (is_valid shape index) (fun b => if b : bool then valid shape index else ~ valid shape index).
Proof.
  intros SS SI. pose proof (length_bound _ _ SS) as B. unfold is_valid. cbv zeta. apply ends_bind.
  apply ends_loop with
    (I := fun axis => exists k, axis = Z.of_nat k /\ (k <= length shape)%nat /\
      forall j n i, (j < k)%nat -> nth_error shape j = Some n -> nth_error index j = Some i -> 0 <= i < n)
    (measure := fun axis => slice.len shape - axis); unfold slice.len.
  - exists 0%nat. split; [reflexivity|]. split; lia.
  - unfold isize.MAX in B. lia.
  - intros axis (k & -> & K & V). split; [lia|]. rewrite !get_nth.
    assert (All : nth_error index k = None \/ nth_error shape k = None ->
      ends (Val (slice.len index =? slice.len shape))
        (fun b => if b : bool then valid shape index else ~ valid shape index)).
    { intros E. unfold slice.len. cases; rewrite valid_nth.
      - split; [lia|]. intros j n i Hn Hi. eapply V; eauto.
        pose proof (nth_bound _ _ _ Hn). pose proof (nth_bound _ _ _ Hi).
        destruct E as [E|E]; apply nth_error_None in E; lia.
      - lia. }
    destruct (nth_error index k) as [i|] eqn:Ei; [|cbn [ends]; apply All; auto].
    destruct (nth_error shape k) as [n|] eqn:En; [|cbn [ends]; apply All; auto].
    pose proof (nth_bound _ _ _ En). cases.
    + rewrite valid_nth. intros [_ W]. specialize (W k n i En Ei). lia.
    + rewrite (counter k (length shape)) by auto. cbn [ends]. split; [|lia].
      exists (S k). split; [reflexivity|]. split; [lia|]. intros j a b J Ha Hb.
      destruct (Nat.eq_dec j k) as [->|]; [|apply (V j); auto; lia].
      pose proof (slice_nth _ _ _ _ SI Ei) as U. unfold is_usize in U.
      rewrite En in Ha. rewrite Ei in Hb. injection Ha as <-. injection Hb as <-. lia.
Qed.

(** * overfull_axis *)

Lemma skipn_nth {A} (l : list A) k j : nth_error (skipn k l) j = nth_error l (k + j).
Proof. revert l. induction k as [|k IH]; intros [|x l]; cbn; auto. destruct j; reflexivity. Qed.

Theorem overfull_correct : overfull_claim.
Proof.
  intros shape from start SL NZ F C. pose proof (length_bound _ _ SL) as B.
  assert (N : nonempty shape) by (apply nonempty_spec; [apply SL|exact NZ]).
  unfold overfull_axis. cbv zeta. apply ends_bind.
  apply ends_loop with
    (I := fun '(axis, c) => exists k, axis = Z.of_nat k /\ (from <= k <= length shape)%nat /\
      c = start * count (firstn (k - from) (skipn from shape)) /\ 1 <= c <= isize.MAX)
    (measure := fun '(axis, _) => slice.len shape - axis); unfold slice.len.
  - exists from. rewrite Nat.sub_diag. cbn. split; [reflexivity|]. lia.
  - unfold isize.MAX in B. lia.
  - intros [axis c] (k & -> & K & E & R). split; [lia|]. rewrite get_nth.
    destruct (nth_error shape k) as [n|] eqn:En.
    + pose proof (nth_bound _ _ _ En). pose proof (nonempty_nth _ _ _ N En) as N1.
      assert (Sn : start * count (firstn (S (k - from)) (skipn from shape)) = c * n).
      { rewrite (count_snoc _ _ n), E; [lia|]. rewrite skipn_nth. replace (from + (k - from))%nat with k by lia.
        exact En. }
      assert (Over : isize.MAX < c * n -> exists j : nat, Z.of_nat k = Z.of_nat j /\
        (from <= j < length shape)%nat /\
        start * count (firstn (j - from) (skipn from shape)) <= isize.MAX <
        start * count (firstn (S (j - from)) (skipn from shape))).
      { intros O. exists k. split; [reflexivity|]. split; [lia|]. rewrite Sn, <- E. lia. }
      unfold reserve, usize.checked_mul. cbn [bind]. rewrite max_count. cases.
      * rewrite (counter k (length shape)) by (auto; lia). cbn [ends]. split; [|lia].
        exists (S k). split; [reflexivity|]. split; [lia|].
        replace (S k - from)%nat with (S (k - from)) by lia. rewrite Sn. split; [reflexivity|nia].
      * apply Over. lia.
      * apply Over. unfold is_usize, usize.MAX, isize.MAX in *. nia.
    + apply nth_error_None in En. cbn [ends]. rewrite firstn_all2 in E by (rewrite skipn_length; lia).
      lia.
Qed.
