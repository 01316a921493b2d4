; T7, the second nonlinear fact: two different indices of one axis are at least one stride apart.
;   first < second <= last  and  last * magnitude fits
;   ==>  second * magnitude - first * magnitude >= magnitude
; With the running-sum test (magnitude > reach of all smaller strides) this is why a nested layout
; is unique: the largest stride on which two indices differ cannot be made up for by the others.
(set-logic QF_BV)
(set-info :status unsat)
(declare-const first (_ BitVec 64))
(declare-const second (_ BitVec 64))
(declare-const last (_ BitVec 64))
(declare-const magnitude (_ BitVec 64))
(define-fun wide ((x (_ BitVec 64))) (_ BitVec 128) ((_ zero_extend 64) x))
(define-fun reach () (_ BitVec 128) (bvmul (wide last) (wide magnitude)))
(define-fun a () (_ BitVec 128) (bvmul (wide first) (wide magnitude)))
(define-fun b () (_ BitVec 128) (bvmul (wide second) (wide magnitude)))
(assert (bvult first second))
(assert (bvule second last))
(assert (bvule reach (wide #xffffffffffffffff)))
(assert (not (and (bvule a b) (bvuge (bvsub b a) (wide magnitude)))))
(check-sat)
