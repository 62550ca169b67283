// The floor on epoll: level-triggered, one receive and one send per request.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENT_COUNT = 512, BUFFER_BYTES = 1 << 16 };

static int poll_descriptor;

static void watch(int operation, int descriptor, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = descriptor};
    if (epoll_ctl(poll_descriptor, operation, descriptor, &event) != 0) fail("epoll_ctl", errno);
}

static void accept_all(int listener) {
    int descriptor;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        connection_reset(connection_at(descriptor));
        watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
    if (errno != EAGAIN && errno != ECONNABORTED) fail("accept4", errno);
}

/// Sends what it can, and waits for room for the rest: nothing more is received meanwhile.
static void send_response(int descriptor, struct connection *connection, struct response response) {
    bool was_waiting = connection->unsent.count > 0;
    bool is_last = connection->is_finished;
    ssize_t sent = send(descriptor, response.bytes, response.count, MSG_NOSIGNAL | (is_last ? MSG_MORE : 0));
    if (sent < 0 && errno != EAGAIN) {
        close(descriptor);
        return;
    }
    size_t taken = sent < 0 ? 0 : (size_t)sent;
    connection->unsent = (struct response){response.bytes + taken, response.count - taken};
    if (connection->unsent.count > 0) {
        if (!was_waiting) watch(EPOLL_CTL_MOD, descriptor, EPOLLOUT);
    } else if (is_last) {
        close(descriptor);
    } else if (was_waiting) {
        watch(EPOLL_CTL_MOD, descriptor, EPOLLIN);
    }
}

static void handle(int descriptor) {
    static char buffer[BUFFER_BYTES];
    struct connection *connection = connection_at(descriptor);
    if (connection->unsent.count > 0) return send_response(descriptor, connection, connection->unsent);
    ssize_t count = recv(descriptor, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        close(descriptor);
        return;
    }
    struct response response = connection_responses(connection, buffer, (size_t)count);
    if (response.count > 0) send_response(descriptor, connection, response);
}

void epoll_serve(int listener) {
    poll_descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (poll_descriptor < 0) fail("epoll_create1", errno);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    struct epoll_event events[EVENT_COUNT];
    while (true) {
        int count = epoll_wait(poll_descriptor, events, EVENT_COUNT, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait", errno);
        responses_update_date();
        for (int index = 0; index < count; index++) {
            if (events[index].data.fd == listener) accept_all(listener);
            else handle(events[index].data.fd);
        }
    }
}
