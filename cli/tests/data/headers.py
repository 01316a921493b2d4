"""Writes headers.jsonl and printed.jsonl: headers of .npy files, and whether and how NumPy reads and
prints the arrays behind them. Python before 3.12 with NumPy 2.4, on a little-endian machine of 64 bits:

    python headers.py
"""

import io
import json
import struct
import warnings

import numpy as np

warnings.simplefilter("ignore")

HEADER = "{'descr': %s, 'fortran_order': False, 'shape': %s}"
SHAPES = """(3) (03,) (3,) (3L,) (0x3,) (0X_3,) (1_0,) (1__0,) (_1,) (1_,) (+3,) (-3,) (True,) ((3,)) (3,(2)) [3]
(3.0,) (1+2,) () (00,) (3,,) (,) (0b11,) (0b12,) (0o3,) (--3,) (-0,) (3)(4) (3,)[0] (~3,) ('3',) (None,) (1e0,)
(3j,) ({},) ({3},) {3} (b'3',) (3,3,2,) ( 3, 3 (3 (3] (3;) (3l,) (99999999999999999999,) (0,99999999999)""".split()
SHAPES += ["(3 ,\t2 ,)", "(3,\n2)", "(3 2)", "(3, # a comment\n)", "(3,\\\n)", "(- 3,)", "(+ 3,)", "3, ", "(3,)or()"]
TYPES = """float64 d <d >d |d =f8 |f8 !f8 f4 >f2 e f F D g G c8 c16 c32 c4 c24 f12 f16 i3 i16 i4 <i4 int32 <int32 int
int_ intc intp uint uint64 ulong long longlong ulonglong uintp half single double longdouble csingle cdouble
clongdouble float128 complex256 float complex bool bool_ str str_ bytes bytes_ void object object_ unicode unicode_
string string_ float_ complex_ byte ubyte short ushort uintc Float64 FLOAT64 p P n N l L q Q b B ? h i I H c a a5 S U
V S0 U0 V0 S5 U3 V7 O O8 |O O4 b1 B1 ?1 l4 d8 h2 b2 u u8 k v w t T ui4 <? >? =? i04 S05 S-1 S+5 i0 < <i <i2x x4
i4,i4 i4, ,i4 i4,,i4 <i4,>f8 3i4,f4 (2,3)i4,u1 i4,i4: U3,S2 i4,d,float64 M8[ns],i4 f4,2i4,(2,2)f8 O,i4 i4,O 2O
i4;f4 <3i4,f4 3<i4,f4 <3>i4,f4 <3<i4,f4 i4,x4 (2)i4,f4 (2,i4 ()i4 ()i4,f4 {} datetime64 datetime64[ns]
timedelta64[D] M8 m8 M m M4 M8[ns] <M8[25us] >m8[s] m8[ns]x M8[] M8[foo] <M8[foo] M8[B] M8[s/3] M8[h/2] M8[W/2]
M8[as/2] M8[as] M8[fs] M8[generic] M8[2generic] M8[10Y] M8[-1s] M8[+1s] M8[0s] M8[1000000000000s] M8[Y M8Y]
M8[ns]] S2147483647 S2147483648 U536870911 U536870912 U9223372036854775807 V2147483648 i4,S2147483648
bytes5 void5 i4[2] (2147483647,)i4,i4
|b1 |i1 >f2 <c16 |S5 <U3 <M8[ns] <m8[25us] |V7 =i4 |S0 <i16 !f8 <f3 <c4 <M8ns <i4[ns] <M4[ns]""".split()
TYPES += ["", " ", " i4", "i4 ", "i 4", "i4, f8", "i4 ,f8", "i4,f8 ", " i4,f8", "i4,2 f8", "M8[ ns]", "\u00e9", "<\u00e94"]
DESCRIPTIONS = """[('a','<i2')] [('a','<i2'),('b','>f8')] [('a','<i2',(2,3)),('b','u1')] [('a','<i2',2)]
[('a','<i2',(2))] [('a','<i2',[2])] [('a','<i2',())] [('a','<i2',(0,))] [('a','<i2',(-1,))] [('','|V3'),('b','u1')]
[('','<i2'),('b','u1')] [('','|V1',(3,)),('b','u1')] [('a','u1'),('a','u1')] [(('title','a'),'u1')] [(('t',),'u1')]
[('a',[('b','u1'),('c','<f4')]),('d','S3')] [('a',)] [('a','u1',(1,),1)] [['a','u1']] [] [[]] [()] ['a'] ['u1']
('<i2',(2,)) [('a',('<i2',(2,)))] [('a',('<i2',2))] (('<i2',(2,)),) [('a','O')] [('a','i4,i4')] None 3 True b'<i2'
{'a':1} {} [('a','<i2'),] [('a','foo')] [(1,'u1')] [(u'a',u'u1')] [('a','M8[D]')]""".split()
HEADERS = [
    "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': 0, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': None, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': false, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), 'shape': (3,)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
    "{'descr': '<i2', 'fortran_order': False}",
    "{'descr': '<i2', 'fortran_order': False, 'share': (2, 3)}",
    "  {'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "\n{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "({'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)})",
    "[{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}]",
    "{u'descr': u'<i2', U'fortran_order': False, \"shape\": (2, 3)}",
    "{b'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<' 'i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<' b'i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': r'<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': f'<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': x'<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '''<i2''', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '\\x3ci\\62', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '\\u003c\\U00000069\\\n2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '\\xzz', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<i2\n', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)} x",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}     \n",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)},",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3),}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3),,}",
    "{'descr': '<i2' 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr' '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)",
    "{'descr': '<i2, 'fortran_order': False, 'shape': (2, 3)}",
    "{descr: '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "dict(descr='<i2', fortran_order=False, shape=(2, 3))",
    "{**{}, 'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}\0",
    "{'descr': '<i2', # c\n 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr':\n'<i2',\\\n 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}\n# c",
    "",
    "{}",
    "None",
]

