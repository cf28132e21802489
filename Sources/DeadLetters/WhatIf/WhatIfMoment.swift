public import Foundation
import Ledger
import TellerMessages

/// The moment at which a what-if asks its questions: from it periods are counted, and by it transactions are known.
public enum WhatIfMoment: Sendable, Hashable, CustomStringConvertible {
    case now
    /// When a worker first took the request.
    case request
    case instant(Date)

    /// Reads `now`, `request`, or an RFC 3339 instant.
    public init?(_ text: String) {
        switch text {
        case "now": self = .now
        case "request": self = .request
        default:
            guard let instant = Date(rfc3339: text) else { return nil }
            self = .instant(instant)
        }
    }

    public var description: String {
        switch self {
        case .now: "now"
        case .request: "request"
        case .instant(let instant): instant.rfc3339
        }
    }

    /// The instant for a request that was taken at another, and what of the ledger is read.
    func resolved(for claimed: Date) -> (now: Date, ledger: LedgerMoment) {
        switch self {
        case .now: (Date(), .latest)
        case .request: (claimed, .asOf(claimed))
        case .instant(let instant): (instant, .asOf(instant))
        }
    }

    /// What the figures stand for, in plain words.
    public var meaning: String {
        switch self {
        case .now: "Figures are today's."
        case .request, .instant:
            """
            Transactions posted later are left out, and balances are reckoned back from today's by them (the ledger keeps no earlier \
            ones); holds, limits, names and articles are today's.
            """
        }
    }
}
