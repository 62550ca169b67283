/*
 * CSupport/CLockFree/queue.c, step by step: each access to shared memory is one step, and all interleavings of the
 * processes' steps are tried. Memory is sequentially consistent here; that the orderings in C suffice for what the
 * proof needs is argued there, access by access.
 *
 * Checked in every reachable state:
 * - The queue is a queue: the n-th successful pop takes the value of the n-th link (`order`). So nothing is lost,
 *   doubled, invented or overtaken.
 * - "Empty" is said only if at the moment of the verdict nothing is in the queue; "full" only if at one moment no node
 *   was free.
 * - No node is given back while the tail points to it, and at the end every node is either in the queue or free.
 * - With -DNP, as non-progress cycles: nobody goes in circles for ever unless others succeed for ever (lock-freedom:
 *   a process may stop anywhere, for ever, as no fairness is asked for). A process that stands on a `progress` label
 *   hides such circles, so what follows a label changes nothing that others see.
 *
 * Set by the command line: PRODUCERS, PUSHES (each), CONSUMERS, POPS (attempts each), NODES (capacity + 1).
 * Bugs on demand: TAGLESS (no tags: ABA), LATE_READ (the value is read after the head was won), LAGGING_TAIL (a node
 * retires although the tail is still there), NO_HELP (a producer waits for another one to move the tail).
 */

#define NONE 0
#define WORD(index, tag) (((index) << 6) | ((tag) & 63))
#define INDEX(word) ((word) >> 6)
#define TAG(word) ((word) & 63)

#ifdef TAGLESS
#define STEP 0
#else
#define STEP 1
#endif

short head, tail, top[2], next[NODES + 1];
/* In a free node, the index of the next free one. */
byte value[NODES + 1];
byte taking;

/* Not part of the real program: the history, for the assertions. */
byte order[PRODUCERS * PUSHES + 1];
byte linked, popped, free_count;

inline compare_and_swap(location, expected, desired, done) {
    d_step {
        if
        :: location == expected -> location = desired; done = true
        :: else -> done = false
        fi
    }
}

proctype producer(byte number) {
    short word, rest, seen_empty, last, expected;
    byte node, below, side, count, item;
    bool done, none_was_free;

    do
    :: count < PUSHES ->
        item = number * PUSHES + count + 1;
        count++;

        /* take_node */
        side = taking;
        node = NONE;
        do
        :: true ->
            word = top[side];
            do
            :: INDEX(word) == NONE -> break
            :: else ->
                below = value[INDEX(word)];
                d_step {
                    if
                    :: top[side] == word ->
                        top[side] = WORD(below, TAG(word) + STEP); node = INDEX(word); free_count--
                    :: else -> word = top[side]
                    fi
                }
                if
                :: node != NONE ->
progress_first:     break
                :: else
                fi
            od;
            if
            :: node != NONE -> break
            :: else -> seen_empty = word
            fi;
            d_step { word = top[1 - side]; none_was_free = (free_count == 0) }
            do
            :: INDEX(word) == NONE -> break
            :: else ->
                below = value[INDEX(word)];
                d_step {
                    if
                    :: top[1 - side] == word ->
                        rest = WORD(below, TAG(word) + STEP); top[1 - side] = rest; node = INDEX(word); free_count--
                    :: else -> word = top[1 - side]; none_was_free = (free_count == 0)
                    fi
                }
                if
                :: node != NONE ->
progress_second:    break
                :: else
                fi
            od;
            if
            :: node != NONE && INDEX(rest) != NONE -> taking = 1 - side; break
            :: node != NONE && INDEX(rest) == NONE -> break
            :: else
            fi;
            if
            :: top[side] == seen_empty -> break
            :: else
            fi
        od;

        /* push */
        if
        :: node == NONE -> assert(none_was_free)
        :: else ->
            value[node] = item;
            do
            :: true ->
                last = tail;
                next[node] = WORD(NONE, TAG(last) + STEP);
                d_step {
                    if
                    :: next[INDEX(last)] == WORD(NONE, TAG(last)) ->
                        next[INDEX(last)] = WORD(node, TAG(last));
                        done = true;
                        order[linked] = item;
                        linked++
                    :: else -> done = false; expected = next[INDEX(last)]
                    fi
                }
                if
                :: done ->
progress_linked:    skip;
                    d_step {
                        if
                        :: tail == last -> tail = WORD(node, TAG(last) + STEP)
                        :: else
                        fi
                    }
                    break
#ifndef NO_HELP
                :: !done && TAG(expected) == TAG(last) ->
                    compare_and_swap(tail, last, WORD(INDEX(expected), TAG(last) + STEP), done);
                    if
                    :: done ->
progress_helped:        skip
                    :: else
                    fi
#endif
                :: else
                fi
            od
        fi;
        skip;
        d_step {
            word = 0; rest = 0; seen_empty = 0; last = 0; expected = 0; node = 0; below = 0; side = 0; item = 0;
            done = false; none_was_free = false
        }
    :: else -> break
    od
}

