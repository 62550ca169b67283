extension Router {
    /// Adds a route for GET that tells a load balancer whether to send clients here: 200 while the server is ready, and
    /// 503 as soon as it was asked to stop. With `ServerConfiguration.drainDelay`, it still responds then.
    ///
    /// A route with checks of its own does the same with `RequestContext.isServerStopping`:
    ///
    /// ```swift
    /// router.get("/readyz") { _, context in
    ///     .status(context.isServerStopping || !database.isConnected ? .serviceUnavailable : .ok)
    /// }
    /// ```
    public mutating func readiness(_ pattern: String = "/readyz") {
        get(pattern) { _, context in
            let isReady = !context.isServerStopping
            return Response(
                status: isReady ? .ok : .serviceUnavailable, contentType: .plainText,
                headers: ["Cache-Control": "no-store"], body: .text(isReady ? "ready\n" : "stopping\n"))
        }
    }
}
