import HTTPCore
import Reactor
import Synchronization

/// What one reactor serves: always the newest table of routes, without waiting for whoever replaces it.
///
/// Reclamation. A new table comes as a dispatcher of the reactor's own, whose one reference travels through `pending`
/// by exchange: whoever takes it out owns it, and nobody reads through a pointer that another may take. The replacing
/// thread puts a reference in and releases the one that it gets back, which the reactor has not seen. The reactor takes
/// the reference out and lets go of the dispatcher that it had. So each side frees only what it owns, ARC frees the
/// table with the last dispatcher, and no epoch or hazard has to be announced. Requests that outlive the turn (with a
/// body to come, in a task or on the pool) hold the dispatcher that they began with.
///
/// A request costs one relaxed load of a word that only a replacement writes: no read-modify-write, no shared line, no
/// loop. So the reactor is wait-free; and so is the replacing thread, as far as this class goes.
@safe
final class ReactorApplication: Application, @unchecked Sendable {
    // `@unchecked Sendable`: `dispatcher` belongs to the reactor's thread, `pending` is atomic.
    /// Owned. Not a strong reference, which would be counted for each call: it changes in `refresh` only, which no call
    /// under way can bring about.
    private var dispatcher: Unmanaged<Dispatcher>
    private let pending = unsafe Atomic<Unmanaged<Dispatcher>?>(nil)

    init(_ dispatcher: Dispatcher) {
        unsafe self.dispatcher = .passRetained(dispatcher)
    }

    deinit {
        unsafe dispatcher.release()
        // Acquire: pairs with the release in `offer`.
        unsafe pending.exchange(nil, ordering: .acquiring)?.release()
    }

    /// Has requests from now on served by another dispatcher. Any thread.
    func offer(_ dispatcher: Dispatcher) {
        // Release: publishes the dispatcher to `refresh`. Acquire: what is released here was made by another thread.
        let missed = unsafe pending.exchange(.passRetained(dispatcher), ordering: .acquiringAndReleasing)
        unsafe missed?.release()
    }

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        refresh()
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.plan(for: head, bytes: bytes) }
    }

    /// The body may come after the table was replaced; the route's number means something in this one only.
    var responder: any Application { unsafe dispatcher.takeUnretainedValue() }

    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome {
        unsafe dispatcher.takeUnretainedValue().respond(to: request, with: sender)
    }

    func refresh() {
        // Relaxed: only a hint, which the exchange settles.
        guard unsafe pending.load(ordering: .relaxed) != nil else { return }
        // Acquire: pairs with the release in `offer`.
        guard let next = unsafe pending.exchange(nil, ordering: .acquiring) else { return }
        unsafe dispatcher.release()
        unsafe dispatcher = unsafe next
    }
}