proctype consumer() {
    short first, second, third, last, word;
    byte side, count, taken, wanted;
    bool done;

    do
    :: count < POPS ->
        count++;
        do
        :: true ->
            first = head;
            d_step {
                second = next[INDEX(first)];
                assert(TAG(second) != TAG(first) || INDEX(second) != NONE || linked == popped)
            }
            if
            :: TAG(second) != TAG(first) -> goto again
            :: TAG(second) == TAG(first) && INDEX(second) == NONE -> break
            :: else
            fi;

            /* leave_lagging_tail */
            third = next[INDEX(second)];
            if
            :: TAG(third) == ((TAG(first) + STEP) & 63) && INDEX(third) != NONE
            :: else ->
                last = tail;
#ifndef LAGGING_TAIL
                if
                :: last == first ->
                    compare_and_swap(tail, last, WORD(INDEX(second), TAG(last) + STEP), done);
                    if
                    :: done ->
progress_helped:        skip
                    :: else
                    fi
                :: else
                fi
#endif
            fi;

            taken = value[INDEX(second)];
            d_step {
                if
                :: head == first ->
                    head = WORD(INDEX(second), TAG(first) + STEP);
                    done = true;
                    assert(popped < linked);
                    wanted = order[popped];
                    popped++
                :: else -> done = false
                fi
            }
            if
            :: !done -> goto again
            :: else
            fi;
progress_popped:
#ifdef LATE_READ
            taken = value[INDEX(second)];
#endif
            assert(taken == wanted);

            /* return_node */
            side = 1 - taking;
            word = top[side];
            do
            :: true ->
                assert(INDEX(tail) != INDEX(first));
                value[INDEX(first)] = INDEX(word);
                d_step {
                    if
                    :: top[side] == word ->
                        top[side] = WORD(INDEX(first), TAG(word) + STEP); free_count++; done = true
                    :: else -> word = top[side]; done = false
                    fi
                }
                if
                :: done ->
progress_returned:  break
                :: else
                fi
            od;
            break;
again:      skip
        od;
        skip;
        d_step {
            first = 0; second = 0; third = 0; last = 0; word = 0; side = 0; taken = 0; wanted = 0; done = false
        }
    :: else -> break
    od
}

init {
    byte index, count;
    short word;

    atomic {
        index = 2;
        do
        :: index < NODES -> value[index] = index + 1; index++
        :: else -> break
        od;
        head = WORD(1, 0);
        tail = WORD(1, 0);
        free_count = NODES - 1;
        top[0] = WORD((NODES > 1 -> 2 : NONE), 0);
        index = 0;
        do
        :: index < PRODUCERS -> run producer(index); index++
        :: else -> break
        od;
        index = 0;
        do
        :: index < CONSUMERS -> run consumer(); index++
        :: else -> break
        od
    }

    /* All have ended: the remaining values are those linked and not popped, in order, and no node is missing. */
    _nr_pr == 1;
    atomic {
        count = 1;
        word = next[INDEX(head)];
        do
        :: INDEX(word) != NONE ->
            assert(value[INDEX(word)] == order[popped]);
            popped++;
            count++;
            word = next[INDEX(word)]
        :: else -> break
        od;
        assert(popped == linked);
        for (index : 0 .. 1) {
            word = top[index];
            do
            :: INDEX(word) != NONE -> count++; word = WORD(value[INDEX(word)], 0)
            :: else -> break
            od
        }
        assert(count == NODES)
    }
}
