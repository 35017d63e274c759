import Foundation
import XCTest
import WeChatPay
@testable import WeChatPayCore

/// `tests/scenarios` of the repository: conversations that every language has alike.
final class ScenarioTests: XCTestCase {
    func testTheSharedScenarios() async throws {
        let folder = try repositoryPath("tests/scenarios")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
        let sandbox = try SandboxProcess()
        var ran = 0
        for name in names.sorted() {
            let file = try repositoryFile("tests/scenarios/" + name)
            try onlyHas(file, ["title", "let", "scenarios"])
            for scenario in file["scenarios"]?.elements ?? [] {
                do {
                    try await Scenario(sandbox: sandbox, scenario: scenario).run(constants: file["let"] ?? .null)
                } catch {
                    XCTFail("\(name): \(scenario["name"]?.text ?? "?"): \(error)")
                }
                ran += 1
            }
        }
        print("\(ran) scenarios ran")
        XCTAssertGreaterThan(ran, 100)
    }

    func testMatchersMatchWhatTheySay() throws {
        let found: JSONValue = .object(["text": .string("茶点 tea"), "list": .array([.int(1), .int(2)])])
        XCTAssertNil(try mismatch(.object(["text": .object(["$contains": .array([.string("茶"), .string("tea")])])]), found))
        XCTAssertNotNil(try mismatch(.object(["text": .object(["$contains": .string("coffee")])]), found))
        XCTAssertNil(try mismatch(.object(["list": .object(["$length": .int(2)]), "novel": .object(["$absent": .bool(true)])]), found))
        XCTAssertNotNil(try mismatch(.object(["list": .array([.int(1)])]), found))
        XCTAssertNotNil(try mismatch(.object(["text": .object(["$type": .string("number")])]), found))
        XCTAssertThrowsError(try mismatch(.object(["text": .object(["$contians": .string("tea")])]), found))
    }

    func testVariablesKeepTheirTypeWhenAlone() throws {
        var variables = Variables()
        variables.set("order", .object(["total": .int(100), "rows": .array([.string("a")])]))
        XCTAssertEqual(try variables.fill(.string("${order.total}")), .int(100))
        XCTAssertEqual(try variables.fill(.string("<${order.rows.0}|${order.total}>")), .string("<a|100>"))
        XCTAssertThrowsError(try variables.fill(.string("${nothing}")))
    }
}
