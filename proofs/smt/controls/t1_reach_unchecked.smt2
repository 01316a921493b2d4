; CONTROL, must be refuted: T1 without asking that the reach fits. The one nonlinear fact: what is scaled by an index stays below what was reserved.
;   index <= last  and  last * magnitude fits 64 bits
;   ==>  index * magnitude fits 64 bits and is at most last * magnitude
; Products are taken at 128 bits, where none of them can wrap.
(set-logic QF_BV)
(set-info :status sat)
(declare-const index (_ BitVec 64))
(declare-const last (_ BitVec 64))
(declare-const magnitude (_ BitVec 64))
(define-fun wide ((x (_ BitVec 64))) (_ BitVec 128) ((_ zero_extend 64) x))
(define-fun reach () (_ BitVec 128) (bvmul (wide last) (wide magnitude)))
(define-fun term () (_ BitVec 128) (bvmul (wide index) (wide magnitude)))
(assert (bvule index last))
(assert (not (and (bvule term (wide #xffffffffffffffff)) (bvule term reach))))
(check-sat)
