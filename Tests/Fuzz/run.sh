#!/bin/sh
# Fuzzes all targets, or those named, for FUZZ_SECONDS in total (600). Failing inputs are written to
# .build-fuzz/findings. With `canary` first, plants each target's bug and fails unless it is found within
# FUZZ_CANARY_RUNS inputs; with `merge` first, minimizes the corpus together with the inputs of all runs.
set -eu
cd "$(dirname "$0")/../.."
build=.build-fuzz
fuzzer=$build/fuzz
task=fuzz
case ${1-} in canary | merge) task=$1; shift ;; esac
targets=${*:-head chunks routes responses connection json forms}

# Only compiled, since SwiftPM links test bundles with a main function of their own.
# Cross-module optimization crashes the compiler together with testable modules.
${BUILD-} swift build -c release --target FuzzTests --scratch-path $build \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer,address -Xswiftc -enable-testing -Xswiftc -disable-cmo
find -L $build/release -name '*.o' -path '*.build/*' >$build/objects
swiftc -sanitize=fuzzer,address -use-ld=lld @$build/objects -luring -o $fuzzer

# Heads and connections need long inputs; shorter ones suffice for the other targets.
length() {
    case $1 in head | connection) echo 1500 ;; *) echo 400 ;; esac
}

run() {
    target=$1
    shift
    SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target $fuzzer -max_len="$(length "$target")" \
        -timeout=20 -rss_limit_mb=1500 -dict=Tests/Fuzz/words.dict -artifact_prefix=$build/findings/"$target"- "$@"
}

mkdir -p $build/findings
status=0
for target in $targets; do
    kept=Tests/Fuzz/corpus/$target
    found=$build/corpus/$target
    mkdir -p "$found"
    log=$build/$target.log
    case $task in
    fuzz)
        count=$(echo "$targets" | wc -w)
        run "$target" -max_total_time=$((${FUZZ_SECONDS:-600} / count)) -print_final_stats=1 "$found" "$kept" \
            >"$log" 2>&1 || { status=1; tail -n 40 "$log"; }
        echo "$target: $(grep -E '^Done|number_of_executed' "$log" | tr '\n' ' ')"
        ;;
    canary)
        # A run stores its inputs in its first folder. Those that only the planted bug makes interesting are not kept.
        passing=$build/canary-corpus/$target
        rm -rf "$passing"
        mkdir -p "$passing"
        # The search starts without the kept corpus, which may contain an input that finds the bug.
        if FUZZ_PLANT=1 run "$target" -runs="${FUZZ_CANARY_RUNS:-2000000}" -seed=1 "$passing" \
            -exact_artifact_path=$build/canary >"$log" 2>&1 || ! grep -q 'Fatal error' "$log"; then
            echo "$target: the planted bug was not found"
            status=1
        else
            echo "$target: the planted bug was found after $(grep -oE '^#[0-9]+' "$log" | tail -n 1) inputs"
        fi
        ;;
    merge)
        least=$build/least/$target
        rm -rf "$least"
        mkdir -p "$least"
        run "$target" -merge=1 "$least" "$kept" "$found" >"$log" 2>&1
        rm -rf "$kept"
        cp -r "$least" "$kept"
        ;;
    esac
done
exit $status
