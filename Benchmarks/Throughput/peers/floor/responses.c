// The responses, and the search for the end of a request.
#define _GNU_SOURCE
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATE_OFFSET = sizeof "HTTP/1.1 200 OK\r\nDate: " - 1, DATE_COUNT = 29, MAXIMUM_CONNECTIONS = 1 << 16 };

enum kind { GREETING, OBJECT, TEN_KIBIBYTES, ONE_MEBIBYTE, STREAM, MISSING, KIND_COUNT };

static const char PLAIN[] = "text/plain; charset=utf-8", BYTES[] = "application/octet-stream";

/// Each response, and its form for the end of a connection.
static struct response responses[KIND_COUNT], last_responses[KIND_COUNT];
static enum closing closing;
static char date[DATE_COUNT + 1];
static time_t date_second;
static struct connection connections[MAXIMUM_CONNECTIONS];

static const char *connection_field(bool is_last) {
    return is_last ? "Connection: close\r\n" : "";
}

static struct response make(const char *status, const char *type, const char *body, size_t count, bool is_last) {
    char head[512];
    int head_count = snprintf(head, sizeof head,
                              "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                              date, type, count, connection_field(is_last));
    char *bytes = malloc((size_t)head_count + count);
    if (!bytes) fail("malloc", 0);
    memcpy(bytes, head, (size_t)head_count);
    memcpy(bytes + head_count, body, count);
    return (struct response){bytes, (size_t)head_count + count};
}

/// Sixteen chunks of 4 KiB.
static struct response make_stream(bool is_last) {
    size_t capacity = 1 << 17;
    char *bytes = malloc(capacity);
    if (!bytes) fail("malloc", 0);
    int count = snprintf(bytes, capacity,
                         "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: %s\r\n"
                         "Transfer-Encoding: chunked\r\n%s\r\n", date,
                         BYTES, connection_field(is_last));
    char *next = bytes + count;
    for (int chunk = 0; chunk < 16; chunk++) {
        next = stpcpy(next, "1000\r\n");
        memset(next, 'x', 4096);
        next = stpcpy(next + 4096, "\r\n");
    }
    next = stpcpy(next, "0\r\n\r\n");
    return (struct response){bytes, (size_t)(next - bytes)};
}

void responses_create(enum closing chosen) {
    closing = chosen;
    responses_update_date();
    size_t mebibyte = 1 << 20;
    char *body = malloc(mebibyte);
    if (!body) fail("malloc", 0);
    memset(body, 'x', mebibyte);
    static const char greeting[] = "Hello, World!";
    static const char object[] = "{\"message\":\"Hello, World!\",\"time\":1700000000}";
    for (int is_last = 0; is_last < 2; is_last++) {
        struct response *made = is_last ? last_responses : responses;
        made[GREETING] = make("200 OK", PLAIN, greeting, sizeof greeting - 1, is_last);
        made[OBJECT] = make("200 OK", "application/json", object, sizeof object - 1, is_last);
        made[TEN_KIBIBYTES] = make("200 OK", BYTES, body, 10 * 1024, is_last);
        made[ONE_MEBIBYTE] = make("200 OK", BYTES, body, mebibyte, is_last);
        made[STREAM] = make_stream(is_last);
        made[MISSING] = make("404 Not Found", PLAIN, "", 0, is_last);
    }
    free(body);
}

void responses_update_date(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec == date_second) return;
    date_second = now.tv_sec;
    struct tm parts;
    gmtime_r(&now.tv_sec, &parts);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    // Nothing is being sent while this runs: the kernel copies during the calls.
    for (int kind = 0; kind < MISSING && responses[kind].bytes; kind++) {
        memcpy((char *)responses[kind].bytes + DATE_OFFSET, date, DATE_COUNT);
        memcpy((char *)last_responses[kind].bytes + DATE_OFFSET, date, DATE_COUNT);
    }
}

