extension Optional where Wrapped == OpaquePointer {
    /// The structure that C made; without memory for it the program ends, as it does when Swift itself has none.
    func orOutOfMemory() -> OpaquePointer {
        guard let structure = self else { fatalError("out of memory for a thread pool") }
        return unsafe structure
    }
}
