import WeChatPayNative

/// Reads a bill file row by row; memory holds one row of it, whatever the size of the file.
///
///     let bill = try BillReader(path: path)
///     while let row = try bill.next() {
///         print(row["商户订单号"] ?? "")
///     }
public final class BillReader: Sendable {
    private let bill: NativeBill
    /// Names of the columns, in their order.
    public let columns: [String]

    /// Opens a bill that was downloaded, and reads the names of its columns.
    public init(path: String) throws {
        let bill = try native { try NativeBill(path: path) }
        self.bill = bill
        self.columns = bill.columns()
    }

    /// The next row: names of columns and texts; nil after the last. Amounts are texts in yuan, as in the bill.
    public func next() throws -> [String: String]? {
        guard let json = try native({ try bill.nextRow() }) else {
            return nil
        }
        return read([String: String].self, json)
    }

    /// The totals at the end of the bill, once all rows are read.
    public func summary() -> [String: String]? {
        bill.summary().flatMap { read([String: String].self, $0) }
    }
}
