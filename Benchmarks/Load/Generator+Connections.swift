import CEpoll
import Glibc

// Connections: opened, watched, read from, and opened again when they break.
extension Generator {
    /// Starts to connect; an event reports the result.
    mutating func open(_ index: Int) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return }
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        guard address.connect(descriptor) == 0 || errno == EINPROGRESS else {
            Glibc.close(descriptor)
            return
        }
        connections[index].descriptor = descriptor
        connections[index].state = .connecting
        var event = epoll_event(events: EPOLLOUT.rawValue, data: epoll_data_t(u64: UInt64(index)))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    /// Replaces a broken connection.
    mutating func reopen(_ index: Int) {
        Glibc.close(connections[index].descriptor)
        connections[index].descriptor = -1
        connections[index].state = .down
        open(index)
    }

    /// Sets the events to wait for on a connection.
    func watch(_ index: Int, for events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: UInt64(index)))
        epoll_ctl(epoll, EPOLL_CTL_MOD, connections[index].descriptor, &event)
    }

    mutating func handle(_ events: UInt32, _ index: Int) {
        switch connections[index].state {
        case .down: break
        case .connecting: finishConnecting(index)
        case .idle: closeIdle(index)
        case .busy:
            if events & EPOLLOUT.rawValue != 0 { send(index) }
            if events & ~EPOLLOUT.rawValue != 0 { receive(index) }
        }
    }

    private mutating func finishConnecting(_ index: Int) {
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(connections[index].descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0 else {
            // Tried again at the next tick, not at once: the server may be overwhelmed.
            Glibc.close(connections[index].descriptor)
            connections[index].descriptor = -1
            connections[index].state = .down
            return
        }
        watch(index, for: EPOLLIN.rawValue)
        connections[index].state = .idle
        idle.append(index)
    }

    /// Replaces an idle connection on which the server sent something or which it closed, as it may.
    private mutating func closeIdle(_ index: Int) {
        idle.remove(index)
        reopen(index)
    }

    private mutating func receive(_ index: Int) {
        // Sending may have failed just before.
        guard case .busy(let number, _) = connections[index].state else { return }
        let count = recv(connections[index].descriptor, receiveBuffer.baseAddress, receiveBuffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        let bytes = UnsafeRawBufferPointer(rebasing: receiveBuffer[..<max(0, count)])
        let progress = count > 0 ? connections[index].reader.read(bytes) : .malformed
        switch progress {
        case .needsMore: break
        case .complete(let status):
            end(number, .response(status: status), nanoseconds: monotonicNanoseconds())
            if connections[index].reader.closes { return reopen(index) }
            connections[index].state = .idle
            idle.append(index)
        case .malformed:
            end(number, .failure, nanoseconds: monotonicNanoseconds())
            reopen(index)
        }
    }
}
