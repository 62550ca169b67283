import Platform
import Reactor

/// A pipe, socket or terminal that several logs of this process may write to.
final class SharedStream: Sendable {
    /// What tells one from another.
    private struct Identity: Hashable {
        let device: UInt
        let inode: UInt
    }

    private struct Reference {
        weak var stream: SharedStream?
    }

    /// Those that a log has looked at.
    private static let known = Locked<[Identity: Reference]>([:])

    private let isTaken = Locked(false)

    /// The one that these numbers, of `fstat`, stand for.
    static func of(device: UInt, inode: UInt) -> SharedStream {
        known.withLock { known in
            let identity = Identity(device: device, inode: inode)
            if let stream = known[identity]?.stream { return stream }
            // Those whose logs are gone don't add up.
            known = known.filter { $0.value.stream != nil }
            let stream = SharedStream()
            known[identity] = Reference(stream: stream)
            return stream
        }
    }

    /// A writer's turn, which lasts until what it writes is complete. Without a stream there is nothing to wait for.
    struct Turn: ~Copyable {
        private let stream: SharedStream?
        private var isMine = false

        init(_ stream: SharedStream?) { self.stream = stream }

        /// Returns false while it is another writer's turn.
        mutating func begin() -> Bool {
            guard let stream, !isMine else { return true }
            isMine = stream.isTaken.withLock { isTaken in
                defer { isTaken = true }
                return !isTaken
            }
            return isMine
        }

        mutating func end() {
            guard isMine else { return }
            isMine = false
            stream?.isTaken.withLock { $0 = false }
        }
    }
}
