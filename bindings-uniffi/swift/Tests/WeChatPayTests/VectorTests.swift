import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

/// `tests/vectors` of the repository. What needs a clock that can be set is the Rust kernel's to test.
final class VectorTests: XCTestCase {
    private let keyId = "PUB_KEY_ID_0000000000000024101100397200000006"

    /// A client with the keys that the documentation publishes.
    private func documentedClient(_ published: JSONValue) throws -> Client {
        let merchant = published["keys"]?["doc.merchant"] ?? .null
        var options = Options(mchid: merchant["mchid"]?.text ?? "")
        options.privateKey = merchant["private_key_pem"]?.text
        options.merchantSerial = merchant["serial"]?.text
        options.apiV3Key = "0123456789abcdef0123456789abcdef"
        let publicKey = PublicKey(id: keyId, key: published["keys"]?["doc.wechatpay"]?["public_key_pem"]?.text)
        options.publicKeys = [publicKey]
        options.hkPublicKey = publicKey
        return try Client(options)
    }

    func testThePublishedAnswerIsOldAndNothingElseIsWrong() throws {
        let published = try repositoryFile("tests/vectors/published.json")
        let client = try documentedClient(published)
        let vector = published["vectors"]?.elements.first { $0["id"]?.text == "doc.verify_response" } ?? .null
        let body = Data((vector["body"]?.text ?? "").utf8)
        do {
            _ = try client.finish("payments.native.prepay", status: 200, headers: texts(vector["headers"]), body: body)
            XCTFail("an old answer was accepted")
        } catch WeChatPayError.verification(let details) {
            XCTAssertEqual(details.code, "CLOCK_OFF")
            XCTAssertTrue(details.outcomeUnknown)
        }
    }

    func testThePublishedProbesAreRecognised() async throws {
        let published = try repositoryFile("tests/vectors/published.json")
        let client = try documentedClient(published)
        var probes = 0
        for vector in published["vectors"]?.elements ?? [] where vector["type"]?.text == "probe signature" {
            let headers = [
                "Wechatpay-Timestamp": String(Int(Date().timeIntervalSince1970)), "Wechatpay-Nonce": "n",
                "Wechatpay-Serial": keyId, "Wechatpay-Signature": vector["signature"]?.text ?? "",
            ]
            do {
                _ = try await client.parseNotification(headers: headers, body: Data("{}".utf8))
                XCTFail("a probe was accepted")
            } catch WeChatPayError.verification(let details) {
                XCTAssertEqual(details.code, "SIGNTEST_PROBE")
            }
            probes += 1
        }
        XCTAssertEqual(probes, 2)
    }

    func testSensitiveFieldsOfAnotherLibraryAreDecrypted() throws {
        let generated = try repositoryFile("tests/vectors/generated.json")
        var options = Options(mchid: generated["mchid"]?.text ?? "")
        options.privateKey = generated["keys"]?["merchant"]?["private_key"]?.text
        options.merchantSerial = generated["merchant_serial"]?.text
        options.apiV3Key = generated["api_v3_key"]?.text
        let client = try Client(options)
        let vectors = generated["oaep"]?.elements ?? []
        XCTAssertFalse(vectors.isEmpty)
        for vector in vectors {
            XCTAssertEqual(try client.decryptField(vector["ciphertext"]?.text ?? ""), vector["plaintext"]?.text)
        }
    }

    /// Every request of the spec's examples is accepted and signed.
    func testEveryExampleOfARequestIsSigned() throws {
        let client = try documentedClient(try repositoryFile("tests/vectors/published.json"))
        var signed = 0
        for example in try exampleOperations() {
            let operation = example["operation"]?.text ?? ""
            guard let request = example["request"], example["upload"] == nil else {
                continue
            }
            let prepared = try client.prepare(operation, params: request.jsonText)
            XCTAssertTrue(prepared.headers["Authorization"]?.hasPrefix("WECHATPAY2-SHA256-RSA2048 ") ?? false, operation)
            signed += 1
        }
        XCTAssertGreaterThan(signed, 40)
    }
}
