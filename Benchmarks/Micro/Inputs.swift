/// The requests of clients.
enum Inputs {
    /// The request of a browser that follows a link: the usual fields and a long Cookie.
    static let browserHead =
        "GET /catalogue/search/results?category=books&sort=price-ascending&page=3 HTTP/1.1\r\n"
        + "Host: www.example-bookshop.com\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
        + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
        + "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
        + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
        + "Referer: https://www.example-bookshop.com/catalogue/\r\n"
        + "Connection: keep-alive\r\n"
        + "Cookie: session=4f3c2b1a0d9e8f7c6b5a4d3e2f1a0b9c; preferences=currency%3DGBP%26layout%3Dgrid; "
        + "_tracking=GA1.2.1234567890.1700000000; basket=9781234567897,9789876543210; "
        + "seen=1,5,8,13,21,34,55,89,144,233\r\n"
        + "Cache-Control: max-age=0\r\n\r\n"

    /// A picture of a page, as browsers asked for it around 2010: the shape and length of the request that parsers are
    /// commonly compared by, picohttpparser's.
    static let classicHead =
        "GET /wp-content/uploads/2010/05/lighthouse-on-the-northern-shore.jpg HTTP/1.1\r\n"
        + "Host: www.harbourviews.com\r\n"
        + "User-Agent: Mozilla/5.0 (Windows; U; Windows NT 6.1; en-GB; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 "
        + "Bookmarker/0.7\r\n"
        + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        + "Accept-Language: fr,en-gb;q=0.7,en;q=0.3\r\n"
        + "Accept-Encoding: gzip,deflate\r\n"
        + "Accept-Charset: ISO-8859-1,utf-8;q=0.7,*;q=0.7\r\n"
        + "Keep-Alive: 115\r\n"
        + "Connection: keep-alive\r\n"
        + "Cookie: wp_visitor_count=1273; wp_visitor_last_seen=1273503127; "
        + "__utma=183047215.1627384950.1268411300.1273410022.1273503101.9; "
        + "__utmz=183047215.1268411300.1.1.utmccn=(referral)|utmcsr=feeds.example.com|utmcct=/reading/today|"
        + "utmcmd=referral\r\n\r\n"

    /// The request of wrk.
    static let smallHead = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    /// A short body in the chunked coding.
    static let chunkedBody = "c\r\nHellO world1\r\n0\r\n\r\n"

    /// To a route with three middlewares.
    static let wrappedRequest = "GET /wrapped HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    /// To an async handler, and to one whose response is streamed.
    static let asyncRequest = "GET /async HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"
    static let streamRequest = "GET /stream HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    /// To a path without a route, part of which some routes have.
    static let missingRequest = "GET /catalogue/search/none HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    static let jsonRequest = "GET /json HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    static let parameterRequest = "GET /hello/world HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"

    /// 1 KiB to be echoed.
    static let echoRequest =
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Length: 1024\r\n\r\n"
        + String(repeating: "x", count: 1024)
}
