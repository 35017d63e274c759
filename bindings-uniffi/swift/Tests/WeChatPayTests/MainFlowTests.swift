import Foundation
import XCTest
@testable import WeChatPay

final class MainFlowTests: XCTestCase {
    func order(_ sandbox: SandboxProcess, _ number: String) -> Payments.Jsapi.PrepayRequest {
        Payments.Jsapi.PrepayRequest(
            appid: sandbox.credential("appid"),
            description: "茶 tea",
            out_trade_no: number,
            notify_url: "http://127.0.0.1:1/notify",
            amount: Payments.Amount(total: 100),
            payer: Payments.Jsapi.JsapiPayer(openid: sandbox.credential("openid"))
        )
    }

    func testFromPrepayToPaid() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        defer { client.close() }
        let prepay = try await client.payments.jsapi.prepay(order(sandbox, "SW-0001"))
        XCTAssertNotNil(prepay.prepay_id)
        XCTAssertNotNil(prepay.requestId)
        let query = Payments.QueryByOutTradeNoRequest(out_trade_no: "SW-0001")
        let unpaid = try await client.payments.queryByOutTradeNo(query)
        XCTAssertEqual(unpaid.trade_state, .NOTPAY)
        _ = try await sandbox.control("POST", "/sandbox/pay/SW-0001", .object([:]))
        let sent = try await sandbox.control("GET", "/sandbox/notifications?wait=true")
        guard case .array(let list)? = sent["notifications"], case .array(let attempts)? = list.last?["attempts"],
              let attempt = attempts.last, let body = attempt["body"]?.text
        else {
            return XCTFail("no notification was sent")
        }
        let notification = try await client.parseNotification(headers: headers(attempt["headers"]), body: Data(body.utf8))
        guard case .paymentsTransaction(let paid) = notification.resource else {
            return XCTFail("\(notification.resource)")
        }
        XCTAssertEqual(paid.out_trade_no, "SW-0001")
        XCTAssertEqual(paid.amount?.total, 100)
        XCTAssertNotNil(paid.success_time?.date)
    }

    private func headers(_ value: JSONValue?) -> [String: String] {
        switch value {
        case .object(let members)?:
            return members.compactMapValues { $0.text }
        case .array(let pairs)?:
            var headers: [String: String] = [:]
            for case .array(let pair) in pairs where pair.count == 2 {
                headers[pair[0].text ?? ""] = pair[1].text
            }
            return headers
        default:
            return [:]
        }
    }

    func testErrorsCarryTheirFields() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        do {
            _ = try await client.payments.queryByOutTradeNo(.init(out_trade_no: "nobody-knows-it"))
            XCTFail("an error was expected")
        } catch WeChatPayError.api(let details) {
            XCTAssertEqual(details.code, "ORDER_NOT_EXIST")
            XCTAssertEqual(details.status, 404)
            XCTAssertNotNil(details.requestId)
            XCTAssertFalse(details.authenticated)
        }
        client.close()
        client.close()
        do {
            _ = try await client.payments.queryByOutTradeNo(.init(out_trade_no: "1"))
            XCTFail("an error was expected")
        } catch WeChatPayError.closed {
        }
    }

    func testAClientWithoutKeysSaysWhatIsMissing() {
        XCTAssertThrowsError(try Client(Options(mchid: "1900000001"))) { error in
            guard case WeChatPayError.config = error else {
                return XCTFail("\(error)")
            }
        }
    }
}
