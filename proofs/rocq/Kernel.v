(** src/kernel.rs, as `cargo xtask rocq --write` translates it. Not edited by hand. *)

From Coq Require Import ZArith List Bool.
From Strideproof Require Import Prelude.
Import ListNotations.
Open Scope Z_scope.
Open Scope bool_scope.

Definition MAX_COUNT : Z := isize.unsigned_abs isize.MAX.

Inductive Side : Type :=
| Side_Below
| Side_Above.

Inductive Fault : Type :=
| Fault_Count
| Fault_Room (field0 : Side).

Record Room : Type := Room_new {
  Room_below : Z;
  Room_above : Z;
  Room_count : Z
}.

Record Extent : Type := Extent_new {
  Extent_count : Z;
  Extent_lowest : Z;
  Extent_highest : Z;
  Extent_required_len : Z
}.

Inductive Refusal : Type :=
| Refusal_Rank
| Refusal_Count (axis : Z)
| Refusal_EmptyOffset
| Refusal_Origin
| Refusal_Leaves (axis : Z) (side : Side) (index : Z) (excess : Z).

Definition reserve (steps : Z) (size : Z) : res (option Z) :=
  Val (usize.checked_mul steps size).

Definition scale (index : Z) (magnitude : Z) : res Z :=
  let* t := usize.mul index magnitude in
  Val t.

Definition Room_around (offset : Z) (last : Z) : res (option Room) :=
  match usize.checked_sub last offset with
  | None => Val None
  | Some t =>
    let above := t in
    Val (Some (Room_new offset above 1))
  end.

Definition Room_on (self : Room) (side : Side) : res Z :=
  match side with
  | Side_Below =>
    Val (Room_below self)
  | Side_Above =>
    Val (Room_above self)
  end.

Definition Room_take (self : Room) (side : Side) (reach : (option Z)) : res (option Room) :=
  let* t := Room_on self side in
  match reach with
  | None => Val None
  | Some t1 =>
    match usize.checked_sub t t1 with
    | None => Val None
    | Some t2 =>
      let left1 := t2 in
      Val (Some (match side with
      | Side_Below =>
        Room_new left1 (Room_above self) (Room_count self)
      | Side_Above =>
        Room_new (Room_below self) left1 (Room_count self)
      end))
    end
  end.

Definition Room_step (self : Room) (size : Z) (stride : Z) : res (result Room Fault) :=
  let* count := reserve (Room_count self) size in
  let* reach := reserve (usize.saturating_sub size 1) (isize.unsigned_abs stride) in
  let side := if stride <? 0 then
    Side_Below
  else
    Side_Above in
  let* t := Room_take self side reach in
  let otherwise := fun _ : unit =>
    let otherwise1 := fun _ : unit =>
      match (count, t) with
      | _ =>
        Val (Err Fault_Count)
      end
    in
    match (count, t) with
    | ((Some count1), None) =>
      if count1 <=? MAX_COUNT then
        Val (Err (Fault_Room side))
      else
        otherwise1 tt
    | _ => otherwise1 tt
    end
  in
  match (count, t) with
  | ((Some count1), (Some room)) =>
    if count1 <=? MAX_COUNT then
      Val (Ok (Room_new (Room_below room) (Room_above room) count1))
    else
      otherwise tt
  | _ => otherwise tt
  end.

Definition Room_finish (self : Room) (last : Z) (item : Z) : res Extent :=
  let* highest := usize.sub last (Room_above self) in
  let* t := usize.add highest item in
  Val (Extent_new (Room_count self) (Room_below self) highest t).

Definition is_empty (shape : (list Z)) : res bool :=
  let axis := 0 in
  let* exit := loop (S := Z) (R := bool) (fun axis =>
    match slice.get shape axis with
    | Some size =>
      if size =? 0 then
        Val (Return true)
      else
        let axis := usize.saturating_add axis 1 in
        Val (Next axis)
    | _ =>
      Val (Break axis)
    end) axis in
  match exit with
  | Early early => Val early
  | Done axis =>
    Val false
  end.

Definition is_valid (shape : (list Z)) (index : (list Z)) : res bool :=
  let axis := 0 in
  let* exit := loop (S := Z) (R := bool) (fun axis =>
    match (slice.get index axis, slice.get shape axis) with
    | ((Some index1), (Some size)) =>
      if size <=? index1 then
        Val (Return false)
      else
        let axis := usize.saturating_add axis 1 in
        Val (Next axis)
    | _ =>
      Val (Break axis)
    end) axis in
  match exit with
  | Early early => Val early
  | Done axis =>
    Val ((slice.len index) =? (slice.len shape))
  end.

Definition extent (shape : (list Z)) (strides : (list Z)) (offset : Z) (item : Z) : res Extent :=
  let* t := is_empty shape in
  if t then
    Val (Extent_new 0 offset offset offset)
  else
    let '(count, lowest, highest) := (1, offset, offset) in
    let axis := 0 in
    let* exit := loop (S := (Z * Z * Z * Z)%type) (R := Extent) (fun '(count, lowest, highest, axis) =>
      match (slice.get shape axis, slice.get strides axis) with
      | ((Some size), (Some stride)) =>
        let* t1 := usize.sub size 1 in
        let* reach := scale t1 (isize.unsigned_abs stride) in
        let join := fun (lowest : Z) (highest : Z) =>
          let* t2 := scale count size in
          let count := t2 in
          let* axis := usize.add axis 1 in
          Val (Next (count, lowest, highest, axis))
        in
        if stride <? 0 then
          let* lowest := usize.sub lowest reach in
          join lowest highest
        else
          let* highest := usize.add highest reach in
          join lowest highest
      | _ =>
        Val (Break (count, lowest, highest, axis))
      end) (count, lowest, highest, axis) in
    match exit with
    | Early early => Val early
    | Done (count, lowest, highest, axis) =>
      let* t1 := usize.add highest item in
      Val (Extent_new count lowest highest t1)
    end.