# Bits of floats of so many bytes, a list a line.
FLOATS = {
    8: """4197d78400000000 4197d78400000001
3ff0000000000000 4004000000000000 400a000000000000
3f1a36e2eb1c432d 3ff0000000000000
3f1797cc39ffd60f 3f0a36e2eb1c432d
3fb999999999999a 408f400000000000
3fe0000000000000 408f400000000000
4197d78400000000 3ff0000000000000
4197d783fc000000 412e848000000000
3fd5555555555555 3fe5555555555555
3fd3333333333334
7ff8000000000000 3ff8000000000000 7ff0000000000000
7ff8000000000000 fff0000000000000 7ff0000000000000
8000000000000000 3ff0000000000000
7e37e43c8800759c 1a56e1fc2f8f359
1""",
    4: """49742400 3f800000
497423f0 47c35000
3dcccccd 4ceb79a2
38d1b717 3a83126f
49949c6a 4eee6b28""",
    2: """63ce 3c00
63d0 3c00
2e66 3554
68e a8e
7bff 1""",
}


def file(version, header):
    coded = header.encode("latin-1" if version == 1 else "utf-8")
    length = struct.pack("<H" if version == 1 else "<I", len(coded))
    return b"\x93NUMPY" + bytes([version, 0]) + length + coded + bytes(1 << 12)


def verdict(version, header):
    try:
        array = np.lib.format.read_array(io.BytesIO(file(version, header)), max_header_size=1 << 16)
    except Exception:
        return None
    fields = [[name, array.dtype.fields[name][1]] for name in array.dtype.names or []]
    strides = [] if array.size == 0 else list(array.strides)
    order = array.dtype.newbyteorder("=") != array.dtype
    return {"shape": list(array.shape), "strides": strides, "itemsize": array.itemsize, "swapped": order, "fields": fields}


