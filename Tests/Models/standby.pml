/*
 * The protocol of Sources/ThreadPool/Scheduling/Standby.swift, with the loop of a worker and the call of the growth
 * monitor: producers queue and call for help, workers search, announce themselves, look again and sleep. Each access
 * to shared memory is one step; all interleavings are tried. Memory is sequentially consistent, which is what the
 * code asks for. Each worker's parking is one variable here: parking.pml checks how it works.
 *
 * The queues are a number of items. A job may never end (the worker is then out of the game), so that a call that
 * was lost is not made good by chance.
 *
 * Checked when nothing can happen any more: if an item is left, no worker sleeps or is taken for one that sleeps or
 * searches, and the monitor is awake: it will add a thread.
 *
 * Set by the command line: PRODUCERS, PUSHES (each), WORKERS, LIMIT (of searchers); RETIRING: so many workers may end.
 * Bugs on demand:
 * SILENT_CHECK      a worker that finds a job in its check as a sleeper does not look for more
 * SILENT_SEARCH     the last searcher that finds a job does not look for more
 * ONE_TRY           a waker whose sleeper had left does not try another one
 * LATE_ANNOUNCEMENT a worker announces itself after its check
 * LATE_END          a searcher is counted until it has announced itself and checked
 * NO_MONITOR_CALL   a producer that finds everyone busy does not call the monitor
 * NO_SECOND_LOOK    the monitor does not look at the queue after its announcement
 */

#define NONE 255

mtype = { awake, announced, woken };

byte items, searchers, retired;
mtype parking[WORKERS] = awake;
/* The hint for wakers, and whether the worker has looked in vain: for the referee. */
bool hint[WORKERS], asleep[WORKERS];
bool monitor_sleeps;

inline call_monitor() { d_step { monitor_sleeps = false } }

inline claim_sleeper() {
    d_step {
        sleeper = NONE;
        if
        :: hint[0] -> hint[0] = false; sleeper = 0
#if WORKERS > 1
        :: !hint[0] && hint[1] -> hint[1] = false; sleeper = 1
#endif
#if WORKERS > 2
        :: !hint[0] && !hint[1] && hint[2] -> hint[2] = false; sleeper = 2
#endif
        :: else
        fi
    }
}

inline has_sleepers() {
    d_step {
        some = hint[0];
#if WORKERS > 1
        some = some || hint[1];
#endif
#if WORKERS > 2
        some = some || hint[2];
#endif
    }
}

inline wake_one() {
    do
    :: has_sleepers();
        if
        :: !some -> helped = false; break
        :: else
        fi;
        d_step {
            if
            :: searchers == 0 -> searchers = 1; helped = false
            :: else -> helped = true
            fi
        }
        if
        :: helped -> break
        :: else
        fi;
        claim_sleeper();
        if
        :: sleeper != NONE ->
            d_step {
                if
                :: parking[sleeper] == announced -> parking[sleeper] = woken; helped = true
                :: else
                fi
            }
        :: else
        fi;
        if
        :: helped -> break
        :: else
        fi;
        searchers--
#ifdef ONE_TRY
        ;
        break
#endif
    od
}

inline call_for_help() {
    helped = searchers > 0;
    if
    :: !helped -> wake_one()
    :: else
    fi;
#ifndef NO_MONITOR_CALL
    if
    :: !helped -> call_monitor()
    :: else
    fi;
#endif
    skip;
    d_step { helped = false; some = false; sleeper = NONE }
}

proctype producer() {
    byte count, sleeper = NONE;
    bool helped, some;

    do
    :: count < PUSHES ->
        items++;
        count++;
        call_for_help()
    :: else -> break
    od
}

inline look() {
    d_step {
        if
        :: items > 0 -> items--; found = true
        :: else -> found = false
        fi
    }
}

inline end_searching() { d_step { assert(searchers > 0); searchers--; last = searchers == 0 } }

proctype worker(byte number) {
    byte sleeper = NONE;
    bool found, last, searching, helped, some;

    do
    :: if
        :: !searching ->
            look();
            if
            :: found -> goto job
            :: else
            fi;
            if
            :: searchers < LIMIT -> searchers++; searching = true
            :: else
            fi
        :: else
        fi;
        look();
        if
        :: found && searching ->
            end_searching();
#ifndef SILENT_SEARCH
            if
            :: last && items > 0 -> call_for_help()
            :: else
            fi;
#endif
            goto job
        :: found && !searching -> goto job
#ifndef LATE_END
        :: !found && searching -> end_searching()
        :: !found && !searching
#else
        :: else
#endif
        fi;
        /* rest */
#ifndef LATE_ANNOUNCEMENT
        parking[number] = announced;
        hint[number] = true;
#endif
        look();
#ifdef LATE_END
        if
        :: searching -> end_searching()
        :: else
        fi;
#endif
#ifdef LATE_ANNOUNCEMENT
        if
        :: !found -> parking[number] = announced; hint[number] = true
        :: else
        fi;
#endif
        searching = false;
        if
        :: found ->
            d_step { searching = parking[number] == woken; parking[number] = awake };
            hint[number] = false;
            if
            :: searching -> end_searching()
            :: else
            fi;
#ifndef SILENT_CHECK
            if
            :: items > 0 -> call_for_help()
            :: else
            fi;
#endif
            goto job
        :: else
        fi;
        asleep[number] = true;
end_asleep:
        if
        :: d_step { parking[number] == woken -> parking[number] = awake; asleep[number] = false };
            hint[number] = false;
            searching = true
#ifdef RETIRING
        :: d_step { parking[number] == announced && retired < RETIRING ->
                parking[number] = awake; asleep[number] = false; retired++ };
            hint[number] = false;
            break
#endif
        fi;
        goto again;
job:    skip;
        d_step { found = false; last = false; searching = false };
        if
        :: true
        :: true ->
end_busy:
            false
        fi;
again:  skip
    od
}

/* Sleeps unless something waits, then checks until nothing does. */
proctype monitor() {
    do
    :: monitor_sleeps = true;
#ifndef NO_SECOND_LOOK
        if
        :: items > 0 -> monitor_sleeps = false
        :: else
        fi;
#endif
end_asleep:
        !monitor_sleeps;
end_checking:
        items == 0
    od
}

/* Runs when no other process can: all sleep, or are busy for ever, or have ended. */
proctype referee() {
    byte number;
end_game:
    timeout;
    d_step {
        assert(searchers == 0);
        assert(items == 0 || !monitor_sleeps);
        number = 0;
        do
        :: number < WORKERS ->
            assert(items == 0 || (!asleep[number] && !hint[number]));
            number++
        :: else -> break
        od
    }
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
        run monitor();
        run referee()
    }
}
