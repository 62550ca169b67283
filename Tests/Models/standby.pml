/*
 * The protocol of Sources/ThreadPool/Scheduling/Standby.swift, with the loop of a worker and the call of the monitor:
 * producers queue and call for help, workers search, announce themselves, look again and sleep. Each access to shared
 * memory is one step; all interleavings are tried. Memory is sequentially consistent, which is what the code asks for.
 * Each worker's parking is one variable here: parking.pml checks how it works.
 *
 * With EXTRA, also that of Scheduler+Waiting.swift: a job may wait, for ever or for a while, and the monitor starts a
 * thread that takes over the worker of one that waits.
 *
 * The queues are a number of items. A job may never end (the worker is then out of the game), so that a call that
 * was lost is not made good by chance.
 *
 * Checked when nothing can happen any more: if an item is left, no worker sleeps or is taken for one that sleeps or
 * searches, the monitor is awake: it will add a thread, and no worker waits whose place could be taken over.
 *
 * Set by the command line: PRODUCERS, PUSHES (each), WORKERS, LIMIT (of searchers); RETIRING: so many workers may end.
 * EXTRA: so many workers may be taken over.
 * Bugs on demand:
 * SILENT_CHECK      a worker that finds a job in its check as a sleeper does not look for more
 * SILENT_SEARCH     the last searcher that finds a job does not look for more
 * ONE_TRY           a waker whose sleeper had left does not try another one
 * LATE_ANNOUNCEMENT a worker announces itself after its check
 * LATE_END          a searcher is counted until it has announced itself and checked
 * NO_MONITOR_CALL   a producer that finds everyone busy does not call the monitor
 * NO_SECOND_LOOK    the monitor does not look at the queue after its announcement
 * SILENT_WAIT       a worker that begins to wait does not look for jobs that need its place
 * DEAF_PAUSE        a call does not end the pause of the monitor
 * BLIND_PAUSE       the monitor does not look for a worker that waits after it has announced its pause
 * LATE_COUNT        a worker that begins to wait is counted after it has looked
 */

#define NONE 255

mtype = { awake, announced, woken };

byte items, searchers, retired;
mtype parking[WORKERS] = awake;
/* The hint for wakers, and whether the worker has looked in vain: for the referee. */
bool hint[WORKERS], asleep[WORKERS];
bool monitor_sleeps;

#ifdef EXTRA
/* The thread that waits and has the worker, 0 for none; and how many there are. */
byte wait_of[WORKERS], waiting, taken_over, started;
bool monitor_pauses;

inline can_hand_off() { can = waiting > 0 && taken_over < EXTRA }

inline needs_hand_off() {
    can_hand_off();
    can = can && searchers == 0;
    if
    :: can -> has_sleepers(); can = !some
    :: else
    fi;
    can = can && items > 0;
    some = false
}

inline call_monitor() {
    if
    :: d_step { monitor_sleeps -> monitor_sleeps = false }
    :: else ->
        can_hand_off();
        if
#ifndef DEAF_PAUSE
        :: can -> monitor_pauses = false
#endif
        :: else
        fi
    fi;
    can = false
}
#else
inline call_monitor() { d_step { monitor_sleeps = false } }
#endif

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
    bool helped, some, can;

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

proctype worker(byte number; bool searching) {
    byte sleeper = NONE, mine;
    bool found, last, helped, some, can;

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
#ifdef EXTRA
        :: true ->
#ifndef LATE_COUNT
            waiting++;
#endif
            d_step { mine = _pid; wait_of[number] = mine };
#ifndef SILENT_WAIT
            needs_hand_off();
            if
            :: can -> call_monitor()
            :: else
            fi;
#endif
#ifdef LATE_COUNT
            waiting++;
#endif
            if
            :: true
            :: true ->
end_waiting:
                wait_of[number] != mine
            fi;
            if
            :: d_step { wait_of[number] == mine -> wait_of[number] = 0; waiting--; mine = 0 }
            :: else -> break
            fi
#endif
        fi;
again:  skip
    od
}

#ifdef EXTRA
/* A thread that the monitor starts, which counts as searching from then on. It takes over the worker of one that waits,
 * if one still does. If not, it ends; here it becomes the next thread that is started. */
proctype taker() {
    byte number, sleeper = NONE;
    bool last, helped, some, can;

end_idle:
    do
    :: d_step { started > 0 -> started--; number = 0 };
        do
        :: number < WORKERS ->
            if
            :: d_step { wait_of[number] != 0 -> wait_of[number] = 0; waiting--; taken_over++ };
                run worker(number, true);
                goto gone
            :: else -> number++
            fi
        :: else -> break
        od;
        end_searching();
        if
        :: last && items > 0 -> call_for_help()
        :: else
        fi;
        last = false
    od;
gone: skip
}
#endif

/* Sleeps unless something waits, then checks until nothing does. */
proctype monitor() {
    bool some, can;

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
#ifdef EXTRA
        do
        :: needs_hand_off();
            if
            :: can -> searchers++; started++
            :: else
            fi;
            monitor_pauses = true;
#ifndef BLIND_PAUSE
            needs_hand_off();
            if
            :: can -> monitor_pauses = false
            :: else
            fi;
#endif
            can = false;
end_pausing:
            if
            :: !monitor_pauses
            :: items == 0 -> monitor_pauses = false; break
            fi
        od
#else
end_checking:
        items == 0
#endif
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
#ifdef EXTRA
        assert(items == 0 || waiting == 0 || taken_over == EXTRA);
#endif
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
        :: index < WORKERS -> run worker(index, false); index++
        :: else -> break
        od;
#ifdef EXTRA
        index = 0;
        do
        :: index < EXTRA -> run taker(); index++
        :: else -> break
        od;
#endif
        run monitor();
        run referee()
    }
}
