import Foundation

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

/// Options of a `Client`; times in seconds.
///
/// Mandatory: `mchid`, a private key, and the serial number of the merchant's API certificate or the certificate itself.
/// To verify answers: a WeChat Pay public key (new merchants have nothing else), or the APIv3 key with which platform
/// certificates are downloaded. For notifications: the APIv3 key.
public struct Options: Sendable, Encodable, CustomStringConvertible, CustomReflectable {
    /// Merchant number.
    public var mchid: String
    /// The merchant's private key as PEM text.
    public var privateKey: String?
    /// The file with the merchant's private key: `apiclient_key.pem`.
    public var privateKeyPath: String?
    /// Private key and certificate in a PKCS#12 file (`apiclient_cert.p12`): its content as base64.
    public var privateKeyPKCS12Base64: String?
    /// The PKCS#12 file (`apiclient_cert.p12`) itself.
    public var privateKeyPKCS12Path: String?
    /// Password of the PKCS#12 file; the merchant number when left out.
    public var privateKeyPassword: String?
    /// Serial number of the merchant's API certificate: 40 hexadecimal digits.
    public var merchantSerial: String?
    /// The merchant's API certificate as PEM text.
    public var merchantCertificate: String?
    /// The file with the merchant's API certificate: `apiclient_cert.pem`.
    public var merchantCertificatePath: String?
    /// The APIv3 key: 32 characters.
    public var apiV3Key: String?
    /// WeChat Pay public keys.
    public var publicKeys: [PublicKey] = []
    /// Platform certificates held locally, as PEM text.
    public var platformCertificates: [String] = []
    /// Scheme and host of the API, for a sandbox or a gateway.
    public var baseURL: String?
    /// Whether to go to WeChat Pay's second domain when the first cannot be reached.
    public var failover: Bool?
    /// Address of the second domain.
    public var failoverBaseURL: String?
    /// Further hosts that files may be fetched from, such as `files.example.com:8443`. A download is signed, and the signature does
    /// not say for which host: it goes only to WeChat Pay's hosts, the base URL's, and these.
    public var downloadHosts: [String] = []
    /// Longest time to make a connection.
    public var connectTimeout: Double?
    /// Longest time to wait for an answer.
    public var readTimeout: Double?
    /// Longest time for a call as a whole.
    public var timeout: Double?
    /// How often a call is repeated at most, where that is safe.
    public var retries: Int?
    /// Address of a forward proxy: `http://user:password@proxy:3128`, or `socks5://`. Default: what the environment says.
    public var proxy: String?
    /// Roots to trust instead of the platform's, as PEM text.
    public var caCertificates: String?
    /// Name of the application, put at the end of the `User-Agent`.
    public var userAgent: String?
    /// Language of WeChat Pay's error messages.
    public var acceptLanguage: String?
    private let language = "Swift"

    public init(mchid: String) {
        self.mchid = mchid
    }

    /// Shows no key.
    public var description: String { "Options(mchid: \(mchid))" }

    /// `dump` shows no more than `description`.
    public var customMirror: Mirror { Mirror(self, children: ["mchid": mchid]) }

    private enum CodingKeys: String, CodingKey {
        case mchid, failover, timeout, retries, proxy, language
        case privateKey = "private_key"
        case privateKeyPath = "private_key_path"
        case privateKeyPKCS12Base64 = "private_key_p12_base64"
        case privateKeyPKCS12Path = "private_key_p12_path"
        case privateKeyPassword = "private_key_password"
        case merchantSerial = "merchant_serial"
        case merchantCertificate = "merchant_certificate"
        case merchantCertificatePath = "merchant_certificate_path"
        case apiV3Key = "api_v3_key"
        case publicKeys = "wechatpay_public_keys"
        case platformCertificates = "platform_certificates"
        case baseURL = "base_url"
        case failoverBaseURL = "failover_base_url"
        case downloadHosts = "download_hosts"
        case connectTimeout = "connect_timeout"
        case readTimeout = "read_timeout"
        case caCertificates = "ca_certificates"
        case userAgent = "user_agent"
        case acceptLanguage = "accept_language"
    }
}
