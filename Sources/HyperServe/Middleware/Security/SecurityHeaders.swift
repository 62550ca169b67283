import HTTPCore

/// Adds header fields that make browsers stricter. A field that the handler has set is not changed.
public struct SecurityHeaders: ResponseFilter, RouteConfiguration, RefusalFilter {
    private let fields: HeaderFields

    /// Creates the middleware. A field that is nil is left out.
    ///
    /// - Parameters:
    ///   - contentTypeOptions: `X-Content-Type-Options`: browsers don't guess media types.
    ///   - frameOptions: `X-Frame-Options`: other pages can't show the response in a frame.
    ///   - referrerPolicy: `Referrer-Policy`: requests that follow a link don't name the page.
    ///   - openerPolicy: `Cross-Origin-Opener-Policy`: pages of other origins have no access to the window.
    ///   - resourcePolicy: `Cross-Origin-Resource-Policy`: pages of other origins can't embed the response.
    ///   - contentSecurityPolicy: `Content-Security-Policy`; not set by default, since it depends on the pages.
    ///   - strictTransportSecurity: `Strict-Transport-Security`, such as "max-age=31536000"; only behind a proxy with
    ///     TLS.
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

    /// Rejects a value that is invalid in a field.
    public func configure(_ options: inout RouteOptions) {
        for field in fields where !FieldSyntax.isValue(field.value) {
            options.reject(
                self, because: "\(field.name) is \(field.value.debugDescription), which is no value of a header field")
        }
    }

    /// Adds the fields.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        // Most responses have no other fields, and share these without a copy.
        guard !response.headers.isEmpty else {
            response.headers = fields
            return
        }
        for field in fields where response.headers[field.name] == nil {
            response.headers.append(name: field.name, value: field.value)
        }
    }

    /// Adds the fields to a 503.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        after(request, context: &context, response: &response)
    }
}
