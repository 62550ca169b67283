import HTTPCore

extension HeaderFields {
    /// Adds names to Vary, the list of request fields that the response depends on, RFC 9110 section 12.5.5.
    mutating func appendVary(_ names: String) {
        let others = filter { isSameName($0.name, "Vary") }.map(\.value)
        self["Vary"] = (others + [names]).joined(separator: ", ")
    }

    /// Adds a name to Vary unless the list contains it.
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