Definition overfull_axis (shape : (list Z)) (from : Z) (count : Z) : res (option Z) :=
  let '(axis, count1) := (from, count) in
  let* exit := loop (S := (Z * Z)%type) (R := (option Z)) (fun '(axis, count1) =>
    match slice.get shape axis with
    | Some size =>
      let* t := reserve count1 size in
      let otherwise := fun _ : unit =>
        match t with
        | _ =>
          Val (Return (Some axis))
        end
      in
      match t with
      | Some next =>
        if next <=? MAX_COUNT then
          let count1 := next in
          let axis := usize.saturating_add axis 1 in
          Val (Next (axis, count1))
        else
          otherwise tt
      | _ => otherwise tt
      end
    | _ =>
      Val (Break (axis, count1))
    end) (axis, count1) in
  match exit with
  | Early early => Val early
  | Done (axis, count1) =>
    Val None
  end.

Definition refuse_origin (shape : (list Z)) : res Refusal :=
  let* t := overfull_axis shape 0 1 in
  match t with
  | Some axis =>
    Val (Refusal_Count axis)
  | None =>
    Val Refusal_Origin
  end.

Definition first_outside (room : Z) (magnitude : Z) : res (Z * Z)%type :=
  let inside := option.unwrap_or (usize.checked_div room magnitude) 0 in
  let rest := option.unwrap_or (usize.checked_rem room magnitude) 0 in
  Val (usize.saturating_add inside 1, usize.saturating_sub magnitude rest).

Definition refuse (shape : (list Z)) (axis : Z) (room : Room) (stride : Z) (fault : Fault) : res Refusal :=
  match fault with
  | Fault_Count =>
    Val (Refusal_Count axis)
  | Fault_Room side1 =>
    let side := side1 in
    let* t := overfull_axis shape axis (Room_count room) in
    match t with
    | Some axis1 =>
      Val (Refusal_Count axis1)
    | _ =>
      let* t1 := Room_on room side in
      let* t2 := first_outside t1 (isize.unsigned_abs stride) in
      let '(index, excess) := t2 in
      Val (Refusal_Leaves axis side index excess)
    end
  end.

Definition decide (shape : (list Z)) (strides : (list Z)) (offset : Z) (len : Z) (item : Z) : res (result Extent Refusal) :=
  if negb ((slice.len shape) =? (slice.len strides)) then
    Val (Err Refusal_Rank)
  else
    let* t := is_empty shape in
    if t then
      if offset <=? len then
        Val (Ok (Extent_new 0 offset offset offset))
      else
        Val (Err Refusal_EmptyOffset)
    else
      match usize.checked_sub len item with
      | Some last =>
        let* t1 := Room_around offset last in
        match t1 with
        | Some room =>
          let axis := 0 in
          let* exit := loop (S := (Room * Z)%type) (R := (result Extent Refusal)) (fun '(room, axis) =>
            match (slice.get shape axis, slice.get strides axis) with
            | ((Some size), (Some stride)) =>
              let* t2 := Room_step room size stride in
              match t2 with
              | Ok next =>
                let room := next in
                let axis := usize.saturating_add axis 1 in
                Val (Next (room, axis))
              | Err fault =>
                let* t3 := refuse shape axis room stride fault in
                Val (Return (Err t3))
              end
            | _ =>
              Val (Break (room, axis))
            end) (room, axis) in
          match exit with
          | Early early => Val early
          | Done (room, axis) =>
            let* t2 := Room_finish room last item in
            Val (Ok t2)
          end
        | _ =>
          let* t2 := refuse_origin shape in
          Val (Err t2)
        end
      | _ =>
        let* t1 := refuse_origin shape in
        Val (Err t1)
      end.

Definition address (shape : (list Z)) (strides : (list Z)) (offset : Z) (index : (list Z)) : res (option Z) :=
  let* t := is_valid shape index in
  if negb t then
    Val None
  else
    let '(axis, address) := (0, offset) in
    let* exit := loop (S := (Z * Z)%type) (R := (option Z)) (fun '(axis, address) =>
      match (slice.get index axis, slice.get strides axis) with
      | ((Some index1), (Some stride)) =>
        let* term := scale index1 (isize.unsigned_abs stride) in
        let join := fun (v : Z) =>
          let address := v in
          let* axis := usize.add axis 1 in
          Val (Next (axis, address))
        in
        if stride <? 0 then
          let* t1 := usize.sub address term in
          join t1
        else
          let* t1 := usize.add address term in
          join t1
      | _ =>
        Val (Break (axis, address))
      end) (axis, address) in
    match exit with
    | Early early => Val early
    | Done (axis, address) =>
      Val (Some address)
    end.
