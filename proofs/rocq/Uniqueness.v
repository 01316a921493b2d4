(** What [src/overlap/certificate.rs] accepts is unique: for any rank, any sizes and strides of 64
    bits and items of any size. Every acceptance of a mutable view goes through one of the two
    functions here, [nested] and [holds]. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Logic Spec Differences.
From Strideproof Require Kernel Certificate.
Import ListNotations.
Open Scope Z_scope.

(* Sums and products stay as they are. *)
Local Arguments Z.mul : simpl never.
Local Arguments Z.add : simpl never.
Local Arguments Z.sub : simpl never.
Local Arguments Z.abs : simpl never.
Local Arguments Z.div : simpl never.
Local Arguments Z.modulo : simpl never.

(** ** From index tuples to differences *)

Definition axes_of (shape strides : list Z) : list (Z * Z) :=
  map (fun axis => (Z.max 0 (fst axis - 1), Z.abs (snd axis))) (combine shape strides).

Fixpoint difference (strides i j : list Z) : list Z :=
  match strides, i, j with
  | s :: strides, x :: i, y :: j =>
    (if s <? 0 then y - x else x - y) :: difference strides i j
  | _, _, _ => []
  end.

Lemma difference_correct shape strides i j :
  length shape = length strides -> valid shape i -> valid shape j ->
  fits (axes_of shape strides) (difference strides i j) /\
  along (axes_of shape strides) (difference strides i j) = dot i strides - dot j strides /\
  (Forall (eq 0) (difference strides i j) -> i = j).
Proof.
  intros L I. revert strides j L. unfold dot.
  induction I as [|n x shape i Hx _ IH]; intros [|s strides] j L J; try discriminate;
    inversion J as [|? y ? j' Hy J']; subst; cbn [difference axes_of map combine].
  { repeat split; try constructor; auto. }
  cbn [length] in L. destruct (IH strides j' ltac:(lia) J') as (F & A & E). clear IH.
  cbn [along sum2 fst snd]. unfold axes_of in A. rewrite A.
  split; [|split].
  - constructor; [cbn [fst]; destruct (s <? 0); lia|exact F].
  - destruct (Z.ltb_spec s 0).
    + rewrite (Z.abs_neq s) by lia. lia.
    + rewrite (Z.abs_eq s) by lia. lia.
  - intros N. inversion N as [|? ? D N']; subst. rewrite (E N').
    f_equal. revert D. destruct (s <? 0); lia.
Qed.

Lemma sole_unique shape strides item :
  length shape = length strides ->
  sole (axes_of shape strides) (item - 1) -> unique shape strides item.
Proof.
  intros L S i j I J N unit (A & B).
  destruct (difference_correct shape strides i j L I J) as (F & D & E).
  apply N, E, S; auto. rewrite D. lia.
Qed.

Lemma no_items shape strides item : item <= 0 -> unique shape strides item.
Proof. intros H i j _ _ _ unit (A & _). lia. Qed.

Lemma no_indices shape strides item : In 0 shape -> unique shape strides item.
Proof.
  intros Z0 i j I _ _. exfalso. clear j. induction I as [|n x shape i H _ IH].
  - destruct Z0.
  - destruct Z0; subst; [lia|auto].
Qed.

(** ** Slices and places in them *)

Lemma get_negative {A} (l : list A) k : k < 0 -> slice.get l k = None.
Proof.
  revert k. induction l as [|x l IH]; intros k H; cbn [slice.get]; auto.
  destruct (Z.eqb_spec k 0); [lia|]. apply IH. lia.
Qed.

Lemma get_skipn {A} (l : list A) k : 0 <= k ->
  match slice.get l k with
  | Some x => skipn (Z.to_nat k) l = x :: skipn (Z.to_nat (k + 1)) l /\ k < slice.len l
  | None => skipn (Z.to_nat k) l = [] /\ slice.len l <= k
  end.
Proof.
  revert k. induction l as [|x l IH]; intros k H; cbn [slice.get].
  { rewrite skipn_nil. split; [reflexivity|unfold slice.len; cbn [length]; lia]. }
  destruct (Z.eqb_spec k 0).
  { subst. split; [reflexivity|unfold slice.len; cbn [length]; lia]. }
  specialize (IH (k - 1) ltac:(lia)).
  assert (Z.to_nat k = S (Z.to_nat (k - 1))) as -> by lia.
  assert (Z.to_nat (k + 1) = S (Z.to_nat (k - 1 + 1))) as -> by lia.
  unfold slice.len in *. cbn [skipn length]. destruct (slice.get l (k - 1)); destruct IH; (split; [assumption|lia]).
Qed.

Lemma get_firstn {A} (l : list A) k x : 0 <= k -> slice.get l k = Some x ->
  firstn (Z.to_nat (k + 1)) l = firstn (Z.to_nat k) l ++ [x].
Proof.
  revert k. induction l as [|y l IH]; intros k H G; cbn [slice.get] in G; [discriminate|].
  destruct (Z.eqb_spec k 0).
  { injection G as ->. subst. reflexivity. }
  assert (Z.to_nat k = S (Z.to_nat (k - 1))) as -> by lia.
  assert (Z.to_nat (k + 1) = S (Z.to_nat (k - 1 + 1))) as -> by lia.
  cbn [firstn app]. f_equal. apply IH; [lia|exact G].
Qed.

Lemma get_In {A} (l : list A) k x : slice.get l k = Some x -> In x l.
Proof.
  revert k. induction l as [|y l IH]; intros k G; cbn [slice.get] in G; [discriminate|].
  destruct (k =? 0); [injection G; cbn; auto|cbn; eauto].
Qed.

Lemma skipn_map {A B} (f : A -> B) n l : skipn n (map f l) = map f (skipn n l).
Proof. revert l. induction n as [|n IH]; intros [|x l]; cbn; auto. Qed.

Lemma next_place k n : 0 <= k < n -> n <= isize.MAX -> usize.saturating_add k 1 = k + 1.
Proof. exact (next_axis k n). Qed.

(** ** The functions, one by one *)

Lemma axis_of_get shape strides k :
  length shape = length strides -> Forall is_usize shape -> Forall is_isize strides ->
  Certificate.axis_of shape strides k = Val (slice.get (axes_of shape strides) k) /\
  match slice.get (axes_of shape strides) k with
  | Some (last, m) => 0 <= last <= usize.MAX /\ 0 <= m <= isize.MAX + 1 /\
      (slice.get shape k = Some (last + 1) \/ slice.get shape k = Some 0 /\ last = 0) /\
      exists s, slice.get strides k = Some s /\ m = Z.abs s
  | None => True
  end.
Proof.
  unfold Certificate.axis_of. intros L Sz St. revert k strides L St.
  induction Sz as [|n shape Hn Sz IH]; intros k [|s strides] L St; try discriminate.
  { cbn. auto. }
  inversion St as [|? ? Hs St']; subst. unfold axes_of. cbn [slice.get combine map fst snd].
  destruct (Z.eqb_spec k 0).
  - unfold usize.saturating_sub, usize.saturated, isize.unsigned_abs.
    unfold is_usize, is_isize, usize.MAX, isize.MIN, isize.MAX in *.
    split; [do 3 f_equal; lia|]. split; [lia|]. split; [lia|]. split; [|eauto].
    destruct (Z.eq_dec n 0); [right|left]; [subst; split; reflexivity|f_equal; lia].
  - apply IH; auto.
Qed.

(** One step of the search for a shorter vector, in numbers. *)
Lemma closer up down up_at down_at divisor window :
  0 <= window -> window < down -> window < up -> 1 <= up_at -> 1 <= down_at ->
  up_at * down + down_at * up = divisor ->
  let q := (up - window - 1) / down in q <> 0 ->
  1 <= q /\ 0 <= q * down <= up - window - 1 /\ down <= q * down /\
  0 <= q * down_at /\ up_at + q * down_at <= divisor /\
  (up_at + q * down_at) * down + down_at * (up - q * down) = divisor.
Proof.
  intros Hw Hd Hu Ha Hb G q Hq.
  assert (0 <= q) by (apply Z.div_pos; lia).
  assert (down * q <= up - window - 1) by (apply Z.mul_div_le; lia).
  assert (1 <= q) by lia.
  assert (1 * down <= q * down) by (apply Z.mul_le_mono_nonneg_r; lia).
  assert (0 <= q * down_at) by (apply Z.mul_nonneg_nonneg; lia).
  assert (down_at * (q * down) <= down_at * up) by (apply Z.mul_le_mono_nonneg_l; lia).
  assert ((up_at + q * down_at) * 1 <= (up_at + q * down_at) * down)
    by (apply Z.mul_le_mono_nonneg_l; lia).
  clearbody q. repeat split; lia.
Qed.

Lemma apart_correct step divisor limit window :
  is_usize step -> is_usize divisor -> 0 <= limit <= usize.MAX -> is_usize window ->
  ends (Certificate.apart step divisor limit window) (fun held => held = true ->
    forall x, 1 <= x <= limit -> forall t, window < Z.abs (step * x + divisor * t)).
Proof.
  intros Hs Hd Hl Hw. unfold Certificate.apart, usize.checked_rem.
  destruct (Z.eqb_spec divisor 0); [cbn; discriminate|].
  unfold is_usize, usize.MAX in *.
  pose proof (Z.mod_pos_bound step divisor ltac:(lia)) as B.
  apply ends_bind. apply ends_strict; [unfold is_usize, usize.MAX; lia|].
  eapply ends_call with (P := fun e => match e with
    | Done _ => True
    | Early r => r = true ->
        forall x, 1 <= x <= limit -> forall t, window < Z.abs (step * x + divisor * t) end).
  - apply ends_loop with
      (I := fun '(up, down, up_at, down_at) =>
         0 <= up /\ 0 <= down /\ 1 <= up_at /\ 1 <= down_at /\ up + down <= divisor /\
         up_at * down + down_at * up = divisor /\
         (divisor | step * up_at - up) /\ (divisor | step * down_at + down))
      (measure := fun '(up, down, _, _) => up + down).
    + repeat split; try lia.
      * exists (step / divisor). pose proof (Z.div_mod step divisor ltac:(lia)). lia.
      * exists (step / divisor + 1). pose proof (Z.div_mod step divisor ltac:(lia)). lia.
    + lia.
    + intros [[[up down] up_at] down_at] (H1 & H2 & H3 & H4 & H5 & G & D1 & D2).
      split; [lia|].
      destruct (Z.ltb_spec window up) as [W1|]; [|cbn; exact I].
      destruct (Z.ltb_spec window down) as [W2|]; [|cbn; exact I]. cbn [andb].
      assert (up_at * 1 <= up_at * down) by (apply Z.mul_le_mono_nonneg_l; lia).
      assert (down_at * 1 <= down_at * up) by (apply Z.mul_le_mono_nonneg_l; lia).
      assert (up_at + down_at <= divisor) as Small by lia.
      assert (usize.saturating_add up_at down_at = up_at + down_at) as ->.
      { unfold usize.saturating_add, usize.saturated, usize.MAX. lia. }
      destruct (Z.ltb_spec limit (up_at + down_at)) as [L|L].
      { cbn. intros _. apply (lattice step divisor up_at up down_at down limit window);
          (assumption || lia). }
      destruct (Z.ltb_spec down up) as [Less|Less].
      * apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        unfold usize.div. destruct (Z.eqb_spec down 0); [lia|]. cbn [bind].
        destruct (Z.eqb_spec ((up - window - 1) / down) 0) as [|Some_]; [cbn; discriminate|].
        destruct (closer up down up_at down_at divisor window) as (Q1 & Q2 & Q3 & Q4 & Q5 & Q6);
          try lia.
        set (q := (up - window - 1) / down) in *.
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        cbn. split; [|lia]. split; [lia|]. split; [lia|]. split; [lia|]. split; [lia|].
        split; [lia|]. split; [lia|]. split; [|exact D2].
        replace (step * (up_at + q * down_at) - (up - q * down))
          with ((step * up_at - up) + (step * down_at + down) * q) by ring.
        apply Z.divide_add_r; [exact D1|]. apply Z.divide_mul_l, D2.
      * apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        unfold usize.div. destruct (Z.eqb_spec up 0); [lia|]. cbn [bind].
        destruct (Z.eqb_spec ((down - window - 1) / up) 0) as [|Some_]; [cbn; discriminate|].
        destruct (closer down up down_at up_at divisor window) as (Q1 & Q2 & Q3 & Q4 & Q5 & Q6);
          try lia.
        set (q := (down - window - 1) / up) in *.
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        apply ends_bind, ends_strict; [unfold is_usize, usize.MAX; lia|].
        cbn. split; [|lia]. split; [lia|]. split; [lia|]. split; [lia|]. split; [lia|].
        split; [lia|]. split; [lia|]. split; [exact D1|].
        replace (step * (down_at + q * up_at) + (down - q * up))
          with ((step * down_at + down) + (step * up_at - up) * q) by ring.
        apply Z.divide_add_r; [exact D2|]. apply Z.divide_mul_l, D1.
  - intros [[[[up down] up_at] down_at]|r] H; cbn; [discriminate|exact H].
Qed.

Section layout.
  Context (shape strides : list Z).
  Hypothesis same_rank : length shape = length strides.
  Hypothesis sizes : is_slice is_usize shape.
  Hypothesis steps : is_slice is_isize strides.

  Let axes := axes_of shape strides.
  Let at_ := axis_at axes.

  Lemma axis_of_correct k :
    Certificate.axis_of shape strides k = Val (slice.get axes k) /\
    match slice.get axes k with
    | Some (last, m) => 0 <= last <= usize.MAX /\ 0 <= m <= isize.MAX + 1 /\
        (slice.get shape k = Some (last + 1) \/ slice.get shape k = Some 0 /\ last = 0) /\
        exists s, slice.get strides k = Some s /\ m = Z.abs s
    | None => True
    end.
  Proof. apply axis_of_get; auto; [apply sizes|apply steps]. Qed.

  Lemma proper_axes : proper axes.
  Proof.
    unfold axes, axes_of, proper. apply Forall_map, Forall_forall. intros [n s] _. cbn. lia.
  Qed.

  Lemma proper_listed order : proper (map at_ order).
  Proof.
    unfold proper. apply Forall_map, Forall_forall. intros k _. unfold at_, axis_at.
    destruct (slice.get axes k) as [a|] eqn:G; [|cbn; lia].
    pose proof proper_axes as P. unfold proper in P. rewrite Forall_forall in P.
    apply P. exact (get_In _ _ _ G).
  Qed.

  Lemma at_some k a : slice.get axes k = Some a -> at_ k = a.
  Proof. unfold at_, axis_at. intros ->. reflexivity. Qed.

  Lemma grown_correct sum last m :
    ends (Certificate.grown sum last m) (fun r =>
      match r with Some v => v = sum + last * m /\ is_usize v | None => True end).
  Proof.
    unfold Certificate.grown, usize.checked_mul, usize.checked_add.
    destruct (checked_spec (last * m)) as [[-> _]|[-> _]]; cbn; auto.
    destruct (checked_spec (sum + last * m)) as [[-> ?]|[-> _]]; cbn; auto.
  Qed.

  Lemma nested_correct item : is_usize item ->
    ends (Certificate.nested shape strides item) (fun accepted =>
      accepted = true -> unique shape strides item).
  Proof.
    intros Hi. unfold Certificate.nested.
    set (w0 := Z.max 0 (item - 1)).
    eapply ends_call with (P := fun e => match e with
      | Done _ => sole axes w0
      | Early r => r = false end).
    - apply ends_loop with
        (I := fun '(w, k) => 0 <= k <= slice.len axes /\
           exists W, w = Z.min W usize.MAX /\ 0 <= W /\
             (sole (firstn (Z.to_nat k) axes) W -> sole axes w0))
        (measure := fun '(_, k) => k).
      + assert (slice.len shape = slice.len axes) as E.
        { unfold axes, axes_of, slice.len. rewrite map_length, combine_length. lia. }
        rewrite E. split; [unfold slice.len; lia|]. exists w0. subst w0.
        unfold usize.saturating_sub, usize.saturated, is_usize, usize.MAX in *.
        split; [lia|]. split; [lia|].
        unfold slice.len. rewrite Nat2Z.id, firstn_all. auto.
      + destruct sizes as [_ H]. unfold isize.MAX in H. lia.
      + intros [w k] (Hk & W & Hw & HW & S). split; [lia|].
        destruct (Z.ltb_spec 0 k).
        2: { cbn. assert (k = 0) by lia. subst k. apply S. cbn. apply sole_nil. }
        assert (usize.saturating_sub k 1 = k - 1) as Hk1.
        { unfold usize.saturating_sub, usize.saturated.
          assert (slice.len axes <= isize.MAX).
          { destruct sizes as [_ Hlen]. unfold axes, axes_of, slice.len in *.
            rewrite map_length, combine_length. lia. }
          unfold usize.MAX, isize.MAX in *. lia. }
        rewrite Hk1. destruct (axis_of_correct (k - 1)) as [-> R]. cbn [bind].
        destruct (slice.get axes (k - 1)) as [[last m]|] eqn:G; [|reflexivity].
        pose proof (get_firstn axes (k - 1) (last, m) ltac:(lia) G) as Fi.
        replace (k - 1 + 1) with k in Fi by lia.
        destruct R as (Hl & Hm & _).
        destruct (Z.ltb_spec 0 last) as [Pos|Neg].
        * destruct (Z.leb_spec m w) as [Le|Gt]; [reflexivity|].
          cbn. split; [|lia]. split; [lia|].
          exists (W + last * m). unfold usize.saturating_add, usize.saturating_mul, usize.saturated.
          unfold usize.MAX, isize.MAX in *. split; [nia|]. split; [nia|].
          intros S'. apply S. rewrite Fi. apply sole_rotate, sole_inner; [lia|exact S'].
        * cbn. split; [|lia]. split; [lia|]. exists W. split; [exact Hw|]. split; [exact HW|].
          intros S'. apply S. rewrite Fi. assert (last = 0) by lia. subst last.
          apply sole_rotate, sole_single, S'.
    - intros [[w k]|r] E; cbn; [intros _|intros ->; discriminate].
      destruct (Z.le_gt_cases item 0); [apply no_items; lia|].
      apply sole_unique; auto. replace (item - 1) with w0 by (subst w0; lia). exact E.
  Qed.

  Lemma nested_columns_correct item : is_usize item ->
    ends (Certificate.nested_columns shape strides item) (fun accepted =>
      accepted = true -> unique shape strides item).
  Proof.
    intros Hi. unfold Certificate.nested_columns.
    assert (slice.len shape = slice.len axes) as E.
    { unfold axes, axes_of, slice.len. rewrite map_length, combine_length. lia. }
    assert (slice.len axes <= isize.MAX) as Len by (rewrite <- E; apply sizes).
    set (w0 := Z.max 0 (item - 1)).
    eapply ends_call with (P := fun e => match e with
      | Done _ => sole axes w0
      | Early r => r = false end).
    - apply ends_loop with
        (I := fun '(w, k) => 0 <= k <= slice.len axes /\
           exists W, w = Z.min W usize.MAX /\ 0 <= W /\
             (sole (skipn (Z.to_nat k) axes) W -> sole axes w0))
        (measure := fun '(_, k) => slice.len axes - k).
      + split; [unfold slice.len; lia|]. exists w0. subst w0.
        unfold usize.saturating_sub, usize.saturated, is_usize, usize.MAX in *.
        split; [lia|]. split; [lia|]. auto.
      + unfold isize.MAX in Len. lia.
      + intros [w k] (Hk & W & Hw & HW & S). split; [lia|]. rewrite E.
        destruct (Z.ltb_spec k (slice.len axes)) as [Lt|].
        2: { cbn. apply S. rewrite skipn_all2 by (unfold slice.len in *; lia). apply sole_nil. }
        destruct (axis_of_correct k) as [-> R]. cbn [bind].
        pose proof (get_skipn axes k ltac:(lia)) as G.
        destruct (slice.get axes k) as [[last m]|]; [|reflexivity].
        destruct R as (Hl & Hm & _). destruct G as [G _]. rewrite G in S.
        rewrite (next_place k (slice.len axes)) by lia.
        destruct (Z.ltb_spec 0 last) as [Pos|Neg].
        * destruct (Z.leb_spec m w) as [Le|Gt]; [reflexivity|].
          cbn. split; [|lia]. split; [lia|].
          exists (W + last * m). unfold usize.saturating_add, usize.saturating_mul, usize.saturated.
          unfold usize.MAX, isize.MAX in *. split; [nia|]. split; [nia|].
          intros S'. apply S, sole_inner; [lia|exact S'].
        * cbn. split; [|lia]. split; [lia|]. exists W. split; [exact Hw|]. split; [exact HW|].
          intros S'. apply S. assert (last = 0) by lia. subst last. apply sole_single, S'.
    - intros [[w k]|r] H; cbn; [intros _|intros ->; discriminate].
      destruct (Z.le_gt_cases item 0); [apply no_items; lia|].
      apply sole_unique; auto. replace (item - 1) with w0 by (subst w0; lia). exact H.
  Qed.

  (** *** The order *)

  Section listed.
    Context (order : list Z).
    Hypothesis places : is_slice is_usize order.

    Lemma lists_correct k :
      ends (Certificate.lists order k) (fun found => found = true -> In k order).
    Proof.
      unfold Certificate.lists.
      eapply ends_call with (P := fun e => match e with
        | Done _ => True | Early r => r = true -> In k order end).
      - apply ends_loop with (I := fun p => 0 <= p <= slice.len order)
          (measure := fun p => slice.len order - p).
        + unfold slice.len. lia.
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros p Hp. split; [lia|]. pose proof (get_skipn order p ltac:(lia)) as G.
          destruct (slice.get order p) as [x|] eqn:E; cbn; auto.
          destruct (Z.eqb_spec x k); cbn.
          * intros _. subst. exact (get_In _ _ _ E).
          * rewrite (next_place p (slice.len order)) by (tauto || apply places). lia.
      - intros [p|r] H; cbn; auto. discriminate.
    Qed.

    Lemma covers_correct :
      ends (Certificate.covers shape order) (fun covered => covered = true ->
        forall k, 0 < fst (axis_at axes k) -> In k order).
    Proof.
      unfold Certificate.covers.
      eapply ends_call with (P := fun e => match e with
        | Done _ => forall k, 0 < fst (at_ k) -> In k order
        | Early r => r = false end).
      - apply ends_loop with
          (I := fun p => 0 <= p <= slice.len shape /\
             forall k, k < p -> 0 < fst (at_ k) -> In k order)
          (measure := fun p => slice.len shape - p).
        + unfold slice.len. split; [lia|]. intros k Hk. unfold at_, axis_at.
          rewrite get_negative by lia. cbn. lia.
        + destruct sizes as [_ H]. unfold isize.MAX in H. lia.
        + intros p (Hp & C). split; [lia|]. pose proof (get_skipn shape p ltac:(lia)) as G.
          destruct (slice.get shape p) as [n|] eqn:E.
          * assert (usize.saturating_add p 1 = p + 1) as N.
            { apply (next_place p (slice.len shape)); [lia|apply sizes]. }
            assert (forall k, k < p + 1 -> k <> p -> 0 < fst (at_ k) -> In k order) as C'.
            { intros k H1 H2 H3. apply C; [lia|exact H3]. }
            destruct (Z.ltb_spec 1 n) as [Big|Small].
            -- apply ends_bind. eapply ends_weaken; [apply lists_correct|].
               intros [|] F; cbn; auto. rewrite N. split; [|lia]. split; [lia|].
               intros k Hk. destruct (Z.eq_dec k p) as [->|]; auto.
            -- cbn. rewrite N. split; [|lia]. split; [lia|]. intros k Hk.
               destruct (Z.eq_dec k p) as [->|]; auto. intros L. exfalso.
               unfold at_, axis_at in L. destruct (axis_of_correct p) as [_ R].
               destruct (slice.get axes p) as [[last m]|]; cbn in L; [|lia].
               rewrite E in R. destruct R as (_ & _ & [[= R]|[[= R] ?]] & _); lia.
          * cbn. intros k L. apply C; [|exact L].
            destruct (Z.lt_ge_cases k p); auto. exfalso.
            unfold at_, axis_at in L. destruct (axis_of_correct k) as [_ R].
            destruct (slice.get axes k) as [[last m]|]; cbn in L; [|lia].
            pose proof (get_skipn shape k ltac:(lia)) as G'.
            destruct (slice.get shape k); [lia|].
            destruct R as (_ & _ & [[=]|[[=] _]] & _).
      - intros [p|r] H; cbn; auto. intros ->. discriminate.
    Qed.

    Let listed := map at_ order.
    Let from place := skipn (Z.to_nat place) listed.

    Lemma from_next place k :
      0 <= place -> slice.get order place = Some k ->
      from place = at_ k :: from (place + 1) /\ place < slice.len order.
    Proof.
      intros H G. pose proof (get_skipn order place H) as S. rewrite G in S.
      unfold from, listed. rewrite !skipn_map. destruct S as [-> ?]. auto.
    Qed.

    Lemma from_end place : slice.len order <= place -> from place = [].
    Proof.
      intros H. unfold from, listed. apply skipn_all2. rewrite map_length.
      unfold slice.len in H. lia.
    Qed.

    Lemma get_none place : slice.get order place = None -> 0 <= place -> from place = [].
    Proof.
      intros G H. apply from_end. pose proof (get_skipn order place H) as S. rewrite G in S.
      apply S.
    Qed.

    Lemma reach_correct place window : 0 <= place <= slice.len order ->
      ends (Certificate.reach_from shape strides order place window) (fun r =>
        match r with Some v => v = window + reach (from place) | None => True end).
    Proof.
      intros Hp. unfold Certificate.reach_from.
      eapply ends_call with (P := fun e => match e with
        | Done (_, sum) => sum = window + reach (from place)
        | Early r => r = None end).
      - apply ends_loop with
          (I := fun '(p, sum) => 0 <= p <= slice.len order /\
             sum + reach (from p) = window + reach (from place))
          (measure := fun '(p, _) => slice.len order - p).
        + auto.
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [p sum] (Hp' & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (axis_of_correct k) as [-> _]. cbn [bind].
            destruct (slice.get axes k) as [[last m]|] eqn:A; [|reflexivity].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [v|] Hv; cbn; [|reflexivity].
            rewrite (next_place p (slice.len order)) by (lia || apply places).
            rewrite F, (at_some _ _ A) in S. cbn [reach] in S. lia.
          * cbn. pose proof (get_skipn order p ltac:(lia)) as E. rewrite G in E.
            rewrite (from_end p) in S by lia. cbn [reach] in S. lia.
      - intros [[p sum]|r] H; cbn; [exact H|subst; exact I].
    Qed.

    Lemma divides_correct place g : 0 <= place <= slice.len order ->
      ends (Certificate.divides shape strides order place g) (fun divided =>
        divided = true -> Forall (fun axis => (g | snd axis)) (from place)).
    Proof.
      intros Hp. unfold Certificate.divides.
      eapply ends_call with (P := fun e => match e with
        | Done _ => Forall (fun axis => (g | snd axis)) (from place)
        | Early r => r = false end).
      - apply ends_loop with
          (I := fun p => 0 <= p <= slice.len order /\
             (Forall (fun axis => (g | snd axis)) (from p) ->
              Forall (fun axis => (g | snd axis)) (from place)))
          (measure := fun p => slice.len order - p).
        + auto.
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros p (Hp' & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (axis_of_correct k) as [-> _]. cbn [bind].
            destruct (slice.get axes k) as [[last m]|] eqn:A; [|reflexivity].
            unfold usize.checked_rem. destruct (Z.eqb_spec g 0); [reflexivity|].
            destruct (Z.eqb_spec (m mod g) 0); cbn; [|reflexivity].
            rewrite (next_place p (slice.len order)) by (lia || apply places).
            split; [|lia]. split; [lia|]. intros S'. apply S. rewrite F, (at_some _ _ A).
            constructor; auto. cbn. apply Z.mod_divide; auto.
          * cbn. pose proof (get_skipn order p ltac:(lia)) as E. rewrite G in E.
            apply S. rewrite (from_end p) by lia. constructor.
      - intros [p|r] H; cbn; [auto|intros ->; discriminate].
    Qed.

    (** *** Which differences the others can make up for *)

    Lemma largest_correct last m r : 0 <= last -> 0 <= m -> (forall v, r = Some v -> 0 <= v) ->
      ends (Certificate.largest last m r) (fun limit => 0 <= limit <= last /\
        forall x, 1 <= x <= last -> (forall v, r = Some v -> x * m <= v) -> x <= limit).
    Proof.
      unfold Certificate.largest, usize.checked_div, option.unwrap_or, usize.min.
      intros Hl Hm Hr. destruct r as [v|]; cbn; [|split; [lia|intros; lia]].
      specialize (Hr v eq_refl). destruct (Z.eqb_spec m 0).
      { split; [lia|]. intros x Hx _. lia. }
      pose proof (Z.div_pos v m Hr ltac:(lia)). split; [lia|]. intros x Hx Hxm.
      specialize (Hxm v eq_refl). apply Z.min_glb; [|lia]. apply Z.div_le_lower_bound; lia.
    Qed.

    (** *** Sums in two parts *)

    Definition sum_value (s : Certificate.Sum) : Z :=
      Certificate.BASE * Certificate.Sum_high s + Certificate.Sum_low s.
    Definition sum_normal (s : Certificate.Sum) : Prop :=
      0 <= Certificate.Sum_low s < Certificate.BASE /\ is_usize (Certificate.Sum_high s).

    Lemma carried high low : is_usize low ->
      match usize.checked_add high (low / Certificate.BASE) with
      | Some h => sum_value (Certificate.Sum_new h (low mod Certificate.BASE)) =
                    Certificate.BASE * high + low /\
                  sum_normal (Certificate.Sum_new h (low mod Certificate.BASE))
      | None => True
      end.
    Proof.
      intros Hlow. unfold usize.checked_add, sum_value, sum_normal, Certificate.BASE. cbn.
      destruct (checked_spec (high + low / 4294967296)) as [[-> F]|[-> _]]; auto.
      pose proof (Z.div_mod low 4294967296 ltac:(lia)).
      pose proof (Z.mod_pos_bound low 4294967296 ltac:(lia)).
      split; [lia|]. split; [lia|exact F].
    Qed.

    Lemma beyond_correct s window : is_usize window -> sum_normal s ->
      ends (Certificate.Sum_beyond s window) (fun r => match r with
        | Some next => sum_value next = sum_value s + window + 1 /\ sum_normal next
        | None => True end).
    Proof.
      intros Hw [Hl Hh]. unfold Certificate.Sum_beyond, usize.rem, usize.div.
      assert (Certificate.BASE =? 0 = false) as -> by reflexivity. cbn [bind].
      unfold Certificate.BASE in *. unfold is_usize, usize.MAX in Hw.
      pose proof (Z.mod_pos_bound window 4294967296 ltac:(lia)).
      pose proof (Z.div_mod window 4294967296 ltac:(lia)).
      set (low := usize.saturating_add (usize.saturating_add (Certificate.Sum_low s)
        (window mod 4294967296)) 1).
      assert (low = Certificate.Sum_low s + window mod 4294967296 + 1) as Low.
      { subst low. unfold usize.saturating_add, usize.saturated, usize.MAX. lia. }
      unfold usize.checked_add at 1.
      destruct (checked_spec (Certificate.Sum_high s + window / 4294967296)) as [[-> F]|[-> _]];
        [|exact I].
      pose proof (carried (Certificate.Sum_high s + window / 4294967296) low) as C.
      unfold Certificate.BASE in C.
      destruct (usize.checked_add _ (low / 4294967296)) as [h|]; [|exact I].
      cbn. destruct C as [C1 C2]. { unfold is_usize, usize.MAX. lia. }
      split; [|exact C2]. rewrite C1. unfold sum_value, Certificate.BASE. lia.
    Qed.

    Hypothesis nonempty : ~ In 0 shape.

    Lemma shape_axis k n : slice.get shape k = Some n ->
      exists s, slice.get strides k = Some s /\ slice.get axes k = Some (n - 1, Z.abs s) /\ 1 <= n.
    Proof.
      intros G. assert (1 <= n) as Hn.
      { pose proof (get_In _ _ _ G) as HI. destruct sizes as [Sz _]. rewrite Forall_forall in Sz.
        specialize (Sz _ HI). unfold is_usize in Sz.
        destruct (Z.eq_dec n 0); [subst; contradiction|lia]. }
      destruct (axis_of_correct k) as [_ R]. destruct (slice.get axes k) as [[last m]|] eqn:E.
      - destruct R as (_ & _ & [R|[R _]] & s & Gs & ->); rewrite G in R; injection R as R.
        + exists s. repeat split; auto. do 2 f_equal. lia.
        + lia.
      - exfalso. destruct (Z.lt_ge_cases k 0) as [Neg|Pos].
        { rewrite get_negative in G by lia. discriminate. }
        pose proof (get_skipn shape k Pos) as A. rewrite G in A.
        pose proof (get_skipn axes k Pos) as B. rewrite E in B.
        unfold axes, axes_of, slice.len in *. rewrite map_length, combine_length in B. lia.
    Qed.

    Lemma count_correct place : 0 <= place <= slice.len order ->
      ends (Certificate.count_from shape order place) (fun r =>
        match r with Some v => v = product (from place) | None => True end).
    Proof.
      intros Hp. unfold Certificate.count_from.
      eapply ends_call with (P := fun e => match e with
        | Done (_, c) => c = product (from place)
        | Early r => r = None end).
      - apply ends_loop with
          (I := fun '(p, c) => 0 <= p <= slice.len order /\
             c * product (from p) = product (from place))
          (measure := fun '(p, _) => slice.len order - p).
        + split; [exact Hp|lia].
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [p c] (Hp' & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (slice.get shape k) as [n|] eqn:N; [|reflexivity].
            destruct (shape_axis k n N) as (s & _ & A & _).
            unfold usize.checked_mul.
            destruct (checked_spec (c * n)) as [[-> _]|[-> _]]; [|reflexivity].
            cbn. rewrite (next_place p (slice.len order)) by (lia || apply places).
            rewrite F, (at_some _ _ A) in S. cbn [product] in S.
            split; [|lia]. split; [lia|]. rewrite <- S. ring.
          * cbn. pose proof (get_skipn order p ltac:(lia)) as E. rewrite G in E.
            rewrite (from_end p) in S by lia. cbn [product] in S. lia.
      - intros [[p c]|r] H; cbn; [exact H|subst; exact I].
    Qed.

    Lemma sum_correct place number : 0 <= place <= slice.len order -> 0 <= number ->
      ends (Certificate.sum_of shape strides order place number) (fun r =>
        match r with
        | Some s => sum_value s = numbered (from place) number /\ sum_normal s
        | None => True end).
    Proof.
      intros Hp Hn. unfold Certificate.sum_of.
      eapply ends_call with (P := fun e => match e with
        | Done (_, _, high, low) => is_usize low /\
            Certificate.BASE * high + low = numbered (from place) number
        | Early r => r = None end).
      - apply ends_loop with
          (I := fun '(p, rest, high, low) => 0 <= p <= slice.len order /\ 0 <= rest /\
             is_usize low /\
             Certificate.BASE * high + low + numbered (from p) rest = numbered (from place) number)
          (measure := fun '(p, _, _, _) => slice.len order - p).
        + repeat split; try lia; unfold is_usize, usize.MAX; lia.
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [[[p rest] high] low] (Hp' & Hr & Hlow & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (slice.get shape k) as [n|] eqn:N; [|reflexivity].
            destruct (shape_axis k n N) as (s & Gs & A & H1). rewrite Gs.
            unfold usize.checked_rem, usize.checked_div.
            destruct (Z.eqb_spec n 0); [lia|].
            unfold usize.div, usize.rem, isize.unsigned_abs.
            assert (Certificate.BASE =? 0 = false) as -> by reflexivity. cbn [bind].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [h|] Hh; [|reflexivity]. cbn [bind].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [l|] Hl; [|reflexivity].
            cbn. rewrite (next_place p (slice.len order)) by (lia || apply places).
            rewrite F, (at_some _ _ A) in S. cbn [numbered] in S.
            replace (n - 1 + 1) with n in S by lia.
            destruct Hh as [-> _], Hl as [-> Hl].
            split; [|lia]. split; [lia|]. split; [apply Z.div_pos; lia|]. split; [exact Hl|].
            rewrite <- S. rewrite (Z.div_mod (Z.abs s) Certificate.BASE) at 3
              by (unfold Certificate.BASE; lia). ring.
          * cbn. pose proof (get_skipn order p ltac:(lia)) as E. rewrite G in E.
            rewrite (from_end p) in S by lia. cbn [numbered] in S. split; [exact Hlow|lia].
      - intros [[[[p rest] high] low]|r] H; [|cbn; subst; exact I].
        destruct H as [Hlow H]. unfold usize.div, usize.rem.
        assert (Certificate.BASE =? 0 = false) as -> by reflexivity. cbn [bind].
        pose proof (carried high low Hlow) as C.
        destruct (usize.checked_add high (low / Certificate.BASE)) as [h|]; [|exact I].
        cbn. rewrite <- H. exact C.
    Qed.

    Lemma ascends_correct place window sorted :
      0 <= place <= slice.len order -> is_usize window -> is_slice is_usize sorted ->
      ends (Certificate.ascends shape strides order place window sorted) (fun accepted =>
        accepted = true -> sole (from place) window).
    Proof.
      intros Hp Hw [Hs Hlen]. unfold Certificate.ascends. apply ends_bind.
      eapply ends_weaken; [apply count_correct, Hp|].
      intros [count|] Hc; [|cbn; discriminate].
      destruct (Z.eqb_spec (slice.len sorted) count) as [Len|]; [|cbn; discriminate].
      cbn [negb]. subst count.
      assert (forall l, l = sorted ->
        descending (from place) window (rev l) ->
        Forall (fun n => 0 <= n < product (from place)) l ->
        sole (from place) window) as All.
      { intros l -> D B. eapply sole_sorted; [unfold is_usize in Hw; lia|exact D| |].
        - apply Forall_rev, B.
        - rewrite rev_length. exact Len. }
      eapply ends_call with (P := fun e => match e with
        | Done _ => sole (from place) window
        | Early r => r = true -> sole (from place) window end).
      - apply ends_loop with
          (I := fun '(at_1, least) => 0 <= at_1 <= slice.len sorted /\ sum_normal least /\
             let seen := firstn (Z.to_nat at_1) sorted in
             descending (from place) window (rev seen) /\
             Forall (fun n => 0 <= n < product (from place)) seen /\
             Forall (fun n => numbered (from place) n + window < sum_value least) seen)
          (measure := fun '(at_1, _) => slice.len sorted - at_1).
        + split; [unfold slice.len; lia|]. split.
          { unfold sum_normal, is_usize, usize.MAX, Certificate.BASE. cbn. lia. }
          cbn. repeat split; constructor.
        + unfold isize.MAX in Hlen. lia.
        + intros [at_1 least] (Ha & HL & D & B & Up). split; [lia|].
          destruct (slice.get sorted at_1) as [n|] eqn:G.
          * assert (0 <= n) as Hn.
            { rewrite Forall_forall in Hs. specialize (Hs _ (get_In _ _ _ G)).
              unfold is_usize in Hs. lia. }
            pose proof (get_skipn sorted at_1 ltac:(lia)) as [_ L] || idtac.
            pose proof (get_skipn sorted at_1 ltac:(lia)) as L. rewrite G in L.
            destruct L as [_ L].
            destruct (Z.leb_spec (product (from place)) n) as [|Lt]; [cbn; discriminate|].
            apply ends_bind. eapply ends_weaken; [apply sum_correct; [exact Hp|exact Hn]|].
            intros [s|] HS; [|cbn; discriminate]. destruct HS as [V N].
            match goal with |- ends (if ?c then _ else _) _ => destruct c eqn:C end;
              [cbn; discriminate|].
            assert (sum_value least <= sum_value s) as Le.
            { unfold sum_value, sum_normal, Certificate.BASE in *.
              apply orb_false_iff in C as [C1 C2]. apply Z.ltb_ge in C1.
              apply andb_false_iff in C2. rewrite Z.eqb_neq, Z.ltb_ge in C2. lia. }
            assert (descending (from place) window (rev (firstn (Z.to_nat (at_1 + 1)) sorted)) /\
                    Forall (fun n => 0 <= n < product (from place))
                      (firstn (Z.to_nat (at_1 + 1)) sorted)) as [D' B'].
            { rewrite (get_firstn sorted at_1 n) by (lia || exact G). split.
              - rewrite rev_app_distr. cbn. constructor; [|exact D].
                apply Forall_rev. eapply Forall_impl; [|exact Up]. cbn. lia.
              - apply Forall_app. split; [exact B|]. constructor; [lia|constructor]. }
            rewrite (next_place at_1 (slice.len sorted)) by (lia || exact Hlen).
            apply ends_bind. eapply ends_weaken; [apply beyond_correct; [exact Hw|exact N]|].
            intros [next|] Hnext.
            -- destruct Hnext as [V' N']. cbn. split; [|lia]. split; [lia|].
               split; [exact N'|]. split; [exact D'|]. split; [exact B'|].
               rewrite (get_firstn sorted at_1 n) by (lia || exact G).
               unfold is_usize in Hw. apply Forall_app. split.
               ++ eapply Forall_impl; [|exact Up]. cbn. lia.
               ++ constructor; [lia|constructor].
            -- cbn. intros E. apply Z.eqb_eq in E.
               apply (All (firstn (Z.to_nat (at_1 + 1)) sorted)); auto.
               apply firstn_all2. unfold slice.len in *. lia.
          * cbn. pose proof (get_skipn sorted at_1 ltac:(lia)) as E. rewrite G in E.
            apply (All (firstn (Z.to_nat at_1) sorted)); auto.
            apply firstn_all2. unfold slice.len in *. lia.
      - intros [[at_1 least]|r] H; cbn; auto.
    Qed.

    Lemma differences_correct place : 0 <= place <= slice.len order ->
      ends (Certificate.differences_from shape strides order place) (fun r =>
        match r with Some v => v = product (widened (from place)) /\ is_usize v | None => True end).
    Proof.
      intros Hp. unfold Certificate.differences_from.
      eapply ends_call with (P := fun e => match e with
        | Done (_, c) => c = product (widened (from place)) /\ is_usize c
        | Early r => r = None end).
      - apply ends_loop with
          (I := fun '(p, c) => 0 <= p <= slice.len order /\ is_usize c /\
             c * product (widened (from p)) = product (widened (from place)))
          (measure := fun '(p, _) => slice.len order - p).
        + split; [exact Hp|]. split; [unfold is_usize, usize.MAX; lia|lia].
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [p c] (Hp' & Hc & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (axis_of_correct k) as [-> _]. cbn [bind].
            destruct (slice.get axes k) as [[last m]|] eqn:A; [|reflexivity].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [w|] W; [|reflexivity]. destruct W as [-> _].
            unfold usize.checked_mul.
            destruct (checked_spec (c * (1 + last * 2))) as [[-> Fit]|[-> _]]; [|reflexivity].
            cbn. rewrite (next_place p (slice.len order)) by (lia || apply places).
            rewrite F, (at_some _ _ A) in S. cbn [widened map product fst] in S.
            split; [|lia]. split; [lia|]. split; [exact Fit|].
            rewrite <- S. unfold widened. cbn [fst]. ring.
          * cbn. rewrite (get_none p) in S by (assumption || lia).
            cbn [widened map product] in S. split; [lia|exact Hc].
      - intros [[p c]|r] H; cbn; [exact H|subst; exact I].
    Qed.

    Lemma raised_sum_correct place n : 0 <= place <= slice.len order -> 0 <= n ->
      ends (Certificate.raised shape strides order place n) (fun r =>
        match r with Some v => v = numbered (widened (from place)) n | None => True end).
    Proof.
      intros Hp Hn. unfold Certificate.raised.
      eapply ends_call with (P := fun e => match e with
        | Done (_, _, sum) => sum = numbered (widened (from place)) n
        | Early r => r = None end).
      - apply ends_loop with
          (I := fun '(p, rest, sum) => 0 <= p <= slice.len order /\ 0 <= rest /\
             sum + numbered (widened (from p)) rest = numbered (widened (from place)) n)
          (measure := fun '(p, _, _) => slice.len order - p).
        + split; [exact Hp|]. split; [exact Hn|lia].
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [[p rest] sum] (Hp' & Hr & S). split; [lia|].
          destruct (slice.get order p) as [k|] eqn:G.
          * destruct (from_next p k ltac:(lia) G) as [F L].
            destruct (axis_of_correct k) as [-> R]. cbn [bind].
            destruct (slice.get axes k) as [[last m]|] eqn:A; [|reflexivity].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [w|] W; [|reflexivity]. destruct W as [-> _].
            unfold usize.checked_rem, usize.checked_div.
            destruct (Z.eqb_spec (1 + last * 2) 0); [lia|].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [v|] V; [|reflexivity]. destruct V as [-> _].
            cbn. rewrite (next_place p (slice.len order)) by (lia || apply places).
            rewrite F, (at_some _ _ A) in S. cbn [widened map numbered fst snd] in S.
            replace (2 * last + 1) with (1 + last * 2) in S by lia.
            split; [|lia]. split; [lia|]. split; [apply Z.div_pos; lia|].
            unfold widened in *. rewrite <- S. ring.
          * cbn. rewrite (get_none p) in S by (assumption || lia).
            cbn [widened map numbered] in S. lia.
      - intros [[[p rest] sum]|r] H; cbn; [exact H|subst; exact I].
    Qed.

    Lemma misses_correct place window : 0 <= place < slice.len order -> is_usize window ->
      ends (Certificate.misses shape strides order place window) (fun accepted =>
        accepted = true -> sole (from place) window).
    Proof.
      intros Hp Hw. unfold Certificate.misses.
      destruct (slice.get order place) as [k|] eqn:G.
      2: { rewrite (get_none place) by (assumption || lia). intros _. apply sole_nil. }
      destruct (from_next place k ltac:(lia) G) as [F _].
      destruct (axis_of_correct k) as [-> R]. cbn [bind].
      destruct (slice.get axes k) as [[last m]|] eqn:A; [|cbn; discriminate].
      destruct R as (Hl & Hm & _). rewrite (at_some _ _ A) in F. rewrite F.
      destruct (Z.leb_spec m window) as [|Gt]; [cbn; discriminate|].
      rewrite (next_place place (slice.len order)) by (lia || apply places). cbv zeta.
      apply ends_bind. eapply ends_weaken; [apply reach_correct; lia|].
      intros [far|] Hfar; [|cbn; discriminate].
      apply ends_bind. eapply ends_weaken; [apply differences_correct; lia|].
      intros [count|] Hcount; [|cbn; discriminate]. destruct Hcount as [-> Hcount].
      unfold usize.div. cbn [Z.eqb bind].
      eapply ends_call with (P := fun e => match e with
        | Done _ => sole ((last, m) :: from (place + 1)) window
        | Early r => r = true -> sole ((last, m) :: from (place + 1)) window end).
      - apply ends_loop with
          (I := fun n => 0 <= n <= product (widened (from (place + 1))) / 2 /\
             forall n', 0 <= n' < n -> forall x, Z.abs x <= last ->
             window < Z.abs (m * x + (numbered (widened (from (place + 1))) n' -
                                      reach (from (place + 1)))))
          (measure := fun n => product (widened (from (place + 1))) / 2 - n).
        + split; [|lia]. unfold is_usize in Hcount.
          split; [lia|]. apply Z.div_pos; lia.
        + unfold is_usize, usize.MAX in Hcount.
          assert (product (widened (from (place + 1))) / 2 <= product (widened (from (place + 1)))).
          { apply Z.div_le_upper_bound; lia. }
          lia.
        + intros n (Hn & Away). split; [lia|].
          destruct (Z.ltb_spec n (product (widened (from (place + 1))) / 2)) as [Lt|Ge].
          * apply ends_bind. eapply ends_weaken; [apply raised_sum_correct; lia|].
            intros [sum|] Hsum; [|cbn; discriminate].
            unfold usize.checked_div, usize.checked_rem, usize.abs_diff. cbv zeta.
            unfold is_usize in Hw.
            destruct (Z.eqb_spec m 0); [lia|].
            assert (far = reach (from (place + 1))) as Far by lia.
            pose proof (Z.mod_pos_bound (Z.abs (sum - far)) m ltac:(lia)) as B.
            assert (usize.saturating_sub m (Z.abs (sum - far) mod m) =
                    m - Z.abs (sum - far) mod m) as ->.
            { unfold usize.saturating_sub, usize.saturated, usize.MAX, isize.MAX in *. lia. }
            match goal with |- ends (if ?c then _ else _) _ => destruct c eqn:C end;
              [cbn; discriminate|].
            apply orb_false_iff in C as [C1 C2].
            apply andb_false_iff in C1, C2. rewrite !Z.leb_gt in C1.
            rewrite Z.leb_gt, Z.ltb_ge in C2.
            assert (usize.saturating_add n 1 = n + 1) as ->.
            { unfold usize.saturating_add, usize.saturated, is_usize, usize.MAX in *.
              assert (product (widened (from (place + 1))) / 2 <=
                      product (widened (from (place + 1)))).
              { apply Z.div_le_upper_bound; lia. }
              lia. }
            cbn. split; [|lia]. split; [lia|]. intros n' Hn' x Hx.
            destruct (Z.eq_dec n' n) as [->|]; [|apply Away; lia].
            rewrite <- Hsum, <- Far. apply (missed m last); lia.
          * cbn. apply sole_first; [unfold is_usize in Hw; lia|].
            intros n' Hn'. apply Away. lia.
      - intros [n|r] H; cbn; auto.
    Qed.

    Lemma listed_positive place : Forall (fun a => 0 <= fst a /\ 0 <= snd a) (from place).
    Proof.
      unfold from, listed. rewrite skipn_map. apply Forall_map, Forall_forall. intros k _.
      unfold at_, axis_at. destruct (axis_of_correct k) as [_ R].
      destruct (slice.get axes k) as [[last m]|]; cbn; lia.
    Qed.

    Lemma reach_positive l : Forall (fun a => 0 <= fst a /\ 0 <= snd a) l -> 0 <= reach l.
    Proof.
      induction 1 as [|[last m] l [H1 H2] _ IH]; cbn [reach fst snd] in *; [lia|].
      assert (0 <= last * m) by (apply Z.mul_nonneg_nonneg; lia). lia.
    Qed.

    Lemma separates_correct item divisors sorted :
      1 <= item -> is_usize item -> is_slice is_usize divisors -> is_slice is_usize sorted ->
      ends (Certificate.separates shape strides item order divisors sorted) (fun accepted =>
        accepted = true -> sole listed (item - 1)).
    Proof.
      intros H1 Hi [Hd _] Hs. unfold Certificate.separates.
      assert (usize.saturating_sub item 1 = item - 1) as ->.
      { unfold is_usize, usize.saturating_sub, usize.saturated, usize.MAX in *. lia. }
      eapply ends_call with (P := fun e => match e with
        | Done (window, place) => 0 <= place <= slice.len order /\ is_usize window /\
            (sole (from place) window -> sole listed (item - 1))
        | Early r => r = true -> sole listed (item - 1) end).
      - apply ends_loop with
          (I := fun '(window, place) => 0 <= place <= slice.len order /\ is_usize window /\
            (sole (from place) window -> sole listed (item - 1)))
          (measure := fun '(_, place) => slice.len order - place).
        + split; [unfold slice.len; lia|]. split; [unfold is_usize in *; lia|]. auto.
        + destruct places as [_ H]. unfold isize.MAX in H. lia.
        + intros [window place] (Hp & Hw & S). split; [lia|].
          destruct (slice.get order place) as [k|] eqn:G; [|cbn; auto].
          destruct (slice.get divisors place) as [g|] eqn:Gd; [|cbn; auto].
          assert (is_usize g) as Hg.
          { rewrite Forall_forall in Hd. exact (Hd _ (get_In _ _ _ Gd)). }
          destruct (from_next place k ltac:(lia) G) as [F L].
          destruct (axis_of_correct k) as [-> R]. cbn [bind].
          destruct (slice.get axes k) as [[last m]|] eqn:A; [|cbn; discriminate].
          destruct R as (Hl & Hm & _). rewrite (at_some _ _ A) in F. rewrite F in S.
          rewrite (next_place place (slice.len order)) by (lia || apply places).
          destruct (Z.eqb_spec g 0).
          * destruct (Z.leb_spec m window) as [|Gt]; [cbn; discriminate|].
            apply ends_bind. eapply ends_weaken; [apply grown_correct|].
            intros [wider|] W; cbn.
            -- destruct W as [-> W]. split; [|lia]. split; [lia|]. split; [exact W|].
               intros S'. apply S, sole_inner; [lia|exact S'].
            -- intros E. apply Z.eqb_eq in E. apply S, sole_inner; [lia|].
               rewrite from_end by lia. apply sole_nil.
          * apply ends_bind.
            eapply ends_weaken; [apply reach_correct; lia|]. intros r Hr.
            pose proof (proper_listed (skipn (Z.to_nat (place + 1)) order)) as P.
            rewrite <- skipn_map in P. fold listed in P. fold (from (place + 1)) in P.
            assert (0 <= reach (from (place + 1))) as Rpos.
            { apply reach_positive. apply listed_positive. }
            apply ends_bind.
            eapply ends_weaken.
            { apply largest_correct; [lia|lia|]. intros v ->. unfold is_usize in Hw. lia. }
            intros limit [Hlimit Big].
            assert (forall accepted : bool, (accepted = true -> limit <= 0 \/
                Forall (fun axis => (g | snd axis)) (from (place + 1)) /\
                forall x, 1 <= x <= limit -> forall t, window < Z.abs (m * x + g * t)) ->
              accepted = true -> sole (from (place + 1)) window -> sole listed (item - 1)) as Fin.
            { intros accepted Why Acc S'. apply S. specialize (Why Acc).
              destruct Why as [Zero|[D Apart]].
              - apply (sole_separate last m _ window 1); auto; [lia| |].
                + apply Forall_forall. intros [? ?] _. apply Z.divide_1_l.
                + intros x Hx Hxm. exfalso. specialize (Big x Hx).
                  assert (x <= limit); [|lia]. apply Big. intros v ->. lia.
              - apply (sole_separate last m _ window g); auto; [lia|].
                intros x Hx Hxm. apply Apart. split; [lia|]. apply Big; [exact Hx|].
                intros v ->. lia. }
            destruct (Z.ltb_spec 0 limit) as [Pos|Zero].
            -- apply ends_bind.
               eapply ends_weaken; [apply divides_correct; lia|]. intros [|] D.
               ++ apply ends_bind. eapply ends_weaken.
                  { apply apart_correct; [|exact Hg| |exact Hw];
                      unfold is_usize, usize.MAX, isize.MAX in *; lia. }
                  intros [|] Ap; cbn; [|discriminate]. split; [|lia].
                  split; [lia|]. split; [exact Hw|]. apply (Fin true); auto.
               ++ cbn. discriminate.
            -- cbn. split; [|lia]. split; [lia|]. split; [exact Hw|].
               apply (Fin true); auto.
      - intros [[window place]|r] H; [|cbn; exact H].
        destruct H as (Hp & Hw & S).
        destruct (Z.eqb_spec place (slice.len order)) as [E|].
        + cbn. intros _. apply S. rewrite from_end by lia. apply sole_nil.
        + destruct (slice.is_empty sorted); apply ends_bind.
          * eapply ends_weaken; [apply misses_correct; [lia|exact Hw]|].
            intros accepted Acc. cbn. auto.
          * eapply ends_weaken; [apply ascends_correct; auto|].
            intros accepted Acc. cbn. auto.
    Qed.
  End listed.
End layout.
