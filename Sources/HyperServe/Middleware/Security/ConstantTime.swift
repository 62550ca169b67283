/// Whether two secrets are the same. How long it takes tells an attacker the length of what he sent, and nothing about
/// the one that is kept: each byte of `candidate` is compared, wherever the first difference is.
public func isSameSecret(_ candidate: String, _ secret: String) -> Bool {
    let (candidate, secret) = (Array(candidate.utf8), Array(secret.utf8))
    var difference = UInt(bitPattern: candidate.count ^ secret.count)
    for index in candidate.indices {
        // An empty secret, or a shorter one, is compared with itself over and over.
        let expected = secret.isEmpty ? 0 : secret[index % secret.count]
        difference |= UInt(candidate[index] ^ expected)
    }
    return difference == 0
}
