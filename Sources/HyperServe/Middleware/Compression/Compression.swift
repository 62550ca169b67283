#if Compression
    import HTTPCore

    /// Compresses responses with gzip for clients that accept it, RFC 9110 section 12.5.3. Only available with the
    /// trait `Compression` of the package, which links the system's zlib.
    ///
    /// A compressed response has Content-Encoding, and one that depends on Accept-Encoding has it in Vary. Not
    /// compressed are responses shorter than `minimumByteCount`, those of a media type that is not compressible, those
    /// with a Content-Encoding, a Content-Range, a digest or `Cache-Control: no-transform`, and 204, 206 and 304. If
    /// gzip is preferred, an ETag becomes weak, since the same version then has other bytes (section 8.8.3.3). A
    /// response to HEAD has the fields of the response to GET.
    ///
    /// A 304 has the Vary and the ETag of its 200, whether `ConditionalRequests` is inside or outside of this
    /// middleware. A handler that creates a 304 itself should add the 200's Content-Type, and its Content-Length if it
    /// is short: without them, the 200 is assumed to be compressible.
    ///
    /// Bodies of more than 64 KiB from handlers on the reactor, and streamed bodies, are compressed while they are
    /// sent, in chunked coding and with at most 300 KB of memory each. The client can decode each piece as soon as it
    /// is written, so many small pieces compress badly. The memory is reused for later responses.
    ///
    /// - Warning: An attacker who can put chosen text into a page, and who sees the length of the compressed
    ///   response, can guess secrets in it: the attack is called BREACH. Don't compress responses over TLS that contain
    ///   both, such as a page that repeats a search and has a token against forged requests: don't wrap their routes,
    ///   or add `Cache-Control: no-transform`.
    public struct Compression: ResponseFilter, RouteConfiguration {
        let pool: DeflaterPool
        private let problem: String?
        private let minimumByteCount: Int
        private let isCompressible: @Sendable (_ mediaType: String) -> Bool

        /// Creates the middleware.
        ///
        /// - Parameters:
        ///   - level: the compression level, from 1, the fastest, to 9, the smallest. `Server.init` throws for others.
        ///   - minimumByteCount: shorter responses are not compressed. Streams of unknown length are.
        ///   - isCompressible: returns whether to compress a media type; called with the Content-Type in lower case and
        ///     without parameters. The default is `isUsuallyCompressible(_:)`.
        public init(
            level: Int = 1, minimumByteCount: Int = 1024,
            isCompressible: @escaping @Sendable (_ mediaType: String) -> Bool = Compression.isUsuallyCompressible
        ) {
            problem = OutOfRange.problem("level", level, atLeast: 1, atMost: 9)
            pool = DeflaterPool(level: min(max(level, 1), 9))
            self.minimumByteCount = minimumByteCount
            self.isCompressible = isCompressible
        }

        /// Rejects a level that zlib does not have.
        public func configure(_ options: inout RouteOptions) {
            if let problem { options.reject(self, because: problem) }
        }

        /// Number of responses that are being compressed.
        package var statesInUse: Int { pool.countInUse }

        /// Whether a media type is text, JSON, XML, a script, SVG, WebAssembly, or an uncompressed font or image, but
        /// not `text/event-stream`, whose long streams would occupy memory.
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
                response.body = Self.unknownBody
            } else {
                let body = compressed(response.body, context, mustShrink: !codings.refusesIdentity)
                guard let body else { return }
                response.body = body
            }
            response.headers["Content-Encoding"] = "gzip"
            // Ranges refer to the uncompressed bytes.
            response.headers["Accept-Ranges"] = nil
        }

        /// Whether the response depends on Accept-Encoding. An unknown length counts as long, and an unknown type as
        /// compressible.
        private func isNegotiated(_ byteCount: Int?, _ mediaType: String?, _ codings: AcceptedCodings?) -> Bool {
            let isWorthwhile = byteCount ?? .max >= minimumByteCount && mediaType.map(isCompressible) ?? true
            // If identity is not acceptable, compress even without a benefit.
            return isWorthwhile || codings?.refusesIdentity == true
        }

        /// The Content-Length of a response to HEAD without a body: the length of the body of the response to GET.
        private func namedByteCount(_ response: borrowing Response, _ method: Method) -> Int? {
            method == .head && response.body.isEmpty ? response.headers.declaredContentLength : nil
        }

        /// Adds the Vary and the ETag of its 200 to a 304, RFC 9110 section 15.4.5.
        ///
        /// `unsent` is that 200, if a middleware inside of this one has compared the tags. For a 304 that a handler
        /// created, only its own fields are known.
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

        /// Whether the response's fields and status allow a content coding.
        private func mayBeCoded(_ response: borrowing Response) -> Bool {
            guard !response.headers.isEmpty else { return response.status != .partialContent }
            for field in response.headers {
                if Self.bindingFields.contains(where: { isSameName($0, field.name) }) { return false }
                if isSameName(field.name, "Cache-Control"), Self.forbidsTransformation(field.value) { return false }
            }
            return response.status != .partialContent
        }

        /// Fields that are valid only for the bytes as they are.
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