static enum kind kind_of(const char *head, size_t count) {
    // One letter after "GET /" distinguishes the targets, except for the two that begin with a 1.
    if (count < 8) return MISSING;
    switch (head[5]) {
    case ' ': return GREETING;
    case 'j': return OBJECT;
    case '1': return head[6] == 'm' ? ONE_MEBIBYTE : TEN_KIBIBYTES;
    case 's': return STREAM;
    default: return MISSING;
    }
}

static size_t content_length(const char *head, size_t count) {
    static const char name[] = "\r\nContent-Length: ";
    const char *field = memmem(head, count, name, sizeof name - 1);
    return field ? strtoul(field + sizeof name - 1, NULL, 10) : 0;
}

static bool is_last(const char *head, size_t count) {
    static const char field[] = "\r\nConnection: close\r\n";
    return closing == CLOSES_ALWAYS
        || (closing == CLOSES_WHEN_ASKED && memmem(head, count, field, sizeof field - 1) != NULL);
}

static char *room(char **memory, size_t *capacity, size_t wanted) {
    if (*capacity < wanted) {
        *capacity = wanted < 1024 ? 1024 : 2 * wanted;
        *memory = realloc(*memory, *capacity);
        if (!*memory) fail("realloc", 0);
    }
    return *memory;
}

/// Appends bytes to the connection's own output, into which a constant is copied first.
static struct response append(struct connection *connection, struct response so_far, const char *bytes, size_t count) {
    bool is_own = so_far.bytes == connection->output;
    char *output = room(&connection->output, &connection->output_capacity, so_far.count + count);
    if (!is_own) memcpy(output, so_far.bytes, so_far.count);
    memcpy(output + so_far.count, bytes, count);
    return (struct response){output, so_far.count + count};
}

static struct response echo(struct connection *connection, struct response so_far, const char *body, size_t count) {
    // A load generator sends bodies of one size, so the last head nearly always fits.
    static char head[512];
    static size_t length = (size_t)-1;
    static int head_count;
    static bool was_last;
    bool is_last = connection->is_finished;
    if (length != count || was_last != is_last) {
        head_count = snprintf(head, sizeof head,
                              "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", date,
                              BYTES, count, connection_field(is_last));
        length = count;
        was_last = is_last;
    }
    memcpy(head + DATE_OFFSET, date, DATE_COUNT);
    if (so_far.count == 0) so_far.bytes = connection->output;
    return append(connection, append(connection, so_far, head, (size_t)head_count), body, count);
}

static void keep(struct connection *connection, const char *bytes, size_t count) {
    char *input = room(&connection->input, &connection->input_capacity, count);
    memmove(input, bytes, count);
    connection->input_count = count;
}

struct response connection_responses(struct connection *connection, const char *bytes, size_t count) {
    if (connection->input_count > 0) {
        size_t total = connection->input_count + count;
        memcpy(room(&connection->input, &connection->input_capacity, total) + connection->input_count, bytes, count);
        bytes = connection->input;
        count = connection->input_count = total;
    }
    struct response result = {NULL, 0};
    size_t used = 0;
    while (used < count && !connection->is_finished) {
        const char *head = bytes + used;
        const char *end = memmem(head, count - used, "\r\n\r\n", 4);
        if (!end) break;
        size_t head_count = (size_t)(end - head) + 4;
        if (head[0] == 'P') {
            size_t body_count = content_length(head, head_count);
            if (count - used < head_count + body_count) break;
            connection->is_finished = is_last(head, head_count);
            result = echo(connection, result, head + head_count, body_count);
            used += head_count + body_count;
        } else {
            connection->is_finished = is_last(head, head_count);
            const struct response *all = connection->is_finished ? last_responses : responses;
            struct response next = all[kind_of(head, head_count)];
            result = result.count == 0 ? next : append(connection, result, next.bytes, next.count);
            used += head_count;
        }
    }
    if (used < count) keep(connection, bytes + used, count - used);
    else connection->input_count = 0;
    return result;
}

struct connection *connection_at(int descriptor) {
    if (descriptor >= MAXIMUM_CONNECTIONS) fail("too many connections", 0);
    return &connections[descriptor];
}

void connection_reset(struct connection *connection) {
    connection->input_count = 0;
    connection->unsent.count = 0;
    connection->is_finished = false;
}
