import Foundation
import Ledger

/// Where figures over transactions come from, written so that an auditor can find the rows again.
///
///     count over ledger.transactions?merchant=netflix&from=2026-10-01T04:00:00Z&before=2026-11-01T04:00:00Z;
/// rows=t9,t5,t2
///
/// Values are percent-encoded. At most ``TransactionTotals/citedRows`` rows are named, the latest first; the filter
/// finds them all.
struct Evidence: Sendable {
    let filter: TransactionFilter
    /// A condition that the filter does not express.
    var restriction: String?

    func of(_ calculation: String, rows: [String], total: Int) -> String {
        var query: [String] = []
        func add(_ name: String, _ value: String?) {
            if let value { query.append("\(name)=\(Self.encoded(value))") }
        }
        add("account", self.filter.accountID)
        add("kind", self.filter.accountKind?.rawValue)
        add("merchant", self.filter.merchant)
        add("category", self.filter.category?.rawValue)
        add("text", self.filter.text)
        add("min", self.filter.minimum.map { "\($0)" })
        add("max", self.filter.maximum.map { "\($0)" })
        add("from", self.filter.period.map { $0.start.formatted(.iso8601) })
        add("before", self.filter.period.map { $0.end.formatted(.iso8601) })
        if let direction = self.filter.direction { add("direction", direction == .debit ? "debit" : "credit") }
        if let restriction { query.append(restriction) }
        let conditions = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        let cited = rows.prefix(TransactionTotals.citedRows)
        let more = cited.count < total ? " (latest \(cited.count) of \(total))" : ""
        return
            "\(calculation) over ledger.transactions\(conditions); rows=\(cited.map(Self.encoded).joined(separator: ","))\(more)"
    }

    private static func encoded(_ value: String) -> String {
        value.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
    }

    /// The unreserved characters of RFC 3986, and the colon that instants are written with.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:")
}
