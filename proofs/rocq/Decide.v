(** [decide] answers every request rightly: accepted exactly when the specification accepts, with the
    extent's numbers; refused with a witness. Any rank, 64 bits. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Corners Kernel Claims Walks.
Import ListNotations.
Open Scope Z_scope.

(** * One axis *)

Lemma step_right room size stride :
  is_usize (Room_below room) -> is_usize (Room_above room) -> 1 <= Room_count room <= isize.MAX ->
  1 <= size -> is_usize size -> is_isize stride ->
  ends (Room_step room size stride) (fun answer =>
    match answer with
    | Ok next =>
      next = Room_new (Room_below room - down size stride) (Room_above room - up size stride)
        (Room_count room * size) /\
      down size stride <= Room_below room /\ up size stride <= Room_above room /\
      Room_count room * size <= isize.MAX
    | Err Fault_Count => isize.MAX < Room_count room * size
    | Err (Fault_Room side) =>
      points side stride = true /\
      Room_count room * size <= isize.MAX /\
      match side with
      | Side_Below => Room_below room < (size - 1) * Z.abs stride
      | Side_Above => Room_above room < (size - 1) * Z.abs stride
      end
    end).
Proof.
  intros HB HA HC HS1 HS HT. destruct room as [b a c].
  unfold Room_step, reserve, Room_take, Room_on, usize.checked_mul, usize.checked_sub, isize.unsigned_abs, up, down.
  rewrite max_count. cbn [Room_below Room_above Room_count bind] in *.
  assert (Sat : usize.saturating_sub size 1 = size - 1).
  { unfold usize.saturating_sub, usize.saturated. unfold is_usize in HS. lia. }
  rewrite Sat. unfold points. cbv zeta. unfold is_usize, usize.MAX, isize.MAX in *.
  set (total := c * size). assert (0 <= total) by (unfold total; nia).
  destruct (Z.ltb_spec stride 0).
  - rewrite (Z.abs_neq stride), (Z.max_l (- stride)), (Z.max_r stride) by lia.
    set (reach := (size - 1) * - stride). assert (0 <= reach) by (unfold reach; nia).
    replace ((size - 1) * 0) with 0 by lia.
    cases; unfold is_usize, usize.MAX, isize.MAX in *; try lia;
      cbn [Room_below Room_above Room_count]; repeat split; try lia; f_equal; lia.
  - rewrite (Z.abs_eq stride), (Z.max_r (- stride)), (Z.max_l stride) by lia.
    set (reach := (size - 1) * stride). assert (0 <= reach) by (unfold reach; nia).
    replace ((size - 1) * 0) with 0 by lia.
    cases; unfold is_usize, usize.MAX, isize.MAX in *; try lia;
      cbn [Room_below Room_above Room_count]; repeat split; try lia; f_equal; lia.
Qed.

(** * The witness *)

Lemma first_outside_right room magnitude :
  is_usize room -> is_usize magnitude -> 1 <= magnitude -> (1 < magnitude \/ room < usize.MAX) ->
  ends (first_outside room magnitude) (fun '(index, excess) =>
    1 <= excess <= magnitude /\ index * magnitude = room + excess /\ 0 <= index).
Proof.
  intros HR HM H1 H2.
  unfold first_outside, usize.checked_div, usize.checked_rem, usize.saturating_add, usize.saturating_sub.
  cases; [lia|]. cbn [option.unwrap_or]. cbv zeta. cbn [ends].
  pose proof (Z.div_mod room magnitude ltac:(lia)) as D.
  pose proof (Z.mod_pos_bound room magnitude ltac:(lia)) as R.
  unfold is_usize, usize.MAX in *.
  assert (0 <= room / magnitude) by (apply Z.div_pos; lia).
  assert (room / magnitude + 1 <= 18446744073709551615).
  { destruct H2; [|assert (room / magnitude <= room) by (apply Z.div_le_upper_bound; nia); lia].
    assert (room / magnitude <= 9223372036854775808) by (apply Z.div_le_upper_bound; nia). lia. }
  unfold usize.saturated, usize.MAX. rewrite !Z.min_l, !Z.max_r by lia. nia.
Qed.

Lemma witness_valid side index : forall k shape strides n,
  nonempty shape -> length shape = length strides -> nth_error shape k = Some n -> 0 <= index < n ->
  valid shape (witness k side index shape strides).
Proof.
  induction k as [|k IH]; intros [|m shape] [|s strides] n N L E I; try discriminate;
    inversion N; subst; cbn in E; cbn [witness]; constructor.
  - injection E as ->. exact I.
  - apply zeros_valid. auto.
  - destruct (points side s); lia.
  - apply (IH _ _ n); auto.
Qed.

Lemma dot_zeros l strides : dot (map (fun _ : Z => 0) l) strides = 0.
Proof.
  unfold dot. revert strides. induction l as [|x l IH]; intros [|s strides]; cbn [map sum2]; auto.
  rewrite IH. lia.
Qed.

Lemma witness_dot side index : forall k shape strides s,
  (k < length shape)%nat -> nth_error strides k = Some s ->
  dot (witness k side index shape strides) strides =
  match side with
  | Side_Below => - reach_down (firstn k shape) (firstn k strides)
  | Side_Above => reach_up (firstn k shape) (firstn k strides)
  end + index * s.
Proof.
  unfold reach_up, reach_down.
  induction k as [|k IH]; intros [|n shape] [|t strides] s K E; cbn in K, E; try lia; try discriminate.
  - injection E as ->. cbn [witness firstn sum2]. unfold dot. cbn [sum2].
    fold (dot (map (fun _ => 0) shape) strides). rewrite dot_zeros. destruct side; lia.
  - cbn [witness firstn sum2]. unfold dot in *. cbn [sum2].
    rewrite (IH shape strides s) by (auto; lia). unfold points, up, down.
    destruct side; cases; rewrite ?Z.max_l, ?Z.max_r by lia; lia.
Qed.

(** An index that is out of range refuses the view. *)
Lemma outside_refused shape strides offset len item index :
  nonempty shape -> valid shape index ->
  (offset + dot index strides < 0 \/ len < offset + dot index strides + item) ->
  ~ accepts shape strides offset len item.
Proof.
  intros N V O (_ & _ & [[Z _]|[_ A]]).
  - apply (nonempty_no_zero _ N Z).
  - specialize (A _ V). lia.
Qed.

Lemma too_many shape strides offset len item k :
  nonempty shape -> isize.MAX < count (firstn (S k) shape) -> ~ accepts shape strides offset len item.
Proof.
  intros N O (_ & C & _). pose proof (count_firstn (S k) _ N). lia.
Qed.

(** * The whole *)

Definition room_at (shape strides : list Z) (offset last : Z) (k : nat) : Room :=
  Room_new (offset - reach_down (firstn k shape) (firstn k strides))
    (last - offset - reach_up (firstn k shape) (firstn k strides))
    (count (firstn k shape)).

(** What the walk keeps true before axis [k]. *)
Definition fits (shape strides : list Z) (offset last : Z) (k : nat) : Prop :=
  reach_down (firstn k shape) (firstn k strides) <= offset /\
  reach_up (firstn k shape) (firstn k strides) <= last - offset /\
  count (firstn k shape) <= isize.MAX.

Section request.
  Context (shape strides : list Z) (offset len item : Z).
  Hypothesis (Q : request shape strides offset len item).
  Hypothesis (L : length shape = length strides).
  Hypothesis (N : nonempty shape).

  Let right := answer_right shape strides offset len item.

  Let bound : Z.of_nat (length shape) <= isize.MAX.
  Proof. apply (length_bound is_usize), Q. Qed.

  Lemma refuse_origin_right :
    len < offset + item ->
    ends (refuse_origin shape) (fun r => right (Err r)).
  Proof.
    intros O. unfold refuse_origin.
    assert (NotIn : ~ In 0 shape) by (apply nonempty_no_zero; auto).
    pose proof (overfull_correct shape 0%nat 1 (proj1 Q) NotIn ltac:(lia) ltac:(unfold isize.MAX; lia)) as H.
    change (Z.of_nat 0) with 0 in H. cbn [skipn] in H.
    apply ends_bind. eapply ends_weaken; [exact H|]. clear H.
    intros [axis|]; cbn [ends].
    - intros (k & -> & K & C). rewrite Nat.sub_0_r, !Z.mul_1_l in C. unfold right; cbn [answer_right refusal_right]. split.
      + apply (too_many _ _ _ _ _ k); [auto|lia].
      + split; [exact L|]. split; [exact NotIn|]. exists k. split; [reflexivity|]. split; [lia|exact C].
    - intros C. rewrite Z.mul_1_l in C. unfold right; cbn [answer_right refusal_right].
      pose proof (zeros_valid _ N) as V.
      split.
      + apply (outside_refused _ _ _ _ _ (map (fun _ => 0) shape)); auto. rewrite dot_zeros. lia.
      + split; [exact L|]. split; [exact C|]. split; [exact V|exact O].
  Qed.

  Lemma refuse_right k n s fault :
    let last := len - item in
    let room := room_at shape strides offset last k in
    0 <= offset <= last ->
    fits shape strides offset last k ->
    nth_error shape k = Some n -> nth_error strides k = Some s ->
    match fault with
    | Fault_Count => isize.MAX < Room_count room * n
    | Fault_Room side =>
      points side s = true /\ Room_count room * n <= isize.MAX /\
      match side with
      | Side_Below => Room_below room < (n - 1) * Z.abs s
      | Side_Above => Room_above room < (n - 1) * Z.abs s
      end
    end ->
    ends (refuse shape (Z.of_nat k) room s fault) (fun r => right (Err r)).
  Proof.
    intros last room HO (FD & FU & FC) En Es Why. unfold refuse.
    assert (NotIn : ~ In 0 shape) by (apply nonempty_no_zero; auto).
    pose proof (nth_bound _ _ _ En) as K. pose proof (count_snoc _ _ _ En) as Sn.
    assert (Ck : 1 <= count (firstn k shape)) by (apply count_pos, nonempty_firstn; auto).
    destruct fault as [|side].
    - cbn [ends]. cbn [room room_at Room_count] in Why. unfold right; cbn [answer_right refusal_right]. split.
      + apply (too_many _ _ _ _ _ k); auto. lia.
      + split; [exact L|]. split; [exact NotIn|]. exists k. split; [reflexivity|]. split; [exact K|]. lia.
    - cbv zeta. destruct Why as (P & C & W).
      pose proof (overfull_correct shape k (Room_count room) (proj1 Q) NotIn ltac:(lia)
        ltac:(cbn; lia)) as H.
      apply ends_bind. eapply ends_weaken; [exact H|]. clear H. cbn [room room_at Room_count].
      assert (Join : forall j, (k <= j)%nat -> count (firstn k shape) * count (firstn (j - k) (skipn k shape)) =
        count (firstn j shape)).
      { intros j J. rewrite firstn_skipn_comm. replace (k + (j - k))%nat with j by lia.
        rewrite (count_split k (firstn j shape)), firstn_firstn, Nat.min_l by lia. reflexivity. }
      intros [axis|].
      + intros (j & -> & J & O). rewrite Join in O by lia.
        replace (S (j - k)) with (S j - k)%nat in O by lia. rewrite Join in O by lia.
        unfold right; cbn [answer_right refusal_right]. split.
        * apply (too_many _ _ _ _ _ j); auto. lia.
        * split; [exact L|]. split; [exact NotIn|]. exists j. split; [reflexivity|]. split; [lia|exact O].
      + intros A. rewrite <- count_split in A.
        pose proof (nonempty_nth _ _ _ N En) as N1.
        pose proof (slice_nth _ _ _ _ (proj1 Q) En) as Un. unfold is_usize in Un.
        destruct Q as (_ & SS & Uo & Ul & Ui).
        pose proof (slice_nth _ _ _ _ SS Es) as Us. unfold is_isize, isize.MAX, isize.MIN in Us.
        pose proof (sum2_nonneg down _ (firstn k strides) down_nonneg (nonempty_firstn k _ N)) as RD.
        pose proof (sum2_nonneg up _ (firstn k strides) up_nonneg (nonempty_firstn k _ N)) as RU.
        fold (reach_down (firstn k shape) (firstn k strides)) in RD.
        fold (reach_up (firstn k shape) (firstn k strides)) in RU.
        set (rd := reach_down (firstn k shape) (firstn k strides)) in *.
        set (ru := reach_up (firstn k shape) (firstn k strides)) in *.
        unfold is_usize, usize.MAX in *.
        assert (Hroom : ends (Room_on room side) (fun r => is_usize r /\ r < (n - 1) * Z.abs s /\
            r = match side with Side_Below => offset - rd | Side_Above => last - offset - ru end)).
        { unfold Room_on. destruct side; cbn in W |- *; unfold is_usize, usize.MAX; subst last;
            repeat split; lia. }
        eapply ends_call; [exact Hroom|]. clear Hroom. intros r (Ur & Wr & Er). cbn beta.
        unfold isize.unsigned_abs.
        assert (M1 : 1 <= Z.abs s) by (unfold is_usize in Ur; nia).
        eapply ends_call.
        { apply first_outside_right; auto.
          - unfold is_usize, usize.MAX. lia.
          - unfold is_usize, usize.MAX in *. nia. }
        intros [index excess] (X & I & I0). cbn [ends].
        assert (In' : 0 <= index < n).
        { split; [exact I0|]. unfold is_usize in Ur.
          assert (index * Z.abs s < n * Z.abs s); [|nia].
          replace (n * Z.abs s) with ((n - 1) * Z.abs s + Z.abs s) by lia. nia. }
        assert (V : valid shape (witness k side index shape strides)) by (eapply witness_valid; [exact N|exact L|exact En|exact In']).
        pose proof (witness_dot side index k shape strides s K Es) as D. fold rd ru in D.
        assert (Out : match side with
          | Side_Below => offset + dot (witness k side index shape strides) strides = - excess
          | Side_Above => offset + dot (witness k side index shape strides) strides + item = len + excess
          end).
        { rewrite D. unfold points in P. destruct side.
          - apply Z.ltb_lt in P. rewrite (Z.abs_neq s) in I by lia. subst last. lia.
          - apply Z.leb_le in P. rewrite (Z.abs_eq s) in I by lia. subst last. lia. }
        unfold right; cbn [answer_right refusal_right]. split.
        * eapply outside_refused; [exact N|exact V|]. destruct side; [left|right]; lia.
        * split; [exact L|]. split; [exact A|]. exists k, s. repeat split; auto; lia.
  Qed.

  Lemma whole_extent (last := len - item) :
    0 <= offset <= last ->
    fits shape strides offset last (length shape) ->
    ends (Room_finish (room_at shape strides offset last (length shape)) last item)
      (fun e => right (Ok e)).
  Proof.
    intros HO. unfold fits, room_at. rewrite !firstn_all.
    replace (firstn (length shape) strides) with strides by (rewrite L, firstn_all; reflexivity).
    intros (FD & FU & FC). unfold Room_finish. cbn [Room_below Room_above Room_count].
    pose proof (sum2_nonneg up _ strides up_nonneg N) as RU. fold (reach_up shape strides) in RU.
    destruct Q as (_ & _ & Uo & Ul & Ui). unfold is_usize in *.
    apply ends_bind, ends_strict; [unfold is_usize; lia|].
    apply ends_bind, ends_strict; [unfold is_usize; lia|]. cbn [ends].
    assert (NZ : ~ In 0 shape) by (apply nonempty_no_zero; auto).
    split.
    - apply accepts_spec; auto. lia.
    - unfold extent_right. cbn [Extent_count Extent_lowest Extent_highest Extent_required_len].
      split; [reflexivity|]. split; [|split].
      + intros len'. rewrite accepts_spec by auto. lia.
      + contradiction.
      + intros _. replace (last - (last - offset - reach_up shape strides))
          with (offset + reach_up shape strides) by lia.
        split; [apply lowest_spec|apply highest_spec]; auto.
  Qed.
End request.

Theorem decide_correct : decide_claim.
Proof.
  intros shape strides offset len item Q. unfold decide, slice.len.
  pose proof Q as (SS & ST & Uo & Ul & Ui). unfold is_usize in Uo, Ul, Ui.
  destruct (Z.eqb_spec (Z.of_nat (length shape)) (Z.of_nat (length strides))) as [L|L]; cbn [negb].
  2:{ cbn. split; [intros [L' _]|]; lia. }
  apply Nat2Z.inj in L.
  eapply ends_call; [apply is_empty_right; exact SS|]. intros [|] E; cbn beta iota.
  { (* Some axis has size 0. *)
    destruct (Z.leb_spec offset len) as [O|O]; cbn [ends answer_right].
    - split; [apply accepts_empty; auto|]. unfold extent_right. cbn. rewrite count_empty by auto.
      split; [reflexivity|]. split; [|tauto].
      intros len'. apply accepts_empty; auto.
    - rewrite accepts_empty by auto. cbn. repeat split; auto; lia. }
  assert (N : nonempty shape) by (apply nonempty_spec; [apply SS|exact E]).
  unfold usize.checked_sub. destruct (checked_spec (len - item)) as [[-> U]|[-> U]]; unfold is_usize in U.
  2:{ eapply ends_call; [apply (refuse_origin_right _ _ _ _ _ Q L N); lia|].
      intros r R. exact R. }
  unfold Room_around, usize.checked_sub.
  destruct (checked_spec (len - item - offset)) as [[-> U2]|[-> U2]]; unfold is_usize in U2; cbn [bind].
  2:{ eapply ends_call; [apply (refuse_origin_right _ _ _ _ _ Q L N); lia|].
      intros r R. exact R. }
  cbv zeta. set (last := len - item) in *.
  pose proof (length_bound _ _ SS) as B.
  apply ends_bind. apply ends_loop with
    (I := fun '(room, axis) => exists k, axis = Z.of_nat k /\ (k <= length shape)%nat /\
      room = room_at shape strides offset last k /\ fits shape strides offset last k)
    (measure := fun '(_, axis) => Z.of_nat (length shape) - axis).
  - exists 0%nat. split; [reflexivity|]. split; [lia|].
    unfold room_at, fits, reach_up, reach_down. cbn [firstn sum2 count fold_right].
    split; [f_equal; lia|]. unfold isize.MAX. lia.
  - unfold isize.MAX in B. lia.
  - intros [room axis] (k & -> & K & -> & F). split; [lia|]. rewrite !get_nth.
    destruct (nth_error shape k) as [n|] eqn:En.
    + pose proof (nth_bound _ _ _ En) as K'. destruct (nth_some strides k) as [s Es]; [lia|].
      rewrite Es. pose proof F as (FD & FU & FC).
      pose proof (nonempty_nth _ _ _ N En) as N1.
      pose proof (sum2_nonneg down _ (firstn k strides) down_nonneg (nonempty_firstn k _ N)) as RD.
      pose proof (sum2_nonneg up _ (firstn k strides) up_nonneg (nonempty_firstn k _ N)) as RU.
      fold (reach_down (firstn k shape) (firstn k strides)) in RD.
      fold (reach_up (firstn k shape) (firstn k strides)) in RU.
      assert (Ck : 1 <= count (firstn k shape)) by (apply count_pos, nonempty_firstn; auto).
      eapply ends_call.
      { apply step_right; cbn [room_at Room_below Room_above Room_count].
        - unfold is_usize, usize.MAX in *. lia.
        - unfold is_usize, usize.MAX in *. lia.
        - lia.
        - exact N1.
        - exact (slice_nth _ _ _ _ SS En).
        - exact (slice_nth _ _ _ _ ST Es). }
      cbn [room_at Room_below Room_above Room_count].
      intros [next|fault] H; cbn beta iota.
      * destruct H as (-> & D & U' & C). rewrite (counter k (length shape)) by auto. cbn [ends].
        split; [|lia]. exists (S k). split; [reflexivity|]. split; [lia|].
        unfold room_at, fits, reach_up, reach_down in *.
        rewrite !(sum2_snoc _ _ _ _ _ _ En Es), (count_snoc _ _ _ En).
        split; [f_equal; lia|lia].
      * eapply ends_call.
        { apply (refuse_right shape strides offset len item Q L N k n s fault);
            [lia|exact F|exact En|exact Es|].
          destruct fault as [|[]]; cbn [room_at Room_below Room_above Room_count]; exact H. }
        intros r R. cbn [ends]. exact R.
    + apply nth_error_None in En. cbn [ends].
      assert (k = length shape) by lia. subst k.
      eapply ends_call; [apply (whole_extent _ _ _ _ _ Q L N); [lia|exact F]|].
      intros e R. exact R.
Qed.

(** The sentence of the specification: accepted if and only if. *)
Corollary decide_iff shape strides offset len item :
  request shape strides offset len item ->
  exists answer, decide shape strides offset len item = Val answer /\
    ((exists e, answer = Ok e) <-> accepts shape strides offset len item).
Proof.
  intros Q. pose proof (decide_correct _ _ _ _ _ Q) as H. apply ends_value in H.
  destruct H as (answer & E & R). exists answer. split; [exact E|].
  destruct answer as [e|r]; cbn in R; split.
  - tauto.
  - eauto.
  - intros [e [=]].
  - tauto.
Qed.

(** What is refused leaves the buffer or has too many elements, and the refusal says where. *)
Corollary witness_correct shape strides offset len item r :
  request shape strides offset len item ->
  decide shape strides offset len item = Val (Err r) ->
  ~ accepts shape strides offset len item /\ refusal_right shape strides offset len item r.
Proof.
  intros Q E. pose proof (decide_correct _ _ _ _ _ Q) as H. rewrite E in H. exact H.
Qed.
