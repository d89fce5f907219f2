#ifndef TOLLGATE_CLINUX_SHIM_H
#define TOLLGATE_CLINUX_SHIM_H

// Swift's Glibc module has neither epoll nor eventfd; pthread_setname_np, accept4 and memmem need _GNU_SOURCE.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

int pthread_setname_np(pthread_t thread, const char *name);
void *memmem(const void *haystack, size_t haystack_bytes, const void *needle, size_t needle_bytes);
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);

// The event bits are an enum whose members Swift imports as a type of their own; plain integers are what the calls take.
static const uint32_t tollgate_epoll_readable = EPOLLIN;
static const uint32_t tollgate_epoll_writable = EPOLLOUT;
static const uint32_t tollgate_epoll_peer_closed = EPOLLRDHUP;
static const uint32_t tollgate_epoll_hang_up = EPOLLHUP;
static const uint32_t tollgate_epoll_failed = EPOLLERR;
static const uint32_t tollgate_epoll_edges = EPOLLET;
static const uint32_t tollgate_epoll_exclusive = EPOLLEXCLUSIVE;

static inline int tollgate_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int tollgate_eventfd_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int tollgate_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

// struct epoll_event is packed on x86-64, which Swift's importer does not honour: its memory stays opaque to Swift.
static const size_t tollgate_epoll_event_bytes = sizeof(struct epoll_event);
static inline int tollgate_epoll_wait(int epoll, void *events, int count, int milliseconds) {
    return epoll_wait(epoll, (struct epoll_event *)events, count, milliseconds);
}
static inline uint32_t tollgate_epoll_bits(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].events;
}
static inline uint64_t tollgate_epoll_token(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].data.u64;
}

static inline int tollgate_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }
static inline int tollgate_socket(int family, int type, int protocol) {
    return socket(family, type | SOCK_CLOEXEC, protocol);
}
static inline int tollgate_accept(int listener) { return accept4(listener, 0, 0, SOCK_CLOEXEC); }

// The processor's own CRC-32C, eight bytes a step; where it has none the caller has tables.
#if defined(__x86_64__)
static inline int tollgate_has_crc32c(void) { return __builtin_cpu_supports("sse4.2"); }
__attribute__((target("sse4.2"))) static inline uint32_t tollgate_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *next = (const unsigned char *)bytes;
    uint64_t wide = crc;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        __builtin_memcpy(&word, next, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    for (; count > 0; count--, next++) crc = __builtin_ia32_crc32qi(crc, *next);
    return crc;
}
#else
static inline int tollgate_has_crc32c(void) { return 0; }
static inline uint32_t tollgate_crc32c(uint32_t crc, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return crc;
}
#endif

#endif
