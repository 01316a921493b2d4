(** The byte form and the element form of a request agree (theorem T8), for any rank.

    A request in elements of [size] bytes is the request in bytes whose strides, offset and length
    are [size] times as large and whose items take [size] bytes. *)

From Coq Require Import ZArith List Lia Bool.
From Strideproof Require Import Prelude Spec Differences Models.
Import ListNotations.
Open Scope Z_scope.

Lemma dot_in_bytes size index strides :
  dot index (in_bytes size strides) = size * dot index strides.
Proof.
  unfold dot. revert strides. induction index as [|i index IH]; intros [|s strides];
    cbn [sum2 in_bytes map]; try lia.
  unfold in_bytes in IH. rewrite IH. ring.
Qed.

Theorem bytes_and_elements size shape strides offset len :
  1 <= size ->
  accepts shape (in_bytes size strides) (size * offset) (size * len) size <->
  accepts shape strides offset len 1.
Proof.
  intros Hs. unfold accepts.
  assert (length (in_bytes size strides) = length strides) as -> by apply map_length.
  assert (size * offset <= size * len <-> offset <= len) as Empty by nia.
  assert (forall index,
    (0 <= size * offset + dot index (in_bytes size strides) /\
     size * offset + dot index (in_bytes size strides) + size <= size * len) <->
    (0 <= offset + dot index strides /\ offset + dot index strides + 1 <= len)) as Item.
  { intros index. rewrite dot_in_bytes.
    replace (size * offset + size * dot index strides)
      with (size * (offset + dot index strides)) by ring.
    generalize (offset + dot index strides). intros a. nia. }
  rewrite Empty. split; intros (L & C & H); (split; [exact L|]; split; [exact C|]);
    (destruct H as [H|[E A]]; [left; exact H|right; split; [exact E|]]);
    intros index V; apply Item, A, V.
Qed.

(** Two elements share a byte exactly if they are the same element. *)
Theorem unique_in_bytes size shape strides :
  1 <= size -> unique shape (in_bytes size strides) size <-> unique shape strides 1.
Proof.
  intros Hs. unfold unique. split; intros H i j Vi Vj N unit [A B]; specialize (H i j Vi Vj N).
  - apply (H (size * unit)). rewrite !dot_in_bytes. nia.
  - apply (H (dot i strides)). rewrite !dot_in_bytes in *.
    assert (dot i strides = dot j strides) by nia. lia.
Qed.

Print Assumptions bytes_and_elements.
Print Assumptions unique_in_bytes.
