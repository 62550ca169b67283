// Times JSON both ways against FoundationEssentials, which needs nothing else of Foundation: `make bench-json`.
import FoundationEssentials
import HyperServe

struct Message: Codable {
    var message = "Hello, World!"
    var time = 1_700_000_000
}

struct Address: Codable {
    var street: String
    var city = "Zürich"
    var coordinates: [Double]
}

struct User: Codable {
    var id: Int
    var name: String
    var email: String
    var isActive: Bool
    var score: Double
    var tags = ["alpha", "beta", "gamma"]
    var address: Address
    var note: String?

    init(number: Int) {
        id = number
        name = "User number \(number)"
        email = "user\(number)@example.com"
        isActive = number % 2 == 0
        score = Double(number) * 1.37
        address = Address(street: "\(number) Main Street", coordinates: [47.3769 + Double(number) / 1000, 8.5417])
        note = number % 3 == 0 ? "a \"quoted\" note" : nil
    }
}

/// Nanoseconds that `body` takes, in the best of five rounds.
func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var best = Double.infinity
    for _ in 0..<5 {
        var count = 0
        let start = clock.now
        repeat {
            try body()
            count += 1
        } while clock.now - start < .milliseconds(200)
        best = min(best, (clock.now - start) / .nanoseconds(1) / Double(count))
    }
    return best
}

func compare<Value: Codable>(_ name: String, _ value: Value) throws {
    let bytes = try JSON.encode(value)
    let data = Data(bytes)
    let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
    let own = (
        encoding: try nanoseconds { _ = try JSON.encode(value) },
        decoding: try nanoseconds { _ = try JSON.decode(Value.self, from: bytes) }
    )
    let other = (
        encoding: try nanoseconds { _ = try encoder.encode(value) },
        decoding: try nanoseconds { _ = try decoder.decode(Value.self, from: data) }
    )
    print("\(name), \(bytes.count) bytes")
    for (task, own, other) in [("encode", own.encoding, other.encoding), ("decode", own.decoding, other.decoding)] {
        let ratio = (other / own * 10).rounded() / 10
        print("  \(task): \(Int(own)) ns, FoundationEssentials \(Int(other)) ns: \(ratio) times as fast")
    }
}

try compare("a message", Message())
try compare("a user", User(number: 7))
try compare("1,000 users", (0..<1000).map(User.init))
try compare("10,000 Doubles", (0..<10_000).map { Double($0) * 1.0001 / 7 })
try compare("10,000 Ints", (0..<10_000).map { $0 * 7919 })
try compare("a dictionary of 1,000", Dictionary(uniqueKeysWithValues: (0..<1000).map { ("key\($0)", $0) }))
try compare("strings to escape", [String](repeating: "line\n\"quoted\" é", count: 100))
