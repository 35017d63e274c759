import Foundation
import WeChatPay
@testable import WeChatPayCore

/// Verbs and their options; `tests/README.md` of the repository says what everything means.
private let verbs: [String: [String]] = [
    "client": [], "with_options": [], "for_sub_merchant": [], "call": ["params"], "request": ["body"], "prepare": ["params"], "send": [], "finish": ["response"],
    "upload": ["file", "params"], "download": [], "bill": ["kind"], "fen": [], "notification": ["attempt", "header_case", "header_lists", "body_suffix", "body_as"],
    "parse_notification": [], "answer_notification": [], "jsapi_payment": [], "app_payment": [], "front_end": ["params"], "encrypt_field": [], "decrypt_field": [],
    "sandbox": ["body"],
]

/// One scenario under way.
final class Scenario {
    private let sandbox: SandboxProcess
    private let scenario: JSONValue
    private var variables = Variables()
    private var printed: [String] = []
    private var client: Client?
    /// What was handed over last.
    private var notification: VerifiedNotification?

    init(sandbox: SandboxProcess, scenario: JSONValue) {
        self.sandbox = sandbox
        self.scenario = scenario
    }

    func run(constants: JSONValue) async throws {
        try onlyHas(scenario, ["name", "note", "client", "secrets", "steps"])
        try await sandbox.control("POST /sandbox/reset")
        let credentials = try await sandbox.control("GET /sandbox/credentials")
        let clock = try await sandbox.control("GET /sandbox/clock")
        for (name, value) in credentials.members {
            variables.set(name, value)
        }
        for (name, value) in constants.members {
            variables.set(name, value)
        }
        let base = sandbox.credential("base_url")
        variables.set("today", .string(String((clock["time"]?.text ?? "").prefix(10))))
        variables.set("notify_url", .string("http://127.0.0.1:1/notify"))
        variables.set("dead_url", .string("http://127.0.0.1:1"))
        variables.set("second_base_url", .string(base.replacingOccurrences(of: "127.0.0.1", with: "localhost")))
        client = try makeClient(try variables.fill(scenario["client"] ?? .object([:])))
        defer { client?.close() }
        let steps = scenario["steps"]?.elements ?? []
        if steps.isEmpty {
            throw TestFailure("no steps")
        }
        for (index, step) in steps.enumerated() {
            do {
                try await take(step)
            } catch {
                throw TestFailure("step \(index + 1): \(error)\n\(step.jsonText)")
            }
        }
        try await searchForSecrets()
    }

    private func take(_ raw: JSONValue) async throws {
        let found = raw.members.keys.filter { verbs[$0] != nil }
        guard found.count == 1, let verb = found.first else {
            throw TestFailure("a step has exactly one verb")
        }
        try onlyHas(raw, ["note", "save", "expect", "error", verb] + (verbs[verb] ?? []))
        let step = JSONValue.object(try raw.members.mapValues { try variables.fill($0) })
        let result: JSONValue
        do {
            result = try await act(verb, step[verb] ?? .null, step)
        } catch let error as WeChatPayError {
            let seen = shown(error)
            guard let wanted = step["error"] else {
                throw TestFailure("no error was expected, but \(seen.jsonText)")
            }
            if let difference = try mismatch(wanted, seen) {
                throw TestFailure("\(difference)\n  in \(seen.jsonText)")
            }
            save(raw, seen)
            return
        }
        if let wanted = step["error"] {
            throw TestFailure("succeeded with \(result.jsonText), expected \(wanted.jsonText)")
        }
        if let wanted = step["expect"], let difference = try mismatch(wanted, result) {
            throw TestFailure("\(difference)\n  in \(result.jsonText)")
        }
        save(raw, result)
    }

    private func save(_ raw: JSONValue, _ result: JSONValue) {
        if let name = raw["save"]?.text {
            variables.set(name, result)
        }
    }

