import HTTPCore
import Testing

@Suite("A status")
struct StatusTests {
    @Test("has a code between 200 and 599; any other number is none, and nothing traps")
    func range() {
        for code in [Int.min, -404, -200, 0, 99, 100, 101, 199, 600, 999, 1000, 65_736, .max] {
            #expect(Status(code) == nil, "\(code)")
        }
        for code in 200...599 { #expect(Status(code)?.code == UInt16(code)) }
        #expect(Status(999) == nil && Status(404) == .notFound)
        #expect(Status(UInt8.max) != nil && Status(UInt64.max) == nil && Status(Int8.min) == nil)
    }

    @Test("reads as its code, and is read from three digits only")
    func text() {
        for code in 200...599 {
            let status = Status(code)
            #expect(status.flatMap { Status($0.description) } == status)
        }
        #expect("\(Status.notFound)" == "404")
        let hostile = [
            "", "4", "40", "0404", "404 ", " 404", "+404", "-404", "4.4", "404\0", "\u{664}\u{660}\u{664}", "abc",
            "199",
            "600", "999", "100", "404 Not Found", String(repeating: "4", count: 100_000),
        ]
        for text in hostile { #expect(Status(text) == nil, "\(text.prefix(20))") }
    }

    @Test("has a name if it is registered as that of a final response")
    func names() {
        let unnamed: Set<UInt16> = [305, 306, 418, 510]
        let named: [Status] = [
            .ok, .created, .accepted, .nonAuthoritativeInformation, .noContent, .resetContent, .partialContent,
            .multiStatus, .alreadyReported, .imUsed, .multipleChoices, .movedPermanently, .found, .seeOther,
            .notModified,
            .temporaryRedirect, .permanentRedirect, .badRequest, .unauthorized, .paymentRequired, .forbidden, .notFound,
            .methodNotAllowed, .notAcceptable, .proxyAuthenticationRequired, .requestTimeout, .conflict, .gone,
            .lengthRequired, .preconditionFailed, .contentTooLarge, .uriTooLong, .unsupportedMediaType,
            .rangeNotSatisfiable, .expectationFailed, .misdirectedRequest, .unprocessableContent, .locked,
            .failedDependency, .tooEarly, .upgradeRequired, .preconditionRequired, .tooManyRequests,
            .requestHeaderFieldsTooLarge, .unavailableForLegalReasons, .internalServerError, .notImplemented,
            .badGateway,
            .serviceUnavailable, .gatewayTimeout, .httpVersionNotSupported, .variantAlsoNegotiates,
            .insufficientStorage,
            .loopDetected, .networkAuthenticationRequired,
        ]
        let registered = (200...599).compactMap { Status($0) }.filter { $0.reasonPhrase != nil }
        #expect(named == registered.filter { !unnamed.contains($0.code) })
    }
}
