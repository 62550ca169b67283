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

    @Test("no object of HyperServe asks the linker for Foundation, and those of the module for it do")
    func objects() {
        #expect(objectsThatLinkFoundation(of: Modules.foundationModule).count > 0)
        let modules = Manifest(SourceFile(path: "Package.swift", bytes: Repository.read("Package.swift") ?? [])).targets
            .map(\.name).filter { $0 != Modules.foundationModule }
        #expect(modules.contains("HyperServe") && modules.contains("JSON") && modules.contains("HyperServeTesting"))
        for module in modules { #expect(objectsThatLinkFoundation(of: module) == []) }
    }

    /// The object files whose imports make the linker add a library of Foundation.
    private func objectsThatLinkFoundation(of module: String) -> [Substring] {
        let script = "find \"$0\" -name '*.o' -exec grep -l lFoundation {} +"
        let folder = "\(BuildDirectory.path)/\(module).build"
        return Command("sh", "-c", "[ ! -d \"$0\" ] || \(script)", folder).output.split(separator: "\n")
    }

    @Test(
        "the module for Foundation compiles with each of Foundation's modules",
        .enabled(if: Toolchain.isOnPath, "the swift tool is not on the PATH"),
        arguments: ["Foundation", "FoundationEssentials"])
    func foundationModules(module: String) {
        let edits = "s/canImport(FoundationEssentials)/false/; s/import Foundation$/import \(module)/"
        let check = Toolchain.typecheck(module: Modules.foundationModule, changedBy: edits)
        #expect(check.exitStatus == 0, "\(check.output)")
    }

    @Test("a module of Foundation that is not there is noticed")
    func missingModule() {
        let edits = "s/import FoundationEssentials/import FoundationOfNobody/"
        #expect(Toolchain.typecheck(module: Modules.foundationModule, changedBy: edits).exitStatus != 0)
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
