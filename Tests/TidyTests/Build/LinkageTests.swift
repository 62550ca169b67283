import TestSupport
import Testing

@Suite("The products do not link Foundation")
struct LinkageTests {
    @Test("the demo server links neither Foundation nor ICU")
    func demo() {
        let listing = Command("ldd", "\(BuildDirectory.path)/hyperserve")
        #expect(listing.exitStatus == 0, "\(listing.output)")
        #expect(listing.output.contains("libswiftCore"), "the listing shows no Swift at all: \(listing.output)")
        #expect(unwantedLibraries(in: listing.output) == [])
    }

    @Test(
        "an unwanted library is detected",
        arguments: ["libFoundation.so", "lib_FoundationICU.so", "libicuuc.so.72"])
    func planted(library: String) {
        let listing = "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\t\(library) => /usr/lib/\(library) (0x2)\n"
        #expect(unwantedLibraries(in: listing) == [library])
    }

    private func unwantedLibraries(in listing: String) -> [String] {
        listing.split(separator: "\n").compactMap { line in
            let name = line.split { $0 == " " || $0 == "\t" }.first ?? ""
            return name.contains("Foundation") || name.hasPrefix("libicu") ? String(name) : nil
        }
    }
}
