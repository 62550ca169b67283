/// Finds where a run of allowed bytes ends, sixteen bytes at a time.
///
/// Written with the compiler's portable vectors rather than with one processor's intrinsics: the same lines become
/// SSE2 on x86-64 and NEON on arm64, which are the baseline there, so nothing is chosen at run time. In C because
/// Swift's SIMD types cannot turn a comparison into a bit mask. Each function has a twin that goes byte by byte
/// through a table, and the tests hold them equal.
///
/// All functions read `bytes[from] ..< bytes[end]` and, where at least sixteen bytes lie before `end`, some of the
/// bytes before `from`; never a byte at or after `end`. `from <= end` is required.
#ifndef HS_SCAN_H
#define HS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a byte may be part of; the bits of one entry of `hs_byte_classes`.
enum {
    /// RFC 9110 section 5.6.2: tchar.
    hs_class_token = 1,
    /// Letters, digits, hyphen and dot: what nearly all field names and host names are made of.
    hs_class_plain = 2,
    /// A path byte, the percent sign excluded. See `hs_scan_path`.
    hs_class_path = 4,
    /// A query byte: a path byte, percent sign, question mark or backslash.
    hs_class_query = 8,
    /// RFC 9110 section 5.5: a field value's byte, spaces included but not the tab.
    hs_class_text = 16,
    /// RFC 3986 section 3.2.2: a byte of a reg-name, the percent sign excluded.
    hs_class_host = 32,
    /// A hexadecimal digit.
    hs_class_hex = 64,
    /// RFC 9110 section 5.5: text or tab.
    hs_class_value = 128,
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the masks count the first byte lowest");

extern const uint8_t hs_byte_classes[256];

/// Whether `byte` belongs to one of `classes`.
static inline bool hs_byte_is(uint8_t byte, uint8_t classes) {
    return (hs_byte_classes[byte] & classes) != 0;
}

/// The first offset from `from` on whose byte is of none of `classes`, or `end`; byte by byte.
static inline size_t hs_scan_bytewise(const uint8_t *bytes, size_t from, size_t end, uint8_t classes) {
    while (from < end && hs_byte_is(bytes[from], classes)) from++;
    return from;
}

typedef uint8_t hs_block __attribute__((ext_vector_type(16)));
typedef bool hs_block_bits __attribute__((ext_vector_type(16)));
typedef hs_block (*hs_block_test)(hs_block block);

static inline hs_block hs_block_load(const uint8_t *bytes) {
    hs_block block;
    __builtin_memcpy(&block, bytes, sizeof block);
    return block;
}

/// One bit per byte of a comparison's result, the first byte lowest.
static inline uint32_t hs_block_mask(hs_block comparison) {
    hs_block_bits bits = __builtin_convertvector(comparison, hs_block_bits);
    uint16_t mask;
    __builtin_memcpy(&mask, &bits, sizeof mask);
    return mask;
}

/// Everything but letters, digits, hyphen and dot.
static inline hs_block hs_block_stops_plain(hs_block block) {
    hs_block letter = (hs_block)(((block | (hs_block)0x20) - (hs_block)'a') < (hs_block)26);
    hs_block other = (hs_block)((block - (hs_block)'-') < (hs_block)13) & (hs_block)(block != (hs_block)'/');
    return ~(letter | other);
}

/// Control bytes.
static inline hs_block hs_block_stops_text(hs_block block) {
    return (hs_block)(block < (hs_block)0x20) | (hs_block)(block == (hs_block)0x7F);
}

/// Everything outside 0x21...0x7E, and `"` `#` `<` `>`.
static inline hs_block hs_block_stops_query(hs_block block) {
    hs_block invisible = (hs_block)((block - (hs_block)0x21) > (hs_block)(0x7E - 0x21));
    hs_block quote_or_hash = (hs_block)((block & (hs_block)0xFE) == (hs_block)0x22);
    hs_block angle = (hs_block)((block | (hs_block)0x02) == (hs_block)0x3E);
    return invisible | quote_or_hash | angle;
}

/// As in a query, and `%` `?` `\`.
static inline hs_block hs_block_stops_path(hs_block block) {
    hs_block own = (hs_block)(block == (hs_block)'%') | (hs_block)(block == (hs_block)'?');
    return hs_block_stops_query(block) | own | (hs_block)(block == (hs_block)'\\');
}

/// Runs `stops` over whole blocks, then over the last sixteen bytes once more with the known part shifted out.
static inline __attribute__((always_inline)) size_t hs_scan(
    const uint8_t *bytes, size_t from, size_t end, uint8_t classes, hs_block_test stops
) {
    while (end - from >= 16) {
        uint32_t mask = hs_block_mask(stops(hs_block_load(bytes + from)));
        if (mask != 0) return from + (size_t)__builtin_ctz(mask);
        from += 16;
    }
    if (end < 16) return hs_scan_bytewise(bytes, from, end, classes);
    size_t known = 16 - (end - from);
    uint32_t mask = hs_block_mask(stops(hs_block_load(bytes + end - 16))) >> known;
    return mask != 0 ? from + (size_t)__builtin_ctz(mask) : end;
}

/// The end of a run of letters, digits, hyphens and dots.
static inline size_t hs_scan_plain(const uint8_t *bytes, size_t from, size_t end) {
    return hs_scan(bytes, from, end, hs_class_plain, hs_block_stops_plain);
}

/// The end of a run without control bytes, which is a field value unless it holds a tab.
static inline size_t hs_scan_text(const uint8_t *bytes, size_t from, size_t end) {
    return hs_scan(bytes, from, end, hs_class_text, hs_block_stops_text);
}

/// The end of a run of path bytes: query bytes but `%` `?` `\`.
static inline size_t hs_scan_path(const uint8_t *bytes, size_t from, size_t end) {
    return hs_scan(bytes, from, end, hs_class_path, hs_block_stops_path);
}

/// The end of a run of query bytes: visible ASCII but `"` `#` `<` `>`.
static inline size_t hs_scan_query(const uint8_t *bytes, size_t from, size_t end) {
    return hs_scan(bytes, from, end, hs_class_query, hs_block_stops_query);
}

/// Whether `bytes[from] ..< bytes[end]` is a host as nearly all are: plain bytes, then maybe a colon and one to four
/// digits. False says nothing. `count` bytes are readable, of which the one at `end`, if there is one, is not plain.
static inline bool hs_host_is_plain(const uint8_t *bytes, size_t from, size_t end, size_t count) {
    size_t position = hs_scan_plain(bytes, from, count);
    if (position == from || position >= end) return position == end && position != from;
    if (bytes[position] != ':' || end - position - 2 > 3) return false;
    while (++position < end) {
        if ((uint8_t)(bytes[position] - '0') > 9) return false;
    }
    return true;
}

#endif
