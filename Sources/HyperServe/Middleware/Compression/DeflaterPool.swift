#if Compression
    import Platform
    import Synchronization

    /// Keeps unused deflaters for later responses: at most one for each thread that may need one.
    ///
    /// No thread waits: each looks through the slots with one exchange per slot, beginning with its own one in most
    /// cases.
    final class DeflaterPool: Sendable {
        private let level: Int
        private let slots: [Slot]
        private let inUse = Atomic<Int>(0)

        /// Holds one deflater, or none.
        @safe
        private final class Slot: Sendable {
            private let spare = unsafe Atomic<Unmanaged<Deflater>?>(nil)

            deinit { _ = exchange(nil) }

            /// The thread that takes a deflater owns it. Acquire: pairs with the release of the thread that stored it.
            func exchange(_ deflater: Deflater?) -> Deflater? {
                let new = unsafe deflater.map { unsafe Unmanaged.passRetained($0) }
                return unsafe spare.exchange(new, ordering: .acquiringAndReleasing)?.takeRetainedValue()
            }
        }

        init(level: Int) {
            self.level = level
            // For reactors and the threads of the pool, which rarely compress all at once.
            slots = (0..<max(4, ServerConfiguration.availableProcessors * 2)).map { _ in Slot() }
        }

        /// Number of deflaters that were taken and not given back.
        var countInUse: Int { inUse.load(ordering: .relaxed) }

        /// Takes a deflater that is ready for a stream, or creates one.
        func take() -> Deflater {
            inUse.add(1, ordering: .relaxed)
            for index in order {
                guard let deflater = slots[index].exchange(nil) else { continue }
                deflater.reset()
                return deflater
            }
            return Deflater(level: level)
        }

        /// Keeps a deflater, or frees one if all slots are full.
        func giveBack(_ deflater: Deflater) {
            inUse.subtract(1, ordering: .relaxed)
            var extra: Deflater? = deflater
            for index in order {
                extra = slots[index].exchange(extra)
                if extra == nil { return }
            }
        }

        /// The indices of all slots, beginning with this thread's.
        private var order: some Sequence<Int> {
            let count = slots.count
            let first = Int(Thread.currentNumber >> 12) % count
            return (first..<first + count).lazy.map { $0 % count }
        }
    }
#endif
