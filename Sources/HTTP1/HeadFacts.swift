/// What the lines of a head say, collected while they pass and judged at the end of the request line or of the head.
struct HeadFacts {
    /// The method is a token that stands for no known method.
    var isMethodUnknown = false
    /// The value of Host; its presence is a fact of its own because an empty value may be allowed.
    var host = ByteRange()
    var hasHost = false
    var hasContentLength = false
    var isChunked = false
    /// `Connection: close` was seen.
    var closes = false
    /// `Connection: keep-alive` was seen.
    var keepsAlive = false
    var contentLength = 0
}
