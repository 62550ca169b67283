// The floor's command line:
//
//     floor [--port PORT] [--epoll] [--direct] [--close always|asked]
//
// One thread. With --direct its connections have no descriptors but those of the ring's own table.
#define _GNU_SOURCE
#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void fail(const char *call, int error) {
    fprintf(stderr, "floor: %s: %s\n", call, strerror(error));
    exit(1);
}

static void stop(int signal) {
    (void)signal;
    _exit(0);
}

static void set(int descriptor, int level, int option) {
    int one = 1;
    if (setsockopt(descriptor, level, option, &one, sizeof one) != 0) fail("setsockopt", errno);
}

/// The same options as HyperServe's listeners have.
static int listen_on(unsigned short port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) fail("socket", errno);
    set(listener, SOL_SOCKET, SO_REUSEADDR);
    set(listener, SOL_SOCKET, SO_REUSEPORT);
    set(listener, IPPROTO_TCP, TCP_NODELAY);
    set(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind", errno);
    if (listen(listener, 4096) != 0) fail("listen", errno);
    socklen_t count = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &count) != 0) fail("getsockname", errno);
    printf("floor listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    unsigned port = 0;
    enum closing closing = CLOSES_NEVER;
    bool epoll = false, direct = false;
    for (int index = 1; index < count; index++) {
        bool has_value = index + 1 < count;
        if (strcmp(arguments[index], "--epoll") == 0) epoll = true;
        else if (strcmp(arguments[index], "--direct") == 0) direct = true;
        else if (strcmp(arguments[index], "--port") == 0 && has_value) port = (unsigned)atoi(arguments[++index]);
        else if (strcmp(arguments[index], "--close") == 0 && has_value)
            closing = strcmp(arguments[++index], "always") == 0 ? CLOSES_ALWAYS : CLOSES_WHEN_ASKED;
        else {
            fprintf(stderr, "usage: floor [--port PORT] [--epoll] [--direct] [--close always|asked]\n");
            return 2;
        }
    }
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    signal(SIGPIPE, SIG_IGN);
    responses_create(closing);
    int listener = listen_on((unsigned short)port);
    if (epoll) epoll_serve(listener);
    else uring_serve(listener, closing, direct);
    return 0;
}
