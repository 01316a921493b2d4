(** src/overlap/certificate.rs, as `cargo xtask rocq --write` translates it. Not edited by hand. *)

From Coq Require Import ZArith List Bool.
From Strideproof Require Import Prelude.
From Strideproof Require Kernel.
Import ListNotations.
Open Scope Z_scope.
Open Scope bool_scope.

Definition BASE : Z := 4294967296.

Record Sum : Type := Sum_new {
  Sum_high : Z;
  Sum_low : Z
}.

Definition axis_of (shape : (list Z)) (strides : (list Z)) (axis : Z) : res (option (Z * Z)%type) :=
  match (slice.get shape axis, slice.get strides axis) with
  | ((Some size), (Some stride)) =>
    Val (Some (usize.saturating_sub size 1, isize.unsigned_abs stride))
  | _ =>
    Val None
  end.

Definition nested (shape : (list Z)) (strides : (list Z)) (item : Z) : res bool :=
  let window := usize.saturating_sub item 1 in
  let axis := slice.len shape in
  let* exit := loop (S := (Z * Z)%type) (R := bool) (fun '(window, axis) =>
    if 0 <? axis then
      let axis := usize.saturating_sub axis 1 in
      let* t := axis_of shape strides axis in
      match t with
      | (Some (last, magnitude)) =>
        if 0 <? last then
          if magnitude <=? window then
            Val (Return false)
          else
            let window := usize.saturating_add window (usize.saturating_mul last magnitude) in
            Val (Next (window, axis))
        else
          Val (Next (window, axis))
      | _ =>
        Val (Return false)
      end
    else
      Val (Break (window, axis))) (window, axis) in
  match exit with
  | Early early => Val early
  | Done (window, axis) =>
    Val true
  end.

Definition nested_columns (shape : (list Z)) (strides : (list Z)) (item : Z) : res bool :=
  let window := usize.saturating_sub item 1 in
  let axis := 0 in
  let* exit := loop (S := (Z * Z)%type) (R := bool) (fun '(window, axis) =>
    if axis <? (slice.len shape) then
      let* t := axis_of shape strides axis in
      match t with
      | (Some (last, magnitude)) =>
        let join := fun (window : Z) =>
          let axis := usize.saturating_add axis 1 in
          Val (Next (window, axis))
        in
        if 0 <? last then
          if magnitude <=? window then
            Val (Return false)
          else
            let window := usize.saturating_add window (usize.saturating_mul last magnitude) in
            join window
        else
          join window
      | _ =>
        Val (Return false)
      end
    else
      Val (Break (window, axis))) (window, axis) in
  match exit with
  | Early early => Val early
  | Done (window, axis) =>
    Val true
  end.

Definition lists (list1 : (list Z)) (number : Z) : res bool :=
  let place := 0 in
  let* exit := loop (S := Z) (R := bool) (fun place =>
    match slice.get list1 place with
    | Some listed =>
      if listed =? number then
        Val (Return true)
      else
        let place := usize.saturating_add place 1 in
        Val (Next place)
    | _ =>
      Val (Break place)
    end) place in
  match exit with
  | Early early => Val early
  | Done place =>
    Val false
  end.

Definition covers (shape : (list Z)) (order : (list Z)) : res bool :=
  let axis := 0 in
  let* exit := loop (S := Z) (R := bool) (fun axis =>
    match slice.get shape axis with
    | Some size =>
      let join := fun (v : bool) =>
        if v then
          Val (Return false)
        else
          let axis := usize.saturating_add axis 1 in
          Val (Next axis)
      in
      if 1 <? size then
        let* t := lists order axis in
        join (negb t)
      else
        join false
    | _ =>
      Val (Break axis)
    end) axis in
  match exit with
  | Early early => Val early
  | Done axis =>
    Val true
  end.

Definition grown (sum : Z) (last : Z) (magnitude : Z) : res (option Z) :=
  match usize.checked_mul last magnitude with
  | Some reach =>
    Val (usize.checked_add sum reach)
  | None =>
    Val None
  end.

