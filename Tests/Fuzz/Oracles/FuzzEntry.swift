import Glibc

/// The entry point for libFuzzer. `FUZZ_TARGET` names the target, and `FUZZ_PLANT` plants its bug.
enum FuzzEntry {
    static let target: FuzzTarget = {
        // The environment is only read; no thread writes to it.
        let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else { fatalError("FUZZ_TARGET is not the name of a target") }
        return target
    }()
    static let isPlanted = unsafe getenv("FUZZ_PLANT") != nil
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    // libFuzzer keeps the bytes valid for the call.
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let finding = FuzzEntry.target.finding(in: input, isPlanted: FuzzEntry.isPlanted) { fatalError(finding) }
    return 0
}
