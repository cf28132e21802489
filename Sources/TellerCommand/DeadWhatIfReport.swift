import DeadLetters
import Foundation
import Glibc
import TellerMessages

/// Prints a what-if: a block for each message that differs and a table at the end, or JSON Lines.
struct DeadWhatIfReport {
    let output: OutputFormat
    let showsText: Bool

    func show(_ result: WhatIfResult) {
        switch self.output {
        case .json: print(result.json(showingText: self.showsText).text)
        case .text:
            guard result.verdict != .same else { return }
            print(self.block(result))
        }
        // Each message is out at once, so that an interrupted run has shown what it found.
        fflush(nil)
    }

    func show(
        _ summary: WhatIfSummary, of model: ChatAnswer.Model, at moment: WhatIfMoment, operation: UUID, gate: WhatIfGate?
    ) {
        switch self.output {
        case .json:
            var object = summary.json.object ?? JSONObject()
            object["operation"] = .string(operation.uuidString.lowercased())
            object["model"] = .string(model.label)
            object["as_of"] = .string("\(moment)")
            object["meaning"] = .string(moment.meaning)
            object["fail_on"] = gate.map { .string($0.rawValue) }
            object["passed"] = gate.map { .bool(summary.passes($0)) }
            print((["summary": .object(object)] as JSONValue).text)
        case .text:
            print(Self.table(summary))
            print("Model \(model.label), as of \(moment). \(moment.meaning)")
            print("Nothing was published and nothing recorded but the audit's operation \(operation.uuidString.lowercased()).")
            if let gate { print(summary.passes(gate) ? "Passed: --fail-on \(gate.rawValue)." : "Not passed: --fail-on \(gate.rawValue).") }
        }
        fflush(nil)
    }

    private static func table(_ summary: WhatIfSummary) -> String {
        let rows = WhatIfVerdict.allCases.map { ($0.meaning, summary[$0]) } + [("messages", summary.total)]
        return rows.map { name, count in
            name.padding(toLength: 20, withPad: " ", startingAt: 0) + String(repeating: " ", count: max(0, 9 - "\(count)".count)) + "\(count)"
        }.joined(separator: "\n")
    }

    private func block(_ result: WhatIfResult) -> String {
        let failure = result.failureID.map { "  dead letter \($0.uuidString.lowercased())" } ?? ""
        var lines = ["\(result.verdict.meaning): request \(result.requestID ?? "unknown")\(failure), as of \(result.asOf.rfc3339)"]
        switch result.outcome {
        case .untried(let reason): lines.append("  \(reason)")
        case .tried(let difference): lines += self.lines(difference).map { "  \($0)" }
        }
        return lines.joined(separator: "\n")
    }

    private func lines(_ difference: AnswerDifference) -> [String] {
        var lines: [String] = []
        let old = difference.earlier.answer
        if difference.statusChanged { lines.append("status: \(difference.earlier.status.rawValue) → \(difference.new.status.rawValue)") }
        if let problem = difference.new.problem { lines.append("problem: \(problem.title)") }
        if difference.planChanged {
            let plans = [old?.plan, difference.new.plan].map { plan in
                plan.map { self.showsText ? $0.json.text : $0.tool } ?? "none"
            }
            let arguments = difference.changedArguments.isEmpty ? "" : " (arguments: \(difference.changedArguments.joined(separator: ", ")))"
            lines.append("plan: \(plans[0]) → \(plans[1])\(arguments)")
        }
        lines += difference.facts.map(self.line)
        if difference.languageChanged { lines.append("language: \(old?.language ?? "") → \(difference.new.language)") }
        let (less, more) = (difference.removedDisclosures.count, difference.addedDisclosures.count)
        if less + more > 0 { lines.append("disclosures: \(less) fewer, \(more) more") }
        if !difference.words.isEmpty {
            lines.append("text: \(difference.words.removed.count) words taken out, \(difference.words.added.count) put in")
            if self.showsText {
                lines += (old?.text ?? "").split(separator: "\n").map { "- \($0)" }
                lines += difference.new.text.split(separator: "\n").map { "+ \($0)" }
            }
        }
        return lines
    }

    private func line(_ fact: FactDifference) -> String {
        func value(_ fact: Fact?) -> String {
            guard let fact else { return "none" }
            guard self.showsText || fact.isPlain else { return "(words)" }
            return fact.value + (fact.figure == nil ? "" : fact.unit.map { " \($0)" } ?? "")
        }
        guard fact.kind != .source else { return "\(fact.name): \(value(fact.new)), from other rows" }
        var change = ""
        if let absolute = fact.absolute {
            let percent = fact.relative.map { relative -> String in
                var share = relative * 100
                var rounded = Decimal()
                NSDecimalRound(&rounded, &share, 2, .plain)
                return ", \(Self.signed(rounded)) %"
            }
            change = " (\(Self.signed(absolute))\(percent ?? ""))"
        }
        return "\(fact.name): \(value(fact.old)) → \(value(fact.new))\(change)"
    }

    private static func signed(_ number: Decimal) -> String { number > 0 ? "+\(number)" : "\(number)" }
}
