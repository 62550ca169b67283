import Platform
import Reactor

/// A file, pipe, socket or terminal that several logs of this process may write to, at the same time or in turn.
final class SharedStream: Sendable {
    private struct Reference {
        weak var stream: SharedStream?
        /// The same stream while it is in the middle of a line: the next log may be created after the last one is gone.
        var unfinished: SharedStream?
    }

    private struct State {
        var isTaken = false
        /// The writer of the unfinished line, if the stream is in the middle of one. It may be gone.
        var unfinishedBy: ObjectIdentifier?
    }

    /// The streams that logs use.
    private static let known = Locked<[OutputDescriptor.Identity: Reference]>([:])
    /// Maximum number of streams that are kept because of an unfinished line.
    private static let maximumUnfinishedCount = 64

    private let identity: OutputDescriptor.Identity
    private let state = Locked(State())

    private init(_ identity: OutputDescriptor.Identity) { self.identity = identity }

    /// Returns the stream of this identity.
    static func of(_ identity: OutputDescriptor.Identity) -> SharedStream {
        known.withLock { known in
            if let stream = known[identity]?.stream { return stream }
            // Remove those without logs.
            known = known.filter { $0.value.stream != nil }
            let stream = SharedStream(identity)
            known[identity] = Reference(stream: stream)
            return stream
        }
    }

    /// Retains the stream while it is in the middle of a line.
    private func keep(_ isUnfinished: Bool) {
        Self.known.withLock { known in
            let others = known.filter { $0.value.unfinished != nil && $0.key != identity }.keys
            if isUnfinished, others.count >= Self.maximumUnfinishedCount, let other = others.first {
                known[other]?.unfinished = nil
            }
            known[identity]?.unfinished = isUnfinished ? self : nil
        }
    }

    /// The turn of a writer, which lasts until it has written complete lines. Without a stream there is no need to
    /// wait, and other writers are unknown.
    struct Turn: ~Copyable {
        private let stream: SharedStream?
        private var isMine = false

        init(_ stream: SharedStream?) { self.stream = stream }

        /// Returns false while it is another writer's turn.
        mutating func begin() -> Bool {
            guard let stream, !isMine else { return true }
            isMine = stream.state.withLock { state in
                defer { state.isTaken = true }
                return !state.isTaken
            }
            return isMine
        }

        /// Whether the stream is in the middle of a line, of any writer or of this one. Only during the turn.
        func isInLine(of writer: AnyObject? = nil) -> Bool {
            guard let stream else { return writer != nil }
            let unfinishedBy = stream.state.withLock { $0.unfinishedBy }
            return writer.map { unfinishedBy == ObjectIdentifier($0) } ?? (unfinishedBy != nil)
        }

        /// Records whether a write has ended its line.
        func didWrite(by writer: AnyObject, endsLine: Bool) {
            guard let stream else { return }
            let hasChanged = stream.state.withLock { state in
                defer { state.unfinishedBy = endsLine ? nil : ObjectIdentifier(writer) }
                return (state.unfinishedBy == nil) != endsLine
            }
            if hasChanged { stream.keep(!endsLine) }
        }

        mutating func end() {
            guard isMine else { return }
            isMine = false
            stream?.state.withLock { $0.isTaken = false }
        }
    }
}
