import HTTPCore
import Reactor

/// The rule: however bytes and sends are split, a connection sends the same responses, keeps its buffers within their
/// limits, and ends.
enum ConnectionOracle {
    static func finding(in input: [UInt8], isPlanted: Bool) -> String? {
        var input = FuzzInput(input)
        let configuration = configuration(input.byte())
        let lengths = input.lengths()
        let pace = input.lengths()
        let bytes = Array(input.rest)
        let whole = ConnectionPlay(configuration, pace: nil)
        whole.play([bytes])
        let pieces = ConnectionPlay(configuration, pace: pace)
        var start = 0
        pieces.play(
            FuzzInput.ends(of: bytes.count, lengths: lengths).map { end in
                defer { start = end }
                return isPlanted ? planted(bytes[start..<end]) : Array(bytes[start..<end])
            })
        if let problem = whole.problem ?? pieces.problem { return problem }
        // Whether 100 is sent depends on whether the body has arrived already, as it should.
        let (expected, actual) = (final(whole.output), final(pieces.output))
        if let start = pieces.lateResponseStart {
            let earlier = final(Array(pieces.output.prefix(start)))
            if actual == earlier + ConnectionPlay.lateResponse, expected.hasPrefix(earlier + "HTTP/1.1 400 ") {
                return nil
            }
        }
        return expected == actual || pieces.hasLeftBody && expected.hasPrefix(actual)
            ? nil : "pieces give \(actual.debugDescription), one gives \(expected.debugDescription)"
    }

    private static func configuration(_ selector: UInt8) -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        if selector & 1 == 1 { configuration.buffers.outputHighWaterByteCount = 40 }
        if selector & 2 == 2 {
            configuration.headLimits.maximumHeadByteCount = 120
            configuration.buffers.inputHighWaterByteCount = 120
        }
        if selector & 4 == 4 { configuration.buffers.streamHighWaterByteCount = 8 }
        if selector & 8 == 8 { configuration.buffers.maximumDiscardedByteCount = 10 }
        if selector & 16 == 16 { configuration.maximumRequestsPerConnection = 2 }
        return configuration
    }

    private static func final(_ output: [UInt8]) -> String {
        String(decoding: output, as: UTF8.self).replacing("HTTP/1.1 100 Continue\r\n\r\n", with: "")
    }

    /// The bug: a piece that begins with a line feed and the letter Q loses the line feed.
    private static func planted(_ piece: ArraySlice<UInt8>) -> [UInt8] {
        Array(piece.starts(with: [10, UInt8(ascii: "Q")]) ? piece.dropFirst() : piece)
    }
}
