import Foundation
import Postgres

/// A place in a listing, after which it goes on: the time of the last failure, in microseconds since 1970, and the id.
///
/// It names a row rather than a number of rows, so a page costs the same wherever it is, and what fails meanwhile moves nothing.
public struct DeadLetterCursor: Sendable, Hashable, CustomStringConvertible {
    let microseconds: Int64
    let id: UUID

    init(microseconds: Int64, id: UUID) {
        self.microseconds = microseconds
        self.id = id
    }

    /// Reads what ``description`` wrote.
    public init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let id = UUID(uuidString: String(parts[1])) else { return nil }
        self.init(microseconds: microseconds, id: id)
    }

    public var description: String { "\(self.microseconds)_\(self.id.uuidString.lowercased())" }

    /// Holds for what comes after this place, the latest first.
    var condition: PostgresQuery {
        """
        (last_failed_at, failure_id) < (timestamptz 'epoch' + \(self.microseconds) * interval '1 microsecond', \(self.id))
        """
    }
}
