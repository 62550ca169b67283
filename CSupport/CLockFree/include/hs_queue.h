/// A bounded queue for any number of producers and consumers: Michael and Scott, "Simple, Fast, and Practical
/// Non-Blocking and Blocking Concurrent Queue Algorithms", PODC 1996, with the paper's counted pointers.
///
/// Order       First in, first out. Linearizable: a push at the moment its node is linked, a pop at the moment
///             the head moves, an empty pop at the moment it reads that the last node has no successor.
/// Complexity  O(1) without contention. A push is three compare-and-swaps (take a node, link it, move the
///             tail), a pop two (move the head, return the node). No allocation after `create`, no system call.
///             While a few values are queued, producers and consumers write no common word: they meet only in
///             the lines of the nodes themselves.
/// Progress    Lock-free: whoever retries has lost a compare-and-swap, or met a word that moved on, and so some
///             other operation took a step that is never undone. This holds for the three words alike:
///             - tail: a thread that stops between linking and moving the tail delays nobody, as whoever meets
///               the lagging tail moves it first;
///             - head: it moves once for each value that is popped;
///             - free nodes: two stacks (Treiber's); a top changes once for each node taken or returned. A thread
///               that stops inside an operation keeps at most one node from the others.
/// Memory      Nodes are never freed before `destroy`, and never change type: a node is a slot in an array, so
///             a late reader reads a valid atomic, and what it read it throws away, because its own
///             compare-and-swap fails. It fails because head, tail and the tops of the free stacks are an index
///             and a tag in one 64-bit word, and the tag counts the changes of that word; a node's `next` has
///             as its tag the node's position in the history of the queue. A word that came back to an old
///             index did not come back to an old tag (ABA).
/// Wrap        A tag has 32 bits. A thread can be fooled only if it is stopped between two neighbouring
///             instructions while the others complete an exact multiple of 2^32 changes of that one word, and
///             the same node is again in that place. At 20 million operations a second that is a pause of
///             214 s, hit to the operation; then one value could be lost or seen twice. A 128-bit word would
///             end even that, for a dearer compare-and-swap on every operation.
#ifndef HS_QUEUE_H
#define HS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hs_queue hs_queue;

/// The most values that a queue can be made for: 1 GiB of nodes.
#define HS_QUEUE_CAPACITY_MAX ((size_t)1 << 24)

/// A queue for at most `capacity` values, 64 bytes each, taken from the heap at once.
/// NULL: `capacity` is 0 or above `HS_QUEUE_CAPACITY_MAX`, or there is no memory.
hs_queue *hs_queue_create(size_t capacity);

/// Frees the queue, after `dispose` (unless NULL) was called once for each value left, oldest first.
/// No other thread may use the queue any more. NULL is allowed.
void hs_queue_destroy(hs_queue *queue, void (*dispose)(uintptr_t value));

/// Appends `value`, which may be anything. False: full. Any thread.
///
/// Full means that no node is free. A thread inside a pop has not returned its node yet, and another one
/// inside a push holds one that it has not linked, so with n other operations under way "full" may come up to
/// n values early. Without any, it comes at exactly `capacity`.
///
/// What was written before the push is visible to the thread that pops the value. The link is sequentially
/// consistent, so no fence is needed before a following `hs_parking_sleepers` (see hs_parking.h).
bool hs_queue_push(hs_queue *queue, uintptr_t value);

/// Takes the oldest value. False: empty, `*value` untouched. Any thread.
bool hs_queue_pop(hs_queue *queue, uintptr_t *value);

/// How many values are in the queue: exact when nobody else is using it, a recent figure otherwise, at most
/// `capacity`. For statistics; to find out whether there is work, pop, or ask `hs_queue_is_empty`.
size_t hs_queue_count(const hs_queue *queue);

/// Whether a pop would have found nothing, with the same standing: sequentially consistent, so a push that comes
/// before this call in the one order of such accesses is seen. Any thread.
bool hs_queue_is_empty(const hs_queue *queue);

/// As given to `create`.
size_t hs_queue_capacity(const hs_queue *queue);

#endif
