#if Compression
    import HTTPCore

    /// Compresses answers with gzip for clients that take it, RFC 9110 section 12.5.3. There only with the package's
    /// trait `Compression`, which links the system's zlib.
    ///
    /// What is compressed says so in Content-Encoding, and what might have been says so in Vary. Left as they are:
    /// answers shorter than `minimumByteCount`, those of a type that is not worth it, those that have a
    /// Content-Encoding, a Content-Range or a digest of their own or that say `Cache-Control: no-transform`, and 204,
    /// 206 and 304. An ETag becomes weak where gzip is preferred, for the same version has other bytes then (section
    /// 8.8.3.3). HEAD has the fields that GET has.
    ///
    /// A 304 has the Vary and the ETag of its 200, whether `ConditionalRequests` is inside or outside of this. A
    /// handler that sends a 304 by itself gives it the 200's Content-Type, and Content-Length if the 200 is short: what
    /// a 304 does not say counts as worth compressing.
    ///
    /// Bodies of more than 64 KiB from handlers on the reactor, and streamed bodies, are compressed as they go, chunked
    /// and with at most 300 KB of memory each; every piece that is written can be read by the client at once, so many
    /// tiny pieces compress badly. The memory is kept for the next answer.
    ///
    /// - Warning: Who can have a page answer with text of his choice, and sees how long it is, can guess the secrets
    ///   beside that text: the attack is called BREACH. Don't compress answers over TLS that hold both, such as a page
    ///   that repeats a search and has a token against forged requests: leave their routes out, or have them say
    ///   `Cache-Control: no-transform`.
    public struct Compression: Filter {
        let pool: DeflaterPool
        private let problem: String?
        private let minimumByteCount: Int
        private let isCompressible: @Sendable (_ mediaType: String) -> Bool

        /// Creates the middleware.
        ///
        /// - Parameters:
        ///   - level: how much work goes into it, from 1, the quickest, to 9. `Server.init` reports others.
        ///   - minimumByteCount: answers that are shorter stay as they are. A streamed one of unknown length does not.
        ///   - isCompressible: whether a type is worth it; called with the Content-Type, in lower case and without
        ///     parameters. The default is `isUsuallyCompressible(_:)`.
        public init(
            level: Int = 1, minimumByteCount: Int = 1024,
            isCompressible: @escaping @Sendable (_ mediaType: String) -> Bool = Compression.isUsuallyCompressible
        ) {
            problem = OutOfRange.problem("level", level, atLeast: 1, atMost: 9)
            pool = DeflaterPool(level: min(max(level, 1), 9))
            self.minimumByteCount = minimumByteCount
            self.isCompressible = isCompressible
        }

        /// Reports a level that zlib does not have.
        public func configure(_ options: inout RouteOptions) {
            if let problem { options.reject(self, because: problem) }
        }

        /// Answers that are being compressed.
        package var statesInUse: Int { pool.countOutside }

        /// Text, JSON, XML, scripts, SVG, WebAssembly, and fonts that are not compressed; not `text/event-stream`,
        /// whose streams stay open for long and hold memory meanwhile.
        public static func isUsuallyCompressible(_ mediaType: String) -> Bool {
            if mediaType.hasPrefix("text/") { return mediaType != "text/event-stream" }
            return ["+json", "+xml", "+text"].contains { mediaType.hasSuffix($0) } || others.contains(mediaType)
        }

        private static let others: Set<String> = [
            "application/json", "application/x-ndjson", "application/jsonl", "application/xml",
            "application/javascript",
            "application/x-javascript", "application/wasm", "application/graphql-response", "application/yaml",
            "application/sql", "application/rtf", "font/ttf", "font/otf", "application/vnd.ms-fontobject",
            "image/bmp", "image/x-icon", "image/vnd.microsoft.icon",
        ]

        /// Compresses the response.
        public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            let codings = request.headers["Accept-Encoding"].map { AcceptedCodings($0) }
            if response.status == .notModified {
                return describeUnsent(&response, context[UnsentResponse.self], request.method, codings)
            }
            guard !response.status.hasNoBody, mayBeCoded(response) else { return }
            let named = namedByteCount(response, request.method)
            guard isNegotiated(named ?? response.body.byteCount, mediaType(of: response) ?? "", codings) else { return }
            response.headers.appendVary(once: "Accept-Encoding")
            guard let codings, codings.prefersGzip else { return }
            weakenTag(&response)
            if named != nil {
                response.body = Self.unknownBody(context)
            } else {
                let body = compressed(response.body, context, mustShrink: !codings.refusesIdentity)
                guard let body else { return }
                response.body = body
            }
            response.headers["Content-Encoding"] = "gzip"
            // Ranges would be those of other bytes.
            response.headers["Accept-Ranges"] = nil
        }

        /// Whether it depends on the client's codings which bytes are sent. A length that is not known counts as long,
        /// and a type that is not known as worth it.
        private func isNegotiated(_ byteCount: Int?, _ mediaType: String?, _ codings: AcceptedCodings?) -> Bool {
            let isWorthwhile = byteCount ?? .max >= minimumByteCount && mediaType.map(isCompressible) ?? true
            // A response that is not wanted as it is had better be compressed for nothing than not be taken.
            return isWorthwhile || codings?.refusesIdentity == true
        }

        /// The length of a body that GET has, and that a response to HEAD only names.
        private func namedByteCount(_ response: borrowing Response, _ method: Method) -> Int? {
            method == .head && response.body.isEmpty ? response.headers.declaredContentLength : nil
        }

        /// Gives a 304 the Vary and the tag that its 200 would have got, RFC 9110 section 15.4.5.
        ///
        /// `unsent` is that 200, if a middleware inside of this one has compared the tags. Of a 304 that a handler
        /// makes by itself only what it says is known.
        private func describeUnsent(
            _ response: inout Response, _ unsent: Response?, _ method: Method, _ codings: AcceptedCodings?
        ) {
            guard mayBeCoded(response) else { return }
            if let unsent {
                let byteCount = namedByteCount(unsent, method) ?? unsent.body.byteCount
                guard mayBeCoded(unsent), isNegotiated(byteCount, mediaType(of: unsent) ?? "", codings)
                else { return }
            } else {
                let byteCount = response.body.isEmpty ? response.headers.declaredContentLength : response.body.byteCount
                guard isNegotiated(byteCount, mediaType(of: response), codings) else { return }
            }
            response.headers.appendVary(once: "Accept-Encoding")
            if codings?.prefersGzip == true { weakenTag(&response) }
        }

        private func weakenTag(_ response: inout Response) {
            guard let tag = response.headers["ETag"], !tag.hasPrefix("W/") else { return }
            response.headers["ETag"] = "W/" + tag
        }

        /// Whether the answer's fields allow for other bytes than the handler's.
        private func mayBeCoded(_ response: borrowing Response) -> Bool {
            guard !response.headers.isEmpty else { return response.status != .partialContent }
            for field in response.headers {
                if Self.bindingFields.contains(where: { isSameName($0, field.name) }) { return false }
                if isSameName(field.name, "Cache-Control"), Self.forbidsTransformation(field.value) { return false }
            }
            return response.status != .partialContent
        }

        /// Fields that are about the bytes as they are.
        private static let bindingFields = [
            "Content-Encoding", "Content-Range", "Content-Digest", "Repr-Digest", "Digest", "Content-MD5",
        ]

        private static func forbidsTransformation(_ cacheControl: String) -> Bool {
            cacheControl.utf8.split(separator: UInt8(ascii: ",")).contains { directive in
                isSameName(String(trimming: directive), "no-transform")
            }
        }

        private func mediaType(of response: borrowing Response) -> String? {
            guard let type = response.headers["Content-Type"] ?? response.contentType?.description else { return nil }
            return String(trimming: type.utf8.prefix { $0 != UInt8(ascii: ";") }).lowercased()
        }
    }
#endif
