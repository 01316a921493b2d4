; CONTROL, must be refuted: T6 that forgets the start. For slices: an axis of which every `step`-th index from `start` on is kept reaches no further
; than the axis did, and its new stride fits wherever it is followed.
;   start + kept * step <= last  and  last * magnitude fits  and  kept >= 1
;   ==>  step * magnitude fits  and  start * magnitude + kept * (step * magnitude) <= last * magnitude
(set-logic QF_BV)
(set-info :status sat)
(declare-const start (_ BitVec 64))
(declare-const kept (_ BitVec 64))
(declare-const step (_ BitVec 64))
(declare-const last (_ BitVec 64))
(declare-const magnitude (_ BitVec 64))
(define-fun wide ((x (_ BitVec 64))) (_ BitVec 194) ((_ zero_extend 130) x))
(define-fun max () (_ BitVec 194) (wide #xffffffffffffffff))
(define-fun reach () (_ BitVec 194) (bvmul (wide last) (wide magnitude)))
(define-fun stride () (_ BitVec 194) (bvmul (wide step) (wide magnitude)))
(assert (bvule (bvmul (wide kept) (wide step)) (wide last)))
(assert (bvule reach max))
(assert (bvuge kept #x0000000000000001))
(assert (not (and
  (bvule stride max)
  (bvule (bvadd (bvmul (wide start) (wide magnitude)) (bvmul (wide kept) stride)) reach))))
(check-sat)
