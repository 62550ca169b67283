import HTTPCore

/// The header section of a part.
struct MultipartHead {
    let name: String
    let fileName: String?
    let headers: HeaderFields

    /// Parses field lines that are separated by line breaks. Content-Disposition must be `form-data` with a name.
    init(_ lines: ArraySlice<UInt8>) throws(HTTPError) {
        var headers = HeaderFields()
        for line in String(decoding: lines, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false) {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw Self.malformed }
            let name = String(line[..<colon])
            let value = String(trimming: line.utf8[colon...].dropFirst())
            guard FieldSyntax.isToken(name), FieldSyntax.isValue(value) else { throw Self.malformed }
            headers.append(name: name, value: value)
        }
        let dispositions = headers.filter { isSameName($0.name, "Content-Disposition") }
        guard dispositions.count == 1, let disposition = FieldParameters(dispositions[0].value),
            disposition.value == "form-data", let name = disposition["name"]
        else { throw HTTPError(.badRequest, "A part of the form has no name.") }
        self.headers = headers
        self.name = name
        fileName = disposition["filename"]
    }

    private static var malformed: HTTPError { HTTPError(.badRequest, "A header of the form's parts is malformed.") }
}
