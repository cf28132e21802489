import Foundation

/// The demonstration's rows, named as the ledger's columns are; amounts are plain decimals.
struct DemoRows: Sendable, Equatable {
    struct Customer: Sendable, Equatable, Encodable {
        let customerId: String
        let name: String
        let locale: String
        let timeZone: String
        let createdAt: Date
    }

    struct Account: Sendable, Equatable, Encodable {
        let accountId: String
        let customerId: String
        let kind: String
        let name: String
        let lastDigits: String
        let currency: String
        var balance: String
        var available: String?
        let creditLimit: String?
        let openedOn: String
        let asOf: Date
    }

    struct Transaction: Sendable, Equatable, Encodable {
        let transactionId: String
        let customerId: String
        let accountId: String
        let postedAt: Date
        let amount: String
        let currency: String
        let balanceAfter: String
        let merchant: String?
        let description: String
        let category: String
    }

    var customers: [Customer] = []
    var accounts: [Account] = []
    var transactions: [Transaction] = []
}
