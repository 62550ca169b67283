#if Compression
    import Testing

    @testable import HyperServe

    @Suite("Parsing Accept-Encoding")
    struct AcceptedCodingsTests {
        @Test(
            "gzip is chosen if its weight is at least that of identity",
            arguments: [
                "gzip", "GZip", "x-gzip", "*", "gzip;q=0.001", "gzip;q=1", "gzip;q=1.000", "gzip ; q=0.5", "gzip;Q=0.5",
                "deflate, gzip", "br;q=1, gzip;q=0.5", ",,gzip,,", " \tgzip\t", "identity, gzip", "identity;q=0, *",
                "gzip;q=0.5, identity;q=0.5", "gzip;q=0, gzip", "deflate;q=broken, gzip", "*;q=0, gzip;q=0.1",
            ])
        func chosen(field: String) {
            #expect(AcceptedCodings(field).prefersGzip)
        }

        @Test(
            "gzip is not chosen if its weight is 0, lower, missing or malformed",
            arguments: [
                "", " ", ",", ";", ";q=1", "gzip;q=0", "gzip;q=0.0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity",
                "gzip;q=0.5, identity;q=0.6", "gzip;q=0.999, identity", "*;q=0.3, identity;q=0.4", "deflate, br", "gzi",
                "gzipp", "x-gzip2", "g zip", "\"gzip\"", "gzip;q=", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234",
                "gzip;q=-1", "gzip;q=.5", "gzip;q=0,5", "gzip;q=0x1", "gzip;q = 1", "gzip;;q=1", "gzip;level=1",
                "gzip;q=1;q=1", "gzip;q=\"1\"", "gzip;q=1e0", "gzip;", "gz\u{131}p", "gzip\u{0}", "gzip;q=1\u{7F}",
            ])
        func notChosen(field: String) {
            #expect(!AcceptedCodings(field).prefersGzip)
        }

        @Test(
            "identity can be excluded, by its name or with all others",
            arguments: [
                ("identity;q=0", true), ("identity;q=0.000, gzip", true), ("*;q=0", true), ("gzip, *;q=0", true),
                ("*;q=0, identity;q=0.1", false), ("gzip", false), ("", false), ("identity", false), ("*", false),
                ("identity;q=nothing", false),
            ])
        func refused(field: String, isRefused: Bool) {
            #expect(AcceptedCodings(field).refusesIdentity == isRefused)
        }

        @Test("a field of the maximum length is parsed up to its last member")
        func long() {
            let members = Array(repeating: "x;q=0.1", count: 10_000)
            #expect(AcceptedCodings((members + ["gzip"]).joined(separator: ",")).prefersGzip)
            #expect(!AcceptedCodings(members.joined(separator: ",")).prefersGzip)
            #expect(!AcceptedCodings(String(repeating: ",", count: 100_000)).prefersGzip)
            #expect(!AcceptedCodings(String(repeating: "gzip;", count: 20_000)).prefersGzip)
            #expect(!AcceptedCodings("gzip;q=0." + String(repeating: "0", count: 100_000)).prefersGzip)
        }
    }
#endif