    private func act(_ verb: String, _ argument: JSONValue, _ step: JSONValue) async throws -> JSONValue {
        guard let client = client else {
            throw TestFailure("there is no client")
        }
        let text = argument.text ?? ""
        switch verb {
        case "client":
            client.close()
            self.client = try makeClient(argument)
            return .null
        case "with_options":
            try onlyHas(argument, ["timeout", "retries", "accept_language", "headers"])
            self.client = try client.withOptions(
                timeout: argument["timeout"]?.seconds, retries: argument["retries"]?.int,
                acceptLanguage: argument["accept_language"]?.text,
                headers: (argument["headers"]?.members ?? [:]).compactMapValues { $0.text }
            )
            return .null
        case "for_sub_merchant":
            self.client = try client.forSubMerchant(text)
            return .null
        case "call":
            return try parsed(try await client.call(text, params: step["params"]?.jsonText ?? ""))
        case "request":
            let (method, path) = try methodAndPath(text)
            return try parsed(try await client.request(method, path, body: step["body"]?.jsonText))
        case "prepare":
            let request = try client.prepare(text, params: step["params"]?.jsonText ?? "")
            printed.append("\(request)")
            return .object([
                "method": .string(request.method), "url": .string(request.url), "headers": object(request.headers),
                "body": .string(String(decoding: request.body, as: UTF8.self)),
            ])
        case "send":
            return try await sendPlainly(argument)
        case "finish":
            let response = step["response"] ?? .null
            let status = UInt16(response["status"]?.int ?? 0)
            let body = Data((response["body"]?.text ?? "").utf8)
            return try parsed(try client.finish(text, status: status, headers: texts(response["headers"]), body: body))
        case "upload":
            let file = step["file"] ?? .null
            let name = file["name"]?.text ?? ""
            let params = step["params"]?.jsonText ?? ""
            return try parsed(try await client.upload(text, params: params, fileName: name, content: try content(file)))
        case "download":
            return try await download(client, argument)
        case "bill":
            return try bill(text, step["kind"]?.text ?? "any")
        case "fen":
            return .int(Int(try Fen.of(yuan: text)))
        case "notification":
            return try await newestNotification(client, text, step)
        case "parse_notification":
            try onlyHas(argument, ["headers", "body", "base64", "zeros"])
            return try await parse(client, headers(argument["headers"]), content(argument, "body"))
        case "answer_notification":
            guard let notification else { throw TestFailure("no notification was handed over") }
            let reply = try client.answerNotification(notification, with: argument)
            printed.append("\(reply)")
            return .object([
                "status": .int(reply.status), "body": .string(reply.body), "authorization": .string(reply.authorization ?? ""),
            ])
        case "jsapi_payment":
            let appid = argument["appid"]?.text ?? ""
            return object(try client.jsapiPayment(appid: appid, prepayId: argument["prepay_id"]?.text ?? ""))
        case "app_payment":
            let appid = argument["appid"]?.text ?? ""
            let (prepayId, partnerid) = (argument["prepay_id"]?.text ?? "", argument["partnerid"]?.text)
            return object(try client.appPayment(appid: appid, prepayId: prepayId, partnerid: partnerid))
        case "front_end":
            return try opened(client.frontEnd, text, step["params"] ?? .null)
        case "encrypt_field":
            let encrypted = try client.encryptField(text)
            return .object(["ciphertext": .string(encrypted.ciphertext), "serial": .string(encrypted.serial)])
        case "decrypt_field":
            return .string(try client.decryptField(text))
        case "sandbox":
            return try await sandbox.control(text, step["body"])
        default:
            throw TestFailure("there is no verb \(verb)")
        }
    }

