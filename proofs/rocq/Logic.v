(** Rules for reasoning about outcomes and loops. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude.
Import ListNotations.
Open Scope Z_scope.

(** [ends m P]: the computation [m] ends with a value, without a panic, and [P] holds of it. *)
Definition ends {A : Type} (m : res A) (P : A -> Prop) : Prop :=
  match m with Val a => P a | Panic | Endless => False end.

Lemma ends_value {A} (m : res A) P : ends m P <-> exists a, m = Val a /\ P a.
Proof.
  destruct m; cbn; split.
  - eauto.
  - intros (? & [= ->] & H). exact H.
  - tauto.
  - intros (? & [=] & _).
  - tauto.
  - intros (? & [=] & _).
Qed.

Lemma ends_bind {A B} (m : res A) (f : A -> res B) P :
  ends m (fun a => ends (f a) P) -> ends (bind m f) P.
Proof. destruct m; cbn; auto. Qed.

Lemma ends_weaken {A} (m : res A) (P Q : A -> Prop) :
  ends m P -> (forall a, P a -> Q a) -> ends m Q.
Proof. destruct m; cbn; auto. Qed.

(** A call whose outcome is known. *)
Lemma ends_call {A B} (m : res A) (f : A -> res B) (P : A -> Prop) Q :
  ends m P -> (forall a, P a -> ends (f a) Q) -> ends (bind m f) Q.
Proof. destruct m; cbn; auto. Qed.

Section loops.
  Context {S R : Type} (body : S -> res (turn S R)).

  Fixpoint turns_nat (n : nat) (s : S) : run S R :=
    match n with
    | O => Going s
    | Datatypes.S n => andThen (once body s) (turns_nat n)
    end.

  Lemma turns_nat_add n m s : turns_nat (n + m) s = andThen (turns_nat n s) (turns_nat m).
  Proof.
    revert s. induction n as [|n IH]; intros s; cbn; auto.
    destruct (once body s); cbn; auto.
  Qed.

  Lemma turns_by_ones n s : turns body n s = turns_nat (Pos.to_nat n) s.
  Proof.
    revert s. induction n as [n IH|n IH|]; intros s; cbn [turns].
    - rewrite Pos2Nat.inj_xI. cbn [turns_nat]. destruct (once body s) as [s'|]; cbn; auto.
      rewrite Nat.add_0_r, turns_nat_add, IH.
      destruct (turns_nat (Pos.to_nat n) s'); cbn; auto.
    - rewrite Pos2Nat.inj_xO. cbn [Nat.mul]. rewrite Nat.add_0_r, turns_nat_add, IH.
      destruct (turns_nat (Pos.to_nat n) s); cbn; auto.
    - rewrite Pos2Nat.inj_1. cbn. destruct (once body s); auto.
  Qed.

  (** A loop whose turns keep an invariant and lower a measure ends. *)
  Lemma ends_loop (I : S -> Prop) (measure : S -> Z) (Q : exit S R -> Prop) s :
    I s ->
    measure s < 2 ^ 64 ->
    (forall s, I s -> 0 <= measure s /\
      ends (body s) (fun t => match t with
        | Next s' => I s' /\ measure s' < measure s
        | Break s' => Q (Done s')
        | Return r => Q (Early r)
        end)) ->
    ends (loop body s) Q.
  Proof.
    intros Start Bound Step. unfold loop. rewrite turns_by_ones.
    assert (G : forall n s, I s -> measure s < Z.of_nat n ->
      match turns_nat n s with Going _ => False | Ended how => ends how Q end).
    { induction n as [|n IH]; intros s' Is Ms; cbn [turns_nat].
      - destruct (Step s' Is). lia.
      - destruct (Step s' Is) as [M E]. unfold once.
        destruct (body s') as [[s''|s''|r]| |]; cbn in *; auto.
        apply IH; [tauto|lia]. }
    specialize (G (Pos.to_nat (2 ^ 64)) s Start).
    rewrite positive_nat_Z in G. specialize (G Bound).
    destruct (turns_nat _ s); [contradiction|exact G].
  Qed.
End loops.

(** * Slices *)

Lemma get_nth {A} (l : list A) k : slice.get l (Z.of_nat k) = nth_error l k.
Proof.
  revert k. induction l as [|x l IH]; intros [|k]; cbn [slice.get nth_error]; auto.
  rewrite <- IH. destruct (Z.eqb_spec (Z.of_nat (S k)) 0); [lia|]. f_equal. lia.
Qed.

(** * Arithmetic *)

Lemma usize_fits a : usize.fits a = true <-> is_usize a.
Proof. unfold usize.fits, is_usize. rewrite andb_true_iff, !Z.leb_le. tauto. Qed.

Lemma isize_fits a : isize.fits a = true <-> is_isize a.
Proof. unfold isize.fits, is_isize. rewrite andb_true_iff, !Z.leb_le. tauto. Qed.

(** A strict operation on a number that fits, and with it the obligation to show that it fits. *)
Lemma ends_strict a (P : Z -> Prop) : is_usize a -> P a -> ends (usize.strict a) P.
Proof. intros F H. unfold usize.strict. rewrite (proj2 (usize_fits a) F). exact H. Qed.

Lemma checked_spec a : usize.checked a = Some a /\ is_usize a \/ usize.checked a = None /\ ~ is_usize a.
Proof.
  unfold usize.checked. destruct (usize.fits a) eqn:F.
  - left. split; [reflexivity|]. apply usize_fits. exact F.
  - right. split; [reflexivity|]. rewrite <- usize_fits, F. discriminate.
Qed.

Lemma saturated_spec a : 0 <= a -> usize.saturated a = Z.min a usize.MAX.
Proof. unfold usize.saturated, usize.MAX. lia. Qed.

(** The counter of a walk over a slice does not saturate. *)
Lemma next_axis k n : 0 <= k < n -> n <= isize.MAX -> usize.saturating_add k 1 = k + 1.
Proof. unfold usize.saturating_add, usize.saturated, usize.MAX, isize.MAX. lia. Qed.
