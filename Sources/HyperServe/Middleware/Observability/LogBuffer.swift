import Glibc
import HTTPCore
import Platform
import Reactor
import Synchronization

/// Takes lines from threads that must not wait, and writes them on a thread of its own.
///
/// The lines gather in several buffers. Who has a line takes the first buffer that nobody else is using, by one
/// exchange and without ever waiting: with more buffers than threads there is one. What finds no room is dropped and
/// counted. The writer empties the buffers one after the other, and is the only one that waits for whoever takes the
/// lines.
final class LogBuffer: Sendable {
    /// Takes whole lines, on the writer's thread, and returns how many of them are lost. It may block; while it waits
    /// for room it asks `mayWait` from time to time whether to go on, and it may say with `written` how far it is.
    typealias Sink = @Sendable (_ lines: [UInt8], _ mayWait: () -> Bool, _ written: (_ lineCount: Int) -> Void) -> Int

    /// Bytes that a buffer holds at most.
    static let bufferByteCount = 64 * 1024
    /// How long lines gather before they are written, in so many steps; less if a buffer is half full by then.
    private static let gatherMicroseconds: UInt32 = 20_000
    private static let gatherSteps: UInt32 = 4

    private let buffers: [Shard]
    private let write: Sink
    /// How long the writer goes on waiting for room after `close`.
    private let closeGrace: Duration
    private let bell = Semaphore()
    /// The bell was rung, and the writer has not begun to look yet.
    private let isRung = Atomic<Bool>(false)
    /// A buffer is half full: the writer should not wait for more.
    private let isCrowded = Atomic<Bool>(false)
    /// Until when the writer may wait, once the log is closed; 0 before.
    private let closeDeadline = Atomic<Int64>(0)
    /// There is no writer, since no thread was to be had.
    private let hasNoWriter = Atomic<Bool>(false)
    private let dropped = Atomic<Int>(0)
    /// Calls of `flush`, and how many of them are done.
    private let flushesAsked = Atomic<Int>(0)
    private let flushesDone = Atomic<Int>(0)
    /// Lines that the writer has taken and not written yet.
    private let linesUnderWay = Atomic<Int>(0)

    /// Lines of whichever thread was there first.
    private final class Shard: @unchecked Sendable {
        // `@unchecked Sendable`: `bytes` belongs to whoever has set `isTaken`.
        var bytes = ByteBuffer()
        private let isTaken = Atomic<Bool>(false)

        /// Acquire: pairs with the release in `giveBack`, so that the bytes of the last owner are seen.
        func take() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }

