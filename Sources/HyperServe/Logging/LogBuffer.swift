import HTTPCore
import Platform
import Reactor
import Synchronization

/// Takes lines from threads that must not wait, and writes them on a thread of its own.
///
/// The lines collect in several buffers, a few for each processor. A thread always uses the same one, so its lines are
/// written in their order; those of different threads are not ordered. A thread waits, and lets others run meanwhile,
/// while another one holds its buffer: to append a line, to exchange the buffer for an empty one, or to count its lines
/// at a flush. Nothing holds one while it waits for the sink. All buffers share a number of blocks; a line for which
/// none is left is dropped and counted. The writer empties the buffers in turn, and is the only thread that waits for
/// the sink.
final class LogBuffer: Sendable {
    /// Takes complete lines, on the writer's thread, and returns how many of them are lost. It may block; while it
    /// waits for room, it calls `mayWait` from time to time and stops at false. It may report its progress to
    /// `written`.
    typealias Sink = @Sendable (_ lines: [UInt8], _ mayWait: () -> Bool, _ written: (_ lineCount: Int) -> Void) -> Int

    /// Number of bytes in a block, and of a line at most. There are as many blocks as buffers.
    static let blockByteCount = 64 * 1024
    /// How long lines collect before they are written, and in how many steps; shorter if a buffer has half a block.
    private static let collectionMicroseconds: UInt32 = 20_000
    private static let collectionSteps: UInt32 = 4

    private let buffers: [Shard]
    private let write: Sink
    /// Whether lines collect for a while before they are written.
    private let collects: Bool
    /// How long the writer may still wait for room after `close`.
    private let closeGrace: Duration
    private let wakeEvent = Semaphore()
    /// The wake event was signaled, and the writer has not begun to look for lines yet.
    private let isSignaled = Atomic<Bool>(false)
    /// A buffer has half a block of lines: the writer should not wait for more.
    private let isCrowded = Atomic<Bool>(false)
    /// Until when the writer may wait, once the log is closed; 0 before.
    private let closeDeadline = Atomic<Int64>(0)
    /// There is no writer, because its thread could not be started.
    private let hasNoWriter = Atomic<Bool>(false)
    private let dropped = Atomic<Int>(0)
    /// Number of blocks that no buffer has.
    private let freeBlocks: Atomic<Int>
    /// `Thread.currentNumber` of the writer, once it runs.
    private let writerNumber = Atomic<UInt>(0)
    /// Number of calls of `flush`, and how many of them are done.
    private let flushesRequested = Atomic<Int>(0)
    private let flushesDone = Atomic<Int>(0)
    /// Number of lines that the writer has taken and not written yet.
    private let linesInProgress = Atomic<Int>(0)

    /// A buffer of lines, used by one thread at a time.
    private final class Shard: @unchecked Sendable {
        // `@unchecked Sendable`: both belong to the thread that has set `isTaken`.
        var bytes = ByteBuffer()
        var blockCount = 0
        private let isTaken = Atomic<Bool>(false)

        /// Waits for the thread that has taken it, which no sink and no lock can hold up.
        func take() {
            // Acquire: pairs with the release in `giveBack`, so that the bytes of the last owner are seen.
            while isTaken.exchange(true, ordering: .acquiring) { Thread.yield() }
        }

        /// Release: pairs with the acquire in `take`.
        func giveBack() { isTaken.store(false, ordering: .releasing) }
    }

    init(closeGrace: Duration = .seconds(2), collects: Bool = true, write: @escaping Sink) {
        self.closeGrace = closeGrace
        self.write = write
        self.collects = collects
        // Reactors and the threads of the pool.
        buffers = (0..<max(16, ServerConfiguration.availableProcessors * 6)).map { _ in Shard() }
        freeBlocks = Atomic(buffers.count)
    }

    /// Number of lines that did not fit, or that the sink has lost.
    var droppedLineCount: Int { dropped.load(ordering: .relaxed) }

    /// Starts the writer's thread, which ends after `close`. Returns 0, or the errno of the failure, after which lines
    /// are dropped and counted.
    func start() -> Int32 {
        do throws(SystemError) {
            // Not joined: it ends after `close`.
            _ = try Thread(named: "hs-log") { self.serve() }
            return 0
        } catch {
            giveUp()
            return error.code
        }
    }

    /// Records that there is no writer.
    // Relaxed: publishes nothing else.
    func giveUp() { hasNoWriter.store(true, ordering: .relaxed) }

    /// Ends the writer after it has written all lines, or after `closeGrace` if there is no room for them.
    func close() {
        // Release: pairs with the acquire in `serve`, so that lines that were appended before are written.
        closeDeadline.store(Self.deadline(after: closeGrace), ordering: .releasing)
        wakeEvent.signal()
    }

