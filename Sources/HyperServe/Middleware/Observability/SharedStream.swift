import Platform
import Reactor

/// A file, pipe, socket or terminal that several logs of this process may write to, at the same time or one after the
/// other.
final class SharedStream: Sendable {
    /// What tells one from another.
    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private struct Reference {
        weak var stream: SharedStream?
        /// The same, as long as it stands in the middle of a line: the next log may come when the last one is gone.
        var unfinished: SharedStream?
    }

    private struct State {
        var isTaken = false
        /// The writer of the line in whose middle the stream stands; it may be gone.
        var unfinishedBy: ObjectIdentifier?
    }

    /// Those that a log has looked at.
    private static let known = Locked<[Identity: Reference]>([:])
    /// How many are kept for the sake of an unfinished line. A program may use up streams one after the other.
    private static let maximumUnfinishedCount = 64

    private let identity: Identity
    private let state = Locked(State())

    private init(_ identity: Identity) { self.identity = identity }

    /// The one that these numbers, of `fstat`, stand for.
    static func of(device: UInt, inode: UInt) -> SharedStream {
        known.withLock { known in
            let identity = Identity(device: device, inode: inode)
            if let stream = known[identity]?.stream { return stream }
            // Those whose logs are gone don't add up.
            known = known.filter { $0.value.stream != nil }
            let stream = SharedStream(identity)
            known[identity] = Reference(stream: stream)
            return stream
        }
    }

    /// Keeps it while it stands in the middle of a line, or no longer.
    private func keep(_ isUnfinished: Bool) {
        Self.known.withLock { known in
            let others = known.filter { $0.value.unfinished != nil && $0.key != identity }.keys
            if isUnfinished, others.count >= Self.maximumUnfinishedCount, let other = others.first {
                known[other]?.unfinished = nil
            }
            known[identity]?.unfinished = isUnfinished ? self : nil
        }
    }

    /// A writer's turn, which lasts until what it writes is complete. Without a stream there is nothing to wait for,
    /// and nothing is known of others.
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

        /// Whether the stream stands in the middle of a line, of any writer or of this one. Only while the turn lasts.
        func isInLine(of writer: AnyObject? = nil) -> Bool {
            guard let stream else { return writer != nil }
            let unfinishedBy = stream.state.withLock { $0.unfinishedBy }
            return writer.map { unfinishedBy == ObjectIdentifier($0) } ?? (unfinishedBy != nil)
        }

        /// Notes how a write has left the stream.
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
