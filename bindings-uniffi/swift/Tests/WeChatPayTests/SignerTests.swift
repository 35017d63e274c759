import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

/// Another process holds the key, here `openssl`, as a KMS or an HSM would.
private struct OfOpenssl: Signer {
    let key: String

    init(_ sandbox: SandboxProcess) throws {
        key = NSTemporaryDirectory() + "wechatpay-signer-" + UUID().uuidString + ".pem"
        try sandbox.credential("merchant_private_key").write(toFile: key, atomically: true, encoding: .utf8)
    }

    func sign(_ message: Data) async throws -> Data {
        try openssl(["dgst", "-sha256", "-sign", key], message)
    }

    func decrypt(_ ciphertext: Data) async throws -> Data {
        try openssl(["pkeyutl", "-decrypt", "-inkey", key, "-pkeyopt", "rsa_padding_mode:oaep"], ciphertext)
    }
}

private struct OfDigests: DigestSigner {
    let key: String

    func sign(_ message: Data) async throws -> Data {
        guard message.count == 32 else { throw TestFailure("\(message.count) bytes are no SHA-256") }
        return try openssl(["pkeyutl", "-sign", "-inkey", key, "-pkeyopt", "digest:sha256"], message)
    }
}

private struct Closed: Error, CustomStringConvertible {
    let description = "the vault is closed"
}

private struct OfClosed: Signer {
    func sign(_ message: Data) async throws -> Data { throw Closed() }
}

private func openssl(_ arguments: [String], _ given: Data) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    input.fileHandleForWriting.write(given)
    input.fileHandleForWriting.closeFile()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw TestFailure("openssl failed") }
    return said
}

final class SignerTests: XCTestCase {
    private func options(_ sandbox: SandboxProcess) -> Options {
        var options = sandbox.options()
        options.privateKey = nil
        return options
    }

    private func order(_ sandbox: SandboxProcess, _ number: String) -> Payments.Native.PrepayRequest {
        .init(
            appid: sandbox.credential("appid"), description: "tea", out_trade_no: number,
            notify_url: "https://shop.example/notify", amount: .init(total: 100)
        )
    }

    func testASignerSignsAndDecrypts() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(options(sandbox), signer: OfOpenssl(sandbox))
        let order = try await client.payments.native.prepay(order(sandbox, "SW-S0001"))
        XCTAssertNotNil(order.code_url)
        let answer = try await client.security.echo(.init(echo_message: "a", encrypted_echo_message: "张三"))
        XCTAssertEqual(answer.encrypted_echo_message, "张三")
        let page = try client.jsapiPayment(appid: sandbox.credential("appid"), prepayId: "wx201410272009395522657a690389285100")
        XCTAssertNotNil(page["paySign"])
    }

    func testDigestsAreSignedByWhoAsksForThem() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(options(sandbox), signer: OfDigests(key: OfOpenssl(sandbox).key))
        let order = try await client.payments.native.prepay(order(sandbox, "SW-S0002"))
        XCTAssertNotNil(order.code_url)
        do {
            _ = try await client.security.echo(.init(echo_message: "a", encrypted_echo_message: "b"))
            XCTFail("an error was expected")
        } catch WeChatPayError.decryption(let details) {
            XCTAssertTrue(details.underlyingError is SignerCannot, "\(details)")
        }
    }

    func testWhatASignerThrowsIsTheCauseAndNothingWasSent() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(options(sandbox), signer: OfClosed())
        do {
            _ = try await client.payments.native.prepay(order(sandbox, "SW-S0003"))
            XCTFail("an error was expected")
        } catch WeChatPayError.signing(let details) {
            XCTAssertTrue(details.underlyingError is Closed, "\(details)")
            XCTAssertTrue(details.message.contains("the vault is closed"), details.message)
            XCTAssertFalse(details.outcomeUnknown)
        }
        let requests = try await sandbox.control("GET /sandbox/requests")
        XCTAssertEqual(requests["requests"]?.elements.count, 0)
    }

    func testAnotherKeyThanThatOfTheCertificateIsFoundBeforeAnythingIsSent() async throws {
        let sandbox = try SandboxProcess()
        var options = options(sandbox)
        options.merchantSerial = nil
        options.merchantCertificate = sandbox.credential("merchant_certificate")
        let stranger = NSTemporaryDirectory() + "wechatpay-stranger-" + UUID().uuidString + ".pem"
        _ = try openssl(["genpkey", "-algorithm", "RSA", "-out", stranger], Data())
        let client = try Client(options, signer: OfDigests(key: stranger))
        do {
            _ = try await client.payments.native.prepay(order(sandbox, "SW-S0004"))
            XCTFail("an error was expected")
        } catch WeChatPayError.signing(let details) {
            XCTAssertTrue(details.message.contains("another key"), details.message)
            XCTAssertNil(details.underlyingError)
        }
        let requests = try await sandbox.control("GET /sandbox/requests")
        XCTAssertEqual(requests["requests"]?.elements.count, 0)
    }
}
