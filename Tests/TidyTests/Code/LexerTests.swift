import Testing

@Suite("The lexers distinguish code from comments and literals")
struct LexerTests {
    /// Source text, and the code in it, without blanks.
    struct Row: CustomTestStringConvertible {
        var source: String
        var code: String
        var testDescription: String { source }

        init(_ source: String, _ code: String) {
            self.source = source
            self.code = code
        }
    }

    @Test(
        "Swift",
        arguments: [
            Row("a // b", "a"),
            Row("a /* b */ c", "ac"),
            Row("a /* b /* { */ c */ d", "ad"),
            Row("f(\"}\")", "f()"),
            Row(#"f("\"}") }"#, "f()}"),
            Row(#"f("\\") }"#, "f()}"),
            Row(#"f("// no comment") }"#, "f()}"),
            Row(#"f("\(g("}"))") }"#, "f(g())}"),
            Row(#"f("\(a ? "\(b)" : "")") }"#, "f(a?b:)}"),
            Row(##"f(#"\("}"# ) }"##, "f()}"),
            Row(##"f(#"\#(a)}"#) }"##, "f(a)}"),
            Row(###"f(##""#}"##) }"###, "f()}"),
            Row(###"f(#"""#) }"###, "f()}"),
            Row("f(\"\") }", "f()}"),
            Row("let a = \"unclosed {\n}", "leta=\n}"),
            Row("f(\"\"\"\n  { \"\" \"\n  \"\"\") }", "f(\n\n)}"),
            Row("f(\"\"\"\n  \\(g(\"{\")) \\\"\"\"{\n  \"\"\") }", "f(\ng()\n)}"),
            Row("func `a {`() { }", "func(){}"),
            Row("#if DEBUG { }", "#ifDEBUG{}"),
            Row("a /* never closed }", "a"),
        ])
    func swift(_ row: Row) {
        #expect(code(of: row.source, in: "a.swift") == row.code)
    }

    @Test(
        "C",
        arguments: [
            Row("a // b", "a"),
            Row("a /* { /* */ b", "ab"),
            Row("char c = '}';", "charc=;"),
            Row(#"char c = '\''; }"#, "charc=;}"),
            Row(#"f("\"}") }"#, "f()}"),
            Row("#define A {\nb", "\nb"),
            Row("  #define A { \\\n  } \\\n }\nb", "\n\n\nb"),
            Row("#define A /* {\n } */ 1\nb", "\n\nb"),
            Row("a # b", "a#b"),
        ])
    func c(_ row: Row) {
        #expect(code(of: row.source, in: "a.c") == row.code)
    }

    private func code(of source: String, in path: String) -> String {
        let file = SourceFile(path: path, text: source)
        return (0..<file.lineCount).map { file.line($0 + 1, only: .code) }.joined(separator: "\n").filter { $0 != " " }
    }
}
