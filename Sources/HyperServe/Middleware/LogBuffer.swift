import Glibc
import HTTP1
import Reactor
import Synchronization
import ThreadPool

/// Takes lines from threads that must not wait, and writes them on a thread of its own.
///
/// The lines gather in several buffers. Who has a line takes the first buffer that nobody else is using, by one
/// exchange and without ever waiting: with more buffers than threads there is one. What finds no room is dropped and
/// counted. The writer empties the buffers one after the other, and is the only one that waits.
final class LogBuffer: Sendable {
    /// Bytes that a buffer holds at most.
    static let bufferByteCount = 64 * 1024
    /// How long lines gather before they are written.
    private static let gatherMicroseconds: UInt32 = 20_000

    private let buffers: [Shard]
    private let write: @Sendable ([UInt8]) -> Void
    /// Whose turn it is to write.
    private let writer = Mutex(())
    private let bell = Semaphore()
    /// The bell was rung, and the writer has not begun to look yet.
    private let isRung = Atomic<Bool>(false)
    private let isClosing = Atomic<Bool>(false)
    private let dropped = Atomic<Int>(0)

    /// Lines of whichever thread was there first.
    private final class Shard: @unchecked Sendable {
        // `@unchecked Sendable`: `bytes` belongs to whoever has set `isTaken`.
        var bytes = ByteBuffer()
        private let isTaken = Atomic<Bool>(false)

        /// Acquire: pairs with the release in `giveBack`, so that the bytes of the last owner are seen.
        func take() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }

        func giveBack() { isTaken.store(false, ordering: .releasing) }
    }

    /// - Parameter write: called with whole lines, by one thread at a time. It may block.
    init(write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
        // Reactors and the threads of the pool.
        buffers = (0..<max(16, ServerConfiguration.availableProcessors * 6)).map { _ in Shard() }
    }

    /// Lines that found no room.
    var droppedLineCount: Int { dropped.load(ordering: .relaxed) }

    /// Starts the thread that writes, and that ends after `close`. Returns 0, or the errno of the failure.
    func start() -> Int32 {
        Thread.start(named: "hs-log", on: nil) { self.serve() }
    }

    /// The writer ends, after it has written what is there.
    func close() {
        isClosing.store(true, ordering: .releasing)
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
            let hasRoom = buffer.bytes.count <= LogBuffer.bufferByteCount
            if !hasRoom { buffer.bytes.truncate(to: start) }
            buffer.giveBack()
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

    /// Writes what is there; waits for that.
    func flush() {
        var spare = ByteBuffer()
        flush(&spare)
    }

    /// Exchanges the memory of `spare`, which is empty before and after, for that of the lines it takes.
    private func flush(_ spare: inout ByteBuffer) {
        writer.withLock { _ in
            for buffer in buffers {
                // Held for the length of a copy at most.
                while !buffer.take() { sched_yield() }
                if !buffer.bytes.isEmpty { swap(&spare, &buffer.bytes) }
                buffer.giveBack()
                guard !spare.isEmpty else { continue }
                write(unsafe [UInt8](spare.unsafeBytes))
                spare.removeAll()
            }
        }
    }

    private func serve() {
        // The writer's own, so that it need not get memory for each batch.
        var spare = ByteBuffer()
        while true {
            bell.wait()
            let isLast = isClosing.load(ordering: .acquiring)
            if !isLast { usleep(LogBuffer.gatherMicroseconds) }
            isRung.store(false, ordering: .releasing)
            flush(&spare)
            if isLast { return }
        }
    }
}
