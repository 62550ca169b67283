// Proactive negotiation, RFC 9110 section 12. An answer that was chosen by one of these fields says so in Vary.
extension Request {
    /// Which of `offers` the client prefers by its Accept field, the first of those that it likes as much. Nil if it
    /// takes none: then answer 406, or send one nevertheless. Without the field it takes all.
    ///
    /// A media range with parameters stands for the offers that have them too.
    public func preferredMediaType(of offers: [MediaType]) -> MediaType? {
        preferred(offers, by: "Accept") { offer, range in
            guard let own = FieldParameters(offer.description) else { return nil }
            if range.value == "*/*" { return 0 }
            if range.value.hasSuffix("/*") { return own.value.hasPrefix(range.value.dropLast()) ? 1 : nil }
            let isIncluded = range.parameters.allSatisfy { own[$0.name] == $0.value }
            return own.value == range.value && isIncluded ? 2 + range.parameters.count : nil
        }
    }

    /// Whether the client takes a media type by its Accept field.
    public func accepts(_ mediaType: MediaType) -> Bool { preferredMediaType(of: [mediaType]) != nil }

    /// Which of `offers`, language tags as `de` or `pt-BR`, the client prefers by its Accept-Language field, the first
    /// of those that it likes as much. Nil if it asks for none of them. Without the field it takes all.
    ///
    /// A range stands for all tags that begin with it, and, where there is nothing better, for those that it begins
    /// with: who asks for `en-GB` gets `en` (RFC 4647 sections 3.3.1 and 3.4).
    public func preferredLanguage(of offers: [String]) -> String? {
        preferred(offers, by: "Accept-Language") { offer, range in
            let tag = offer.lowercased()
            if tag == range.value { return 3 }
            if tag.hasPrefix(range.value + "-") { return 2 }
            // Who does not want one dialect may well want another.
            if range.value.hasPrefix(tag + "-"), range.weight > 0 { return 1 }
            return range.value == "*" ? 0 : nil
        }
    }

    /// Which of `offers`, content codings as `gzip`, the client prefers by its Accept-Encoding field to an answer that
    /// is not encoded, the first of those that it likes as much. Nil for an answer as it is, and without the field.
    public func preferredContentCoding(of offers: [String]) -> String? {
        guard headers.contains("Accept-Encoding") else { return nil }
        // An answer as it is comes last: it is worth encoding one whenever the client likes that as much.
        let best = preferred(offers + ["identity"], by: "Accept-Encoding") { offer, range in
            if range.value == offer.lowercased() { return 1 }
            // What is not encoded is taken only where nothing else is, unless it is asked for by its name.
            return range.value == "*" && offer != "identity" ? 0 : nil
        }
        return best == "identity" ? nil : best
    }

    /// The offer of most weight. `specificity` says how closely a member of the field names an offer, nil if it does
    /// not: the closest decides on its weight.
    private func preferred<Offer>(
        _ offers: [Offer], by name: String, specificity: (Offer, WeightedValue) -> Int?
    ) -> Offer? {
        guard let text = headers[name] else { return offers.first }
        let ranges = WeightedValue.list(text)
        var best: (offer: Offer, weight: Int)?
        for offer in offers {
            var closest = (specificity: -1, weight: 0)
            for range in ranges {
                guard let specificity = specificity(offer, range), specificity >= closest.specificity else { continue }
                // Of two that name it as closely, the kinder one.
                let weight = specificity == closest.specificity ? max(closest.weight, range.weight) : range.weight
                closest = (specificity, weight)
            }
            if closest.weight > best?.weight ?? 0 { best = (offer, closest.weight) }
        }
        return best?.offer
    }
}
