import HTTP1
import HTTPCore

/// Target forms that are not allowed with their method, and invalid authorities: RFC 9112 section 3.2.
enum HostileTargetForms {
    static let all = forms + authorities

    private static let forms: [HostileHead] = [
        .line("an asterisk with GET", "RFC 9112 3.2.4", "GET * HTTP/1.1", .targetFormNotAllowed),
        .line("an asterisk with POST", "RFC 9112 3.2.4", "POST * HTTP/1.1", .targetFormNotAllowed),
        .line("two asterisks", "RFC 9112 3.2.4", "OPTIONS ** HTTP/1.1", .targetMalformed),
        .line("an asterisk and a query", "RFC 9112 3.2.4", "OPTIONS *?a HTTP/1.1", .targetMalformed),
        .line("an asterisk and a path", "RFC 9112 3.2.4", "OPTIONS */a HTTP/1.1", .targetMalformed),
        .line("an authority with GET", "RFC 9112 3.2.3", "GET a:80 HTTP/1.1", .targetMalformed),
        .line("an authority with OPTIONS", "RFC 9112 3.2.3", "OPTIONS a:80 HTTP/1.1", .targetMalformed),
        .line("CONNECT with a path", "RFC 9112 3.2.3", "CONNECT / HTTP/1.1", .targetFormNotAllowed),
        .line("CONNECT with a path and query", "RFC 9112 3.2.3", "CONNECT /a?b HTTP/1.1", .targetFormNotAllowed),
        .line("CONNECT with an absolute target", "RFC 9112 3.2.3", "CONNECT http://a:80 HTTP/1.1", .targetMalformed),
        .line("CONNECT with an asterisk", "RFC 9112 3.2.3", "CONNECT * HTTP/1.1", .targetMalformed),
        .line("CONNECT without a port", "RFC 9110 9.3.6", "CONNECT a HTTP/1.1", .targetMalformed),
        .line("CONNECT with an empty port", "RFC 9110 9.3.6", "CONNECT a: HTTP/1.1", .targetMalformed),
        .line("CONNECT with port 0", "RFC 9110 9.3.6", "CONNECT a:0 HTTP/1.1", .targetMalformed),
        .line("CONNECT with port 65536", "RFC 9110 9.3.6", "CONNECT a:65536 HTTP/1.1", .targetMalformed),
        .line("CONNECT with letters for a port", "RFC 9110 9.3.6", "CONNECT a:http HTTP/1.1", .targetMalformed),
        .line("CONNECT without a host", "RFC 9110 9.3.6", "CONNECT :443 HTTP/1.1", .targetMalformed),
        .line("CONNECT with a user", "RFC 9112 3.2.3", "CONNECT u@a:443 HTTP/1.1", .targetMalformed),
        .line("CONNECT with a path after", "RFC 9112 3.2.3", "CONNECT a:443/ HTTP/1.1", .targetMalformed),
        .line("another scheme", "RFC 9112 3.2.2", "GET ftp://a/ HTTP/1.1", .targetMalformed),
        .line("a scheme that begins like http", "RFC 9112 3.2.2", "GET httpx://a/ HTTP/1.1", .targetMalformed),
        .line("a script", "RFC 9112 3.2.2", "GET javascript:alert(1) HTTP/1.1", .targetMalformed),
        .line("one slash after the scheme", "RFC 9112 3.2.2", "GET http:/a/ HTTP/1.1", .targetMalformed),
        .line("no slash after the scheme", "RFC 9112 3.2.2", "GET http:a HTTP/1.1", .targetMalformed),
        .line("no colon after the scheme", "RFC 9112 3.2.2", "GET http//a HTTP/1.1", .targetMalformed),
        .line("a scheme alone", "RFC 9112 3.2.2", "GET http: HTTP/1.1", .targetMalformed),
        .line("no scheme", "RFC 9112 3.2.2", "GET ://a/ HTTP/1.1", .targetMalformed),
    ]

    private static let authorities: [HostileHead] = [
        .line("no authority", "RFC 9110 4.2.1", "GET http:// HTTP/1.1", .hostMalformed),
        .line("a path instead of the authority", "RFC 9110 4.2.1", "GET http:///a HTTP/1.1", .hostMalformed),
        .line("a query instead of the authority", "RFC 9110 4.2.1", "GET http://?a HTTP/1.1", .hostMalformed),
        .line("a port alone", "RFC 9110 4.2.1", "GET http://:80/ HTTP/1.1", .hostMalformed),
        .line("a user", "RFC 9110 4.2.4", "GET http://u@a/ HTTP/1.1", .hostMalformed),
        .line("a user with a password", "RFC 9110 4.2.4", "GET http://u:p@a/ HTTP/1.1", .hostMalformed),
        .line("letters for a port", "RFC 3986 3.2.3", "GET http://a:b/ HTTP/1.1", .hostMalformed),
        .line("port 65536 in the target", "RFC 3986 3.2.3", "GET http://a:65536/ HTTP/1.1", .hostMalformed),
        .line("two ports", "RFC 3986 3.2.3", "GET http://a:80:80/ HTTP/1.1", .hostMalformed),
        .line("an open bracket", "RFC 3986 3.2.2", "GET http://[::1/ HTTP/1.1", .hostMalformed),
        .line("bytes after the bracket", "RFC 3986 3.2.2", "GET http://[::1]x/ HTTP/1.1", .hostMalformed),
        .line("a bar in the host", "RFC 3986 3.2.2", "GET http://a|b/ HTTP/1.1", .hostMalformed),
        .line("a backslash in the host", "RFC 3986 3.2.2", "GET http://a\\b/ HTTP/1.1", .hostMalformed),
        .line("a bad escape in the host", "RFC 3986 3.2.2", "GET http://a%zz/ HTTP/1.1", .hostMalformed),
        .line("an empty https authority", "RFC 9110 4.2.2", "GET https:///a HTTP/1.1", .hostMalformed),
    ]
}
