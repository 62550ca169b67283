import JSON

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The conversions between scalars and the types of Foundation.
final class FoundationConversions: ValueConversions {
    let dates: ValueCoding.Dates

    init(dates: ValueCoding.Dates) {
        self.dates = dates
    }

    func scalar<Value>(of value: Value) throws(ValueConversionError) -> ConvertedScalar {
        switch value {
        case let date as Date:
            guard let instant = Instant(date) else { throw ValueConversionError("the date is out of range") }
            switch dates {
            case .rfc3339:
                guard let text = instant.rfc3339 else { throw ValueConversionError("the year has not four digits") }
                return .string(text)
            case .secondsSince1970: return .number(instant.decimal(movedBy: 0))
            case .millisecondsSince1970: return .number(instant.decimal(movedBy: 3))
            }
        case let url as URL: return .string(url.absoluteString)
        case let data as Data: return .string(data.base64EncodedString())
        case let decimal as Decimal:
            guard !decimal.isNaN else { throw ValueConversionError("the Decimal is not a number") }
            return .number(decimal.description)
        default: throw .unsupported(Value.self)
        }
    }

    func value<Value>(_ type: Value.Type, from scalar: ConvertedScalar) throws(ValueConversionError) -> Value {
        let value: Any
        switch type {
        case is Date.Type: value = try date(scalar)
        case is URL.Type:
            guard let url = URL(string: try text(scalar), encodingInvalidCharacters: false) else {
                throw ValueConversionError("a URL is expected")
            }
            value = url
        case is Data.Type:
            guard let data = Data(base64Encoded: try text(scalar)) else {
                throw ValueConversionError("Base64 is expected")
            }
            value = data
        case is Decimal.Type: value = try decimal(scalar)
        case is UUID.Type:
            guard let uuid = UUID(uuidString: try text(scalar)) else {
                throw ValueConversionError("a UUID is expected")
            }
            value = uuid
        default: throw .unsupported(type)
        }
        guard let value = value as? Value else { throw .unsupported(type) }
        return value
    }

    private func date(_ scalar: ConvertedScalar) throws(ValueConversionError) -> Date {
        let places: Int
        switch dates {
        case .rfc3339:
            guard let date = Instant(rfc3339: try text(scalar))?.date else {
                throw ValueConversionError("a date of RFC 3339 is expected, such as 2026-11-28T08:01:08Z")
            }
            // An offset, a leap second or rounding may lead to a year without four digits in UTC.
            guard Instant(date)?.rfc3339 != nil else { throw ValueConversionError("the date is out of range") }
            return date
        case .secondsSince1970: places = 0
        case .millisecondsSince1970: places = 3
        }
        guard let number = DecimalNumber(try digits(scalar)), let date = number.date(dividedByPowerOfTen: places),
            Instant(date) != nil
        else { throw ValueConversionError("the date is out of range") }
        return date
    }

    private func decimal(_ scalar: ConvertedScalar) throws(ValueConversionError) -> Decimal {
        guard let number = DecimalNumber(try digits(scalar)) else { throw ValueConversionError("a number is expected") }
        guard let decimal = number.decimal else {
            throw ValueConversionError("the number has more digits than a Decimal, or is out of its range")
        }
        return decimal
    }

    private func text(_ scalar: ConvertedScalar) throws(ValueConversionError) -> String {
        switch scalar {
        case .string(let text), .untyped(let text): return text
        case .number: throw ValueConversionError("expected a string, found a number")
        }
    }

    private func digits(_ scalar: ConvertedScalar) throws(ValueConversionError) -> String {
        switch scalar {
        case .number(let text), .untyped(let text): return text
        case .string: throw ValueConversionError("expected a number, found a string")
        }
    }
}
