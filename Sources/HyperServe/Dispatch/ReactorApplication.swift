import HTTPCore
import Reactor
import Synchronization

/// The application of one reactor. It serves the newest route table, without waiting for a thread that replaces it.
///
/// Reclamation. A new table arrives with a dispatcher for this reactor, whose one reference travels through `pending`
/// by exchange: whoever takes it out owns it, and nobody reads through a pointer that another may take. The replacing
/// thread puts a reference in and releases the one that it gets back, which the reactor has not seen. The reactor takes
/// the reference out and releases the dispatcher that it had. So each side frees only what it owns, ARC frees the table
/// with the last dispatcher, and no epoch or hazard has to be announced. Requests that outlive the turn (whose body is
/// still to arrive, or that are in a task or on the pool) retain the dispatcher that they began with.
///
/// A request costs one relaxed load of a word that only a replacement writes: no read-modify-write, no shared cache
/// line, no loop. So the reactor is wait-free, and as far as this class goes, so is the replacing thread.
@safe
final class ReactorApplication: Application, @unchecked Sendable {
    // `@unchecked Sendable`: `dispatcher` belongs to the reactor's thread, `pending` is atomic.
    /// Owned. Unmanaged, since a strong reference would be counted in each call. Only `refresh` changes it, which is
    /// never called during a call of the dispatcher.
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

    /// Replaces the dispatcher for requests that begin later. Returns an earlier one that the reactor has not seen, for
    /// the caller to release. Any thread.
    func offer(_ dispatcher: Dispatcher) -> Dispatcher? {
        // Release: publishes the dispatcher to `refresh`. Acquire: what is released here was made by another thread.
        let unused = unsafe pending.exchange(.passRetained(dispatcher), ordering: .acquiringAndReleasing)
        return unsafe unused?.takeRetainedValue()
    }

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        refresh()
        return unsafe dispatcher._withUnsafeGuaranteedRef { $0.plan(for: head, bytes: bytes) }
    }

    /// Responds to the requests of this table, also if the body arrives after the table was replaced: the route's
    /// number is valid in this table only.
    var responder: any Application { unsafe dispatcher.takeUnretainedValue() }

    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome {
        unsafe dispatcher.takeUnretainedValue().respond(to: request, with: sender)
    }

    func bodyLimitName(_ tag: UInt8) -> StaticString {
        unsafe dispatcher._withUnsafeGuaranteedRef { $0.bodyLimitName(tag) }
    }

    func errorResponse(_ status: Status, detail: String, to head: RequestHead?, bytes: RawSpan) -> CompleteResponse {
        unsafe dispatcher._withUnsafeGuaranteedRef {
            $0.errorResponse(status, detail: detail, to: head, bytes: bytes)
        }
    }

    func routePattern(of head: RequestHead, bytes: RawSpan) -> String? {
        unsafe dispatcher._withUnsafeGuaranteedRef { $0.routePattern(of: head, bytes: bytes) }
    }

    func refresh() {
        // Relaxed: only a hint, which the exchange checks.
        guard unsafe pending.load(ordering: .relaxed) != nil else { return }
        // Acquire: pairs with the release in `offer`.
        guard let next = unsafe pending.exchange(nil, ordering: .acquiring) else { return }
        let last = unsafe dispatcher
        unsafe dispatcher = unsafe next
        unsafe last.release()
    }
}
