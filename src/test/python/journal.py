"""Decodes a journal, docs/JOURNAL.md, by the byte tables alone: a line of JSON for each slot and record."""
import json
import struct
import sys

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    TABLE.append(byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def text(data, offset):
    return data[offset + 1:offset + 1 + data[offset]].decode()


def u32(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


def decode(data):
    assert data[:8] == b"\x89PMJL\r\n\x1a" and struct.unpack_from("<H", data, 8)[0] == 1
    assert u32(data, 124) == crc32c(data[:124]) and u32(data, 252) == crc32c(data[136:252])
    capacity, slots, ring = u32(data, 20), u32(data, 28), struct.unpack_from("<Q", data, 40)[0]
    yield {"epoch": data[224:240].hex(), "head": struct.unpack_from("<q", data, 256)[0], "state": u32(data, 192)}
    for slot in range(slots):
        s = data[4096 + 512 * slot:4608 + 512 * slot]
        stamp, seq, generation, run = struct.unpack_from("<4q", s)
        if stamp > 0 and stamp % 2 == 0:
            assert u32(s, 504) == crc32c(s[8:128]) and u32(s, 508) == crc32c(s[128:504])
            yield {"slot": slot, "seq": seq, "generation": generation, "state": u32(s, 56), "name": text(s, 128)}
    for index in range(capacity):
        r = data[ring + 256 * index:ring + 256 * index + 256]
        seq, time, generation, run, _, end, by, _, slot, code, kind, old, new, cause, flags, starts, delay = \
            struct.unpack_from("<4qiBBhiihBBhhii", r)
        if seq > 0:
            assert seq % capacity == index and u32(r, 252) == crc32c(r[:252])
            yield {"seq": seq, "slot": slot, "generation": generation, "runId": run, "from": old, "to": new,
                   "cause": cause, "exit": end, "name": text(r, 64), "type": text(r, 128), "message": text(r, 168)}


for line in decode(open(sys.argv[1], "rb").read()):
    print(json.dumps(line, separators=(",", ":"), ensure_ascii=True))
