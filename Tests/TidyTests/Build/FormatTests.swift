import TestSupport
import Testing

@Suite(
    "The layout is that of swift format", .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH")
)
struct FormatTests {
    @Test("swift format finds nothing to change")
    func format() {
        let lint = Command(["swift", "format", "lint"] + Toolchain.lintArguments)
        #expect(lint.exitStatus == 0, "\(lint.output)")
    }

    @Test("swift format finds a planted violation")
    func plantedFormatViolation() {
        let lint = Command(
            "sh", "-c", "printf 'let  x=1;\\n' | swift format lint --strict --configuration .swift-format -"
        )
        #expect(lint.exitStatus != 0)
    }
}
