/*
 * The protocol of CSupport/CLockFree/include/hs_parking.h: producers push and wake, workers announce, look again and
 * sleep. Each access to shared memory, and each action of the kernel, is one step; all interleavings are tried.
 * Memory is sequentially consistent, which is what the protocol's SC accesses ask for; NO_FENCE shows what happens
 * without.
 *
 * The queue is a number of items. A job may never end (the worker is then out of the game), so that a wake-up that
 * went to the wrong thread is not made good by chance.
 *
 * Checked when nothing can happen any more: there is no work while a worker sleeps, and no wake-up is left over.
 * Checked at each step: sleepers and wake-ups are together the announced workers.
 *
 * Set by the command line: PRODUCERS, PUSHES (each), WORKERS; TIMEOUTS: so many waits may end by themselves.
 * Bugs on demand:
 * BLIND_SLEEP       the kernel does not look at the wake-ups before it puts the thread to sleep
 * NO_SECOND_LOOK    no look at the queue after the announcement
 * LATE_ANNOUNCEMENT the announcement comes after the second look
 * WAKE_FIRST        the producer wakes before it raises the number
 * NO_FENCE          the producer's look at the sleepers overtakes its push
 * CANCEL_TAKES      a worker that found work uses up a wake-up although another one sleeps
 * CANCEL_IN_TWO_STEPS  it looks whether another one sleeps, and uses up the wake-up later
 */

byte items, sleepers, wakeups;
/* In the kernel: the threads that sleep on the futex. */
bool asleep[WORKERS];

/* For the assertions. */
byte announced, busy, timeouts;

inline futex_wake() {
    /* The kernel wakes any one of the threads that sleep, and holds its lock. */
    atomic {
        if
        :: asleep[0] -> asleep[0] = false
#if WORKERS > 1
        :: asleep[1] -> asleep[1] = false
#endif
#if WORKERS > 2
        :: asleep[2] -> asleep[2] = false
#endif
        :: else
        fi
    }
}

/*
 * Each is one successful compare-and-swap, or the load that shows that there is nothing to swap; attempts that fail
 * change nothing.
 */

inline use_wakeup() {
    d_step {
        if
        :: wakeups > 0 -> wakeups--; announced--; left = true
        :: else
        fi
    }
}

inline leave_sleepers() {
    d_step {
        if
        :: sleepers > 0 -> sleepers--; announced--; left = true
        :: else
        fi
    }
}

inline leave_sleepers_or_use_wakeup() {
    d_step {
        if
        :: sleepers > 0 -> sleepers--
        :: else -> assert(wakeups > 0); wakeups--
        fi;
        announced--;
        left = true
    }
}

inline use_wakeup_or_leave_sleepers() {
    d_step {
        if
        :: wakeups > 0 -> wakeups--
        :: else -> assert(sleepers > 0); sleepers--
        fi;
        announced--;
        left = true
    }
}

inline cancel() {
#ifdef CANCEL_TAKES
    use_wakeup_or_leave_sleepers()
#else
#ifdef CANCEL_IN_TWO_STEPS
    do
    :: leave_sleepers();
        if
        :: left -> break
        :: else
        fi;
        use_wakeup();
        if
        :: left -> break
        :: else
        fi
    od
#else
    leave_sleepers_or_use_wakeup()
#endif
#endif
}

proctype producer() {
    byte count;
    bool woke, some;

    do
    :: count < PUSHES ->
        count++;
#ifdef NO_FENCE
        some = sleepers > 0;
        items++;
#else
        items++;
        some = sleepers > 0;
#endif
        if
        :: some ->
#ifdef WAKE_FIRST
            futex_wake();
#endif
            d_step {
                if
                :: sleepers > 0 -> sleepers--; wakeups++; woke = true
                :: else -> woke = false
                fi
            }
#ifndef WAKE_FIRST
            if
            :: woke -> futex_wake()
            :: else
            fi
#endif
        :: else
        fi;
        woke = false;
        some = false
    :: else -> break
    od
}

/* Takes an item, if there is one. The job ends at once, or never. */
inline look() {
    d_step {
        if
        :: items > 0 -> items--; found = true
        :: else -> found = false
        fi
    }
}

inline work() {
    if
    :: true
    :: true ->
        busy++;
end_busy:
        false
    fi
}

inline announce() {
    d_step { sleepers++; announced++ }
}

proctype worker(byte number) {
    bool found, left;

    do
    :: true ->
        look();
        if
        :: found -> goto job
        :: else
        fi;
#ifndef LATE_ANNOUNCEMENT
        announce();
#endif
#ifndef NO_SECOND_LOOK
        look();
        if
        :: found ->
#ifndef LATE_ANNOUNCEMENT
            cancel();
#endif
            goto job
        :: else
        fi;
#endif
#ifdef LATE_ANNOUNCEMENT
        announce();
#endif
        /* wait */
        do
        :: use_wakeup();
            if
            :: left -> break
            :: else
            fi;
            /* The kernel compares and puts to sleep in one step: it holds its lock. */
            d_step {
                if
#ifdef BLIND_SLEEP
                :: true -> asleep[number] = true
#else
                :: wakeups == 0 -> asleep[number] = true
                :: else
#endif
                fi
            }
end_asleep:
            if
            :: !asleep[number]
#ifdef TIMEOUTS
            :: atomic { asleep[number] && timeouts < TIMEOUTS -> timeouts++; asleep[number] = false };
                use_wakeup_or_leave_sleepers();
                break
#endif
            fi
        od;
        goto again;
job:    found = false;
        work();
again:  left = false
    od
}

/* Runs when no other process can: all sleep, or are busy for ever, or have ended. */
proctype referee() {
    byte number;
end_game:
    timeout;
    d_step {
        number = 0;
        do
        :: number < WORKERS -> assert(!asleep[number] || items == 0); number++
        :: else -> break
        od;
        assert(items == 0 || busy == WORKERS);
        assert(wakeups == 0)
    }
}

proctype bookkeeper() {
end_books:
    do
    :: d_step { sleepers + wakeups != announced -> assert(false) }
    od
}

init {
    byte index;
    atomic {
        index = 0;
        do
        :: index < PRODUCERS -> run producer(); index++
        :: else -> break
        od;
        index = 0;
        do
        :: index < WORKERS -> run worker(index); index++
        :: else -> break
        od;
        run referee();
        run bookkeeper()
    }
}
