#if Compression
    import Glibc
    import Synchronization

    /// Keeps the states of compressed answers for those that follow: at most one for each thread that may need one.
    ///
    /// Nobody waits: a thread looks through the places with one exchange each, beginning at one that is mostly its own.
    final class DeflaterPool: Sendable {
        private let level: Int
        private let places: [Place]
        private let outside = Atomic<Int>(0)

        /// Holds one state, or none.
        @safe
        private final class Place: Sendable {
            private let spare = unsafe Atomic<Unmanaged<Deflater>?>(nil)

            deinit { _ = exchange(nil) }

            /// Whoever takes a state out owns it. Acquire: pairs with the release of whoever put it in.
            func exchange(_ deflater: Deflater?) -> Deflater? {
                let new = unsafe deflater.map { unsafe Unmanaged.passRetained($0) }
                return unsafe spare.exchange(new, ordering: .acquiringAndReleasing)?.takeRetainedValue()
            }
        }

        init(level: Int) {
            self.level = level
            // Reactors and the threads of the pool, which are rarely all compressing.
            places = (0..<max(4, ServerConfiguration.availableProcessors * 2)).map { _ in Place() }
        }

        /// States that were taken and not given back.
        var countOutside: Int { outside.load(ordering: .relaxed) }

        /// A state that is ready for a stream.
        func take() -> Deflater {
            outside.add(1, ordering: .relaxed)
            for index in order {
                guard let deflater = places[index].exchange(nil) else { continue }
                deflater.reset()
                return deflater
            }
            return Deflater(level: level)
        }

        /// Keeps a state, or frees one if there are enough.
        func giveBack(_ deflater: Deflater) {
            outside.subtract(1, ordering: .relaxed)
            var extra: Deflater? = deflater
            for index in order {
                extra = places[index].exchange(extra)
                if extra == nil { return }
            }
        }

        /// All places, beginning with this thread's.
        private var order: some Sequence<Int> {
            let count = places.count
            let first = Int(UInt(pthread_self()) >> 12) % count
            return (first..<first + count).lazy.map { $0 % count }
        }
    }
#endif
