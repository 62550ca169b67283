import HTTP1
import Testing

@testable import Reactor

@Suite("After the reactor's end")
struct RetirementTests {
    @Test("a handler's last words keep nobody alive, and it learns that nobody listens")
    func lateMessages() throws {
        weak var left: Exchange?
        do {
            let mailbox = try ReactorMailbox()
            mailbox.retire()
            let exchange = Exchange(ticket: Ticket(token: .none, mailbox: mailbox), isBlocking: true)
            #expect(throws: StreamError.disconnected) { try exchange.waitForChunk() }
            exchange.finish(ByteBuffer(), keepsAlive: true)
            #expect(exchange.isOver)
            left = exchange
        }
        #expect(left == nil)
    }
}
