import Platform
import Reactor

/// A descriptor that lines are written to: a file, a pipe, a socket or a terminal. It is owned by the application, and
/// may be blocking or not.
///
/// Its readers get complete lines: a line of which a part was written is completed before anything else is written; if
/// that is impossible, the next writer ends it with a line break. Writing raises no signal. Lines that can't be written
/// are counted.
final class LogFile: @unchecked Sendable {
    // `@unchecked Sendable`: only the thread of one `LogBuffer` writes.

    /// How long to wait for room before checking whether to go on.
    private static let waitMilliseconds: Int32 = 20

    private let descriptor: OutputDescriptor
    private let report: @Sendable (String) -> Void
    /// The rest of a line of which a part was written. Valid as long as nothing else was written to the same stream.
    private var rest: [UInt8] = []
    /// The error that was reported last.
    private var reportedFailure: SystemError?

    /// - Parameter report: called when writing fails, and again only when the reason changes.
    init(descriptor: Int32, report: @escaping @Sendable (String) -> Void) {
        self.descriptor = OutputDescriptor(descriptor)
        self.report = report
    }

    /// Writes complete lines, and waits for room while `mayWait` allows it. Returns how many lines were lost.
    ///
    /// - Parameter written: called with a number of lines that were written completely.
    func write(_ lines: [UInt8], mayWait: () -> Bool, written: (Int) -> Void = { _ in }) -> Int {
        var batch = Batch(bytes: rest.isEmpty ? lines : rest + lines, restByteCount: rest.count)
        rest = []
        let failure = OutputDescriptor.withoutSignals { writeAll(&batch, mayWait, written) }
        if let failure {
            if failure != reportedFailure {
                reportedFailure = failure
                report("the access log can't be written, lines are dropped: \(failure)")
            }
            // Otherwise the reader of the line's beginning has gone, and the rest is not needed.
            if batch.isInLine, !failure.isBrokenPipe { rest = batch.takeRest() }
        }
        return batch.lostLineCount + Self.lineCount(batch.bytes[batch.offset...])
    }

    /// The bytes of one call of `write`: complete lines, which may follow the rest of an earlier one.
    private struct Batch {
        let bytes: [UInt8]
        /// Size of that rest, if nothing was written yet.
        var restByteCount: Int
        /// Number of bytes that were written or lost.
        var offset = 0
        var lostLineCount = 0

        /// The bytes to write next: all of them, or as many complete lines as a pipe takes in one piece, or a part of a
        /// longer line.
        func piece(isWhole: Bool) -> ArraySlice<UInt8> {
            let limit = isWhole ? bytes.count : min(offset + OutputDescriptor.atomicByteCount, bytes.count)
            let last = bytes[offset..<limit].lastIndex(of: UInt8(ascii: "\n"))
            return bytes[offset..<(isWhole ? limit : last.map { $0 + 1 } ?? limit)]
        }

        /// Whether the next byte continues a line.
        var isInLine: Bool { offset == 0 ? restByteCount > 0 : bytes[offset - 1] != UInt8(ascii: "\n") }

        /// Drops the rest, because something else was written to the stream.
        mutating func loseRest() {
            offset = restByteCount
            restByteCount = 0
            lostLineCount = 1
        }

        mutating func takeRest() -> [UInt8] {
            let start = offset
            offset = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            return Array(bytes[start..<offset])
        }
    }

    /// Writes a line to standard error, unless that has no room: a report must not delay the log.
    static func writeToStandardError(_ text: String) {
        let line = Array("\(LogLine.safe(text))\n".utf8)
        let descriptor = OutputDescriptor.standardError
        guard descriptor.hasRoom(milliseconds: 0) else { return }
        OutputDescriptor.withoutSignals {
            // A failure can't be reported anywhere else.
            guard case .failed(let error) = descriptor.write(line[...], as: .other) else { return nil }
            return error
        }
    }

    static func lineCount(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }

    /// Writes the rest of the batch, until it may not wait any longer. Returns the error that ended it.
    private func writeAll(_ batch: inout Batch, _ mayWait: () -> Bool, _ written: (Int) -> Void) -> SystemError? {
        // For each batch, since the descriptor may refer to another file by now.
        let (kind, identity) = descriptor.inspect()
        // Other logs may write to the same pipe or socket: a line is written in one turn, however many writes it takes.
        var turn = SharedStream.Turn(identity.map(SharedStream.of))
        defer { turn.end() }
        while batch.offset < batch.bytes.count {
            guard turn.begin() else {
                guard mayWait() else { return nil }
                Thread.sleep(microseconds: 1000)
                continue
            }
            if kind == .other, !descriptor.hasRoom(milliseconds: Self.waitMilliseconds) {
                guard mayWait() else { return nil }
                continue
            }
            if batch.offset == 0, batch.restByteCount > 0, !turn.isInLine(of: self) { batch.loseRest() }
            // Another writer has left the stream in the middle of a line.
            let isBroken = !batch.isInLine && turn.isInLine()
            let piece = isBroken ? [UInt8(ascii: "\n")] : batch.piece(isWhole: kind == .file)
            switch descriptor.write(piece, as: kind) {
            case .written(let count):
                if !isBroken {
                    written(Self.lineCount(piece.prefix(count)))
                    batch.offset += count
                }
                turn.didWrite(by: self, endsLine: !batch.isInLine)
                if !batch.isInLine { turn.end() }
            case .full:
                guard mayWait() else { return nil }
                _ = descriptor.hasRoom(milliseconds: Self.waitMilliseconds)
            case .failed(let error):
                return error
            }
        }
        return nil
    }
}
