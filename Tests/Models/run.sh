#!/bin/sh
# Checks the models in this folder exhaustively for small numbers, and checks that each planted bug is found.
# Needs `spin` (Debian: apt install spin) and a C compiler (cc, or $CC); installs nothing and leaves no files.
# Takes about five minutes, and up to 4 GiB of memory for one model at a time.
set -u

cc=${CC:-cc}
for tool in spin "$cc"; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "Checking the models needs '$tool', which is not installed (Debian: apt install spin gcc)." >&2
        exit 69
    fi
done

models=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 1
failures=0

# check WANTED KIND MODEL DEFINITIONS: WANTED is "holds" or "refuted"; KIND is "states" (assertions in all states, no
# deadlock) or "progress" (and no cycle without progress).
check() {
    wanted=$1 kind=$2 model=$3
    shift 3
    rm -f pan*
    case $kind in
    states) compile="-DSAFETY" run="" ;;
    progress) compile="-DNP" run="-l" ;;
    esac
    if ! spin -a "$@" "$models/$model.pml" >translation 2>&1; then
        cat translation >&2
        exit 1
    fi
    # COLLAPSE compresses states without loss: the search stays exhaustive.
    if ! "$cc" -O2 -w -DCOLLAPSE -DMEMLIM=4000 $compile -o pan pan.c >compilation 2>&1; then
        cat compilation >&2
        exit 1
    fi
    ./pan -m1000000 -w25 $run >report 2>&1
    found=$(sed -n 's/.*errors: *\([0-9]*\).*/\1/p' report)
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' report)
    memory=$(sed -n 's/^ *\([0-9.]*\)[^0-9].*total actual memory usage.*/\1/p' report)
    seconds=$(sed -n 's/^pan: elapsed time \([0-9.e+-]*\) seconds.*/\1/p' report)
    if [ "${found:-}" = 0 ] && ! grep -qE 'max search depth too small|Search not completed|out of memory' report; then
        verdict=holds
    elif [ "${found:-0}" != 0 ]; then
        verdict=refuted
    else
        verdict=unfinished
    fi
    printf '%-10s %-8s %-8s %10s states %6s MiB %6s s  %s\n' \
        "$verdict" "$model" "$kind" "${states:-?}" "${memory:-?}" "${seconds:-?}" "$*"
    if [ "$verdict" != "$wanted" ]; then
        echo "  wanted: $wanted" >&2
        sed -n '/violated/p;/error/p' report >&2
        failures=$((failures + 1))
    fi
}

echo "The queue:"
check holds states queue -DPRODUCERS=2 -DPUSHES=2 -DCONSUMERS=2 -DPOPS=2 -DNODES=2
check holds states queue -DPRODUCERS=3 -DPUSHES=1 -DCONSUMERS=1 -DPOPS=3 -DNODES=3
check holds states queue -DPRODUCERS=1 -DPUSHES=3 -DCONSUMERS=3 -DPOPS=1 -DNODES=3
check holds states queue -DPRODUCERS=1 -DPUSHES=4 -DCONSUMERS=2 -DPOPS=3 -DNODES=3
check holds progress queue -DPRODUCERS=2 -DPUSHES=1 -DCONSUMERS=2 -DPOPS=1 -DNODES=3
check holds progress queue -DPRODUCERS=2 -DPUSHES=2 -DCONSUMERS=1 -DPOPS=2 -DNODES=2
check holds progress queue -DPRODUCERS=1 -DPUSHES=3 -DCONSUMERS=2 -DPOPS=2 -DNODES=3
check refuted states queue -DPRODUCERS=2 -DPUSHES=1 -DCONSUMERS=2 -DPOPS=2 -DNODES=2 -DTAGLESS
check refuted states queue -DPRODUCERS=1 -DPUSHES=4 -DCONSUMERS=2 -DPOPS=2 -DNODES=3 -DLATE_READ
check refuted states queue -DPRODUCERS=2 -DPUSHES=1 -DCONSUMERS=1 -DPOPS=2 -DNODES=3 -DLAGGING_TAIL
check refuted progress queue -DPRODUCERS=2 -DPUSHES=1 -DCONSUMERS=1 -DPOPS=1 -DNODES=3 -DNO_HELP

echo "The parking:"
check holds states parking -DPRODUCERS=2 -DPUSHES=2 -DWORKERS=2
check holds states parking -DPRODUCERS=2 -DPUSHES=3 -DWORKERS=3
check holds states parking -DPRODUCERS=3 -DPUSHES=1 -DWORKERS=3
check holds states parking -DPRODUCERS=2 -DPUSHES=2 -DWORKERS=3 -DTIMEOUTS=2
for bug in BLIND_SLEEP NO_SECOND_LOOK LATE_ANNOUNCEMENT WAKE_FIRST NO_FENCE CANCEL_TAKES CANCEL_IN_TWO_STEPS; do
    check refuted states parking -DPRODUCERS=2 -DPUSHES=2 -DWORKERS=2 "-D$bug"
done

echo "The standby:"
check holds states standby -DPRODUCERS=1 -DPUSHES=3 -DWORKERS=2 -DLIMIT=1 -DRETIRING=1
check holds states standby -DPRODUCERS=2 -DPUSHES=1 -DWORKERS=2 -DLIMIT=1
check holds states standby -DPRODUCERS=1 -DPUSHES=1 -DWORKERS=3 -DLIMIT=1
check holds states standby -DPRODUCERS=1 -DPUSHES=2 -DWORKERS=2 -DLIMIT=2 -DRETIRING=1
for bug in SILENT_CHECK SILENT_SEARCH ONE_TRY LATE_ANNOUNCEMENT LATE_END NO_MONITOR_CALL NO_SECOND_LOOK; do
    check refuted states standby -DPRODUCERS=2 -DPUSHES=2 -DWORKERS=2 -DLIMIT=1 "-D$bug"
done
check holds states standby -DPRODUCERS=1 -DPUSHES=2 -DWORKERS=1 -DLIMIT=1 -DEXTRA=2
check holds states standby -DPRODUCERS=2 -DPUSHES=1 -DWORKERS=1 -DLIMIT=1 -DEXTRA=1
for bug in SILENT_WAIT DEAF_PAUSE BLIND_PAUSE LATE_COUNT; do
    check refuted states standby -DPRODUCERS=1 -DPUSHES=2 -DWORKERS=1 -DLIMIT=1 -DEXTRA=2 "-D$bug"
done

if [ "$failures" -ne 0 ]; then
    echo "$failures checks failed." >&2
    exit 1
fi
echo "All models hold, and every planted bug was found."
