(** Reshapes keep the elements in order, and reinterpretations keep every byte (theorem T6).

    Axes are listed from the innermost outwards here, each with its size and its stride. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec.
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

(** The longest runs: an axis that continues the one inside it makes it longer; axes of size 1 do
    not count. *)
Fixpoint extend (n s : Z) (axes : list (Z * Z)) : list (Z * Z) :=
  match axes with
  | [] => [(n, s)]
  | (m, t) :: axes =>
    if m =? 1 then extend n s axes
    else if t =? n * s then extend (n * m) s axes
    else (n, s) :: extend m t axes
  end.
Fixpoint runs (axes : list (Z * Z)) : list (Z * Z) :=
  match axes with
  | [] => []
  | (n, s) :: axes => if n =? 1 then runs axes else extend n s axes
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

Definition inwards (shape strides : list Z) : list (Z * Z) := rev (combine shape strides).

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

(** ** Reinterpretation *)

(** Items of [from] bytes side by side along an axis of [n], read as [m] items of [size] bytes: the
    byte [r] of item [x] is the byte [r'] of item [x'], for every index of the other axes, whose
    strides in bytes stay; and each byte of the one reading is one of the other. *)
Theorem reinterpret_keeps_bytes n from m size x r :
  1 <= from -> 1 <= size -> n * from = m * size ->
  0 <= x < n -> 0 <= r < from ->
  let x' := (x * from + r) / size in let r' := (x * from + r) mod size in
  0 <= x' < m /\ 0 <= r' < size /\ x' * size + r' = x * from + r.
Proof.
  intros Hf Hs E Hx Hr. cbv zeta.
  pose proof (Z.div_mod (x * from + r) size ltac:(lia)) as D.
  pose proof (Z.mod_pos_bound (x * from + r) size ltac:(lia)) as M.
  assert (0 <= x * from + r < n * from) as B by nia.
  repeat split; try lia; [apply Z.div_pos; lia|apply Z.div_lt_upper_bound; lia].
Qed.

Theorem reinterpret_keeps_addresses before after strides1 strides2 from size x r :
  length before = length strides1 ->
  1 <= from -> 1 <= size ->
  let x' := (x * from + r) / size in let r' := (x * from + r) mod size in
  dot (before ++ x :: after) (strides1 ++ from :: strides2) + r =
  dot (before ++ x' :: after) (strides1 ++ size :: strides2) + r'.
Proof.
  intros L Hf Hs. cbv zeta.
  pose proof (Z.div_mod (x * from + r) size ltac:(lia)) as D.
  unfold dot. revert strides1 L.
  induction before as [|b before IH]; intros [|s strides1] L; try discriminate;
    cbn [app sum2].
  - lia.
  - specialize (IH strides1 ltac:(cbn in L; lia)). lia.
Qed.

Print Assumptions reshape_keeps_order.
Print Assumptions element_at.
Print Assumptions reinterpret_keeps_addresses.
