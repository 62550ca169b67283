// The same measurements as PoolBench's, of what a Go program would use instead of a pool: worker goroutines that
// receive closures from a channel. PoolBench runs it once for each measurement; it prints one line of figures.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	workers  = 4
	shards   = 64
	slots    = 131072
	capacity = 65536
	depth    = 15
)

// counter counts finished jobs; each worker has one on cache lines of its own.
type counter struct {
	value atomic.Uint64
	_     [120]byte
}

type job func(worker int)

type measurement struct {
	spinRounds, burst, window, sampling, producers int
	start                                          time.Time
	length                                         time.Duration
	jobs                                           chan job
	finished                                       [workers]counter
	submitted                                      [shards]counter
	times                                          [slots]int64
	used                                           [shards]int
	end                                            atomic.Int64
}

var base = time.Now()

func now() int64 { return int64(time.Since(base)) }

func spin(rounds int) uint64 {
	state := uint64(88172645463325252)
	for round := 0; round < rounds; round++ {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
	}
	return state
}

// sink keeps the compiler from leaving the loop out.
var sink [workers * 16]uint64

func calibrate() int {
	const rounds = 1000000
	best := int64(1 << 62)
	for run := 0; run < 20; run++ {
		start := now()
		sink[0] = spin(rounds)
		if taken := now() - start; taken < best {
			best = taken
		}
	}
	return int(rounds * 1000 / best)
}

func (m *measurement) work(worker int) {
	for job := range m.jobs {
		job(worker)
		m.finished[worker].value.Add(1)
	}
}

func (m *measurement) underWay() int64 {
	total := int64(0)
	for index := range m.submitted {
		total += int64(m.submitted[index].value.Load())
	}
	for index := range m.finished {
		total -= int64(m.finished[index].value.Load())
	}
	return total
}

func (m *measurement) markEnd() {
	moment := now()
	for {
		end := m.end.Load()
		if end >= moment || m.end.CompareAndSwap(end, moment) {
			return
		}
	}
}

// submit sends one job; index is its number among the producer's.
func (m *measurement) submit(producer, index int, isMarker bool) {
	share := slots / m.producers
	slot := -1
	if index%m.sampling == 0 && m.used[producer] < share {
		slot = producer*share + m.used[producer]
		m.used[producer]++
		m.times[slot] = now()
	}
	m.jobs <- func(worker int) {
		if slot >= 0 {
			m.times[slot] = now() - m.times[slot]
		}
		if m.spinRounds > 0 {
			sink[worker*16] = spin(m.spinRounds)
		}
		if isMarker {
			m.markEnd()
		}
	}
}

func (m *measurement) fork(level, number int) job {
	return func(worker int) {
		if level > 0 {
			m.jobs <- m.fork(level-1, number*2)
			m.jobs <- m.fork(level-1, number*2+1)
		} else if number%64 == 0 {
			m.markEnd()
		}
	}
}

func (m *measurement) isOver() bool { return time.Since(m.start) >= m.length }

func (m *measurement) waitForJobs() {
	for m.underWay() > 0 {
		time.Sleep(50 * time.Microsecond)
	}
}

// bursts returns the time from the producers' start to the last job's end, summed over all bursts.
func (m *measurement) bursts() (busy int64) {
	indices := make([]int, m.producers)
	for {
		start := now()
		var group sync.WaitGroup
		for producer := 0; producer < m.producers; producer++ {
			group.Add(1)
			go func(producer int) {
				share := m.burst / m.producers
				for index := 0; index < share; index++ {
					m.submit(producer, indices[producer], index >= share-4)
					indices[producer]++
				}
				m.submitted[producer].value.Add(uint64(share))
				group.Done()
			}(producer)
		}
		group.Wait()
		m.waitForJobs()
		busy += m.end.Load() - start
		if m.isOver() {
			return busy
		}
		time.Sleep(time.Millisecond)
	}
}

func (m *measurement) steady() int64 {
	start := now()
	var group sync.WaitGroup
	for producer := 0; producer < m.producers; producer++ {
		group.Add(1)
		go func(producer int) {
			for index := 0; !m.isOver(); {
				for count := 0; count < 16; count++ {
					m.submit(producer, index, count == 0)
					index++
				}
				m.submitted[producer].value.Add(16)
				for m.underWay() > int64(m.window) {
					time.Sleep(100 * time.Microsecond)
				}
			}
			group.Done()
		}(producer)
	}
	group.Wait()
	m.waitForJobs()
	return m.end.Load() - start
}

func (m *measurement) lone() int64 {
	start := now()
	for index := 0; !m.isOver(); index++ {
		m.submit(0, index, true)
		m.submitted[0].value.Add(1)
		time.Sleep(200 * time.Microsecond)
	}
	m.waitForJobs()
	return m.end.Load() - start
}

func (m *measurement) trees() (busy int64) {
	for !m.isOver() {
		start := now()
		m.jobs <- m.fork(depth, 0)
		m.submitted[0].value.Add(1<<(depth+1) - 1)
		m.waitForJobs()
		busy += m.end.Load() - start
	}
	return busy
}

func processorTime() int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func (m *measurement) waits() []int64 {
	var waits []int64
	share := slots / m.producers
	for producer := 0; producer < m.producers; producer++ {
		waits = append(waits, m.times[producer*share:producer*share+m.used[producer]]...)
	}
	sort.Slice(waits, func(a, b int) bool { return waits[a] < waits[b] })
	return waits
}

func quantile(waits []int64, share float64) int64 {
	if len(waits) == 0 {
		return -1
	}
	index := int(float64(len(waits)) * share)
	if index >= len(waits) {
		index = len(waits) - 1
	}
	return waits[index]
}

func main() {
	m := &measurement{}
	mode := flag.String("mode", "", "burst, steady, fork, lone, idle or calibrate")
	milliseconds := flag.Int("milliseconds", 100, "about how long to measure")
	flag.IntVar(&m.producers, "producers", 1, "goroutines that submit")
	flag.IntVar(&m.spinRounds, "spin", 0, "rounds that each job spins")
	flag.IntVar(&m.burst, "burst", 0, "jobs in a burst")
	flag.IntVar(&m.window, "window", 0, "jobs under way before producers wait")
	flag.IntVar(&m.sampling, "sampling", 1, "one of so many jobs has its wait measured")
	flag.Parse()
	if *mode == "calibrate" {
		fmt.Println(calibrate())
		return
	}

	m.jobs = make(chan job, capacity)
	for worker := 0; worker < workers; worker++ {
		go m.work(worker)
	}
	// The same warm-up as the others have.
	for index := 0; index < 4000; index++ {
		m.jobs <- func(int) {}
	}
	m.submitted[0].value.Add(4000)
	m.waitForJobs()
	runtime.GC()
	if *mode == "idle" {
		time.Sleep(100 * time.Millisecond)
	}

	m.length = time.Duration(*milliseconds) * time.Millisecond
	m.start = time.Now()
	used := processorTime()
	var busy int64
	switch *mode {
	case "burst":
		busy = m.bursts()
	case "steady":
		busy = m.steady()
	case "lone":
		busy = m.lone()
	case "fork":
		busy = m.trees()
	case "idle":
		time.Sleep(m.length)
		busy = int64(m.length)
	}
	used = processorTime() - used
	total := -int64(4000)
	for index := range m.finished {
		total += int64(m.finished[index].value.Load())
	}
	waits := m.waits()
	fmt.Println(total, busy, used, quantile(waits, 0.5), quantile(waits, 0.99), quantile(waits, 0.999))
}