    /// A client with the default options and these changes; null takes an option away.
    private func makeClient(_ changes: JSONValue) throws -> Client {
        var values: [String: JSONValue] = ["retries": .int(0)]
        for (option, credential) in [
            ("base_url", "base_url"), ("mchid", "mchid"), ("private_key", "merchant_private_key"),
            ("merchant_serial", "merchant_serial_no"), ("api_v2_key", "api_v2_key"), ("api_v3_key", "api_v3_key"),
            ("wechatpay_public_key_id", "wechatpay_public_key_id"), ("wechatpay_public_key", "wechatpay_public_key"),
        ] {
            values[option] = try variables.get(credential)
        }
        for (name, value) in changes.members {
            values[name] = value == .null ? nil : value
        }
        var options = Options(mchid: values["mchid"]?.text ?? "")
        for (name, value) in values {
            switch name {
            case "mchid", "wechatpay_public_key_id", "hk_public_key_id": break
            case "base_url": options.baseURL = value.text
            case "private_key": options.privateKey = value.text
            case "merchant_serial": options.merchantSerial = value.text
            case "merchant_certificate": options.merchantCertificate = value.text
            case "api_v2_key": options.apiV2Key = value.text
            case "api_v3_key": options.apiV3Key = value.text
            case "wechatpay_public_key":
                options.publicKeys = [PublicKey(id: values["wechatpay_public_key_id"]?.text ?? "", key: value.text)]
            case "hk_public_key":
                options.hkPublicKey = PublicKey(id: values["hk_public_key_id"]?.text ?? "", key: value.text)
            case "platform_certificates": options.platformCertificates = value.elements.compactMap { $0.text }
            case "retries": options.retries = value.int
            case "connect_timeout": options.connectTimeout = value.seconds
            case "read_timeout": options.readTimeout = value.seconds
            case "timeout": options.timeout = value.seconds
            case "failover_base_url": options.failoverBaseURL = value.text
            default: throw TestFailure("there is no client option \(name)")
            }
        }
        printed.append("\(options)")
        let client = try Client(options)
        printed.append("\(client)")
        return client
    }

    private func sendPlainly(_ request: JSONValue) async throws -> JSONValue {
        let body = Data((request["body"]?.text ?? "").utf8)
        let answer = try await send(
            method: request["method"]?.text ?? "", url: request["url"]?.text ?? "", headers: texts(request["headers"]),
            body: body.isEmpty ? nil : body
        )
        return .object(["status": .int(answer.status), "headers": object(answer.headers), "body": .string(answer.body)])
    }

    private func content(_ file: JSONValue) throws -> Data {
        try onlyHas(file, ["name", "text", "base64", "zeros"])
        return try content(file, "text")
    }

    /// Bytes as text, as base64, or so many zeros.
    private func content(_ file: JSONValue, _ name: String) throws -> Data {
        if let text = file[name]?.text {
            return Data(text.utf8)
        }
        if let base64 = file["base64"]?.text, let data = Data(base64Encoded: base64) {
            return data
        }
        if let zeros = file["zeros"]?.int {
            return Data(count: zeros)
        }
        throw TestFailure("one of \(name), base64 and zeros is needed")
    }

    /// Into a folder of its own, which must be empty again when the download fails.
    private func download(_ client: Client, _ what: JSONValue) async throws -> JSONValue {
        try onlyHas(what, ["url", "sha1", "answer", "operation", "params"])
        let folder = NSTemporaryDirectory() + "wechatpay-download-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/file"
        do {
            let done: Downloaded
            if let answer = what["answer"] {
                done = try await client.download(answer: answer.jsonText, to: path)
            } else if let operation = what["operation"]?.text {
                done = try await client.callForFile(operation, params: what["params"]?.jsonText ?? "", to: path)
            } else {
                done = try await client.download(what["url"]?.text ?? "", to: path, sha1: what["sha1"]?.text)
            }
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return .object(["bytes": .int(done.bytes), "sha1": .string(done.sha1), "text": .string(text)])
        } catch let error as WeChatPayError {
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            if left.isEmpty {
                throw error
            }
            throw TestFailure("the failed download left \(left) behind (\(error))")
        }
    }

