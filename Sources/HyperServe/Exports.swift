// The types of other modules that are part of this module's API. They are exported one by one, so that a program that
// imports HyperServe sees no other names of these modules.
@_exported public import struct HTTPCore.HeaderFields
@_exported public import struct HTTPCore.MediaType
@_exported public import struct HTTPCore.Method
@_exported public import struct HTTPCore.Status
@_exported public import enum JSON.JSON
@_exported public import struct JSON.JSONSyntaxError
@_exported public import enum JSON.Patch
@_exported public import struct JSON.ValueCoding
@_exported public import struct Platform.SystemError
@_exported public import enum Reactor.BindAddress
@_exported public import struct Reactor.ClosureLog
@_exported public import enum Reactor.DriverKind
@_exported public import enum Reactor.ListenError
@_exported public import enum Reactor.ListenerAddress
@_exported public import protocol Reactor.LogDestination
@_exported public import struct Reactor.LogEntry
@_exported public import enum Reactor.LogLevel
@_exported public import enum Reactor.LogValue
@_exported public import struct Reactor.ReactorStatisticsSnapshot
@_exported public import enum Reactor.ServerError
@_exported public import struct Reactor.SocketAddress
@_exported public import enum Reactor.StreamError
@_exported public import enum Routing.RouteError
