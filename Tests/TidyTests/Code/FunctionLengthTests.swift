import Testing

@Suite("The length of a function is counted from its keyword to its closing brace")
struct FunctionLengthTests {
    struct Row: CustomTestStringConvertible {
        var name: String
        var source: String
        /// Line and line count of each function, in the order in which they end.
        var spans: [FunctionSpan]
        var testDescription: String { name }

        init(_ name: String, _ source: String, _ spans: (Int, Int)...) {
            self.name = name
            self.source = source
            self.spans = spans.map { FunctionSpan(line: $0.0, lineCount: $0.1) }
        }
    }

    @Test(
        "Swift",
        arguments: [
            Row("one line", "func f() {}", (1, 1)),
            Row("a body", "func f() {\n  a()\n}", (1, 3)),
            Row("a signature of several lines", "func f(\n  a: Int\n) -> Int\nwhere A: B {\n  a\n}", (1, 6)),
            Row("attributes are not counted", "@inlinable\n@available(*, deprecated)\nfunc f() {\n}", (3, 2)),
            Row("nested", "func f() {\n  func g() {\n  }\n}", (2, 2), (1, 4)),
            Row(
                "initialisers and the like", "init() {\n}\ndeinit {\n}\nsubscript(i: Int) -> Int {\n 1 }", (1, 2),
                (3, 2), (5, 2)),
            Row("a computed property", "var a: Int {\n  get { 1 }\n  set {\n  }\n}", (1, 5)),
            Row("stored properties", "var a = 1\nlet b = 2\nstruct C {\n var d: Int\n}"),
            Row("a variable before a block", "func f() {\n  var a = 1\n  while a {\n  }\n}", (1, 5)),
            Row("a binding", "func f() {\n if var a = b {\n }\n}", (1, 4)),
            Row("calls of initialisers", "func f() {\n  self.init()\n  g { }\n  .init(a: { })\n}", (1, 5)),
            Row("braces in literals", "func f() {\n  a(\"}\")\n  b(\"\"\"\n    }\n    \"\"\")\n  // }\n}", (1, 7)),
            Row("braces in interpolations", "func f() {\n  a(\"\\(b { \"}\" })\")\n}", (1, 3)),
            Row("a closure as a default", "func f(a: () -> Int = { 1 }) {\n}", (1, 2)),
            Row("a block in a default", "func f(a: () -> Int = { if b { 1 } }) {\n}", (1, 2)),
            Row(
                "requirements",
                "protocol P {\n  func f()\n  init()\n  var a: Int { get }\n  func g()\n}\nstruct S {\n}", (4, 1)),
            Row("operators", "static func == (a: A, b: A) -> Bool {\n  true\n}", (1, 3)),
            Row("a name in backticks", "func `a name { of words`() {\n}", (1, 2)),
        ])
    func swift(_ row: Row) {
        #expect(FunctionSpan.all(in: SourceFile(path: "a.swift", text: row.source)) == row.spans)
    }

    @Test(
        "C",
        arguments: [
            Row("a function", "int f(void) {\n  return 1;\n}", (1, 3)),
            Row("a signature of several lines", "static int\nf(int a,\n  int b)\n{\n}", (1, 5)),
            Row("a structure", "struct a {\n  int (*f)(void);\n};\nenum { B };"),
            Row(
                "a structure with an attribute",
                "struct a {\n  int b;\n} __attribute__((packed));\ntypedef struct __attribute__((packed)) {\n} c;"),
            Row("an initialiser", "static int a[] = {\n  1\n};\nint f(void) {\n}", (4, 2)),
            Row("a function with an attribute", "void f(void) __attribute__((noreturn))\n{\n}", (1, 3)),
            Row("inner blocks", "int f(void) {\n  if (a) {\n  }\n  for (;;) { }\n}\nint g(void) { }", (1, 5), (6, 1)),
            Row("macros", "#define A do { \\\n } while (0)\nint f(void) {\n A;\n}", (3, 3)),
            Row("braces in literals", "int f(void) {\n  a('}', \"}\"); /* } */\n}", (1, 3)),
        ])
    func c(_ row: Row) {
        #expect(FunctionSpan.all(in: SourceFile(path: "a.c", text: row.source)) == row.spans)
    }

    @Test("70 lines are allowed and 71 are not", arguments: ["a.swift": "func f() {", "a.c": "void f(void) {"])
    func limit(path: String, head: String) {
        let body = { (count: Int) in String(repeating: "  a();\n", count: count) }
        let allowed = SourceFile(path: path, text: head + "\n" + body(68) + "}\n")
        let tooLong = SourceFile(path: path, text: "\n" + head + "\n" + body(69) + "}\n")
        #expect(LengthRules.functionLength(allowed).isEmpty)
        #expect(
            LengthRules.functionLength(tooLong) == [
                Violation(path: path, line: 2, message: "a function of 71 lines, 70 allowed")
            ]
        )
    }
}