    /// Appends a line that `write` writes, or drops it, which counts unless `isCounted` is false. Never waits for the
    /// sink. Returns false for a line that was dropped.
    @discardableResult
    func append(isCounted: Bool = true, _ write: (inout ByteBuffer) -> Void) -> Bool {
        let buffer = buffers[Int((Thread.currentNumber &* 0x9E37_79B9_7F4A_7C15) >> 40) % buffers.count]
        buffer.take()
        let start = buffer.bytes.count
        write(&buffer.bytes)
        // A line is at most a few times as long as a head, so the buffer exceeds its blocks only briefly.
        let end = buffer.bytes.count
        let hasRoom = end - start <= LogBuffer.blockByteCount && reserve(end, in: buffer)
        if !hasRoom { buffer.bytes.truncate(to: start) }
        buffer.giveBack()
        // Relaxed: a hint. The load avoids writing to the flag's cache line while it is set.
        if end > LogBuffer.blockByteCount / 2, !isCrowded.load(ordering: .relaxed) {
            isCrowded.store(true, ordering: .relaxed)
        }
        guard hasRoom else {
            if isCounted { dropped.add(1, ordering: .relaxed) }
            return false
        }
        // The load avoids writing to the flag's cache line while it is set. If the writer has taken this buffer before
        // the line was appended, it had cleared the flag before that, and the buffer's release and acquire make that
        // visible here.
        if !isSignaled.load(ordering: .relaxed), !isSignaled.exchange(true, ordering: .acquiringAndReleasing) {
            wakeEvent.signal()
        }
        return true
    }

    /// Takes as many free blocks as a buffer needs for `byteCount` bytes. Returns false, and takes none, if there are
    /// fewer.
    private func reserve(_ byteCount: Int, in buffer: Shard) -> Bool {
        let missing = (byteCount + Self.blockByteCount - 1) / Self.blockByteCount - buffer.blockCount
        guard missing > 0 else { return true }
        // Relaxed: a count, which publishes nothing else.
        guard freeBlocks.subtract(missing, ordering: .relaxed).newValue >= 0 else {
            freeBlocks.add(missing, ordering: .relaxed)
            return false
        }
        buffer.blockCount += missing
        return true
    }

    /// Makes the writer write all lines, and waits for that, for at most `duration`. Returns the number of lines that
    /// are not written then. On the writer's thread, which would wait for itself, it returns at once.
    func flush(within duration: Duration) -> Int {
        // Relaxed: the writer's thread sees what it has stored itself.
        if writerNumber.load(ordering: .relaxed) == Thread.currentNumber { return waitingLineCount }
        let deadline = Self.deadline(after: duration)
        // Release: pairs with the acquire in `serve`, which then finds the lines that were appended before.
        let number = flushesRequested.add(1, ordering: .releasing).newValue
        wakeEvent.signal()
        // Acquire: pairs with the release in `serve`, after what it has written.
        while flushesDone.load(ordering: .acquiring) < number {
            let isOver = ServerClock.system.nanoseconds >= deadline
            if isOver || hasNoWriter.load(ordering: .relaxed) { return waitingLineCount }
            Thread.sleep(microseconds: 500)
        }
        return 0
    }

    /// Number of lines in the buffers, and of those that are being written.
    private var waitingLineCount: Int {
        var count = linesInProgress.load(ordering: .relaxed)
        for buffer in buffers {
            buffer.take()
            count += unsafe LogFile.lineCount([UInt8](buffer.bytes.unsafeBytes)[...])
            buffer.giveBack()
        }
        return count
    }

    /// Writes all lines. `spare`, which is empty before and after, is exchanged for each buffer with lines.
    private func drain(_ spare: inout ByteBuffer) {
        for buffer in buffers {
            buffer.take()
            if !buffer.bytes.isEmpty { swap(&spare, &buffer.bytes) }
            freeBlocks.add(buffer.blockCount, ordering: .relaxed)
            buffer.blockCount = 0
            buffer.giveBack()
            guard !spare.isEmpty else { continue }
            let lines = unsafe [UInt8](spare.unsafeBytes)
            linesInProgress.store(LogFile.lineCount(lines[...]), ordering: .relaxed)
            // Relaxed, as for all counts.
            let lostLineCount = write(lines, mayWait) { linesInProgress.subtract($0, ordering: .relaxed) }
            dropped.add(lostLineCount, ordering: .relaxed)
            linesInProgress.store(0, ordering: .relaxed)
            // No buffer keeps the memory of many blocks.
            if spare.capacity > 2 * Self.blockByteCount { spare = ByteBuffer() } else { spare.removeAll() }
        }
    }

    private func mayWait() -> Bool {
        let deadline = closeDeadline.load(ordering: .relaxed)
        return deadline == 0 || ServerClock.system.nanoseconds < deadline
    }

    /// Waits while lines collect.
    private func collect() {
        for _ in 0..<Self.collectionSteps where !isCrowded.load(ordering: .relaxed) {
            Thread.sleep(microseconds: Self.collectionMicroseconds / Self.collectionSteps)
        }
    }

    private func serve() {
        writerNumber.store(Thread.currentNumber, ordering: .relaxed)
        // Reused, so that a batch needs no allocation.
        var spare = ByteBuffer()
        while true {
            wakeEvent.wait()
            let isLast = closeDeadline.load(ordering: .acquiring) != 0
            if collects, !isLast, flushesRequested.load(ordering: .relaxed) == flushesDone.load(ordering: .relaxed) {
                collect()
            }
            isCrowded.store(false, ordering: .relaxed)
            isSignaled.store(false, ordering: .releasing)
            let requested = flushesRequested.load(ordering: .acquiring)
            drain(&spare)
            flushesDone.store(requested, ordering: .releasing)
            if isLast { return }
        }
    }

    /// A time on the system's monotonic clock; never 0.
    private static func deadline(after duration: Duration) -> Int64 {
        max(1, ServerClock.system.nanoseconds + max(duration, .zero).nanoseconds)
    }
}