    private func bill(_ text: String, _ kind: String) throws -> JSONValue {
        let path = NSTemporaryDirectory() + "wechatpay-bill-" + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var rows: [JSONValue] = []
        let summary: [String: String]?
        switch kind {
        case "any", "without_totals":
            let bill = try BillReader(path: path, totals: kind == "any")
            while let row = try bill.next() {
                rows.append(object(row))
            }
            summary = bill.summary()
        case "trade":
            let bill = try TradeBillReader(path: path)
            while let row = try bill.next() {
                rows.append(try typed(row))
            }
            summary = bill.summary()
        case "fund_flow":
            let bill = try FundFlowBillReader(path: path)
            while let row = try bill.next() {
                rows.append(try typed(row))
            }
            summary = bill.summary()
        case "profit_sharing":
            let bill = try ProfitSharingBillReader(path: path)
            while let row = try bill.next() {
                rows.append(try typed(row))
            }
            summary = bill.summary()
        default:
            throw TestFailure("there is no kind of bill \(kind)")
        }
        return .object(["rows": .array(rows), "summary": summary.map { object($0) } ?? .null])
    }

    private func typed(_ row: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(row))
    }

    /// The newest notification of this event type, as the sandbox sent it.
    private func newestNotification(_ client: Client, _ event: String, _ step: JSONValue) async throws -> JSONValue {
        let sent = try await sandbox.control("GET /sandbox/notifications?wait=true")
        let list = sent["notifications"]?.elements ?? []
        guard let notification = list.last(where: { $0["event_type"]?.text == event }) else {
            throw TestFailure("no notification \(event) was sent: \(sent.jsonText)")
        }
        let attempts = notification["attempts"]?.elements ?? []
        let index = step["attempt"]?.int ?? attempts.count - 1
        if index < 0 || index >= attempts.count {
            throw TestFailure("the notification was not sent that often: \(notification.jsonText)")
        }
        // Values are lists of one in any case: `header_lists` asks for nothing else here.
        var headers: [String: [String]] = [:]
        for (name, value) in texts(attempts[index]["headers"]) {
            switch step["header_case"]?.text {
            case nil: headers[name] = [value]
            case "lower": headers[name.lowercased()] = [value]
            case "upper": headers[name.uppercased()] = [value]
            default: throw TestFailure("header_case is lower or upper")
            }
        }
        let body = Data(((attempts[index]["body"]?.text ?? "") + (step["body_suffix"]?.text ?? "")).utf8)
        switch step["body_as"]?.text {
        case nil: return try await parse(client, headers, body)
        case "base64": return try await parse(client, headers, body.base64EncodedData())
        case "bom": return try await parse(client, headers, Data([0xEF, 0xBB, 0xBF]) + body)
        default: throw TestFailure("body_as is base64 or bom")
        }
    }

    private func parse(_ client: Client, _ headers: [String: [String]], _ body: Data) async throws -> JSONValue {
        let parsed = try await client.parseNotification(headers: headers, body: body)
        notification = parsed
        printed.append("\(parsed)")
        return parsed.envelope
    }

    /// An error as all languages see it.
    private func shown(_ error: WeChatPayError) -> JSONValue {
        printed.append("\(error)")
        printed.append(String(reflecting: error))
        let details = error.details
        func text(_ value: String?) -> JSONValue {
            value.map { JSONValue.string($0) } ?? .null
        }
        return .object([
            "kind": .string(error.kind), "code": .string(details.code), "message": .string(details.message),
            "detail": details.detail ?? .null, "status": details.status.map { JSONValue.int($0) } ?? .null,
            "request_id": text(details.requestId), "operation": text(details.operation), "body": text(details.body),
            "retryable": .bool(details.retryable), "outcome_unknown": .bool(details.outcomeUnknown),
            "notification_reply": .object([
                "status": .int(details.notificationReply.status), "body": .string(details.notificationReply.body),
            ]),
            "authenticated": .bool(details.authenticated), "attempts": .int(details.attempts), "text": .string("\(error)"),
        ])
    }

    private func searchForSecrets() async throws {
        var secrets = [sandbox.credential("api_v2_key"), sandbox.credential("api_v3_key"), "mchid=\""]
        for line in sandbox.credential("merchant_private_key").split(separator: "\n") where line.count >= 16 && !line.hasPrefix("--") {
            secrets.append(String(line))
        }
        let requests = try await sandbox.control("GET /sandbox/requests")
        for request in requests["requests"]?.elements ?? [] {
            for (name, value) in texts(request["headers"]) where name.lowercased() == "authorization" {
                let parts = value.components(separatedBy: "signature=\"")
                if parts.count == 2 {
                    secrets.append(parts[1].replacingOccurrences(of: "\"", with: ""))
                }
            }
        }
        secrets += scenario["secrets"]?.elements.compactMap { $0.text } ?? []
        for text in printed {
            for secret in secrets where text.contains(secret) {
                throw TestFailure("\(secret) was printed: \(text)")
            }
        }
    }
}

