; CONTROL, must be refuted: T2 with an axis that takes nothing out of the room. One more axis, whatever its reach: what a prefix of any valid index has summed up on one side
; stays within what was reserved on that side, and the corner attains it exactly. By induction over
; the axes, from `Room::around` (sum 0, nothing reserved), this holds for any rank.
;   reserved = start - room     what the axes so far took out of the room on this side
(set-logic QF_BV)
(set-info :status sat)
(declare-const start (_ BitVec 64))
(declare-const room (_ BitVec 64))
(declare-const sum (_ BitVec 64))
(declare-const corner (_ BitVec 64))
(declare-const reach (_ BitVec 64))
(declare-const term (_ BitVec 64))
(define-fun wide ((x (_ BitVec 64))) (_ BitVec 65) ((_ zero_extend 1) x))
(define-fun reserved () (_ BitVec 64) (bvsub start room))
(define-fun next () (_ BitVec 64) room)
; the invariant before the axis
(assert (bvule room start))
(assert (bvule sum reserved))
(assert (= corner reserved))
; the axis is accepted, and T1 bounds its term
(assert (bvule reach room))
(assert (bvule term reach))
; the invariant after it, without overflow on the way
(assert (not (and
  (bvule next start)
  (bvule (bvadd (wide sum) (wide term)) (wide start))
  (bvule (bvadd sum term) (bvsub start next))
  (= (bvadd corner reach) (bvsub start next)))))
(check-sat)