def arrays():
    yield np.array([b"ab", b"c\0d", b"it's", b"\xff\n\\", b'"\''])
    yield np.array(["ab", "c", "it's", "\u00e9\u3000\xa0\"'\\\t\x7f\U0001f600"])
    yield np.array(["ab", "cde"], ">U3")
    yield np.array(["abcdefgh" * 3] * 7)
    yield np.array(["\u00e9" * 30] * 3)
    yield np.array(b"ab")
    yield np.array("ab")
    yield np.zeros((2, 2), "S0")
    yield np.frombuffer(b"ab\"'\n\xff", "V3")
    yield np.zeros((), "V3")
    for unit in ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "25s", "7D"]:
        for kind in "Mm":
            yield np.array([0, 1, -1, 12345, -98765], "<i8").view(f"{kind}8[{unit}]")
            yield np.array([0, 7], ">i8").view(f">{kind}8[{unit}]")
            yield np.array([5, -(2**63)], "i8").view(f"{kind}8[{unit}]")
            yield np.array(5, "i8").view(f"{kind}8[{unit}]")
            yield np.array(-(2**63), "i8").view(f"{kind}8[{unit}]")
    yield np.array([1, 2], "m8")
    yield np.array(5, "m8")
    records = np.zeros(3, [("a", "i2"), ("b", ">f4", (2,)), ("c", "S3"), ("d", [("x", "f8"), ("y", "u1")])])
    records["a"] = [1, 20, 300]
    records["b"] = [[1.5, 100]]
    records["c"] = [b"x", b"yy", b"zzz"]
    records["d"]["x"] = [0.5, 10, 100]
    yield records
    yield records[1:2].reshape(())
    yield np.zeros(2, [("a", "i2")])
    yield np.zeros((2, 2), "i2,f4")
    yield np.zeros(1200, "i2,f4")
    yield np.zeros(1, [("a", "i2", (2, 2))])
    yield np.zeros(2, [("a", "?"), ("b", "c8")])
    yield np.zeros(2, {"names": ["a", "b"], "formats": ["i2", "f8"], "offsets": [2, 8], "itemsize": 24})
    yield np.zeros(1, [("a", "M8[D]"), ("b", "U3")])
    yield np.zeros(1, [("a", "i2", (7,))])
    for size, lists in FLOATS.items():
        for bits in lists.split("\n"):
            numbers = np.array([int(number, 16) for number in bits.split()], f"<u{size}").view(f"<f{size}")
            yield numbers
            yield numbers[0]
            yield numbers.astype(f">f{size}")
            if size > 2:
                yield (numbers[::-1] + 1j * numbers).astype(f"<c{2 * size}")
    yield np.array([11016, -719529, -719528, 47541], "i8").view("M8[D]")
    yield np.array([-2000, 99999999999], "i8").view("M8[Y]")
    yield np.array([372, -1], "i8").view("M8[M]")
    yield np.array([1617, -1], "i8").view("M8[W]")
    yield np.array([4863820768255971840, -1], "i8").view("M8[as]")


with open("headers.jsonl", "w") as out:
    headers = [HEADER % ("'<i2'", shape) for shape in SHAPES]
    headers += [HEADER % (repr(name), "(2,)") for name in TYPES]
    headers += [HEADER % (repr(name), "(0,)") for name in TYPES if len(name) > 7 and name[0] in "SUVi("]
    headers += [HEADER % (description, "(2,)") for description in DESCRIPTIONS]
    for header in headers + HEADERS:
        for version in (1, 3):
            print(json.dumps({"version": version, "header": header, "numpy": verdict(version, header)}), file=out)

with open("printed.jsonl", "w") as out:
    for array in arrays():
        data = io.BytesIO()
        np.lib.format.write_array(data, array)
        print(json.dumps({"file": data.getvalue().hex(), "numpy": str(array)}), file=out)
