import Testing

@Suite("The Makefile explains itself")
struct MakefileTests {
    @Test("every target is listed by make help")
    func help() {
        let makefile = Makefile.ofRepository
        #expect(makefile.targets.isSuperset(of: ["serve", "test", "check", "format", "bench"]))
        #expect(makefile.targets.subtracting(makefile.describedTargets).sorted() == [])
    }

    @Test("a target without a description is noticed")
    func planted() {
        let text = ".PHONY: a\n.PHONY: b\na: b ## The first\n\ttrue ## c\nb:\n\ttrue\n"
        let makefile = Makefile(file: SourceFile(path: "Makefile", text: text))
        #expect(makefile.targets == ["a", "b"])
        #expect(makefile.describedTargets == ["a"])
    }
}
