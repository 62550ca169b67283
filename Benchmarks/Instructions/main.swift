import HTTP1

// Works off one kind of input a given number of times, for callgrind to count: see the script `count` beside it.

/// What a browser sends when a link is followed: the usual fields and a long Cookie.
let browserHead =
    "GET /catalogue/search/results?category=books&sort=price-ascending&page=3 HTTP/1.1\r\n"
    + "Host: www.example-bookshop.com\r\n"
    + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    + "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    + "Referer: https://www.example-bookshop.com/catalogue/\r\n"
    + "Connection: keep-alive\r\n"
    + "Cookie: session=4f3c2b1a0d9e8f7c6b5a4d3e2f1a0b9c; preferences=currency%3DGBP%26layout%3Dgrid; "
    + "_tracking=GA1.2.1234567890.1700000000; basket=9781234567897,9789876543210; seen=1,5,8,13,21,34,55,89,144,233\r\n"
    + "Cache-Control: max-age=0\r\n\r\n"

/// What wrk sends.
let smallHead = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

/// A short body in the chunked coding.
let chunkedBody = "c\r\nHellO world1\r\n0\r\n\r\n"

/// Parses `text` as a head, `count` times with one parser. Returns the bytes parsed.
func parse(_ text: String, _ count: Int) -> Int {
    let bytes = Array(text.utf8)
    var parser = RequestParser()
    var sum = 0
    for _ in 0..<count {
        // The array lives for the call, and so does the span.
        let result = unsafe bytes.withUnsafeBytes { unsafe parser.parse(RawSpan(_unsafeBytes: $0)) }
        precondition(result == .complete, "the head is valid")
        sum += parser.head.byteCount
        parser.reset()
    }
    return sum
}

/// Decodes `text` as a chunked body, `count` times. Returns the bytes of data.
func decode(_ text: String, _ count: Int) -> Int {
    let bytes = Array(text.utf8)
    var sum = 0
    for _ in 0..<count {
        var decoder = ChunkedDecoder()
        // As above.
        unsafe bytes.withUnsafeBytes { buffer in
            var offset = 0
            while case .data(let start, let end) = unsafe decoder.decode(RawSpan(_unsafeBytes: buffer), from: offset) {
                sum += end - start
                offset = end
            }
        }
    }
    return sum
}

/// Writes the answer of a plain-text route, `count` times into one buffer. Returns the bytes written.
func encode(_ count: Int) -> Int {
    var buffer = ByteBuffer()
    var date = DateField(unixSeconds: 784_111_777)
    var sum = 0
    for _ in 0..<count {
        date.update(unixSeconds: 784_111_777)
        buffer.appendHead(
            status: 200, date: date, contentType: "text/plain; charset=utf-8", contentLength: 13,
            connection: .keepAlive)
        buffer.append("Hello, World!")
        sum += buffer.count
        buffer.removeAll()
    }
    return sum
}

let arguments = CommandLine.arguments
let count = arguments.count == 3 ? Int(arguments[2]) ?? 0 : 0
let byteCount: Int? =
    switch arguments.dropFirst().first {
    case "browser-head": parse(browserHead, count)
    case "small-head": parse(smallHead, count)
    case "chunked-body": decode(chunkedBody, count)
    case "answer": encode(count)
    default: nil
    }
if let byteCount, count > 0 {
    // Bytes each.
    print(byteCount / count)
} else {
    print("usage: http1-instructions browser-head|small-head|chunked-body|answer COUNT")
}
