public import Foundation

/// An instant is a `timestamptz`: whole microseconds. A `Date` between the years 1865 and 2137 that came from PostgreSQL
/// goes back as the same microsecond.
extension Date: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .timestamptz }

    public var postgresValue: PostgresValue {
        guard let instant = PostgresInstant(self) else {
            return .refused(because: "is an instant beyond PostgreSQL's range of 4713 BC to 294276")
        }
        return .text(instant.text)
    }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        guard let instant = PostgresInstant(try cell.content(for: Date.self, from: .timestamptz)) else {
            throw cell.failure("holds an infinity or no instant in the ISO style")
        }
        self = instant.date
    }
}
