; T6, the address: the strides and the offset that a selection gives a derived view make each of its
; indices give the address of the parent's index that it stands for. Two axes of the parent, two of
; the derived view, each of which may move along both; over the integers, where T3 keeps both sides.
(set-logic QF_NIA)
(set-info :status unsat)
(declare-const offset Int) (declare-const s0 Int) (declare-const s1 Int)
(declare-const start0 Int) (declare-const start1 Int)
(declare-const step00 Int) (declare-const step01 Int) (declare-const step10 Int) (declare-const step11 Int)
(declare-const i0 Int) (declare-const i1 Int)
; the derived view's own numbers
(define-fun derived-offset () Int (+ offset (* start0 s0) (* start1 s1)))
(define-fun t0 () Int (+ (* step00 s0) (* step01 s1)))
(define-fun t1 () Int (+ (* step10 s0) (* step11 s1)))
; the parent's index
(define-fun p0 () Int (+ start0 (* i0 step00) (* i1 step10)))
(define-fun p1 () Int (+ start1 (* i0 step01) (* i1 step11)))
(assert (not (= (+ derived-offset (* i0 t0) (* i1 t1)) (+ offset (* p0 s0) (* p1 s1)))))
(check-sat)
