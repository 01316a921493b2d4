(** [address] and [extent] of an accepted request: the numbers of the specification, and nothing
    overflows on the way. Any rank, 64 bits. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Corners Kernel Claims Walks.
Import ListNotations.
Open Scope Z_scope.

Lemma scale_right index magnitude :
  0 <= index * magnitude <= usize.MAX ->
  ends (scale index magnitude) (fun term => term = index * magnitude).
Proof. intros H. unfold scale. apply ends_bind, ends_strict; [exact H|reflexivity]. Qed.

Lemma up_down n s : 1 <= n ->
  s < 0 /\ up n s = 0 /\ down n s = (n - 1) * Z.abs s \/
  0 <= s /\ up n s = (n - 1) * Z.abs s /\ down n s = 0.
Proof. intros H. unfold up, down. destruct (Z.ltb_spec s 0); [left|right]; nia. Qed.

Section accepted.
  Context (shape strides : list Z) (offset len item : Z).
  Hypothesis (Q : request shape strides offset len item).
  Hypothesis (A : accepts shape strides offset len item).
  Hypothesis (N : nonempty shape).

  Let L : length shape = length strides.
  Proof. apply A. Qed.

  Let bound : Z.of_nat (length shape) <= isize.MAX.
  Proof. apply (length_bound is_usize), Q. Qed.

  (** What acceptance has reserved, for the axes before any [k]. *)
  Let reserved k :
    0 <= reach_down (firstn k shape) (firstn k strides) <= offset /\
    0 <= reach_up (firstn k shape) (firstn k strides) /\
    offset + reach_up (firstn k shape) (firstn k strides) + item <= len /\
    1 <= count (firstn k shape) <= isize.MAX.
  Proof.
    pose proof (proj1 (accepts_spec _ _ _ _ _ N L) A) as (C & D & U).
    pose proof (sum2_nonneg down _ (firstn k strides) down_nonneg (nonempty_firstn k _ N)).
    pose proof (sum2_nonneg up _ (firstn k strides) up_nonneg (nonempty_firstn k _ N)).
    pose proof (sum2_firstn down k _ strides down_nonneg N).
    pose proof (sum2_firstn up k _ strides up_nonneg N).
    pose proof (count_pos _ (nonempty_firstn k _ N)). pose proof (count_firstn k _ N).
    unfold reach_down, reach_up in *. lia.
  Qed.

  (** The last axis that a prefix contains. *)
  Let reserved_axis k n s :
    nth_error shape k = Some n -> nth_error strides k = Some s ->
    reach_down (firstn (S k) shape) (firstn (S k) strides) =
      reach_down (firstn k shape) (firstn k strides) + down n s /\
    reach_up (firstn (S k) shape) (firstn (S k) strides) =
      reach_up (firstn k shape) (firstn k strides) + up n s /\
    count (firstn (S k) shape) = count (firstn k shape) * n.
  Proof.
    intros En Es. unfold reach_down, reach_up. rewrite !(sum2_snoc _ _ _ _ _ _ En Es).
    rewrite (count_snoc _ _ _ En). auto.
  Qed.

  Lemma sum_right index : is_slice is_usize index -> valid shape index ->
    ends (address shape strides offset index) (fun answer => answer = Some (offset + dot index strides)).
  Proof.
    intros SI V. unfold address. pose proof (valid_length _ _ V) as LI.
    eapply ends_call; [apply is_valid_right; [apply Q|exact SI]|].
    intros [|] V'; [|contradiction]. cbn [negb]. cbv zeta. apply ends_bind.
    destruct Q as (SS & ST & Uo & Ul & Ui). unfold is_usize in Uo, Ul, Ui.
    apply ends_loop with
      (I := fun '(axis, sum) => exists k, axis = Z.of_nat k /\ (k <= length shape)%nat /\
        sum = offset + dot (firstn k index) (firstn k strides))
      (measure := fun '(axis, _) => Z.of_nat (length shape) - axis).
    - exists 0%nat. cbn. split; [reflexivity|]. split; [lia|]. unfold dot. cbn. lia.
    - unfold isize.MAX in bound. lia.
    - intros [axis sum] (k & -> & K & ->). split; [lia|]. rewrite !get_nth.
      destruct (nth_error index k) as [i|] eqn:Ei.
      + pose proof (nth_bound _ _ _ Ei) as K'.
        destruct (nth_some shape k) as [n En]; [lia|]. destruct (nth_some strides k) as [s Es]; [lia|].
        rewrite Es. pose proof (proj1 (valid_nth _ _) V) as [_ Vn]. specialize (Vn k n i En Ei).
        pose proof (nonempty_nth _ _ _ N En) as N1.
        pose proof (within _ (firstn k strides) _ (valid_firstn _ _ k V)) as W.
        pose proof (within _ (firstn (S k) strides) _ (valid_firstn _ _ (S k) V)) as W'.
        pose proof (reserved k) as R. pose proof (reserved (S k)) as R'.
        destruct (reserved_axis k n s En Es) as (Ed & Eu & _).
        unfold dot in *. rewrite (sum2_snoc _ _ _ _ _ _ Ei Es) in W'.
        unfold isize.unsigned_abs.
        assert (T : 0 <= i * Z.abs s <= (n - 1) * Z.abs s) by nia.
        destruct (up_down n s N1) as [(Hs & U & D)|(Hs & U & D)].
        * eapply ends_call; [apply scale_right; unfold usize.MAX in *; lia|]. intros term ->. cbv zeta.
          assert (E : i * Z.abs s = - (i * s)) by (rewrite (Z.abs_neq s); lia).
          destruct (Z.ltb_spec s 0); [|lia].
          apply ends_bind, ends_strict; [unfold is_usize, usize.MAX in *; lia|].
          apply ends_bind. apply (counter_strict k (length shape)); auto; [lia|]. cbn [ends].
          split; [|lia]. exists (S k). split; [reflexivity|]. split; [lia|].
          rewrite (sum2_snoc _ _ _ _ _ _ Ei Es). lia.
        * eapply ends_call; [apply scale_right; unfold usize.MAX in *; lia|]. intros term ->. cbv zeta.
          assert (E : i * Z.abs s = i * s) by (rewrite (Z.abs_eq s); lia).
          destruct (Z.ltb_spec s 0); [lia|].
          apply ends_bind, ends_strict; [unfold is_usize, usize.MAX in *; lia|].
          apply ends_bind. apply (counter_strict k (length shape)); auto; [lia|]. cbn [ends].
          split; [|lia]. exists (S k). split; [reflexivity|]. split; [lia|].
          rewrite (sum2_snoc _ _ _ _ _ _ Ei Es). lia.
      + apply nth_error_None in Ei. cbn [ends]. rewrite !firstn_all2 by lia. reflexivity.
  Qed.

  Lemma numbers_right :
    ends (extent shape strides offset item) (extent_right shape strides offset item).
  Proof.
    unfold extent. destruct Q as (SS & ST & Uo & Ul & Ui). unfold is_usize in Uo, Ul, Ui.
    eapply ends_call; [apply is_empty_right; exact SS|].
    intros [|] E; [contradict E; apply nonempty_no_zero; exact N|]. cbn beta iota zeta. apply ends_bind.
    apply ends_loop with
      (I := fun '(c, low, high, axis) => exists k, axis = Z.of_nat k /\ (k <= length shape)%nat /\
        c = count (firstn k shape) /\
        low = offset - reach_down (firstn k shape) (firstn k strides) /\
        high = offset + reach_up (firstn k shape) (firstn k strides))
      (measure := fun '(_, _, _, axis) => Z.of_nat (length shape) - axis).
    - exists 0%nat. unfold reach_down, reach_up. cbn [firstn sum2 count fold_right].
      split; [reflexivity|]. lia.
    - unfold isize.MAX in bound. lia.
    - intros [[[c low] high] axis] (k & -> & K & -> & -> & ->). split; [lia|]. rewrite !get_nth.
      destruct (nth_error shape k) as [n|] eqn:En.
      + pose proof (nth_bound _ _ _ En) as K'. destruct (nth_some strides k) as [s Es]; [lia|].
        rewrite Es. pose proof (nonempty_nth _ _ _ N En) as N1.
        pose proof (slice_nth _ _ _ _ SS En) as Un. unfold is_usize in Un.
        pose proof (reserved k) as R. pose proof (reserved (S k)) as R'.
        destruct (reserved_axis k n s En Es) as (Ed & Eu & Ec).
        apply ends_bind, ends_strict; [unfold is_usize; lia|]. unfold isize.unsigned_abs.
        pose proof (up_down n s N1) as UD.
        eapply ends_call; [apply scale_right; unfold usize.MAX in *; nia|]. intros term ->. cbv zeta.
        assert (Last : forall low high,
          low = offset - reach_down (firstn (S k) shape) (firstn (S k) strides) ->
          high = offset + reach_up (firstn (S k) shape) (firstn (S k) strides) ->
          ends (let* t2 := scale (count (firstn k shape)) n in
                let* axis := usize.add (Z.of_nat k) 1 in
                Val (Next (R := Extent) (t2, low, high, axis)))
            (fun t => match t with
              | Next s' => (let '(c, low, high, axis) := s' in exists k, axis = Z.of_nat k /\
                  (k <= length shape)%nat /\ c = count (firstn k shape) /\
                  low = offset - reach_down (firstn k shape) (firstn k strides) /\
                  high = offset + reach_up (firstn k shape) (firstn k strides)) /\
                  (let '(_, _, _, axis) := s' in Z.of_nat (length shape) - axis) <
                  Z.of_nat (length shape) - Z.of_nat k
              | Break _ => False
              | Return _ => False
              end)).
        { intros low high -> ->.
          eapply ends_call; [apply scale_right; unfold usize.MAX, isize.MAX in *; lia|]. intros t ->.
          apply ends_bind. apply (counter_strict k (length shape)); auto. cbn [ends].
          split; [|lia]. exists (S k). rewrite Ec. repeat split; lia. }
        destruct UD as [(Hs & U & D)|(Hs & U & D)].
        * destruct (Z.ltb_spec s 0); [|lia].
          apply ends_bind, ends_strict; [unfold is_usize, usize.MAX in *; lia|].
          eapply ends_weaken; [apply Last; lia|]. intros [?|?|?]; tauto.
        * destruct (Z.ltb_spec s 0); [lia|].
          apply ends_bind, ends_strict; [unfold is_usize, usize.MAX in *; lia|].
          eapply ends_weaken; [apply Last; lia|]. intros [?|?|?]; tauto.
      + apply nth_error_None in En. cbn [ends]. pose proof (reserved (length shape)) as R.
        rewrite !firstn_all2 in R by lia. rewrite !firstn_all2 by lia.
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX in *; lia|]. cbn [ends].
        unfold extent_right. cbn [Extent_count Extent_lowest Extent_highest Extent_required_len].
        split; [reflexivity|]. split; [|split].
        * intros len'. rewrite accepts_spec by (exact N || exact L).
          pose proof (proj1 (accepts_spec _ _ _ _ _ N L) A). lia.
        * intros Z0. contradict Z0. apply nonempty_no_zero. exact N.
        * intros _. split; [apply lowest_spec|apply highest_spec]; auto.
  Qed.
End accepted.

Theorem address_correct : address_claim.
Proof.
  intros shape strides offset len item index Q A SI.
  pose proof Q as (SS & _).
  destruct (in_dec Z.eq_dec 0 shape) as [E|E].
  - (* No index of an empty view is valid. *)
    assert (NV : ~ valid shape index).
    { rewrite valid_nth. intros [LI V]. apply In_nth_error in E. destruct E as [k E].
      destruct (nth_some index k) as [i Ei]; [rewrite <- LI; eapply nth_bound; eauto|].
      specialize (V k 0 i E Ei). lia. }
    unfold address. eapply ends_call; [apply is_valid_right; [exact SS|exact SI]|].
    intros [|] V; [contradiction|]. cbn [negb ends address_right]. exact V.
  - assert (N : nonempty shape) by (apply nonempty_spec; [apply SS|exact E]).
    pose proof (is_valid_right _ _ SS SI) as V. apply ends_value in V. destruct V as ([|] & EV & V).
    + eapply ends_weaken; [exact (sum_right _ _ _ _ _ Q A N _ SI V)|].
      intros answer ->. cbn [address_right].
      destruct A as (_ & _ & [[Z0 _]|[_ A]]); [contradiction|]. specialize (A _ V). tauto.
    + unfold address. rewrite EV. cbn [bind negb ends address_right]. exact V.
Qed.

Theorem extent_correct : extent_claim.
Proof.
  intros shape strides offset len item Q A. pose proof Q as (SS & _).
  destruct (in_dec Z.eq_dec 0 shape) as [E|E].
  - unfold extent. eapply ends_call; [apply is_empty_right; exact SS|].
    intros [|] Z0; [|contradiction]. cbn. unfold extent_right. cbn. rewrite count_empty by auto.
    split; [reflexivity|]. split; [|tauto]. intros len'. apply accepts_empty; auto. apply A.
  - apply (numbers_right _ _ _ len _ Q A). apply nonempty_spec; [apply SS|exact E].
Qed.
