#include "hs_head.h"

#include "hs_scan.h"

/// Inlined into a function of each instruction set, so that each gets code of its own. Vectors stay inside these
/// functions: as parameters or results they would mean different things to different instruction sets.
#define HS_INLINE static inline __attribute__((always_inline))

enum { hs_wide_size = 32 };
typedef uint8_t hs_wide __attribute__((ext_vector_type(hs_wide_size)));
typedef bool hs_wide_bits __attribute__((ext_vector_type(hs_wide_size)));

#define HS_WIDE_LOAD(name, from) \
    hs_wide name; \
    __builtin_memcpy(&name, from, sizeof name)

/// One bit per byte of a comparison's result, the first byte lowest.
#define HS_WIDE_MASK(name, comparison) \
    hs_wide_bits name##_bits = __builtin_convertvector(comparison, hs_wide_bits); \
    uint32_t name; \
    __builtin_memcpy(&name, &name##_bits, sizeof name)

/// Everything but letters and hyphens.
HS_INLINE uint32_t hs_wide_stops_name(const uint8_t *bytes) {
    HS_WIDE_LOAD(wide, bytes);
    hs_wide letter = (hs_wide)(((wide | (hs_wide)0x20) - (hs_wide)'a') < (hs_wide)26);
    HS_WIDE_MASK(mask, ~(letter | (hs_wide)(wide == (hs_wide)'-')));
    return mask;
}

/// Control bytes.
HS_INLINE uint32_t hs_wide_stops_text(const uint8_t *bytes) {
    HS_WIDE_LOAD(wide, bytes);
    HS_WIDE_MASK(mask, (hs_wide)(wide < (hs_wide)0x20) | (hs_wide)(wide == (hs_wide)0x7F));
    return mask;
}

/// Everything outside 0x21...0x7E, and `"` `#` `<` `>`.
HS_INLINE uint32_t hs_wide_stops_query(const uint8_t *bytes) {
    HS_WIDE_LOAD(wide, bytes);
    hs_wide invisible = (hs_wide)((wide - (hs_wide)0x21) > (hs_wide)(0x7E - 0x21));
    hs_wide quote_or_hash = (hs_wide)((wide & (hs_wide)0xFE) == (hs_wide)0x22);
    hs_wide angle = (hs_wide)((wide | (hs_wide)0x02) == (hs_wide)0x3E);
    HS_WIDE_MASK(mask, invisible | quote_or_hash | angle);
    return mask;
}

/// As in a query, and `%` `?` `\`.
HS_INLINE uint32_t hs_wide_stops_path(const uint8_t *bytes) {
    HS_WIDE_LOAD(wide, bytes);
    hs_wide percent_or_question = (hs_wide)(wide == (hs_wide)'%') | (hs_wide)(wide == (hs_wide)'?');
    HS_WIDE_MASK(mask, percent_or_question | (hs_wide)(wide == (hs_wide)'\\'));
    return mask | hs_wide_stops_query(bytes);
}

/// The stops in the block at `position`, the first byte lowest. When the block would reach beyond `end`, the bits of
/// the last block, shifted so that they mean the same; a byte after `end` is then no stop. `position < end`, and at
/// least 32 bytes lie between the start of the memory and `end`.
HS_INLINE uint32_t hs_wide_stops_at(
    const uint8_t *position, const uint8_t *end, uint32_t (*stops)(const uint8_t *)
) {
    const uint8_t *last = end - hs_wide_size;
    const uint8_t *block = position < last ? position : last;
    return stops(block) >> (position - block);
}

/// The first stop from `position` on, or `end`, which is 32 bytes or more after the start of the memory.
HS_INLINE const uint8_t *hs_wide_scan(
    const uint8_t *position, const uint8_t *end, uint32_t (*stops)(const uint8_t *)
) {
    const uint8_t *last = end - hs_wide_size;
    while (position <= last) {
        uint32_t mask = stops(position);
        // Hides how the position came about; else the loop keeps three counters in step instead of one.
        __asm__("" : "+r"(position));
        if (mask != 0) return position + __builtin_ctz(mask);
        position += hs_wide_size;
    }
    if (position == end) return end;
    uint32_t mask = hs_wide_stops_at(position, end, stops);
    return mask != 0 ? position + __builtin_ctz(mask) : end;
}

/// The first letters of the names that a parser must know, by length: Host, Expect, Connection, Content-Length and
/// Transfer-Encoding. Of other names few have both in common with one of them.
static const uint8_t hs_known_letters[hs_wide_size] = {[4] = 'h', [6] = 'e', [10] = 'c', [14] = 'c', [17] = 't'};

/// How far a line must begin from the end for a block of its name, and two bytes after, to be there without a look.
enum { hs_far = hs_wide_size + 2 };

/// Takes one line, from `line` on, which is below `end`, and `hs_far` or more bytes before it if `is_far`. Returns the
/// byte after the line, or NULL.
HS_INLINE const uint8_t *hs_field_scan(
    const uint8_t *bytes, const uint8_t *line, const uint8_t *end, bool is_far, hs_field *field
) {
    uint32_t mask = is_far ? hs_wide_stops_name(line) : hs_wide_stops_at(line, end, hs_wide_stops_name);
    if (mask == 0) return NULL;
    const uint8_t *name_end = line + __builtin_ctz(mask);
    if (name_end == line || (!is_far && end - name_end < 4) || __builtin_memcmp(name_end, ": ", 2) != 0) return NULL;
    const uint8_t *value = name_end + 2;
    const uint8_t *value_end = hs_wide_scan(value, end, hs_wide_stops_text);
    if (value_end >= end - 1 || __builtin_memcmp(value_end, "\r\n", 2) != 0) return NULL;
    // An empty value fails here as well: its place is taken by the CR.
    if (value[0] <= ' ' || value_end[-1] <= ' ') return NULL;
    field->name_start = (uint32_t)(line - bytes);
    field->name_count = (uint32_t)(name_end - line);
    field->value_start = (uint32_t)(value - bytes);
    field->value_count = (uint32_t)(value_end - value);
    return value_end + 2;
}

HS_INLINE size_t hs_fields_scan_any(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
) {
    *marked = 0;
    if (end < hs_wide_size) return 0;
    const uint8_t *line = bytes + *from;
    const uint8_t *limit = bytes + end;
    // After the last line that is far enough from the end.
    const uint8_t *far = limit - (end < hs_far ? end : hs_far - 1);
    hs_field *field = fields;
    hs_field *last = fields + capacity;
    while (field < last && line < limit && line[0] != '\r') {
        const uint8_t *next = line < far ? hs_field_scan(bytes, line, limit, true, field)
                                         : hs_field_scan(bytes, line, limit, false, field);
        if (next == NULL) break;
        bool is_known = (line[0] | 0x20) == hs_known_letters[field->name_count];
        // A branch: without the hint every line pays for the few that are marked.
        if (__builtin_expect(is_known, false)) *marked |= (uint64_t)1 << (field - fields);
        line = next;
        field++;
    }
    *from = (size_t)(line - bytes);
    return (size_t)(field - fields);
}

HS_INLINE size_t hs_target_scan_any(const uint8_t *bytes, size_t from, size_t end, size_t *path_end) {
    *path_end = from;
    if (end < hs_wide_size) return from;
    const uint8_t *position = hs_wide_scan(bytes + from, bytes + end, hs_wide_stops_path);
    *path_end = (size_t)(position - bytes);
    if (position == bytes + end) return end;
    if (position[0] != '?') return *path_end;
    return (size_t)(hs_wide_scan(position + 1, bytes + end, hs_wide_stops_query) - bytes);
}

size_t hs_fields_scan_baseline(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
) {
    return hs_fields_scan_any(bytes, from, end, fields, capacity, marked);
}

size_t hs_target_scan_baseline(const uint8_t *bytes, size_t from, size_t end, size_t *path_end) {
    return hs_target_scan_any(bytes, from, end, path_end);
}

#if defined(__x86_64__)

__attribute__((target("avx2,bmi"))) static size_t hs_fields_scan_avx2(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
) {
    return hs_fields_scan_any(bytes, from, end, fields, capacity, marked);
}

__attribute__((target("avx2,bmi"))) static size_t hs_target_scan_avx2(
    const uint8_t *bytes, size_t from, size_t end, size_t *path_end
) {
    return hs_target_scan_any(bytes, from, end, path_end);
}

/// Written once before `main`, read-only after.
static bool hs_has_avx2;

__attribute__((constructor)) static void hs_processor_detect(void) {
    __builtin_cpu_init();
    hs_has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

#define HS_CHOOSE(function) (hs_has_avx2 ? function##_avx2 : function##_baseline)
#else
#define HS_CHOOSE(function) function##_baseline
#endif

size_t hs_fields_scan(
    const uint8_t *bytes, size_t *from, size_t end, hs_field *fields, size_t capacity, uint64_t *marked
) {
    return HS_CHOOSE(hs_fields_scan)(bytes, from, end, fields, capacity, marked);
}

size_t hs_target_scan(const uint8_t *bytes, size_t from, size_t end, size_t *path_end) {
    return HS_CHOOSE(hs_target_scan)(bytes, from, end, path_end);
}
