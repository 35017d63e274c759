import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

final class ModelTests: XCTestCase {
    private func decode<T: Decodable>(_ type: T.Type, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    func testAnswersAreReadTolerantly() throws {
        let json = """
            {"out_trade_no":7,"trade_state":"TELEPORTED","amount":{"total":"12"},"payer":"nobody","novel":{"a":1}}
            """
        let order = try decode(Payments.Transaction.self, json)
        XCTAssertEqual(order.out_trade_no, "7")
        XCTAssertEqual(order.trade_state, Payments.TradeState(rawValue: "TELEPORTED"))
        XCTAssertEqual(order.amount?.total, 12)
        XCTAssertNil(order.payer)
        XCTAssertNil(order.mchid)
        let reply = Reply(value: order, requestId: nil, httpStatus: 200, signedBy: "", attempts: 1, text: json)
        XCTAssertEqual(reply.json["novel"]?["a"], .int(1))
    }

    func testNoNumberChangesOnItsWay() throws {
        let json = #"{"safe":9007199254740993,"most":9223372036854775807,"more":9223372036854775808,"least":-9223372036854775808}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        XCTAssertEqual(value["safe"], .int(9_007_199_254_740_993))
        XCTAssertEqual(value["most"], .int(.max))
        XCTAssertEqual(value["more"], .string("9223372036854775808"))
        XCTAssertEqual(value["least"], .int(.min))
    }

    func testWhatIsNilIsNotSent() throws {
        let request = Payments.QueryByOutTradeNoRequest(out_trade_no: "1")
        XCTAssertEqual(String(decoding: try JSONEncoder().encode(request), as: UTF8.self), #"{"out_trade_no":"1"}"#)
    }

    func testWhatIsEncryptedOnTheWireIsNotShown() {
        let identity = Payments.Identity(type: .IDCARD, number: "110101199003078515", name: "张三")
        for text in ["\(identity)", String(reflecting: identity)] {
            XCTAssertFalse(text.contains("110101199003078515") || text.contains("张三"), text)
        }
    }

    /// The examples of the spec, which all languages share: every answer keeps the fields that have a type.
    func testTheSharedVectorsDecode() throws {
        let operations = try exampleOperations()
        var read = 0
        for operation in operations where operation["id"]?.text == "payments.query_by_out_trade_no" {
            let answer = try JSONEncoder().encode(operation["response"] ?? .null)
            let order = try JSONDecoder().decode(Payments.Transaction.self, from: answer)
            let again = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(order))
            XCTAssertEqual(again, operation["response"])
            read += 1
        }
        XCTAssertEqual(read, 1)
    }
}
