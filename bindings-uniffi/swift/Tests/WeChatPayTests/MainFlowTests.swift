import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

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
        XCTAssertEqual(prepay.httpStatus, 200)
        XCTAssertEqual(prepay.signedBy, sandbox.credential("wechatpay_public_key_id"))
        let query = Payments.QueryByOutTradeNoRequest(out_trade_no: "SW-0001")
        let unpaid = try await client.payments.queryByOutTradeNo(query)
        XCTAssertEqual(unpaid.trade_state, .NOTPAY)
        try await sandbox.control("POST /sandbox/pay/SW-0001")
        let sent = try await sandbox.control("GET /sandbox/notifications?wait=true")
        guard let attempt = sent["notifications"]?.elements.last?["attempts"]?.elements.last else {
            return XCTFail("no notification was sent")
        }
        let body = Data((attempt["body"]?.text ?? "").utf8)
        let notification = try await client.parseNotification(headers: texts(attempt["headers"]), body: body)
        guard case .transaction(let paid)? = notification.payments else {
            return XCTFail("\(notification)")
        }
        XCTAssertEqual(paid.out_trade_no, "SW-0001")
        XCTAssertEqual(paid.amount?.total, 100)
        XCTAssertNotNil(paid.success_time?.date)
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

    func testAClientFromTheEnvironment() throws {
        let sandbox = try SandboxProcess()
        var variables = [
            "WECHATPAY_MCHID": sandbox.credential("mchid"),
            "WECHATPAY_PRIVATE_KEY": sandbox.credential("merchant_private_key"),
            "WECHATPAY_MERCHANT_SERIAL": sandbox.credential("merchant_serial_no"),
            "WECHATPAY_WECHATPAY_PUBLIC_KEY": sandbox.credential("wechatpay_public_key"),
            "WECHATPAY_PUBLIC_KEY_ID": sandbox.credential("wechatpay_public_key_id"),
            "WECHATPAY_BASE_URL": sandbox.credential("base_url"),
        ]
        XCTAssertThrowsError(try Client(environment: variables)) { error in
            guard case WeChatPayError.config(let details) = error else {
                return XCTFail("\(error)")
            }
            XCTAssertTrue(details.message.contains("WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"))
        }
        variables["WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"] = sandbox.credential("wechatpay_public_key_id")
        let client = try Client(environment: variables)
        XCTAssertEqual(client.mchid, sandbox.credential("mchid"))
        client.close()
    }

    func testAClientWithoutKeysSaysWhatIsMissing() {
        XCTAssertThrowsError(try Client(Options(mchid: "1900000001"))) { error in
            guard case WeChatPayError.config = error else {
                return XCTFail("\(error)")
            }
        }
    }

    func testABillComesToAPathAndIsReadRowByRow() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        defer { client.close() }
        let clock = try await sandbox.control("GET /sandbox/clock")
        let today = Timestamp(clock["time"]?.text ?? "").date ?? Date()
        // In China's time, as the sandbox tells it.
        let day = String(Timestamp(today.addingTimeInterval(8 * 3600 - 86_400)).text.prefix(10))
        try await sandbox.control("POST /sandbox/bills", .object(["bill_date": .string(day), "rows": .int(20)]))
        let bill = try await client.bills.tradeBill(.init(bill_date: day))
        let path = NSTemporaryDirectory() + "wechatpay-bill-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let done = try await client.download(bill, to: path)
        XCTAssertEqual(done.sha1, bill.hash_value)
        let reader = try BillReader(path: path)
        XCTAssertTrue(reader.columns.contains("商户订单号"))
        var rows = 0
        while let row = try reader.next() {
            XCTAssertNotNil(row["订单金额"])
            rows += 1
        }
        XCTAssertEqual(reader.summary()?["总交易单数"], String(rows))
        let trade = try TradeBillReader(path: path)
        var total = 0
        while let row = try trade.next() {
            XCTAssertNil(row.refund_id)
            total += row.total ?? 0
        }
        XCTAssertEqual(total, Int(try Fen.of(yuan: trade.summary()?["订单总金额"] ?? "")))
        XCTAssertThrowsError(try FundFlowBillReader(path: path)) { error in
            XCTAssertEqual((error as? WeChatPayError)?.details.code, "BILL_COLUMNS")
        }
        XCTAssertThrowsError(try Fen.of(yuan: "1e2"))
    }

    func testAnOperationAnswersWithAFile() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        defer { client.close() }
        let path = NSTemporaryDirectory() + "wechatpay-statement-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        let done = try await client.global.bills.downloadStatement(.init(date: "20260808"), to: path) { _, _ in }
        XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path)).count, done.bytes)
        try FileManager.default.removeItem(atPath: path)
        try await sandbox.control("POST /sandbox/faults", .object([
            "match": .object(["operation": .string("global.bills.download_statement")]), "fault": .object(["alter_body": .bool(true)]),
        ]))
        do {
            _ = try await client.global.bills.downloadStatement(.init(date: "20260808"), to: path)
            XCTFail("an error was expected")
        } catch WeChatPayError.integrity(let details) {
            XCTAssertEqual(details.operation, "global.bills.download_statement")
        }
        XCTAssertFalse(FileManager.default.fileExists(atPath: path))
    }

    func testAnUploadSaysWhatGoesWithTheFileAndAnUndocumentedAnswerIsJson() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        defer { client.close() }
        let invoice = try await client.fapiao.applications.uploadFile(
            .init(sub_mchid: "1900000109", file_type: .PDF), fileName: "a.pdf", content: Data(count: 10)
        )
        XCTAssertNotNil(invoice.fapiao_media_id)
        let answer = try await client.devices.speakers.query(.init(device_sn: "7522164923628376"))
        XCTAssertEqual(answer.value, .object([:]))
        XCTAssertNotNil(answer.requestId)
        try await sandbox.control("POST /sandbox/faults", .object([
            "match": .object(["operation": .string("devices.speakers.query")]), "fault": .object(["status": .int(204)]),
        ]))
        let nothing = try await client.devices.speakers.query(.init(device_sn: "7522164923628376"))
        XCTAssertEqual(nothing.value, .null)
    }

    func testAnImageIsUploaded() async throws {
        let sandbox = try SandboxProcess()
        let client = try Client(sandbox.options())
        defer { client.close() }
        let image = try await client.media.uploadImage(fileName: "门店.png", content: Data(count: 1000))
        XCTAssertNotNil(image.media_id)
    }
}