        func giveBack() { isTaken.store(false, ordering: .releasing) }
    }

    init(closeGrace: Duration = .seconds(2), write: @escaping Sink) {
        self.closeGrace = closeGrace
        self.write = write
        // Reactors and the threads of the pool.
        buffers = (0..<max(16, ServerConfiguration.availableProcessors * 6)).map { _ in Shard() }
    }

    /// Lines that found no room, or that whoever takes them has lost.
    var droppedLineCount: Int { dropped.load(ordering: .relaxed) }

    /// Starts the thread that writes, and that ends after `close`. Returns 0, or the errno of the failure; then lines
    /// are dropped and counted.
    func start() -> Int32 {
        do throws(SystemError) {
            // Ends after `close`; nobody waits for it.
            _ = try Thread(named: "hs-log") { self.serve() }
            return 0
        } catch {
            giveUp()
            return error.code
        }
    }

    /// Nobody will write.
    // Relaxed: nothing else is read by what it says.
    func giveUp() { hasNoWriter.store(true, ordering: .relaxed) }

    /// The writer ends, after it has written what is there, or soon if that finds no room.
    func close() {
        // Release: pairs with the acquire in `serve`, so that lines that were there before are written.
        closeDeadline.store(Self.deadline(after: closeGrace), ordering: .releasing)
        bell.signal()
    }

    /// Appends what `write` does, or drops it; never waits.
    func append(_ write: (inout ByteBuffer) -> Void) {
        let start = Int(UInt(pthread_self()) >> 12) % buffers.count
        for step in 0..<buffers.count {
            let buffer = buffers[(start + step) % buffers.count]
            guard buffer.take() else { continue }
            let start = buffer.bytes.count
            write(&buffer.bytes)
            // A line is at most some times as long as a head, so this much more is borrowed for a moment.
            let end = buffer.bytes.count
            let hasRoom = end <= LogBuffer.bufferByteCount
            if !hasRoom { buffer.bytes.truncate(to: start) }
            buffer.giveBack()
            // Relaxed: a hint. The load spares the line of the flag while it is set.
            if end > LogBuffer.bufferByteCount / 2, !isCrowded.load(ordering: .relaxed) {
                isCrowded.store(true, ordering: .relaxed)
            }
            // The next buffer may have room, unless the line is too long for any.
            if !hasRoom, start > 0 { continue }
            if !hasRoom { break }
            // The load spares the line of the flag while it is set. When the writer has taken this buffer before the
            // line was there, it had cleared the flag before that, and the buffer's release and acquire show it.
            if !isRung.load(ordering: .relaxed), !isRung.exchange(true, ordering: .acquiringAndReleasing) {
                bell.signal()
            }
            return
        }
        dropped.add(1, ordering: .relaxed)
    }

    /// Has the writer write what is there, and waits for that, for `duration` at most. Returns how many lines were not
    /// written by then.
    func flush(within duration: Duration) -> Int {
        let deadline = Self.deadline(after: duration)
        // Release: pairs with the acquire in `serve`, which then finds the lines that are there now.
        let number = flushesAsked.add(1, ordering: .releasing).newValue
        bell.signal()
        // Acquire: pairs with the release in `serve`, after what it has written.
        while flushesDone.load(ordering: .acquiring) < number {
            let isOver = ServerClock.system.nanoseconds >= deadline
            if isOver || hasNoWriter.load(ordering: .relaxed) { return waitingLineCount }
            usleep(500)
        }
        return 0
    }

    /// Lines in the buffers, and those that are being written.
    private var waitingLineCount: Int {
        var count = linesUnderWay.load(ordering: .relaxed)
        for buffer in buffers {
            // Held for the length of a copy at most.
            while !buffer.take() { sched_yield() }
            count += unsafe LogFile.lineCount([UInt8](buffer.bytes.unsafeBytes)[...])
            buffer.giveBack()
        }
        return count
    }

    /// Writes what is there. Exchanges the memory of `spare`, which is empty before and after, for that of the lines it
    /// takes.
    private func drain(_ spare: inout ByteBuffer) {
        for buffer in buffers {
            // Held for the length of a copy at most.
            while !buffer.take() { sched_yield() }
            if !buffer.bytes.isEmpty { swap(&spare, &buffer.bytes) }
            buffer.giveBack()
            guard !spare.isEmpty else { continue }
            let lines = unsafe [UInt8](spare.unsafeBytes)
            linesUnderWay.store(LogFile.lineCount(lines[...]), ordering: .relaxed)
            // Relaxed, as for all that is only counted.
            let lostLineCount = write(lines, mayWait) { linesUnderWay.subtract($0, ordering: .relaxed) }
            dropped.add(lostLineCount, ordering: .relaxed)
            linesUnderWay.store(0, ordering: .relaxed)
            spare.removeAll()
        }
    }

    private func mayWait() -> Bool {
        let deadline = closeDeadline.load(ordering: .relaxed)
        return deadline == 0 || ServerClock.system.nanoseconds < deadline
    }

    /// Lets lines gather.
    private func gather() {
        for _ in 0..<Self.gatherSteps where !isCrowded.load(ordering: .relaxed) {
            usleep(Self.gatherMicroseconds / Self.gatherSteps)
        }
    }

    private func serve() {
        // The writer's own, so that it need not get memory for each batch.
        var spare = ByteBuffer()
        while true {
            bell.wait()
            let isLast = closeDeadline.load(ordering: .acquiring) != 0
            if !isLast, flushesAsked.load(ordering: .relaxed) == flushesDone.load(ordering: .relaxed) {
                gather()
            }
            isCrowded.store(false, ordering: .relaxed)
            isRung.store(false, ordering: .releasing)
            let asked = flushesAsked.load(ordering: .acquiring)
            drain(&spare)
            flushesDone.store(asked, ordering: .releasing)
            if isLast { return }
        }
    }

    /// A time on the system's clock that nobody sets; never 0.
    private static func deadline(after duration: Duration) -> Int64 {
        max(1, ServerClock.system.nanoseconds + max(duration, .zero).nanoseconds)
    }
}
