internal import CPostgres

/// libpq's result (`PGresult`), cleared exactly once.
struct PostgresReply: ~Copyable {
    private let pointer: OpaquePointer

    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { PQclear(self.pointer) }

    var status: ExecStatusType { PQresultStatus(self.pointer) }

    /// Whether this is the tag of a COMMIT that found its transaction failed.
    var isRollback: Bool { String(cString: PQcmdStatus(self.pointer)) == "ROLLBACK" }

    /// The rows, copied; `known` are the columns of an earlier result of the same prepared statement.
    borrowing func rows(columns known: PostgresResult.Columns?) -> [PostgresRow] {
        let (rowCount, columnCount) = (PQntuples(self.pointer), PQnfields(self.pointer))
        guard rowCount > 0 else { return [] }
        let columns = known ?? self.columns
        var size = 0
        for row in 0..<rowCount {
            for column in 0..<columnCount { size += Int(PQgetlength(self.pointer, row, column)) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        var ends: [Int] = []
        ends.reserveCapacity(Int(rowCount * columnCount))
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                if PQgetisnull(self.pointer, row, column) != 0 {
                    ends.append(~bytes.count)
                } else {
                    let length = Int(PQgetlength(self.pointer, row, column))
                    bytes.append(
                        contentsOf: UnsafeRawBufferPointer(start: PQgetvalue(self.pointer, row, column), count: length))
                    ends.append(bytes.count)
                }
            }
        }
        let result = PostgresResult(columns: columns, bytes: bytes, ends: ends)
        return (0..<Int(rowCount)).map { PostgresRow(result: result, index: $0) }
    }

    private var columns: PostgresResult.Columns {
        let range = 0..<PQnfields(self.pointer)
        return PostgresResult.Columns(
            names: range.map { String(cString: PQfname(self.pointer, $0)) },
            types: range.map { PostgresType(oid: PQftype(self.pointer, $0)) })
    }

    /// The server's error report; nil for an error of libpq itself, which means that the connection is lost.
    borrowing func error() -> PostgresError? {
        guard let sqlState = self.field(postgres_field_sqlstate) else { return nil }
        return PostgresError(
            PostgresError.Report(
                sqlState: sqlState, primary: self.field(postgres_field_primary) ?? "",
                table: self.field(postgres_field_table), column: self.field(postgres_field_column),
                constraint: self.field(postgres_field_constraint),
                hasPosition: self.field(postgres_field_position) != nil))
    }

    private borrowing func field(_ field: postgres_field) -> String? {
        PQresultErrorField(self.pointer, Int32(field.rawValue)).map { String(cString: $0) }
    }
}
