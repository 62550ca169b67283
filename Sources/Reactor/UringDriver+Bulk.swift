import CHyperURing
import Glibc

// Large sends, and receives from connections that bring more than their share. They wait behind everything else, and
// a turn has few of them, so that nobody waits long whose answer is ready.
extension UringDriver {
    @safe
    struct BulkOperation {
        let token: Token
        let descriptor: Int32
        /// What to send, which the reactor keeps in place until the completion; nil to receive into one buffer.
        let bytes: UnsafeRawBufferPointer?
    }

    /// A turn has bulk operations until they move this many bytes, about a millisecond of the kernel's time.
    private static let bulkByteCountPerTurn = 256 * 1024
    static let bulkSendByteCount = 64 * 1024
    /// Larger than those of all others: who sends much is received from with few operations. As many as a turn has,
    /// and as many again for those that waited in the kernel.
    static let bulkBufferByteCount: UInt32 = 32 * 1024
    static let bulkBufferCount: UInt32 = 16
    static let bulkBufferGroup: UInt16 = 1
    /// Tells their identifiers, of 16 bits, from those of the other group.
    static let bulkBufferFlag: Int32 = 1 << 16

    mutating func receiveBulk(_ token: Token, descriptor: Int32) {
        bulk.append(unsafe BulkOperation(token: token, descriptor: descriptor, bytes: nil))
    }

    /// Queues as many of the bulk operations as the turn may have.
    mutating func queueBulk() {
        var room = UringDriver.bulkByteCountPerTurn
        while bulkTaken < bulk.count, room > 0 {
            let operation = bulk[bulkTaken]
            let entry = unsafe nextEntry()
            if let bytes = unsafe operation.bytes {
                unsafe io_uring_prep_send(
                    entry, operation.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                unsafe label(entry, operation.token, .send)
                unsafe room -= bytes.count
            } else {
                unsafe io_uring_prep_recv(entry, operation.descriptor, nil, 0, 0)
                unsafe selectBuffer(entry, group: UringDriver.bulkBufferGroup)
                unsafe label(entry, operation.token, .bulkReceive)
                room -= Int(UringDriver.bulkBufferByteCount)
            }
            bulkTaken += 1
        }
        // Half of it at once, so that each operation is moved once at most.
        guard bulkTaken * 2 >= bulk.count else { return }
        bulk.removeFirst(bulkTaken)
        bulkTaken = 0
    }
}
