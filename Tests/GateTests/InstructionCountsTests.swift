import Testing

@Suite("Counts of instructions are compared with thresholds")
struct InstructionCountsTests {
    private let text = """
        # a comment
        [x86_64, Swift 6.3.1, glibc 2.36]
        parse 1000
        route 100

        [aarch64, Swift 6.3.1, glibc 2.36]
        parse 2000
        """

    @Test("the thresholds are those of one platform")
    func platforms() throws {
        let first = try #require(InstructionCounts(text))
        #expect(first.platform == "x86_64, Swift 6.3.1, glibc 2.36")
        #expect(first.byOperation == ["parse": 1000, "route": 100])
        let second = try #require(InstructionCounts(text, platform: "aarch64, Swift 6.3.1, glibc 2.36"))
        #expect(second.byOperation == ["parse": 2000])
        #expect(InstructionCounts(text, platform: "x86_64, Swift 6.3.2, glibc 2.36") == nil)
        #expect(InstructionCounts("parse 1000") == nil)
    }

    @Test(
        "3 % are allowed, up and down",
        arguments: [(970, nil), (1030, nil), (969, "faster"), (1031, "slower")] as [(Int, String?)])
    func tolerance(count: Int, complaint: String?) throws {
        let thresholds = try #require(InstructionCounts("[a]\nparse 1000"))
        let counted = try #require(InstructionCounts("[a]\nparse \(count)"))
        let complaints = thresholds.complaints(about: counted)
        #expect(complaints.count == (complaint == nil ? 0 : 1))
        if let complaint { #expect(complaints.first?.contains(complaint) == true) }
    }

    @Test("an operation without a threshold, and a threshold without an operation, are reported")
    func unmatched() throws {
        let thresholds = try #require(InstructionCounts("[a]\nparse 1000"))
        let counted = try #require(InstructionCounts("[a]\nroute 1000"))
        #expect(thresholds.complaints(about: counted).count == 2)
    }
}
