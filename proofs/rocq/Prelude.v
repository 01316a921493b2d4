(** What a machine computes: the arithmetic of a 64-bit target, slices, and loops.

    The files that `cargo xtask rocq` translates from Rust are written in these terms. An integer is
    a number of [Z]; every operation that Rust checks is checked here, at the width of its type. A
    slice is a list. A function's outcome is a value, a panic, or "not ended within 2^64 turns of a
    loop"; the theorems show that it is a value. *)

From Coq Require Import ZArith List Lia Bool.
Import ListNotations.
Open Scope Z_scope.

(** * Outcomes *)

Inductive res (A : Type) : Type :=
| Val (value : A)
| Panic
| Endless.
Arguments Val {A} value.
Arguments Panic {A}.
Arguments Endless {A}.

Definition bind {A B : Type} (m : res A) (f : A -> res B) : res B :=
  match m with Val a => f a | Panic => Panic | Endless => Endless end.

Notation "'let*' p := m 'in' f" := (bind m (fun p => f))
  (at level 200, p strict pattern, m at level 100, f at level 200,
   format "'[v' '[' 'let*'  p  :=  '/  ' m  'in' ']' '/' f ']'").

Inductive result (A E : Type) : Type :=
| Ok (value : A)
| Err (error : E).
Arguments Ok {A E} value.
Arguments Err {A E} error.

(** * Loops *)

(** How one turn of a loop ends: with the next state, by leaving the loop, or by returning from the
    function. *)
Inductive turn (S R : Type) : Type :=
| Next (state : S)
| Break (state : S)
| Return (value : R).
Arguments Next {S R} state.
Arguments Break {S R} state.
Arguments Return {S R} value.

(** How a loop ends. *)
Inductive exit (S R : Type) : Type :=
| Done (state : S)
| Early (value : R).
Arguments Done {S R} state.
Arguments Early {S R} value.

Inductive run (S R : Type) : Type :=
| Going (state : S)
| Ended (how : res (exit S R)).
Arguments Going {S R} state.
Arguments Ended {S R} how.

Section loops.
  Context {S R : Type} (body : S -> res (turn S R)).

  Definition once (s : S) : run S R :=
    match body s with
    | Val (Next s) => Going s
    | Val (Break s) => Ended (Val (Done s))
    | Val (Return r) => Ended (Val (Early r))
    | Panic => Ended Panic
    | Endless => Ended Endless
    end.

  Definition andThen (r : run S R) (f : S -> run S R) : run S R :=
    match r with Going s => f s | Ended how => Ended how end.

  (** At most [n] turns, by halving: this can be evaluated for any [n], at no cost for turns that
      are not taken. *)
  Fixpoint turns (n : positive) (s : S) : run S R :=
    match n with
    | xH => once s
    | xO n => andThen (turns n s) (turns n)
    | xI n => andThen (once s) (fun s => andThen (turns n s) (turns n))
    end.

  Definition loop (s : S) : res (exit S R) :=
    match turns (2 ^ 64)%positive s with Going _ => Endless | Ended how => how end.
End loops.

(* Coq must not try to run a loop while it compares two terms. *)
Global Arguments loop : simpl never.
Global Strategy 1000 [turns loop].

(** * Integers *)

Module usize.
  Definition MAX : Z := 18446744073709551615.
  Definition fits (a : Z) : bool := (0 <=? a) && (a <=? MAX).
  Definition checked (a : Z) : option Z := if fits a then Some a else None.
  Definition strict (a : Z) : res Z := if fits a then Val a else Panic.
  Definition saturated (a : Z) : Z := Z.max 0 (Z.min a MAX).
  Definition wrapped (a : Z) : Z := a mod (MAX + 1).

  Definition add (a b : Z) : res Z := strict (a + b).
  Definition sub (a b : Z) : res Z := strict (a - b).
  Definition mul (a b : Z) : res Z := strict (a * b).
  Definition div (a b : Z) : res Z := if b =? 0 then Panic else Val (a / b).
  Definition rem (a b : Z) : res Z := if b =? 0 then Panic else Val (a mod b).
  Definition checked_add (a b : Z) : option Z := checked (a + b).
  Definition checked_sub (a b : Z) : option Z := checked (a - b).
  Definition checked_mul (a b : Z) : option Z := checked (a * b).
  Definition checked_div (a b : Z) : option Z := if b =? 0 then None else Some (a / b).
  Definition checked_rem (a b : Z) : option Z := if b =? 0 then None else Some (a mod b).
  Definition saturating_add (a b : Z) : Z := saturated (a + b).
  Definition saturating_sub (a b : Z) : Z := saturated (a - b).
  Definition saturating_mul (a b : Z) : Z := saturated (a * b).
  Definition wrapping_add (a b : Z) : Z := wrapped (a + b).
  Definition wrapping_sub (a b : Z) : Z := wrapped (a - b).
  Definition wrapping_mul (a b : Z) : Z := wrapped (a * b).
  Definition abs_diff (a b : Z) : Z := Z.abs (a - b).
  Definition min (a b : Z) : Z := Z.min a b.
  Definition max (a b : Z) : Z := Z.max a b.
End usize.

Module isize.
  Definition MAX : Z := 9223372036854775807.
  Definition MIN : Z := - 9223372036854775808.
  Definition fits (a : Z) : bool := (MIN <=? a) && (a <=? MAX).
  Definition checked (a : Z) : option Z := if fits a then Some a else None.
  Definition strict (a : Z) : res Z := if fits a then Val a else Panic.
  Definition saturated (a : Z) : Z := Z.max MIN (Z.min a MAX).

  Definition add (a b : Z) : res Z := strict (a + b).
  Definition sub (a b : Z) : res Z := strict (a - b).
  Definition mul (a b : Z) : res Z := strict (a * b).
  Definition neg (a : Z) : res Z := strict (- a).
  Definition checked_add (a b : Z) : option Z := checked (a + b).
  Definition checked_sub (a b : Z) : option Z := checked (a - b).
  Definition checked_mul (a b : Z) : option Z := checked (a * b).
  Definition checked_neg (a : Z) : option Z := checked (- a).
  Definition saturating_add (a b : Z) : Z := saturated (a + b).
  Definition saturating_sub (a b : Z) : Z := saturated (a - b).
  Definition unsigned_abs (a : Z) : Z := Z.abs a.
  Definition checked_add_unsigned (a b : Z) : option Z := checked (a + b).
  Definition checked_sub_unsigned (a b : Z) : option Z := checked (a - b).
End isize.

(** * Slices and options *)

Module slice.
  Definition len {A : Type} (l : list A) : Z := Z.of_nat (length l).
  Definition is_empty {A : Type} (l : list A) : bool :=
    match l with [] => true | _ :: _ => false end.
  Fixpoint get {A : Type} (l : list A) (i : Z) : option A :=
    match l with
    | [] => None
    | x :: l => if i =? 0 then Some x else get l (i - 1)
    end.
End slice.

Module option.
  Definition unwrap_or {A : Type} (o : option A) (default : A) : A :=
    match o with Some a => a | None => default end.
  Definition is_some {A : Type} (o : option A) : bool :=
    match o with Some _ => true | None => false end.
  Definition is_none {A : Type} (o : option A) : bool :=
    match o with Some _ => false | None => true end.
End option.

(** * What values a type has *)

Definition is_usize (a : Z) : Prop := 0 <= a <= usize.MAX.
Definition is_isize (a : Z) : Prop := isize.MIN <= a <= isize.MAX.

(** No slice has more than [isize::MAX] elements of one byte or more. *)
Definition is_slice {A : Type} (P : A -> Prop) (l : list A) : Prop :=
  Forall P l /\ slice.len l <= isize.MAX.
