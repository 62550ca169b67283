import JSON
import Synchronization
import TestSupport
import Testing

@Suite("Names in snake case")
struct SnakeCaseTests {
    static let names = [
        ("name", "name"), ("createdAt", "created_at"), ("baseURL", "base_url"), ("baseURLPath", "base_url_path"),
        ("URLSession", "url_session"), ("line2Text", "line2_text"), ("aB", "a_b"), ("already_snake", "already_snake"),
        ("_private", "_private"), ("_privateName", "_private_name"), ("x", "x"), ("", ""), ("ABC", "abc"),
        ("größeInMetern", "größe_in_metern"), ("id", "id"), ("userID", "user_id"), ("userIDs", "user_ids"),
        ("URLsByName", "urls_by_name"),
        ("pageURLs", "page_urls"), ("isASlug", "is_a_slug"), ("XRay", "x_ray"), ("apiURLOfTheID", "api_url_of_the_id"),
        ("URLOfIDOfAPI", "url_of_id_of_api"), ("userIDsURL", "user_ids_url"), ("URLsByIDs", "urls_by_ids"),
        ("playMP3URL", "play_mp3_url"), ("decodeSHA256URL", "decode_sha256_url"), ("UTF8URL", "utf8_url"),
        ("IDsURLs", "ids_urls"),
    ]

    @Test("Words are separated by underscores", arguments: names)
    func words(name: String, snake: String) {
        #expect(SnakeCase.name(name) == snake)
    }

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) {
            guard names.contains(where: { $0.0 == stringValue }) else { return nil }
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }

    @Test("A name leads back to its key", arguments: names)
    func keys(name: String, snake: String) {
        #expect(SnakeCase.key(Key.self, from: snake)?.stringValue == name)
    }

    @Test("A name of any form leads to no key and takes no time", arguments: ["____", "a_b_c_d_e_f_g_h", "createdAt"])
    func unknownKeys(name: String) {
        #expect(SnakeCase.key(Key.self, from: name) == nil)
    }

    /// The names that were tried as keys, for the one test that uses it.
    struct CountingKey: CodingKey {
        static let count = Atomic<Int>(0)

        var stringValue: String { "" }
        var intValue: Int? { nil }

        init?(stringValue: String) {
            Self.count.add(1, ordering: .relaxed)
            return nil
        }

        init?(intValue: Int) { nil }
    }

    @Test("Few spellings are tried for a name that a client has chosen")
    func boundedSpellings() {
        for name in ["as_as_bs_cs_ds", "aas_bbs_ccs_dds_ees", "urls_by_ids", "s_s_s_s_s", "created_at", "_", ""] {
            let before = CountingKey.count.load(ordering: .relaxed)
            #expect(SnakeCase.key(CountingKey.self, from: name) == nil)
            #expect(CountingKey.count.load(ordering: .relaxed) - before <= 14)
        }
    }

    struct Item: Codable, Equatable {
        var itemName: String
        var unitPrice: Double?
        var countsByName: [String: Int]
        var innerItems: [Item]
        var wideNumber: Int128
        var shape: Shape
    }

    enum Shape: Codable, Equatable {
        case filledCircle(outerRadius: Double)
        case remoteURL
    }

    @Test("Properties and cases have names in snake case, and keys of dictionaries keep theirs")
    func items() throws {
        let coding = ValueCoding(keys: .snakeCase)
        let inner = Item(
            itemName: "b", unitPrice: 1.5, countsByName: [:], innerItems: [], wideNumber: -1, shape: .remoteURL)
        let item = Item(
            itemName: "a", unitPrice: nil, countsByName: ["firstKey": 1], innerItems: [inner], wideNumber: 2,
            shape: .filledCircle(outerRadius: 1))
        let text = try JSON.encode(item, coding: coding)
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"item_name":"a","counts_by_name":{"firstKey":1},"inner_items":[{"item_name":"b","#
                + #""unit_price":1.5,"counts_by_name":{},"inner_items":[],"wide_number":-1,"#
                + #""shape":{"remote_url":{}}}],"wide_number":2,"shape":{"filled_circle":{"outer_radius":1}}}"#)
        #expect(try JSON.decode(Item.self, from: text, coding: coding) == item)
    }

    @Test("Errors have the names of the text in their paths")
    func paths() {
        let text = Array(#"{"item_name":1}"#.utf8)
        let error = #expect(throws: DecodingError.self) {
            try JSON.decode(Item.self, from: text, coding: ValueCoding(keys: .snakeCase))
        }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["item_name"])
    }

    @Test("Containers of every kind have names in snake case")
    func containers() throws {
        struct Base: Codable {
            var baseName = "b"
        }
        struct Manual: Codable {
            enum CodingKeys: CodingKey { case nestedObject, nestedList, parentValue, nothingHere }

            init() {}

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                var nested = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .nestedObject)
                try nested.encode(UInt128.max, forKey: .nothingHere)
                var list = container.nestedUnkeyedContainer(forKey: .nestedList)
                try list.encode(Base())
                try Base().encode(to: container.superEncoder(forKey: .parentValue))
                try container.encodeNil(forKey: .nothingHere)
                try Base().encode(to: container.superEncoder())
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                #expect(container.allKeys == [.nestedObject, .nestedList, .parentValue, .nothingHere])
                let nested = try container.nestedContainer(keyedBy: CodingKeys.self, forKey: .nestedObject)
                #expect(try nested.decode(UInt128.self, forKey: .nothingHere) == .max)
                var list = try container.nestedUnkeyedContainer(forKey: .nestedList)
                #expect(try list.decode(Base.self).baseName == "b")
                #expect(try Base(from: container.superDecoder(forKey: .parentValue)).baseName == "b")
                #expect(try container.decodeNil(forKey: .nothingHere))
                #expect(try Base(from: container.superDecoder()).baseName == "b")
            }
        }
        let coding = ValueCoding(keys: .snakeCase)
        let text = try JSON.encode(Manual(), coding: coding)
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"nested_object":{"nothing_here":340282366920938463463374607431768211455},"#
                + #""nested_list":[{"base_name":"b"}],"parent_value":{"base_name":"b"},"nothing_here":null,"#
                + #""super":{"base_name":"b"}}"#)
        _ = try JSON.decode(Manual.self, from: text, coding: coding)
    }

    @Test("The next value that a thread encodes has its own names again")
    func next() throws {
        struct Note: Encodable {
            var noteText = "n"
        }
        _ = try JSON.encode(Note(), coding: ValueCoding(keys: .snakeCase))
        #expect(try String(decoding: JSON.encode(Note()), as: UTF8.self) == #"{"noteText":"n"}"#)
        struct Outer: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(String(decoding: JSON.encode(Note()), as: UTF8.self))
            }
        }
        let text = try JSON.encode(Outer(), coding: ValueCoding(keys: .snakeCase))
        #expect(String(decoding: text, as: UTF8.self) == #""{\"noteText\":\"n\"}""#)
    }
}
