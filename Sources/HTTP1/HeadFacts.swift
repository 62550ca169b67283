/// What the field lines of a head say, collected while they pass and judged when the head ends.
struct HeadFacts {
    /// The value of Host; its presence is a fact of its own because an empty value is valid.
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
