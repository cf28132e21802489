import Finance
import Foundation
import Ledger
import TellerMessages
import Testing

@testable import Assistant

@Suite struct FigureConstraintTests {
    /// Whether a text may be written and ended, given byte by byte.
    private func writes(_ text: String, _ findings: Findings) -> Bool {
        var constraint = FigureConstraint(findings.figures)
        for byte in text.utf8 {
            guard constraint.accepts([byte]) else { return false }
            constraint.append([byte])
        }
        return constraint.mayEnd && FigureConstraint(findings.figures).accepts(Array(text.utf8))
    }

    @Test(arguments: try GroundingCheckTests.cases())
    func `a right wording can be written`(example: GroundingCheckTests.Case) {
        for wording in example.wordings { #expect(self.writes(wording, example.findings), "\(wording)") }
    }

    @Test(arguments: try GroundingCheckTests.cases())
    func `a changed digit cannot be written, unless it makes another fact`(example: GroundingCheckTests.Case) {
        for wording in example.wordings {
            let characters = Array(wording)
            for index in characters.indices where characters[index].isNumber {
                for digit in "0123456789" where digit != characters[index] {
                    var changed = characters
                    changed[index] = digit
                    let text = String(changed)
                    guard self.writes(text, example.findings) else { continue }
                    // What can still be written quotes facts only, though the answer may then lack one.
                    let violation = GroundingCheck(findings: example.findings, question: example.question).violation(
                        in: text)
                    #expect(violation != .inventedFigure, "\(text)")
                }
            }
        }
    }

    @Test(arguments: [
        "You have $3,456.7", "You have $3,456", "You have $3,456 .", "You have $3,456.78k", "You have $3,456.789",
        "You have $3,456.78,1",
        "You have $3,456.78%", "You have 3,456.78", "You have -$3,456.78", "You have €3,456.78", "On Nov 25",
        "On Nov 25, 202",
        "On Dec 25, 2026", "In ••4822", "In 4821", "You have ３", "You have $3,456.78万", "You have $3,456.78％",
        "You have $3,400.12$3,456.78 9",
    ])
    func `a figure is written whole, after what stands before it in the facts, or not at all`(text: String) throws {
        #expect(!self.writes(text, try Sample.balance(.english, of: .checking)))
    }

    @Test(arguments: [
        "You have $3,456.78, or so.", "You have $3,456.78.", "Nothing.", "", "As of Nov 25, 2026: fine", "••4821：好",
        "Everyday Checking, 您好！",
    ])
    func `the rest of the text is free`(text: String) throws {
        #expect(self.writes(text, try Sample.balance(.english, of: .checking)))
    }

    @Test func `a figure that begins another may end or go on`() throws {
        let currency = Sample.currency(.english)
        var rows = Sample.transactions(currency)
        rows[0] = .init(
            id: "x", accountID: "a", postedAt: Sample.now, amount: .init(1234, currency), merchant: "12",
            description: "")
        rows[1] = .init(
            id: "y", accountID: "a", postedAt: Sample.now, amount: .init(1, currency), merchant: "12,50",
            description: "")
        let findings = try Sample.search(.english, rows: rows)
        for text in ["12, and", "12,50 and", "12,50", "12", "12."] { #expect(self.writes(text, findings), "\(text)") }
        for text in ["12,5", "12,51", "12.5"] { #expect(!self.writes(text, findings), "\(text)") }
    }

    @Test func `the customer's own figures may be written as the customer wrote them`() throws {
        let findings = try Sample.search(.chinese, ["min": "两千", "max": "１５k"])
        for text in ["两千以上", "不超过１５k的"] { #expect(self.writes(text, findings)) }
        for text in ["１６k", "１５0"] { #expect(!self.writes(text, findings)) }
    }

    @Test func `bytes that are refused leave the constraint where it is`() throws {
        var constraint = FigureConstraint(try Sample.balance(.english, of: .checking).figures)
        constraint.append(Array("You have $3,4".utf8))
        constraint.append(Array("99".utf8))
        #expect(!constraint.mayEnd)
        constraint.append(Array("56.78".utf8))
        #expect(constraint.mayEnd)
    }
}
