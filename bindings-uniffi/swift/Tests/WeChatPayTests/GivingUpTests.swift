import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

/// What a call leaves behind whose task was cancelled: nothing more is sent, and the error knows what had been.
final class GivingUpTests: XCTestCase {
    private let operation = "busifavor.subsidies.pay"

    private let subsidy = """
    {"stock_id":"128888000000001","coupon_code":"ABCD12345678","transaction_id":"4200000913202101152566792388",
     "payer_merchant":"1900000001","payee_merchant":"1900000002","amount":100,"description":"tea","out_subsidy_no":"SUBSIDY-1"}
    """

    /// A client that a test could not wait for, were its calls not given up.
    private func patient(_ sandbox: SandboxProcess) throws -> Client {
        var options = sandbox.options()
        options.timeout = 72_000
        options.readTimeout = 72_000
        options.retries = 2
        return try Client(options)
    }

    private func arrived(_ sandbox: SandboxProcess) async throws -> Int {
        try await sandbox.control("GET /sandbox/requests?operation=\(operation)")["requests"]?.elements.count ?? -1
    }

    func testACancelledTaskGivesItsCallUp() async throws {
        let sandbox = try SandboxProcess()
        let client = try patient(sandbox)
        defer { client.close() }
        try await sandbox.control("POST /sandbox/faults", .object([
            "match": .object(["operation": .string(operation), "count": .null]),
            "fault": .object(["hold": .string("gate"), "hold_at": .string("request")]),
        ]))
        let (operation, subsidy) = (self.operation, self.subsidy)
        let call = Task { try await client.call(operation, params: subsidy) }
        while try await arrived(sandbox) == 0 {
            await Task.yield()
        }
        call.cancel()
        switch await call.result {
        case .success(let answer): XCTFail(answer)
        case .failure(WeChatPayError.timeout(let details)):
            XCTAssertEqual(details.code, "ABORTED")
            XCTAssertTrue(details.outcomeUnknown)
            XCTAssertTrue(details.message.contains("list_pay_receipts"), details.message)
        case .failure(let error): XCTFail("\(error)")
        }
        try await sandbox.control("POST /sandbox/release/gate")
        _ = try await client.call("security.echo", params: #"{"echo_message":"the client goes on"}"#)
        let requests = try await arrived(sandbox)
        XCTAssertEqual(requests, 1)
    }

    func testATaskThatWasCancelledBeforeSendsNothing() async throws {
        let sandbox = try SandboxProcess()
        let client = try patient(sandbox)
        defer { client.close() }
        let (operation, subsidy) = (self.operation, self.subsidy)
        let call = Task {
            while !Task.isCancelled {
                await Task.yield()
            }
            return try await client.call(operation, params: subsidy)
        }
        call.cancel()
        switch await call.result {
        case .failure(WeChatPayError.timeout(let details)):
            XCTAssertFalse(details.outcomeUnknown)
            XCTAssertTrue(details.message.hasSuffix("Nothing was sent."), details.message)
        case let other: XCTFail("\(other)")
        }
        let requests = try await arrived(sandbox)
        XCTAssertEqual(requests, 0)
    }
}
