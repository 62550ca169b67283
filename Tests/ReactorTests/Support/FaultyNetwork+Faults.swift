import Glibc
import TestSupport

@testable import Reactor

// The events of a turn on a connection, and their faults.
extension FaultyNetwork {
    func acceptSome() {
        while isAccepting, acceptedCount < clients.count, random.next() % 4 != 0 {
            let failures = [EMFILE, ENFILE, ECONNABORTED, EINTR, ENOBUFS]
            if let failure = planned?.take(.accept) {
                isAccepting = false
                return turn.append(failed(.accept, .none, failure))
            }
            if isHit("accept fails") {
                isAccepting = false
                return turn.append(failed(.accept, .none, failures.randomElement(using: &random)!))
            }
            // The final completion of a multishot accept may be a connection.
            let isFinal = isHit("accept ends with a connection")
            if isFinal { isAccepting = false }
            clients[acceptedCount].token = Token.none
            turn.append(
                Completion(.accept, token: .none, result: descriptor(of: acceptedCount), isFinal: isFinal))
            acceptedCount += 1
        }
    }

    func sendSome(_ index: Int) {
        guard let token = clients[index].token, let bytes = unsafe clients[index].pendingSend, random.next() % 4 != 0
        else { return }
        unsafe clients[index].pendingSend = nil
        let kind = clients[index].isSendQuiet ? Operation.Kind.quietSend : .send
        if clients[index].isShutDown || clients[index].isBroken {
            return turn.append(failed(kind, token, EPIPE))
        }
        if let failure = planned?.take(.send) {
            clients[index].isBroken = planned?.breaks ?? false
            return turn.append(failed(kind, token, failure))
        }
        if isHit("send is interrupted") {
            return turn.append(failed(kind, token, [EINTR, EAGAIN].randomElement(using: &random)!))
        }
        if isHit("send fails") {
            clients[index].isBroken = true
            return turn.append(
                failed(kind, token, [ECONNRESET, EPIPE, ENOBUFS, ETIMEDOUT].randomElement(using: &random)!))
        }
        let isShort = planned?.takeShort() ?? false
        let isWhole = kind == .quietSend && random.next() % 2 == 0
        let sentCount =
            isShort || isHit("send of a byte")
            ? 1 : isWhole ? bytes.count : Int.random(in: 1...bytes.count, using: &random)
        // Valid until this completion is returned, as the driver requires.
        unsafe clients[index].received.append(contentsOf: bytes[..<sentCount])
        if kind == .quietSend {
            count("a quiet send is \(sentCount == bytes.count ? "whole" : "short")")
            if sentCount == bytes.count { return }
        }
        turn.append(Completion(kind, token: token, result: Int32(sentCount), isFinal: true))
    }

    func receiveSome(_ index: Int) {
        guard let token = clients[index].token, random.next() % 4 != 0 else { return }
        guard clients[index].isReceiving else { return losePeer(index, token) }
        if clients[index].isShutDown { return endReceive(index, 0) }
        if clients[index].isBroken { return endReceive(index, ECONNRESET) }
        if clients[index].isStoppingReceive, random.next() % 2 == 0 { return endReceive(index, ECANCELED) }
        if let failure = planned?.take(.receive) {
            clients[index].isBroken = planned?.breaks ?? false
            return endReceive(index, failure)
        }
        if isHit("receive is interrupted") {
            return endReceive(index, [EINTR, EAGAIN, ENOBUFS].randomElement(using: &random)!)
        }
        if isHit("receive fails") {
            clients[index].isBroken = true
            return endReceive(index, [ECONNRESET, EPIPE, ETIMEDOUT].randomElement(using: &random)!)
        }
        let rest = clients[index].script.count - clients[index].sentCount
        guard rest > 0 else { return endReceive(index, 0) }
        guard buffersInUse < Self.bufferCount else {
            count("buffers are exhausted")
            return endReceive(index, ENOBUFS)
        }
        let byteCount = Int.random(in: 1...min(rest, Self.bufferByteCount), using: &random)
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
        let start = clients[index].sentCount
        unsafe bytes.copyBytes(from: clients[index].script[start..<start + byteCount])
        clients[index].sentCount += byteCount
        buffersInUse += 1
        let isFinal = isHit("receive ends with bytes") || clients[index].receivesOnce
        if isFinal { noteEnd(index) }
        // The memory is valid until `release`.
        unsafe turn.append(
            Completion(received: token, isFinal: isFinal, bytes: UnsafeRawBufferPointer(bytes), bufferID: 0))
        if isHit("a stale completion") {
            let stale = Token(slot: token.slot, generation: token.generation &- 1)
            turn.append(failed([.send, .receive].randomElement(using: &random)!, stale, ECONNRESET))
        }
    }

    /// Reports a lost peer of a connection that does not receive, as epoll does.
    private func losePeer(_ index: Int, _ token: Token) {
        // The token is known once something was received.
        guard clients[index].sentCount > 0, !clients[index].isBroken, isHit("a peer is lost without a receive") else {
            return
        }
        clients[index].isBroken = true
        turn.append(failed(.receive, token, ECONNRESET))
    }

    func endReceive(_ index: Int, _ failure: Int32) {
        guard let token = clients[index].token else { return }
        noteEnd(index)
        turn.append(failed(.receive, token, failure))
    }

    func noteEnd(_ index: Int) {
        clients[index].isReceiving = false
        clients[index].isStoppingReceive = false
    }
}
