/// Takes apart the lines that nearly all request heads consist of, thirty-two bytes at a time.
///
/// These functions decide nothing: a line that is not whole or not of the commonest shape is left to the parser's
/// general path. They read from `bytes[0]` on and never a byte at or after `end`, whose distance is at least 32 bytes
/// or nothing is done. `from <= end` is required.
///
/// On x86-64 each is compiled for SSE2, the baseline, and for AVX2, and picks one at run time: on a browser's head
/// the wider registers save a fifth of the parser's instructions.
#ifndef HS_HEAD_H
#define HS_HEAD_H

#include <stddef.h>
#include <stdint.h>

/// Where name and value of a field line lie, counted from the head's first byte.
typedef struct {
    uint32_t name_start, name_count, value_start, value_count;
} hs_field;

/// The most field lines that one call takes apart.
enum { hs_fields_maximum = 64 };

/// Takes apart the field lines that begin at `*from`, and moves `*from` after them, as long as they are whole and of
/// the commonest shape: a name of up to 31 letters and hyphens, a colon, one space, a value that is not empty and has
/// neither control bytes nor white space at its ends, CR LF. Stops before any other line and after `capacity` lines,
/// which must be at most `hs_fields_maximum`. Returns how many lines it took.
///
/// `*marked` gets a bit for each line whose name a parser must know (Host, Expect, Connection, Content-Length and
/// Transfer-Encoding, in any case), the first line lowest. Others may get one too.
size_t hs_fields_scan(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
);

/// Finds the end of the request target that begins at `from`: the first byte that is no path byte before the first
/// question mark, or no query byte after it (see `hs_scan_path` and `hs_scan_query`), or `end`. `*path_end` is where
/// the first question mark is, else the same.
size_t hs_target_scan(const uint8_t *bytes, size_t from, size_t end, size_t *path_end);

/// As the functions above; always the baseline's code, for the tests that hold both equal.
size_t hs_fields_scan_baseline(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
);
size_t hs_target_scan_baseline(const uint8_t *bytes, size_t from, size_t end, size_t *path_end);

#endif
