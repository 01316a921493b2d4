(** Reshapes keep the elements in order, and reinterpretations keep every byte (theorem T6).

    Axes are listed from the innermost outwards here, each with its size and its stride. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Models.
Import ListNotations.
Open Scope Z_scope.

Local Arguments Z.mul : simpl never.
Local Arguments Z.add : simpl never.
Local Arguments Z.div : simpl never.
Local Arguments Z.modulo : simpl never.

(** Where the element with a row-major number lies, relative to the offset. *)
Fixpoint element (axes : list (Z * Z)) (k : Z) : Z :=
  match axes with
  | (n, s) :: axes => k mod n * s + element axes (k / n)
  | [] => 0
  end.

Definition positive (axes : list (Z * Z)) : Prop := Forall (fun axis => 1 <= fst axis) axes.

Lemma merge n m s k : 1 <= n -> 1 <= m ->
  k mod n * s + (k / n) mod m * (n * s) = k mod (n * m) * s.
Proof. intros Hn Hm. rewrite Z.rem_mul_r by lia. ring. Qed.

Lemma extend_same n s axes k : 1 <= n -> positive axes ->
  element (extend n s axes) k = k mod n * s + element axes (k / n).
Proof.
  intros Hn P. revert n s k Hn.
  induction P as [|[m t] axes Hm P IH]; intros n s k Hn; cbn [extend element]; [reflexivity|].
  cbn [fst] in Hm. destruct (Z.eqb_spec m 1) as [->|].
  { rewrite IH by auto. rewrite Z.mod_1_r, Z.div_1_r. lia. }
  destruct (Z.eqb_spec t (n * s)) as [->|].
  - rewrite IH by nia. rewrite <- (merge n m s k) by lia. rewrite Z.div_div by lia. lia.
  - cbn [element]. rewrite IH by auto. reflexivity.
Qed.

Theorem runs_same axes k : positive axes -> element (runs axes) k = element axes k.
Proof.
  intros P. revert k. induction P as [|[n s] axes Hn P IH]; intros k; cbn [runs element]; auto.
  cbn [fst] in Hn. destruct (Z.eqb_spec n 1) as [->|].
  - rewrite IH, Z.mod_1_r, Z.div_1_r. lia.
  - apply extend_same; auto.
Qed.

(** What a reshape checks last: the runs are the same. Then so is the address of every element,
    counted in row-major order. *)
Theorem reshape_keeps_order one other k :
  positive one -> positive other -> runs one = runs other ->
  element one k = element other k.
Proof. intros P Q E. rewrite <- (runs_same one), <- (runs_same other), E; auto. Qed.

(** ** Row-major numbers *)

Fixpoint position (shape index : list Z) : Z :=
  match shape, index with
  | _ :: shape, i :: index => i * count shape + position shape index
  | _, _ => 0
  end.

Fixpoint sizes (axes : list (Z * Z)) : Z :=
  match axes with (n, _) :: axes => n * sizes axes | [] => 1 end.

Lemma element_app a b k : positive a -> 0 <= k ->
  element (a ++ b) k = element a k + element b (k / sizes a).
Proof.
  intros P. revert k. induction P as [|[n s] a Hn P IH]; intros k Hk; cbn [app element sizes].
  { rewrite Z.div_1_r. lia. }
  cbn [fst] in Hn. rewrite IH by (apply Z.div_pos; lia).
  assert (1 <= sizes a) by (clear -P; induction P as [|[? ?] ? ? ? IH]; cbn [sizes fst] in *; nia).
  rewrite Z.div_div by lia. lia.
Qed.

Lemma element_period a k i : positive a -> element a (k + sizes a * i) = element a k.
Proof.
  intros P. revert k i. induction P as [|[n s] a Hn P IH]; intros k i; cbn [element sizes]; auto.
  cbn [fst] in Hn. replace (k + n * sizes a * i) with (k + sizes a * i * n) by ring.
  rewrite Z.mod_add, Z.div_add by lia. rewrite IH. reflexivity.
Qed.

Lemma sizes_rev shape strides : length shape = length strides ->
  sizes (inwards shape strides) = count shape.
Proof.
  unfold inwards. revert strides. induction shape as [|n shape IH]; intros [|s strides] L;
    try discriminate; [reflexivity|]. cbn [combine rev].
  assert (forall a b, sizes (a ++ b) = sizes a * sizes b) as App.
  { induction a as [|[? ?] a IHa]; intros b; cbn [app sizes]; [lia|]. rewrite IHa. ring. }
  rewrite App, IH by (cbn in L; lia). cbn [sizes]. unfold count. cbn [fold_right]. ring.
Qed.

Lemma position_bounds shape index : valid shape index -> 0 <= position shape index < count shape.
Proof.
  induction 1 as [|n i shape index H V IH]; cbn [position]; [cbn; lia|].
  change (count (n :: shape)) with (n * count shape). nia.
Qed.

Lemma inwards_positive shape strides : Forall (fun n => 1 <= n) shape ->
  positive (inwards shape strides).
Proof.
  intros P. unfold positive, inwards. apply Forall_rev. revert strides.
  induction P as [|n shape H _ IH]; intros [|s strides]; cbn [combine]; constructor; auto.
Qed.

(** The element with the number of an index is the one at that index. *)
Theorem element_at shape strides index :
  length shape = length strides -> valid shape index ->
  element (inwards shape strides) (position shape index) = dot index strides.
Proof.
  intros L V. revert strides L.
  induction V as [|n i shape index H V IH]; intros [|s strides] L; try discriminate; [reflexivity|].
  assert (Forall (fun n => 1 <= n) shape) as P.
  { clear -V. induction V; constructor; auto; lia. }
  pose proof (position_bounds _ _ V) as B. cbn in L.
  unfold inwards. cbn [combine rev position]. fold (inwards shape strides).
  rewrite element_app by (try apply inwards_positive; auto; nia).
  rewrite sizes_rev by lia.
  replace (i * count shape + position shape index)
    with (position shape index + count shape * i) by ring.
  rewrite <- (sizes_rev shape strides) at 1 by lia.
  rewrite element_period by (apply inwards_positive; auto).
  rewrite IH by lia. rewrite (Z.mul_comm (count shape) i), Z.div_add by lia.
  rewrite Z.div_small by lia. cbn [element]. rewrite Z.add_0_l, Z.mod_small by lia.
  unfold dot. cbn [sum2]. lia.
Qed.

(** ** The strides of a reshape *)

Lemma alike_same one other : alike one other = true -> one = other.
Proof.
  revert other. induction one as [|[n s] one IH]; intros [|[m t] other] A; try discriminate; auto.
  cbn [alike] in A. apply andb_prop in A as [[->%Z.eqb_eq ->%Z.eqb_eq]%andb_prop A].
  now rewrite (IH _ A).
Qed.

Lemma deal_length n s rest sizes found : deal n s rest sizes = Some found ->
  length found = length sizes.
Proof.
  revert n s rest found. induction sizes as [|m sizes IH]; intros n s rest found D.
  { injection D as <-. reflexivity. }
  cbn [deal] in D.
  assert (exists n s rest d, option_map (cons d) (deal n s rest sizes) = Some found) as E.
  { destruct (Z.eq_dec m 1) as [->|N]; [eauto|].
    match type of D with ?a = _ => assert (a = Some found) as D' by exact D end.
    destruct m as [|[]|]; try (now destruct N); destruct rest as [|[n' s'] rest'];
      try destruct (n =? 1); destruct (_ mod _ =? 0) in D'; try discriminate; eauto. }
  destruct E as (a & b & c & d & E).
  destruct (deal a b c sizes) as [found'|] eqn:F; [|discriminate].
  injection E as <-. cbn [length]. f_equal. eauto.
Qed.

(** T6: a reshape keeps the elements in order: those with the same row-major number are the same. *)
Theorem reshaped_keeps_order shape strides sizes strides' index index' :
  length shape = length strides -> reshaped shape strides sizes = Some strides' ->
  valid shape index -> valid sizes index' -> position shape index = position sizes index' ->
  dot index strides = dot index' strides'.
Proof.
  intros L R V V' P. unfold reshaped in R.
  destruct (negb _); [discriminate|].
  assert (forall shape index, valid shape index -> Forall (fun n => 1 <= n) shape) as Sizes.
  { clear. intros shape index V. induction V; constructor; auto; lia. }
  destruct (Z.eqb_spec (count shape) 0) as [Z|_].
  { pose proof (position_bounds _ _ V). lia. }
  destruct (deal _ _ _ _) as [found|] eqn:D; [|discriminate].
  destruct (_ && _) eqn:C; [|discriminate]. injection R as <-.
  apply andb_prop in C as [_ A]. apply alike_same in A.
  apply deal_length in D. rewrite rev_length in D.
  rewrite <- (element_at shape strides index), <- (element_at sizes (rev found) index'), P by
    (rewrite ?rev_length; auto).
  apply reshape_keeps_order; auto; apply inwards_positive; eauto.
Qed.

(** ** Reinterpretation *)

Section reinterpretation.
  Context (size item : Z).
  Hypothesis positive_item : 1 <= item.

  Let whole (other : Z * Z) : bool :=
    negb ((1 <? fst other) && true) || (snd other * size mod item =? 0).
  Let counted (s : Z) : Z := s * size / item.

  Lemma counted_whole n s i : whole (n, s) = true -> 0 <= i < n -> i * s * size = i * counted s * item.
  Proof.
    unfold whole, counted. cbn [fst snd]. intros W I.
    destruct (Z.ltb_spec 1 n); cbn [andb negb orb] in W; [|replace i with 0 by lia; ring].
    apply Z.eqb_eq in W. pose proof (Z.div_mod (s * size) item ltac:(lia)). nia.
  Qed.

  Lemma dot_counted shape strides index :
    forallb whole (combine shape strides) = true -> length shape = length strides ->
    valid shape index -> dot index strides * size = dot index (map counted strides) * item.
  Proof.
    intros W L V. unfold dot. revert strides W L.
    induction V as [|n i shape index I V IH]; intros [|s strides] W L; try discriminate; [reflexivity|].
    cbn [combine forallb map sum2] in *. apply andb_prop in W as [W1 W].
    pose proof (counted_whole n s i W1 I). specialize (IH strides W ltac:(cbn in L; lia)). lia.
  Qed.

  Lemma dot_regrouped axis y shape strides index :
    forallb whole (combine (replace axis 0 shape) strides) = true ->
    length shape = length strides -> valid shape index -> (axis < length shape)%nat ->
    nth axis index 0 = 0 \/ nth axis strides 0 = 1 ->
    dot index strides * size + (y * item - nth axis index 0 * size) =
    dot (replace axis y index) (replace axis 1 (map counted strides)) * item.
  Proof.
    intros W L V A S. unfold replace in *. revert shape strides index W L V A S.
    induction axis as [|axis IH]; intros shape strides index W L V A S;
      destruct V as [|n i shape index I V]; try (cbn in A; lia);
      destruct strides as [|s strides]; try discriminate;
      cbn [firstn skipn app combine forallb nth map] in *; apply andb_prop in W as [W1 W].
    - pose proof (dot_counted shape strides index W ltac:(cbn in L; lia) V) as D.
      unfold dot in *. cbn [sum2]. destruct S as [->| ->]; lia.
    - specialize (IH shape strides index W ltac:(cbn in L; lia) V ltac:(cbn in A; lia) S).
      pose proof (counted_whole n s i W1 I). unfold dot in *. cbn [sum2]. lia.
  Qed.
End reinterpretation.

Lemma valid_replace axis m y shape index : valid shape index -> (axis < length shape)%nat ->
  0 <= y < m -> valid (replace axis m shape) (replace axis y index).
Proof.
  unfold replace. intros V A Y. revert axis A.
  induction V as [|n i shape index I V IH]; intros [|axis] A; try (cbn in A; lia);
    cbn [firstn skipn app]; constructor; auto. apply IH. cbn in A. lia.
Qed.

Lemma replace_same axis l : (axis < length l)%nat -> replace axis (nth axis l 0) l = l.
Proof.
  unfold replace. revert l. induction axis as [|axis IH]; intros [|x l] A; try (cbn in A; lia); auto.
  cbn [firstn skipn app nth]. f_equal. apply IH. cbn in A. lia.
Qed.

(** T6: a reinterpretation keeps the address of every byte: byte [r] of the item at an index is byte
    [x mod item] of an item at a valid index, and the other axes keep their indices. *)
Theorem reinterpreted_keeps_bytes shape strides offset axis size item shape' strides' offset' index r :
  length shape = length strides ->
  reinterpreted shape strides offset axis size item = Some (shape', strides', offset') ->
  valid shape index -> 0 <= r < size ->
  let x := nth axis index 0 * size + r in
  let index' := replace axis (x / item) index in
  valid shape' index' /\
  (offset + dot index strides) * size + r = (offset' + dot index' strides') * item + x mod item.
Proof.
  intros L R V B. cbv zeta. unfold reinterpreted in R.
  pose proof (position_bounds _ _ V) as C.
  destruct (Z.eqb_spec (count shape) 0) as [|_]; [lia|]. cbn [negb] in R.
  destruct (_ && _) eqn:E in R; [|discriminate]. apply andb_prop in E as [[A S]%andb_prop I].
  apply Nat.ltb_lt in A. apply Z.leb_le in S, I. cbn [negb] in R.
  assert (axis < length index)%nat as A'.
  { clear -A V. revert axis A. induction V; intros [|axis] A; cbn in *; try lia. apply -> Nat.succ_lt_mono.
    apply IHV. lia. }
  assert (0 <= nth axis index 0 < nth axis shape 0) as At.
  { clear -V A. revert axis A. induction V; intros [|axis] A; cbn in *; try lia. apply IHV. lia. }
  destruct (Z.eqb_spec size item) as [<-|_].
  { injection R as <- <- <-. rewrite Z.div_add_l, Z.div_small, Z.add_0_r, replace_same by lia.
    rewrite (Z.add_comm (nth axis index 0 * size)), Z.mod_add, Z.mod_small by lia. split; [assumption|lia]. }
  destruct (_ && _) eqn:E in R; [|discriminate]. injection R as <- <- <-.
  apply andb_prop in E as [[[[Side Whole]%andb_prop Others]%andb_prop Offset]%andb_prop _]. cbn [orb] in Offset.
  apply Z.eqb_eq in Whole, Offset.
  set (x := nth axis index 0 * size + r).
  pose proof (Z.div_mod x item ltac:(lia)). pose proof (Z.mod_pos_bound x item ltac:(lia)).
  pose proof (Z.div_mod (nth axis shape 0 * size) item ltac:(lia)).
  pose proof (Z.div_mod (offset * size) item ltac:(lia)).
  assert (0 <= x < nth axis shape 0 * size) by nia.
  split; [apply valid_replace; auto; split; [apply Z.div_pos|apply Z.div_lt_upper_bound]; lia|].
  pose proof (dot_regrouped size item I axis (x / item) shape strides index Others L V A) as D.
  rewrite Z.mul_add_distr_r, Z.mul_add_distr_r, <- D; [lia|].
  destruct (Z.ltb_spec 1 (nth axis shape 0)); cbn [andb negb orb] in Side; [|lia].
  apply Z.eqb_eq in Side. now right.
Qed.

Print Assumptions reshaped_keeps_order.
Print Assumptions reinterpreted_keeps_bytes.
