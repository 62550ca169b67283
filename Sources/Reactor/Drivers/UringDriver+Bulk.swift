import CHyperURing
import Glibc

extension UringDriver {
    /// Larger than those of all others. A turn asks for one; the rest are for receives that waited in the kernel.
    static let bulkBufferByteCount = UInt32(BulkQueue.receiveByteCount)
    static let bulkBufferCount: UInt32 = 8
    static let bulkBufferGroup: UInt16 = 1
    /// Tells their identifiers, of 16 bits, from those of the other group.
    static let bulkBufferFlag: Int32 = 1 << 16

    mutating func receiveBulk(_ token: Token, descriptor: Int32) {
        bulk.receive(token, descriptor: descriptor)
    }

    /// Queues as many of the bulk operations as the turn may have.
    mutating func queueBulk() {
        bulk.beginTurn()
        while let operation = bulk.take() {
            let entry = unsafe nextEntry()
            if let bytes = unsafe operation.bytes {
                unsafe io_uring_prep_send(
                    entry, operation.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                unsafe label(entry, operation.token, .send)
            } else {
                unsafe io_uring_prep_recv(entry, operation.descriptor, nil, 0, 0)
                unsafe selectBuffer(entry, group: UringDriver.bulkBufferGroup)
                unsafe label(entry, operation.token, .bulkReceive)
            }
        }
    }
}
