// Proactive negotiation, RFC 9110 section 12. A response that was chosen by one of these fields must list it in Vary.
extension Request {
    /// Returns the offer that the client prefers by its Accept field; of several with equal weight, the first. Nil if
    /// it accepts none: then respond with 406, or send one nevertheless. Without the field it accepts all.
    ///
    /// A media range with parameters matches the offers that have them too. Of a field with more than 256 ranges, the
    /// first 256 count.
    public func preferredMediaType(of offers: [MediaType]) -> MediaType? {
        preferredOffer(of: offers, accept: headers["Accept"])
    }

    /// Whether the client accepts a media type by its Accept field.
    public func accepts(_ mediaType: MediaType) -> Bool { preferredMediaType(of: [mediaType]) != nil }

    /// Returns the offer, a language tag such as `de` or `pt-BR`, that the client prefers by its Accept-Language field;
    /// of several with equal weight, the first. Nil if it accepts none. Without the field it accepts all.
    ///
    /// A range matches the tags that begin with it and, if there is no better match, the tags that it begins with: for
    /// `en-GB` the client gets `en` (RFC 4647 sections 3.3.1 and 3.4).
    public func preferredLanguage(of offers: [String]) -> String? {
        let tags = offers.map { $0.lowercased() }
        let best = preferredOffer(of: tags, by: headers["Accept-Language"]) { tag, range in
            if tag == range.value { return 3 }
            if tag.hasPrefix(range.value + "-") { return 2 }
            // A client that rejects one dialect may accept another.
            if range.value.hasPrefix(tag + "-"), range.weight > 0 { return 1 }
            return range.value == "*" ? 0 : nil
        }
        return best.map { offers[$0] }
    }

    /// Returns the offer, a content coding such as `gzip`, that the client prefers by its Accept-Encoding field; of
    /// several with equal weight, the first. Nil if it prefers a response that is not encoded, and without the field.
    public func preferredContentCoding(of offers: [String]) -> String? {
        guard let text = headers["Accept-Encoding"] else { return nil }
        // Last, so that a coding is preferred to none if both have the same weight.
        let codings = offers.map { $0.lowercased() } + ["identity"]
        let best = preferredOffer(of: codings, by: text) { coding, range in
            if range.value == coding { return 1 }
            // "*" matches the offers only: without its name in the field, identity is just the fallback.
            return range.value == "*" && coding != "identity" ? 0 : nil
        }
        guard let best, codings[best] != "identity" else { return nil }
        return offers[best]
    }
}

/// Returns the media type that the value of an Accept field prefers; nil for the value means that there is none.
func preferredOffer(of offers: [MediaType], accept: String?) -> MediaType? {
    guard let accept else { return offers.first }
    // A literal need not be a media type; then nothing matches it.
    let best = preferredOffer(of: offers.map { FieldParameters($0.description) }, by: accept) { own, range in
        guard let own else { return nil }
        if range.value == "*/*" { return 0 }
        if range.value.hasSuffix("/*") { return own.value.hasPrefix(range.value.dropLast()) ? 1 : nil }
        let isIncluded = range.parameters.allSatisfy { own[$0.name] == $0.value }
        return own.value == range.value && isIncluded ? 2 + range.parameters.count : nil
    }
    return best.map { offers[$0] }
}

/// Returns the index of the offer with the highest weight in the value of a field, which is read once.
/// `specificity` is how closely a member of the field matches an offer, or nil if it does not: the closest member
/// determines the offer's weight.
private func preferredOffer<Offer>(
    of offers: [Offer], by text: String?, specificity: (Offer, WeightedValue) -> Int?
) -> Int? {
    guard let text else { return offers.indices.first }
    var closest = [(specificity: Int, weight: Int)](repeating: (-1, 0), count: offers.count)
    WeightedValue.forEach(in: text) { range in
        for (index, offer) in offers.enumerated() {
            guard let specificity = specificity(offer, range), specificity >= closest[index].specificity else {
                continue
            }
            // Of two that match as closely, the one with the higher weight.
            let isAsClose = specificity == closest[index].specificity
            closest[index] = (specificity, isAsClose ? max(closest[index].weight, range.weight) : range.weight)
        }
    }
    let best = closest.map(\.weight).max() ?? 0
    return best > 0 ? closest.firstIndex { $0.weight == best } : nil
}
