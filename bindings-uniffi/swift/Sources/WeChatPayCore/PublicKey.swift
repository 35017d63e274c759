/// A WeChat Pay public key: its id and the PEM text, or the path of the file.
public struct PublicKey: Sendable, Codable {
    /// `PUB_KEY_ID_…`
    public var id: String
    /// PEM text.
    public var key: String?
    /// Path of `pub_key.pem`.
    public var path: String?

    public init(id: String, key: String? = nil, path: String? = nil) {
        self.id = id
        self.key = key
        self.path = path
    }
}