Definition reach_from (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (window : Z) : res (option Z) :=
  let '(place1, sum) := (place, window) in
  let* exit := loop (S := (Z * Z)%type) (R := (option Z)) (fun '(place1, sum) =>
    match slice.get order place1 with
    | Some axis =>
      let* t := axis_of shape strides axis in
      match t with
      | None => Val (Return None)
      | Some t1 =>
        let '(last, magnitude) := t1 in
        let* t2 := grown sum last magnitude in
        match t2 with
        | None => Val (Return None)
        | Some t3 =>
          let sum := t3 in
          let place1 := usize.saturating_add place1 1 in
          Val (Next (place1, sum))
        end
      end
    | _ =>
      Val (Break (place1, sum))
    end) (place1, sum) in
  match exit with
  | Early early => Val early
  | Done (place1, sum) =>
    Val (Some sum)
  end.

Definition largest (last : Z) (magnitude : Z) (reach : (option Z)) : res Z :=
  match reach with
  | Some reach1 =>
    Val (usize.min (option.unwrap_or (usize.checked_div reach1 magnitude) last) last)
  | None =>
    Val last
  end.

Definition divides (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (divisor : Z) : res bool :=
  let place1 := place in
  let* exit := loop (S := Z) (R := bool) (fun place1 =>
    match slice.get order place1 with
    | Some axis =>
      let* t := axis_of shape strides axis in
      match t with
      | (Some (_, magnitude)) =>
        match usize.checked_rem magnitude divisor with
        | Some rest =>
          if negb (rest =? 0) then
            Val (Return false)
          else
            let place1 := usize.saturating_add place1 1 in
            Val (Next place1)
        | _ =>
          Val (Return false)
        end
      | _ =>
        Val (Return false)
      end
    | _ =>
      Val (Break place1)
    end) place1 in
  match exit with
  | Early early => Val early
  | Done place1 =>
    Val true
  end.

Definition apart (step : Z) (divisor : Z) (limit : Z) (window : Z) : res bool :=
  match usize.checked_rem step divisor with
  | Some rest =>
    let* t := usize.sub divisor rest in
    let '(up, down) := (rest, t) in
    let '(up_at, down_at) := (1, 1) in
    let* exit := loop (S := (Z * Z * Z * Z)%type) (R := bool) (fun '(up, down, up_at, down_at) =>
      if (window <? up) && (window <? down) then
        if limit <? (usize.saturating_add up_at down_at) then
          Val (Return true)
        else
          if down <? up then
            let* t1 := usize.sub up window in
            let* t2 := usize.sub t1 1 in
            let* times := usize.div t2 down in
            if times =? 0 then
              Val (Return false)
            else
              let* t3 := usize.mul times down in
              let* up := usize.sub up t3 in
              let* t4 := usize.mul times down_at in
              let* up_at := usize.add up_at t4 in
              Val (Next (up, down, up_at, down_at))
          else
            let* t1 := usize.sub down window in
            let* t2 := usize.sub t1 1 in
            let* times := usize.div t2 up in
            if times =? 0 then
              Val (Return false)
            else
              let* t3 := usize.mul times up in
              let* down := usize.sub down t3 in
              let* t4 := usize.mul times up_at in
              let* down_at := usize.add down_at t4 in
              Val (Next (up, down, up_at, down_at))
      else
        Val (Break (up, down, up_at, down_at))) (up, down, up_at, down_at) in
    match exit with
    | Early early => Val early
    | Done (up, down, up_at, down_at) =>
      Val false
    end
  | _ =>
    Val false
  end.

Definition differences_from (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) : res (option Z) :=
  let '(place1, count) := (place, 1) in
  let* exit := loop (S := (Z * Z)%type) (R := (option Z)) (fun '(place1, count) =>
    match slice.get order place1 with
    | Some axis =>
      let* t := axis_of shape strides axis in
      match t with
      | None => Val (Return None)
      | Some t1 =>
        let '(last, _) := t1 in
        let* t2 := grown 1 last 2 in
        match t2 with
        | None => Val (Return None)
        | Some t3 =>
          match usize.checked_mul count t3 with
          | None => Val (Return None)
          | Some t4 =>
            let count := t4 in
            let place1 := usize.saturating_add place1 1 in
            Val (Next (place1, count))
          end
        end
      end
    | _ =>
      Val (Break (place1, count))
    end) (place1, count) in
  match exit with
  | Early early => Val early
  | Done (place1, count) =>
    Val (Some count)
  end.

Definition raised (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (number : Z) : res (option Z) :=
  let '(place1, rest, sum) := (place, number, 0) in
  let* exit := loop (S := (Z * Z * Z)%type) (R := (option Z)) (fun '(place1, rest, sum) =>
    match slice.get order place1 with
    | Some axis =>
      let* t := axis_of shape strides axis in
      match t with
      | None => Val (Return None)
      | Some t1 =>
        let '(last, magnitude) := t1 in
        let* t2 := grown 1 last 2 in
        match t2 with
        | None => Val (Return None)
        | Some t3 =>
          let differences := t3 in
          match usize.checked_rem rest differences with
          | None => Val (Return None)
          | Some t4 =>
            let* t5 := grown sum t4 magnitude in
            match t5 with
            | None => Val (Return None)
            | Some t6 =>
              let sum := t6 in
              match usize.checked_div rest differences with
              | None => Val (Return None)
              | Some t7 =>
                let rest := t7 in
                let place1 := usize.saturating_add place1 1 in
                Val (Next (place1, rest, sum))
              end
            end
          end
        end
      end
    | _ =>
      Val (Break (place1, rest, sum))
    end) (place1, rest, sum) in
  match exit with
  | Early early => Val early
  | Done (place1, rest, sum) =>
    Val (Some sum)
  end.

Definition misses (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (window : Z) : res bool :=
  match slice.get order place with
  | Some axis =>
    let* t := axis_of shape strides axis in
    match t with
    | (Some (last, magnitude)) =>
      if magnitude <=? window then
        Val false
      else
        let others := usize.saturating_add place 1 in
        let* t1 := reach_from shape strides order others 0 in
        match t1 with
        | Some reach =>
          let* t2 := differences_from shape strides order others in
          match t2 with
          | Some count =>
            let* t3 := usize.div count 2 in
            let '(number, half) := (0, t3) in
            let* exit := loop (S := Z) (R := bool) (fun number =>
              if number <? half then
                let* t4 := raised shape strides order others number in
                match t4 with
                | Some sum =>
                  let distance := usize.abs_diff sum reach in
                  match usize.checked_div distance magnitude with
                  | Some times =>
                    match usize.checked_rem distance magnitude with
                    | Some above =>
                      let below := usize.saturating_sub magnitude above in
                      if ((above <=? window) && (times <=? last)) || ((below <=? window) && (times <? last)) then
                        Val (Return false)
                      else
                        let number := usize.saturating_add number 1 in
                        Val (Next number)
                    | _ =>
                      Val (Return false)
                    end
                  | _ =>
                    Val (Return false)
                  end
                | _ =>
                  Val (Return false)
                end
              else
                Val (Break number)) number in
            match exit with
            | Early early => Val early
            | Done number =>
              Val true
            end
          | _ =>
            Val false
          end
        | _ =>
          Val false
        end
    | _ =>
      Val false
    end
  | _ =>
    Val true
  end.

Definition count_from (shape : (list Z)) (order : (list Z)) (place : Z) : res (option Z) :=
  let '(place1, count) := (place, 1) in
  let* exit := loop (S := (Z * Z)%type) (R := (option Z)) (fun '(place1, count) =>
    match slice.get order place1 with
    | Some axis =>
      match slice.get shape axis with
      | None => Val (Return None)
      | Some t =>
        let 'size := t in
        match usize.checked_mul count size with
        | None => Val (Return None)
        | Some t1 =>
          let count := t1 in
          let place1 := usize.saturating_add place1 1 in
          Val (Next (place1, count))
        end
      end
    | _ =>
      Val (Break (place1, count))
    end) (place1, count) in
  match exit with
  | Early early => Val early
  | Done (place1, count) =>
    Val (Some count)
  end.

Definition Sum_beyond (self : Sum) (window : Z) : res (option Sum) :=
  let* t := usize.rem window BASE in
  let low := usize.saturating_add (usize.saturating_add (Sum_low self) t) 1 in
  let* t1 := usize.div window BASE in
  match usize.checked_add (Sum_high self) t1 with
  | None => Val None
  | Some t2 =>
    let high := t2 in
    let* t3 := usize.div low BASE in
    match usize.checked_add high t3 with
    | None => Val None
    | Some t4 =>
      let* t5 := usize.rem low BASE in
      Val (Some (Sum_new t4 t5))
    end
  end.

Definition sum_of (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (number : Z) : res (option Sum) :=
  let '(place1, rest, high, low) := (place, number, 0, 0) in
  let* exit := loop (S := (Z * Z * Z * Z)%type) (R := (option Sum)) (fun '(place1, rest, high, low) =>
    match slice.get order place1 with
    | Some axis =>
      match slice.get shape axis with
      | None => Val (Return None)
      | Some t =>
        match slice.get strides axis with
        | None => Val (Return None)
        | Some t1 =>
          let '(size, stride) := (t, t1) in
          match usize.checked_rem rest size with
          | None => Val (Return None)
          | Some t2 =>
            let index := t2 in
            match usize.checked_div rest size with
            | None => Val (Return None)
            | Some t3 =>
              let rest := t3 in
              let* t4 := usize.div (isize.unsigned_abs stride) BASE in
              let* t5 := grown high index t4 in
              match t5 with
              | None => Val (Return None)
              | Some t6 =>
                let high := t6 in
                let* t7 := usize.rem (isize.unsigned_abs stride) BASE in
                let* t8 := grown low index t7 in
                match t8 with
                | None => Val (Return None)
                | Some t9 =>
                  let low := t9 in
                  let place1 := usize.saturating_add place1 1 in
                  Val (Next (place1, rest, high, low))
                end
              end
            end
          end
        end
      end
    | _ =>
      Val (Break (place1, rest, high, low))
    end) (place1, rest, high, low) in
  match exit with
  | Early early => Val early
  | Done (place1, rest, high, low) =>
    let* t := usize.div low BASE in
    match usize.checked_add high t with
    | None => Val None
    | Some t1 =>
      let* t2 := usize.rem low BASE in
      Val (Some (Sum_new t1 t2))
    end
  end.

Definition ascends (shape : (list Z)) (strides : (list Z)) (order : (list Z)) (place : Z) (window : Z) (sorted : (list Z)) : res bool :=
  let* t := count_from shape order place in
  match t with
  | Some count =>
    if negb ((slice.len sorted) =? count) then
      Val false
    else
      let '(at1, least) := (0, Sum_new 0 0) in
      let* exit := loop (S := (Z * Sum)%type) (R := bool) (fun '(at1, least) =>
        match slice.get sorted at1 with
        | Some number =>
          if count <=? number then
            Val (Return false)
          else
            let* t1 := sum_of shape strides order place number in
            match t1 with
            | Some sum =>
              if ((Sum_high sum) <? (Sum_high least)) || (((Sum_high sum) =? (Sum_high least)) && ((Sum_low sum) <? (Sum_low least))) then
                Val (Return false)
              else
                let at1 := usize.saturating_add at1 1 in
                let* t2 := Sum_beyond sum window in
                match t2 with
                | Some next =>
                  let least := next in
                  Val (Next (at1, least))
                | _ =>
                  Val (Return (at1 =? count))
                end
            | _ =>
              Val (Return false)
            end
        | _ =>
          Val (Break (at1, least))
        end) (at1, least) in
      match exit with
      | Early early => Val early
      | Done (at1, least) =>
        Val true
      end
  | _ =>
    Val false
  end.

Definition separates (shape : (list Z)) (strides : (list Z)) (item : Z) (order : (list Z)) (divisors : (list Z)) (sorted : (list Z)) : res bool :=
  let window := usize.saturating_sub item 1 in
  let place := 0 in
  let* exit := loop (S := (Z * Z)%type) (R := bool) (fun '(window, place) =>
    match (slice.get order place, slice.get divisors place) with
    | ((Some axis), (Some divisor)) =>
      let* t := axis_of shape strides axis in
      match t with
      | (Some (last, magnitude)) =>
        let place := usize.saturating_add place 1 in
        if divisor =? 0 then
          if magnitude <=? window then
            Val (Return false)
          else
            let* t1 := grown window last magnitude in
            match t1 with
            | Some wider =>
              let window := wider in
              Val (Next (window, place))
            | None =>
              Val (Return (place =? (slice.len order)))
            end
        else
          let* reach := reach_from shape strides order place window in
          let* limit := largest last magnitude reach in
          let join := fun (v : bool) =>
            if v then
              Val (Return false)
            else
              Val (Next (window, place))
          in
          if 0 <? limit then
            let* t1 := divides shape strides order place divisor in
            let join1 := fun (v : bool) =>
              join (negb v)
            in
            if t1 then
              let* t2 := apart magnitude divisor limit window in
              join1 t2
            else
              join1 false
          else
            join false
      | _ =>
        Val (Return false)
      end
    | _ =>
      Val (Break (window, place))
    end) (window, place) in
  match exit with
  | Early early => Val early
  | Done (window, place) =>
    if place =? (slice.len order) then
      Val true
    else
      if slice.is_empty sorted then
        let* t := misses shape strides order place window in
        Val t
      else
        let* t := ascends shape strides order place window sorted in
        Val t
  end.

Definition holds (shape : (list Z)) (strides : (list Z)) (item : Z) (order : (list Z)) (divisors : (list Z)) (sorted : (list Z)) : res bool :=
  if negb ((slice.len shape) =? (slice.len strides)) then
    Val false
  else
    let join := fun (v : bool) =>
      if v then
        Val true
      else
        let* t := covers shape order in
        if t then
          let* t1 := separates shape strides item order divisors sorted in
          Val t1
        else
          Val false
    in
    if item =? 0 then
      join true
    else
      let* t := Kernel.is_empty shape in
      join t.
