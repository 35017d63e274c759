import WeChatPayNative

/// Reads any bill row by row, by the names of its own columns; memory holds one row of it, whatever the size of the file.
///
/// What cannot be read throws `.malformed`: at once when this is no bill (`BILL_HEADER` and the like) or another than was asked
/// for (`BILL_COLUMNS`); at a row that is malformed, and the next call goes on behind it; at the end when the totals are missing
/// (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). So settle after the loop, not inside.
///
///     let bill = try BillReader(path: path)
///     while let row = try bill.next() {
///         print(row["商户订单号"] ?? "")
///     }
public final class BillReader: Sendable {
    private let bill: OpenBill

    /// Opens a bill that was downloaded, and reads the names of its columns. Without `totals` the closing totals are neither
    /// demanded nor compared, and a file that was cut is not noticed: for files without totals, or to look into one whose
    /// totals are wrong.
    public init(path: String, totals: Bool = true) throws {
        self.bill = try OpenBill(path: path, kind: totals ? "any" : "without_totals")
    }

    /// Names of the columns, in their order.
    public var columns: [String] { bill.columns }

    /// The next row: names of columns and texts; nil after the last. Amounts are texts in yuan, as in the bill.
    public func next() throws -> [String: String]? {
        try bill.next([String: String].self)
    }

    /// The totals at the end of the bill, once all rows are read.
    public func summary() -> [String: String]? {
        bill.summary()
    }
}

/// Amounts in fen.
public enum Fen {
    /// An amount in yuan as bills have it (`12.30`, `-0.01`, `0.07000`) in fen, by the rule of all languages: no float is in
    /// between. Throws `.malformed` when the text is no amount (`1e2`, `12.`, `.5` are none) or has a fraction of a fen.
    public static func of(yuan: String) throws -> Int64 {
        try native { try fen(yuan: yuan, column: nil) }
    }
}

/// A bill of some kind that is being read.
final class OpenBill: Sendable {
    private let bill: NativeBill
    let columns: [String]

    init(path: String, kind: String) throws {
        let bill = try native { try NativeBill(path: path, kind: kind) }
        self.bill = bill
        self.columns = bill.columns()
    }

    func next<Row: Decodable>(_ type: Row.Type) throws -> Row? {
        guard let json = try native({ try bill.nextRow() }) else {
            return nil
        }
        guard let row = read(type, json) else {
            throw failure(kind: "internal", code: "PANIC", message: "A row of the bill was not understood; please report it.")
        }
        return row
    }

    func summary() -> [String: String]? {
        bill.summary().flatMap { read([String: String].self, $0) }
    }
}
