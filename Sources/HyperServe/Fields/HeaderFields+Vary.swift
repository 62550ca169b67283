import HTTPCore

extension HeaderFields {
    /// Adds to the fields of the request that the answer depends on, RFC 9110 section 12.5.5.
    mutating func appendVary(_ names: String) {
        let others = filter { isSameName($0.name, "Vary") }.map(\.value)
        self["Vary"] = (others + [names]).joined(separator: ", ")
    }

    /// Adds to them what is not among them.
    mutating func appendVary(once name: String) {
        let isNamed = contains { field in
            isSameName(field.name, "Vary")
                && field.value.utf8.split(separator: UInt8(ascii: ",")).contains { member in
                    let member = String(trimming: member)
                    return member == "*" || isSameName(member, name)
                }
        }
        if !isNamed { appendVary(name) }
    }
}