/// Fails when the object has a member that is not named here: what a runner does not know must not pass in silence.
func onlyHas(_ value: JSONValue, _ names: [String]) throws {
    let unknown = value.members.keys.filter { !names.contains($0) }
    if !unknown.isEmpty {
        throw TestFailure("the runner does not know \(unknown) in \(value.jsonText)")
    }
}

/// Headers as an object, or as a list of pairs.
func texts(_ value: JSONValue?) -> [String: String] {
    var found: [String: String] = [:]
    for (name, text) in value?.members ?? [:] {
        found[name] = text.text
    }
    for pair in value?.elements ?? [] where pair.elements.count == 2 {
        found[pair.elements[0].text ?? ""] = pair.elements[1].text
    }
    return found
}

/// A value is a text, or a list of texts.
private func headers(_ value: JSONValue?) -> [String: [String]] {
    (value?.members ?? [:]).mapValues { value in value.text.map { [$0] } ?? value.elements.compactMap(\.text) }
}

private func parsed(_ json: String) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
}

/// Calls the function of that name.
private func opened(_ frontEnd: FrontEnd, _ opens: String, _ params: JSONValue) throws -> JSONValue {
    func text(_ name: String) -> String { params[name]?.text ?? "" }
    func seen(_ made: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(made))
    }
    switch opens {
    case "h5_redirect":
        return .string(try frontEnd.h5Redirect(h5URL: text("h5_url"), redirectURL: text("redirect_url")))
    case "native_qr": return .string(try frontEnd.nativeQR(codeURL: text("code_url")))
    case "payscore_order": return try seen(frontEnd.payscoreOrder(package: text("package")))
    case "payscore_order_detail":
        let number = text("out_order_no")
        return try seen(frontEnd.payscoreOrderDetail(serviceId: text("service_id"), outOrderNo: number))
    case "payscore_permission":
        return try seen(frontEnd.payscorePermission(applyPermissionsToken: text("apply_permissions_token")))
    case "coupon_plugin":
        let json = try JSONEncoder().encode(params["coupons"] ?? .null)
        return try seen(frontEnd.couponPlugin(coupons: JSONDecoder().decode([PluginCoupon].self, from: json)))
    case "h5_coupon_url":
        let (number, code) = (text("out_request_no"), params["coupon_code"]?.text)
        return .string(
            try frontEnd.h5CouponURL(
                stockId: text("stock_id"), outRequestNo: number, openId: text("open_id"), couponCode: code))
    case "product_coupon": return try seen(frontEnd.productCoupon(token: text("token")))
    case "member_card": return try seen(frontEnd.memberCard(token: text("token")))
    case "transfer_confirmation":
        let package = text("package_info")
        return try seen(frontEnd.transferConfirmation(appid: text("appid"), packageInfo: package))
    case "parking_service":
        let (plate, color) = (text("plate_number"), text("plate_color"))
        return try seen(
            frontEnd.parkingService(
                openid: text("openid"), plateNumber: plate, plateColor: color, subMchid: params["sub_mchid"]?.text))
    default: throw TestFailure("nothing of the name \(opens) can be opened")
    }
}

private func object(_ texts: [String: String]) -> JSONValue {
    .object(texts.mapValues { JSONValue.string($0) })
}
