import HTTPCore

/// Adds fields that have browsers treat answers with more care. A field that the handler has set stays as it is.
public struct SecurityHeaders: Filter {
    private let fields: HeaderFields

    /// Creates the middleware. A field that is nil is left out.
    ///
    /// - Parameters:
    ///   - contentTypeOptions: `X-Content-Type-Options`: no guessing of types.
    ///   - frameOptions: `X-Frame-Options`: no showing within another page.
    ///   - referrerPolicy: `Referrer-Policy`: links don't tell where they were followed.
    ///   - openerPolicy: `Cross-Origin-Opener-Policy`: pages of other origins get no hold of the window.
    ///   - resourcePolicy: `Cross-Origin-Resource-Policy`: pages of other origins may not embed the answer.
    ///   - contentSecurityPolicy: `Content-Security-Policy`; not set by default, since it depends on the pages.
    ///   - strictTransportSecurity: `Strict-Transport-Security`, such as "max-age=31536000"; only where TLS is in
    ///     front.
    public init(
        contentTypeOptions: String? = "nosniff", frameOptions: String? = "DENY",
        referrerPolicy: String? = "no-referrer", openerPolicy: String? = "same-origin",
        resourcePolicy: String? = "same-origin", contentSecurityPolicy: String? = nil,
        strictTransportSecurity: String? = nil
    ) {
        var fields = HeaderFields()
        fields["X-Content-Type-Options"] = contentTypeOptions
        fields["X-Frame-Options"] = frameOptions
        fields["Referrer-Policy"] = referrerPolicy
        fields["Cross-Origin-Opener-Policy"] = openerPolicy
        fields["Cross-Origin-Resource-Policy"] = resourcePolicy
        fields["Content-Security-Policy"] = contentSecurityPolicy
        fields["Strict-Transport-Security"] = strictTransportSecurity
        self.fields = fields
    }

    /// Reports a value that can't stand in a field.
    public func configure(_ options: inout RouteOptions) {
        for field in fields where !FieldSyntax.isValue(field.value) {
            options.reject(
                self, because: "\(field.name) is \(field.value.debugDescription), which is no value of a header field")
        }
    }

    /// Adds the fields.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        // Most answers have no fields of their own, and then share these without a copy.
        guard !response.headers.isEmpty else {
            response.headers = fields
            return
        }
        for field in fields where response.headers[field.name] == nil {
            response.headers.append(name: field.name, value: field.value)
        }
    }

    /// Adds the fields to a 503 too.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        after(request, context: &context, response: &response)
    }
}
