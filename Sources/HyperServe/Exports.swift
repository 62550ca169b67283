// The few types of other modules that stand in this module's API. Exported one by one: an embedder who imports
// HyperServe sees these names and nothing else of the parser or the reactor.
@_exported public import struct HTTPCore.HeaderFields
@_exported public import struct HTTPCore.MediaType
@_exported public import enum HTTPCore.Method
@_exported public import struct HTTPCore.Status
@_exported public import enum JSON.JSON
@_exported public import struct JSON.JSONSyntaxError
@_exported public import struct Platform.SystemError
@_exported public import enum Reactor.BindAddress
@_exported public import enum Reactor.DriverKind
@_exported public import enum Reactor.ListenError
@_exported public import enum Reactor.ListenerAddress
@_exported public import struct Reactor.ReactorStatisticsSnapshot
@_exported public import enum Reactor.ServerError
@_exported public import struct Reactor.SocketAddress
@_exported public import enum Reactor.StreamError
@_exported public import enum Routing.RouteError
