import Dispatch
import Foundation
import WeChatPayNative

/// Signs in place of a private key: in front of a KMS or an HSM. `sign` may suspend or block, on several threads at a time; what it throws
/// is the `underlyingError` of `.signing`, and nothing was sent. One that gives no answer within 30 seconds is cancelled.
public protocol Signer: Sendable {
    /// The signature of the message: RSASSA-PKCS1-v1_5 with SHA-256.
    func sign(_ message: Data) async throws -> Data

    /// The plain text of a sensitive field of an answer: RSAES-OAEP with SHA-1. Without it such fields are a `.decryption` error.
    func decrypt(_ ciphertext: Data) async throws -> Data
}

/// A signer for a service that signs digests: `sign` gets the SHA-256 of the message, 32 bytes.
public protocol DigestSigner: Signer {}

extension Signer {
    public func decrypt(_ ciphertext: Data) async throws -> Data {
        throw SignerCannot("the signer has no method decrypt, so that sensitive fields stay closed")
    }
}

/// What a signer does not do, or not in time.
struct SignerCannot: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A signer as native code asks it, on the thread that makes the call.
final class SignerBridge: NativeSigner, Sendable {
    private static let longest = 30
    private static let thrown = "wechatpay.signer.thrown"

    private let signer: any Signer

    init(_ signer: any Signer) {
        self.signer = signer
    }

    func sign(input: Data) throws -> Data {
        try wait { [signer] in try await signer.sign(input) }
    }

    func decrypt(ciphertext: Data) throws -> Data {
        try wait { [signer] in try await signer.decrypt(ciphertext) }
    }

    /// What a signer threw on this thread last; nothing when it is asked again.
    static func takeThrown() -> (any Error)? {
        let found = Thread.current.threadDictionary[thrown] as? any Error
        Thread.current.threadDictionary[thrown] = nil
        return found
    }

    private func wait(for work: @escaping @Sendable () async throws -> Data) throws -> Data {
        Thread.current.threadDictionary[Self.thrown] = nil
        let answer = SignerAnswer()
        let task = Task.detached {
            do {
                answer.give(.success(try await work()))
            } catch {
                answer.give(.failure(error))
            }
        }
        switch answer.wait(seconds: Self.longest) {
        case .success(let bytes)?:
            return bytes
        case .failure(let error)?:
            throw failed(error)
        case nil:
            task.cancel()
            throw failed(SignerCannot("it gave no answer within \(Self.longest) seconds"))
        }
    }

    private func failed(_ error: any Error) -> SignerFailure {
        Thread.current.threadDictionary[Self.thrown] = error
        return .Failed(why: "\(error)")
    }
}

/// One answer, from one thread to another.
private final class SignerAnswer: @unchecked Sendable {
    private let lock = NSLock()
    private let given = DispatchSemaphore(value: 0)
    private var answer: Result<Data, any Error>?

    func give(_ answer: Result<Data, any Error>) {
        lock.lock()
        self.answer = answer
        lock.unlock()
        given.signal()
    }

    func wait(seconds: Int) -> Result<Data, any Error>? {
        guard given.wait(timeout: .now() + .seconds(seconds)) == .success else { return nil }
        lock.lock()
        defer { lock.unlock() }
        return answer
    }
}
