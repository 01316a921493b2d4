(** Uniqueness by differences: which axes can make up for which.

    Two index tuples that differ by [d] are [along axes d] apart, up to the signs of the strides. An
    axis is a pair: its last index and the magnitude of its stride. Here is why the reasons that
    [src/overlap/certificate.rs] checks are reasons; nothing here mentions the code. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec.
Import ListNotations.
Open Scope Z_scope.

(** No unit belongs to the items of two different indices. *)
Definition unique (shape strides : list Z) (item : Z) : Prop :=
  forall i j, valid shape i -> valid shape j -> i <> j ->
  forall unit, ~ (dot i strides <= unit < dot i strides + item /\
                  dot j strides <= unit < dot j strides + item).

Definition fits (axes : list (Z * Z)) (d : list Z) : Prop :=
  Forall2 (fun axis x => Z.abs x <= fst axis) axes d.

Fixpoint along (axes : list (Z * Z)) (d : list Z) : Z :=
  match axes, d with
  | (_, m) :: axes, x :: d => m * x + along axes d
  | _, _ => 0
  end.

Fixpoint reach (axes : list (Z * Z)) : Z :=
  match axes with (last, m) :: axes => last * m + reach axes | [] => 0 end.

(** Magnitudes are not negative. *)
Definition proper (axes : list (Z * Z)) : Prop := Forall (fun axis => 0 <= snd axis) axes.

(** No two different index tuples are within [window] of each other. *)
Definition sole (axes : list (Z * Z)) (window : Z) : Prop :=
  forall d, fits axes d -> Z.abs (along axes d) <= window -> Forall (eq 0) d.

Lemma along_within axes d : proper axes -> fits axes d -> Z.abs (along axes d) <= reach axes.
Proof.
  intros P F. induction F as [|[last m] x axes d H F IH]; cbn [along reach]; [lia|].
  inversion P as [|? ? Pm P']; subst. cbn [fst snd] in *. specialize (IH P').
  assert (Z.abs (m * x) <= last * m) by (rewrite Z.abs_mul; nia).
  lia.
Qed.

Lemma sole_nil window : sole [] window.
Proof. intros d F _. inversion F. constructor. Qed.

(** An inner axis: its stride exceeds the window, and the others are sole with a window that has
    grown by its reach. *)
Lemma sole_inner last m axes window :
  window < m -> sole axes (window + last * m) -> sole ((last, m) :: axes) window.
Proof.
  intros Hm S d F W. inversion F as [|? x ? d' Hx F']; subst. cbn [along fst] in *.
  assert (Z.abs (m * x) <= last * m) by (rewrite Z.abs_mul; nia).
  assert (Forall (eq 0) d') as Z0 by (apply S; [exact F'|lia]).
  assert (along axes d' = 0) as E.
  { clear -Z0. revert axes. induction Z0 as [|y d' Hy _ IH]; intros [|[? ?] axes]; cbn; auto.
    rewrite <- Hy, IH. lia. }
  constructor; auto. rewrite E in W. nia.
Qed.

Lemma fits_app a b d : fits (a ++ b) d ->
  exists d1 d2, d = d1 ++ d2 /\ fits a d1 /\ fits b d2.
Proof. intros F. destruct (Forall2_app_inv_l _ _ F) as (d1 & d2 & F1 & F2 & ->). eauto. Qed.

Lemma along_app a b d1 d2 : fits a d1 -> along (a ++ b) (d1 ++ d2) = along a d1 + along b d2.
Proof. induction 1 as [|[? ?] ? ? ? _ _ IH]; cbn; [auto|]. rewrite IH. lia. Qed.

(** The order of the axes does not matter: what holds of the first one holds of the last. *)
Lemma sole_rotate axis axes window : sole (axis :: axes) window -> sole (axes ++ [axis]) window.
Proof.
  intros S d F W. apply fits_app in F as (d1 & d2 & -> & F1 & F2).
  rewrite along_app in W by auto.
  inversion F2 as [|? x ? d0 Hx F0]; subst. inversion F0; subst.
  destruct axis as [last m]. cbn [along] in W.
  assert (Forall (eq 0) (x :: d1)) as R by (apply S; [constructor; auto|cbn [along]; lia]).
  inversion R; subst. apply Forall_app. auto.
Qed.

(** An axis of one index. *)
Lemma sole_single m axes window : sole axes window -> sole ((0, m) :: axes) window.
Proof.
  intros S d F W. inversion F as [|? x ? d' Hx F']; subst. cbn [along fst] in *.
  assert (x = 0) by lia. subst. rewrite Z.mul_0_r in W. constructor; auto.
Qed.

(** A separate axis: none of its differences that the reach of the others can make up for comes
    within the window of a multiple of what divides the strides of all others. *)
Lemma along_divides g axes d :
  Forall (fun axis => (g | snd axis)) axes -> (g | along axes d).
Proof.
  intros D. revert d. induction D as [|[last m] axes Hg _ IH]; intros [|x d]; cbn [along];
    try apply Z.divide_0_r.
  apply Z.divide_add_r; auto. apply Z.divide_mul_l, Hg.
Qed.

Lemma sole_separate last m axes window g :
  0 <= m -> proper axes ->
  Forall (fun axis => (g | snd axis)) axes ->
  (forall x, 1 <= x <= last -> x * m <= window + reach axes ->
   forall t, window < Z.abs (m * x + g * t)) ->
  sole axes window -> sole ((last, m) :: axes) window.
Proof.
  intros Hm P D A S d F W. inversion F as [|? x ? d' Hx F']; subst. cbn [along fst] in *.
  pose proof (along_within _ _ P F') as R.
  destruct (along_divides g axes d' D) as [t T].
  assert (x = 0) as X0.
  { destruct (Z.eq_dec x 0) as [|N]; auto. exfalso.
    destruct (Z.lt_total x 0) as [Neg|[?|Pos]]; [|lia|].
    - specialize (A (- x) ltac:(lia) ltac:(nia) (- t)). nia.
    - specialize (A x ltac:(lia) ltac:(nia) t). nia. }
  subst x. rewrite Z.mul_0_r in W. constructor; auto.
Qed.

(** ** Multiples that stay away from multiples

    The lattice of [(x, m * x + g * t)], spanned by a point above 0 and one below it. *)
Lemma lattice m g x1 y1 x2 y2 limit window :
  1 <= x1 -> 1 <= x2 -> window < y1 -> window < y2 -> 0 <= window ->
  x1 * y2 + x2 * y1 = g ->
  (g | m * x1 - y1) -> (g | m * x2 + y2) ->
  limit < x1 + x2 ->
  forall x, 1 <= x <= limit -> forall t, window < Z.abs (m * x + g * t).
Proof.
  intros Hx1 Hx2 Hy1 Hy2 Hw G [k1 K1] [k2 K2] L x Hx t.
  set (y := m * x + g * t).
  set (a := x * k2 + t * x2). set (c := - (x * k1 + t * x1)).
  assert (g > 0) by nia.
  assert (a * g = x * y2 + y * x2) as A by (subst a y; nia).
  assert (c * g = x * y1 - y * x1) as C by (subst c y; nia).
  assert (x = a * x1 + c * x2) as X.
  { apply (Z.mul_reg_r _ _ g); [lia|].
    replace ((a * x1 + c * x2) * g) with ((a * g) * x1 + (c * g) * x2) by ring.
    rewrite A, C, <- G. ring. }
  assert (y = a * y1 - c * y2) as Y.
  { apply (Z.mul_reg_r _ _ g); [lia|].
    replace ((a * y1 - c * y2) * g) with ((a * g) * y1 - (c * g) * y2) by ring.
    rewrite A, C, <- G. ring. }
  clearbody y a c. clear A C K1 K2 G.
  destruct (Z.lt_total a 0) as [?|[?|?]], (Z.lt_total c 0) as [?|[?|?]]; subst; nia.
Qed.

(** ** All indices, by ascending address *)

Fixpoint product (axes : list (Z * Z)) : Z :=
  match axes with (last, _) :: axes => (last + 1) * product axes | [] => 1 end.

(** The address of the index with a number; the first axis is the fastest to vary. *)
Fixpoint numbered (axes : list (Z * Z)) (n : Z) : Z :=
  match axes with
  | (last, m) :: axes => n mod (last + 1) * m + numbered axes (n / (last + 1))
  | [] => 0
  end.

Fixpoint number (axes : list (Z * Z)) (index : list Z) : Z :=
  match axes, index with
  | (last, _) :: axes, i :: index => i + (last + 1) * number axes index
  | _, _ => 0
  end.

Definition inside (axes : list (Z * Z)) (index : list Z) : Prop :=
  Forall2 (fun axis i => 0 <= i <= fst axis) axes index.

Lemma number_bounds axes index : inside axes index -> 0 <= number axes index < product axes.
Proof.
  induction 1 as [|[last m] i axes index H _ IH]; cbn [number product fst] in *; nia.
Qed.

Lemma number_split last i k : 0 <= i <= last ->
  (i + (last + 1) * k) mod (last + 1) = i /\ (i + (last + 1) * k) / (last + 1) = k.
Proof.
  intros H. rewrite (Z.mul_comm (last + 1) k).
  rewrite Z.mod_add, Z.div_add by lia. rewrite Z.mod_small, Z.div_small by lia. lia.
Qed.

Lemma numbered_number axes index : inside axes index ->
  numbered axes (number axes index) = along axes index.
Proof.
  induction 1 as [|[last m] i axes index H _ IH]; cbn [number numbered along fst] in *; auto.
  destruct (number_split last i (number axes index) H) as [-> ->]. rewrite IH. lia.
Qed.

Lemma number_injective axes i j : inside axes i -> inside axes j ->
  number axes i = number axes j -> i = j.
Proof.
  intros I. revert j. induction I as [|[last m] x axes i H _ IH]; intros j J E;
    inversion J as [|? y ? j' H' J']; subst; auto.
  cbn [number fst] in *.
  destruct (number_split last x (number axes i) H) as [M1 D1].
  destruct (number_split last y (number axes j') H') as [M2 D2].
  rewrite E in M1, D1. f_equal; [lia|]. apply IH; auto. lia.
Qed.

(** What separates all indices: a list of all numbers in which each address exceeds those after it
    by more than the window. *)
Definition descending (axes : list (Z * Z)) (window : Z) : list Z -> Prop :=
  ForallOrdPairs (fun n k => numbered axes k + window < numbered axes n).

Lemma descending_distinct axes window l : 0 <= window -> descending axes window l -> NoDup l.
Proof.
  intros W. induction 1 as [|n l H _ IH]; constructor; auto.
  intros I. rewrite Forall_forall in H. specialize (H _ I). lia.
Qed.

Lemma all_numbers l count :
  NoDup l -> Forall (fun n => 0 <= n < count) l -> Z.of_nat (length l) = count ->
  forall n, 0 <= n < count -> In n l.
Proof.
  intros D B L n Hn. set (all := map Z.of_nat (seq 0 (Z.to_nat count))).
  assert (incl all l) as I.
  { apply (NoDup_length_incl D).
    - subst all. rewrite map_length, seq_length. lia.
    - intros k K. rewrite Forall_forall in B. specialize (B _ K). subst all.
      apply in_map_iff. exists (Z.to_nat k). rewrite in_seq. lia. }
  apply I. subst all. apply in_map_iff. exists (Z.to_nat n). rewrite in_seq. lia.
Qed.

Lemma positive_parts axes d : fits axes d ->
  inside axes (map (Z.max 0) d) /\ inside axes (map (fun x => Z.max 0 (- x)) d) /\
  along axes d = along axes (map (Z.max 0) d) - along axes (map (fun x => Z.max 0 (- x)) d).
Proof.
  induction 1 as [|[last m] x axes d H _ (I & J & E)]; cbn [map along fst] in *.
  - repeat split; constructor.
  - repeat split; try (constructor; [cbn [fst]; lia|assumption]).
    rewrite E. replace x with (Z.max 0 x - Z.max 0 (- x)) at 1 by lia. ring.
Qed.

Lemma equal_parts d : map (Z.max 0) d = map (fun x => Z.max 0 (- x)) d -> Forall (eq 0) d.
Proof.
  induction d as [|x d IH]; cbn [map]; intros E; constructor.
  - injection E. lia.
  - apply IH. injection E. auto.
Qed.

Lemma sole_sorted axes window l :
  0 <= window -> descending axes window l ->
  Forall (fun n => 0 <= n < product axes) l -> Z.of_nat (length l) = product axes ->
  sole axes window.
Proof.
  intros W D B L d F A.
  destruct (positive_parts _ _ F) as (I & J & E). apply equal_parts.
  destruct (Z.eq_dec (number axes (map (Z.max 0) d))
                     (number axes (map (fun x => Z.max 0 (- x)) d))) as [N|N].
  { exact (number_injective _ _ _ I J N). }
  exfalso.
  pose proof (descending_distinct _ _ _ W D) as ND.
  pose proof (all_numbers _ _ ND B L _ (number_bounds _ _ I)) as In1.
  pose proof (all_numbers _ _ ND B L _ (number_bounds _ _ J)) as In2.
  destruct (ForallOrdPairs_In D _ _ In1 In2) as [?|[R|R]]; [contradiction| |];
    rewrite !numbered_number in R by assumption; lia.
Qed.

(** ** All differences of all axes but the first

    Raised by the last indices, differences are the indices of axes of twice the reach. The second
    half of them, by number, are the opposites of the first half. *)

Definition widened (axes : list (Z * Z)) : list (Z * Z) :=
  map (fun axis => (2 * fst axis, snd axis)) axes.

Fixpoint raised (axes : list (Z * Z)) (d : list Z) : list Z :=
  match axes, d with
  | (last, _) :: axes, x :: d => last + x :: raised axes d
  | _, _ => []
  end.

Lemma raised_correct axes d : fits axes d ->
  inside (widened axes) (raised axes d) /\
  along (widened axes) (raised axes d) = reach axes + along axes d.
Proof.
  induction 1 as [|[last m] x axes d H _ (I & A)]; cbn [raised widened map along reach fst snd] in *.
  - split; [constructor|reflexivity].
  - split; [constructor; [cbn [fst]; lia|exact I]|]. unfold widened in A. rewrite A. ring.
Qed.

Lemma fits_opposite axes d : fits axes d ->
  fits axes (map Z.opp d) /\ along axes (map Z.opp d) = - along axes d.
Proof.
  induction 1 as [|[last m] x axes d H _ (F & A)]; cbn [map along fst] in *.
  - split; [constructor|reflexivity].
  - split; [constructor; [cbn [fst]; lia|exact F]|]. rewrite A. ring.
Qed.

Lemma number_opposite axes d : fits axes d ->
  number (widened axes) (raised axes (map Z.opp d)) =
  product (widened axes) - 1 - number (widened axes) (raised axes d).
Proof.
  induction 1 as [|[last m] x axes d H _ IH]; cbn [raised widened map number product fst] in *;
    [reflexivity|].
  unfold widened in IH. rewrite IH. ring.
Qed.

Lemma raised_opposite axes d : fits axes d ->
  raised axes d = raised axes (map Z.opp d) -> Forall (eq 0) d.
Proof.
  induction 1 as [|[last m] x axes d H _ IH]; cbn [raised map]; intros E; constructor.
  - injection E. lia.
  - apply IH. injection E. auto.
Qed.

Lemma half_of_differences axes d : fits axes d -> ~ Forall (eq 0) d ->
  exists n, 0 <= n < product (widened axes) / 2 /\
    exists sign, (sign = 1 \/ sign = -1) /\
      numbered (widened axes) n - reach axes = sign * along axes d.
Proof.
  intros F N.
  destruct (fits_opposite axes d F) as [F' A'].
  destruct (raised_correct axes d F) as [I A], (raised_correct axes _ F') as [I' A''].
  pose proof (number_bounds _ _ I) as B. pose proof (number_bounds _ _ I') as B'.
  pose proof (number_opposite axes d F) as O.
  assert (number (widened axes) (raised axes d) <>
          number (widened axes) (raised axes (map Z.opp d))) as D.
  { intros E. apply N, (raised_opposite axes d F), (number_injective _ _ _ I I' E). }
  pose proof (Z.div_mod (product (widened axes)) 2 ltac:(lia)).
  pose proof (Z.mod_pos_bound (product (widened axes)) 2 ltac:(lia)).
  destruct (Z.lt_ge_cases (number (widened axes) (raised axes d)) (product (widened axes) / 2)).
  - exists (number (widened axes) (raised axes d)). rewrite numbered_number, A by exact I.
    split; [lia|]. exists 1. lia.
  - exists (number (widened axes) (raised axes (map Z.opp d))).
    rewrite numbered_number, A'', A' by exact I'.
    split; [lia|]. exists (-1). lia.
Qed.

(** The multiples of [m] that are nearest to a number are the two around it. *)
Lemma missed m last window sum x :
  0 <= window < m -> Z.abs x <= last ->
  let times := Z.abs sum / m in
  let above := Z.abs sum mod m in
  ~ (above <= window /\ times <= last) -> ~ (m - above <= window /\ times < last) ->
  window < Z.abs (m * x + sum).
Proof.
  intros W X times above H1 H2.
  pose proof (Z.div_mod (Z.abs sum) m ltac:(lia)) as E. fold times above in E.
  pose proof (Z.mod_pos_bound (Z.abs sum) m ltac:(lia)) as B. fold above in B.
  clearbody times above.
  assert (exists y, Z.abs y <= last /\ Z.abs (m * x + sum) = Z.abs (m * (y + times) + above))
    as (y & Y & ->).
  { destruct (Z.le_gt_cases 0 sum).
    - exists x. split; [exact X|]. f_equal. lia.
    - exists (- x). split; [lia|]. rewrite <- Z.abs_opp. f_equal. lia. }
  destruct (Z.lt_total (y + times) 0) as [L|[L|L]].
  - destruct (Z.eq_dec (y + times) (-1)) as [M|M]; [|nia].
    rewrite M. lia.
  - rewrite L. lia.
  - nia.
Qed.

Lemma sole_first last m axes window :
  0 <= window < m ->
  (forall n, 0 <= n < product (widened axes) / 2 ->
   forall x, Z.abs x <= last ->
   window < Z.abs (m * x + (numbered (widened axes) n - reach axes))) ->
  sole ((last, m) :: axes) window.
Proof.
  intros W A d F S. inversion F as [|? x ? d' Hx F']; subst. cbn [along fst] in *.
  destruct (Forall_dec (eq 0) (Z.eq_dec 0) d') as [Z0|N].
  - constructor; [|exact Z0].
    assert (along axes d' = 0) as E.
    { clear -Z0. revert axes. induction Z0 as [|y d' Hy _ IH]; intros [|[? ?] axes]; cbn; auto.
      rewrite <- Hy, IH. lia. }
    rewrite E in S. nia.
  - exfalso. destruct (half_of_differences axes d' F' N) as (n & B & sign & Sign & E).
    specialize (A n B (sign * x)). rewrite E in A.
    destruct Sign as [-> | ->]; lia.
Qed.

(** ** From the axes of a layout to the listed ones *)

Definition value (d : list Z) (k : Z) : Z :=
  match slice.get d k with Some x => x | None => 0 end.
Definition axis_at (axes : list (Z * Z)) (k : Z) : Z * Z :=
  match slice.get axes k with Some a => a | None => (0, 0) end.
Fixpoint zero (d : list Z) (k : Z) : list Z :=
  match d with
  | [] => []
  | x :: d => if k =? 0 then 0 :: d else x :: zero d (k - 1)
  end.
Fixpoint pick (d : list Z) (order : list Z) : list Z :=
  match order with [] => [] | k :: order => value d k :: pick (zero d k) order end.

Lemma value_cons x d k : value (x :: d) k = if k =? 0 then x else value d (k - 1).
Proof. unfold value. cbn [slice.get]. destruct (k =? 0); auto. Qed.
Lemma axis_at_cons a axes k :
  axis_at (a :: axes) k = if k =? 0 then a else axis_at axes (k - 1).
Proof. unfold axis_at. cbn [slice.get]. destruct (k =? 0); auto. Qed.

Lemma value_zero d k j : value (zero d k) j = if j =? k then 0 else value d j.
Proof.
  revert k j. induction d as [|x d IH]; intros k j.
  { cbn. unfold value. cbn. destruct (j =? k); auto. }
  cbn [zero]. destruct (Z.eqb_spec k 0).
  - rewrite !value_cons. subst. destruct (Z.eqb_spec j 0); auto.
  - rewrite !value_cons, IH.
    destruct (Z.eqb_spec j 0), (Z.eqb_spec j k), (Z.eqb_spec (j - 1) (k - 1)); auto; lia.
Qed.

Lemma along_zero axes d k : fits axes d ->
  along axes d = snd (axis_at axes k) * value d k + along axes (zero d k).
Proof.
  intros F. revert k. induction F as [|[last m] x axes d _ F IH]; intros k; cbn [along zero].
  { unfold axis_at, value. cbn. lia. }
  rewrite axis_at_cons, value_cons. destruct (k =? 0); cbn [along snd]; [lia|].
  rewrite (IH (k - 1)). lia.
Qed.

Lemma fits_value axes d k : fits axes d -> Z.abs (value d k) <= fst (axis_at axes k).
Proof.
  intros F. revert k. induction F as [|a x axes d H _ IH]; intros k.
  { unfold axis_at, value. cbn. lia. }
  rewrite axis_at_cons, value_cons. destruct (k =? 0); auto.
Qed.

Lemma fits_zero axes d k : fits axes d -> fits axes (zero d k).
Proof.
  intros F. revert k. induction F as [|a x axes d H F IH]; intros k; cbn [zero]; [constructor|].
  assert (Z.abs x <= fst a) as H' by exact H.
  destruct (k =? 0).
  - constructor; [change (Z.abs 0 <= fst a); lia|exact F].
  - constructor; [exact H'|apply IH].
Qed.

Lemma values_zero d : (forall k, value d k = 0) -> Forall (eq 0) d.
Proof.
  induction d as [|x d IH]; intros V; constructor.
  - symmetry. exact (V 0).
  - apply IH. intros k. specialize (V (k + 1)). rewrite value_cons in V.
    destruct (Z.eqb_spec (k + 1) 0); [|rewrite <- V; f_equal; lia].
    assert (k = -1) by lia. subst. clear. induction d as [|y d _]; auto.
    unfold value. cbn [slice.get]. rewrite (proj2 (Z.eqb_neq _ _)) by lia.
    assert (forall n, n < 0 -> slice.get d n = None) as N.
    { induction d as [|z d IH]; intros n L; cbn; auto.
      rewrite (proj2 (Z.eqb_neq _ _)) by lia. apply IH. lia. }
    now rewrite N by lia.
Qed.

Lemma along_nothing axes d : Forall (eq 0) d -> along axes d = 0.
Proof.
  intros H. revert axes. induction H as [|x d E _ IH]; intros [|[? ?] axes]; cbn; auto.
  rewrite <- E, IH. lia.
Qed.

Lemma pick_correct axes order d :
  fits axes d -> (forall k, value d k <> 0 -> In k order) ->
  fits (map (axis_at axes) order) (pick d order) /\
  along (map (axis_at axes) order) (pick d order) = along axes d /\
  (Forall (eq 0) (pick d order) -> Forall (eq 0) d).
Proof.
  revert d. induction order as [|k order IH]; intros d F S; cbn [pick map].
  { assert (Forall (eq 0) d) as N.
    { apply values_zero. intros k. destruct (Z.eq_dec (value d k) 0); auto. destruct (S k); auto. }
    split; [constructor|]. rewrite (along_nothing axes d N). auto. }
  destruct (IH (zero d k)) as (IH1 & IH2 & IH3).
  { apply fits_zero, F. }
  { intros j Hj. rewrite value_zero in Hj. destruct (Z.eqb_spec j k); [lia|].
    destruct (S j Hj); [lia|auto]. }
  split; [|split].
  - constructor; auto. apply fits_value, F.
  - destruct (axis_at axes k) as [last m] eqn:A. cbn [along]. rewrite IH2.
    rewrite (along_zero axes d k F), A. cbn [snd]. lia.
  - intros N. inversion N as [|? ? E N']; subst. apply values_zero. intros j.
    specialize (IH3 N').
    destruct (Z.eqb_spec j k) as [->|D]; [auto|].
    assert (value d j = value (zero d k) j) as ->.
    { rewrite value_zero. destruct (Z.eqb_spec j k); [contradiction|auto]. }
    clear -IH3. generalize (zero d k) IH3. clear. intros d H. revert j.
    induction H as [|x d E _ IH]; intros j; [reflexivity|].
    rewrite value_cons. destruct (j =? 0); auto.
Qed.

(** What is sole for a list that has every axis of more than one index is sole for all axes. *)
Lemma sole_listed axes order window :
  (forall k, 0 < fst (axis_at axes k) -> In k order) ->
  sole (map (axis_at axes) order) window -> sole axes window.
Proof.
  intros C S d F W.
  destruct (pick_correct axes order d F) as (F' & A & N).
  { intros k V. apply C. pose proof (fits_value axes d k F). lia. }
  apply N, S; auto. rewrite A. exact W.
Qed.
