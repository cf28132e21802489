import Finance
import Foundation
import Ledger

/// How values are written in one language, in facts and in answers alike.
struct Phrasebook: Sendable {
    let language: Language

    /// One of two texts, by language.
    func text(_ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String) -> String {
        self.language == .english ? english() : chinese()
    }

    // MARK: - Values

    /// `$1,234.56`, `-$1.00`, `CNY 1,234.56`; `1,234.56元`, `1,234.56美元`.
    func money(_ money: Money) -> String {
        let sign = money.amount < 0 ? "-" : ""
        let digits = money.magnitude.digits(grouped: true)
        let code = money.currency.code
        switch self.language {
        case .english: return sign + (Self.englishSigns[code] ?? "\(code) ") + digits
        case .chinese: return sign + digits + (Self.chineseUnits[code] ?? " \(code)")
        }
    }

    private static let englishSigns = ["USD": "$", "EUR": "€", "GBP": "£"]
    private static let chineseUnits = ["CNY": "元", "USD": "美元", "HKD": "港元", "EUR": "欧元", "GBP": "英镑", "JPY": "日元"]

    /// `Nov 3, 2026`; `2026年11月3日`.
    func day(_ day: CalendarDay) -> String {
        self.text(
            "\(Self.months[day.month - 1].prefix(3)) \(day.day), \(day.year)", "\(day.year)年\(day.month)月\(day.day)日")
    }

    /// `Oct 1 – Oct 31, 2026`; `2026年10月1日至10月31日`; one date for one day, both years when they differ.
    func days(_ span: DaySpan) -> String {
        guard span.first != span.last else { return self.day(span.first) }
        let sameYear = span.first.year == span.last.year
        switch self.language {
        case .english:
            let first = self.day(span.first)
            return "\(sameYear ? String(first.prefix { $0 != "," }) : first) – \(self.day(span.last))"
        case .chinese:
            let last = self.day(span.last)
            return "\(self.day(span.first))至\(sameYear ? String(last.drop { $0 != "年" }.dropFirst()) : last)"
        }
    }

    /// `last month (Oct 1 – Oct 31, 2026)`; `上个月（2026年10月1日至10月31日）`.
    func period(_ period: Period, _ span: DaySpan) -> String {
        self.text("\(self.name(of: period)) (\(self.days(span)))", "\(self.name(of: period))（\(self.days(span))）")
    }

    /// The name of a period, without its dates.
    func name(of period: Period) -> String {
        switch period {
        case .today: self.text("today", "今天")
        case .yesterday: self.text("yesterday", "昨天")
        case .current(let unit): self.text("this \(unit.rawValue)", Self.chineseUnitNames[unit]?.current ?? "")
        case .previous(let unit): self.text("last \(unit.rawValue)", Self.chineseUnitNames[unit]?.previous ?? "")
        case .month(let number): self.text(Self.months[number - 1], "\(number)月")
        case .lastDays(let count): self.text(count == 1 ? "last 1 day" : "last \(count) days", "最近\(count)天")
        case .lastMonths(let count): self.text(count == 1 ? "last 1 month" : "last \(count) months", "最近\(count)个月")
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let chineseUnitNames: [Period.CalendarUnit: (current: String, previous: String)] = [
        .week: ("本周", "上周"), .month: ("本月", "上个月"), .quarter: ("本季度", "上季度"), .year: ("今年", "去年"),
    ]

    /// The name of a spending category.
    func category(_ word: String) -> String { self.text(word, Self.chineseCategories[word] ?? word) }

    private static let chineseCategories = [
        "groceries": "日用买菜", "dining": "餐饮", "transport": "交通", "shopping": "购物", "entertainment": "娱乐",
        "travel": "旅行", "utilities": "水电通讯", "health": "医疗健康", "rent": "房租", "education": "教育", "income": "收入",
        "transfer": "转账", "fees": "手续费", "interest": "利息", "cash": "取现", "other": "其他",
    ]

    /// The name of a kind of account, as it stands before the word for account.
    func kind(_ kind: AccountKind) -> String {
        switch kind {
        case .checking: self.text("checking", "活期")
        case .savings: self.text("savings", "储蓄")
        case .credit: self.text("credit card", "信用卡")
        case .loan: self.text("loan", "贷款")
        case .brokerage: self.text("brokerage", "证券")
        }
    }

    /// A bank's own text made fit for one line: no control or format characters, single spaces, at most 48 scalars.
    ///
    /// Names come from merchants and payers, so they may be hostile: they cannot start a new line of facts, hide
    /// text, or carry the scheme that makes a link of a name.
    func name(_ text: String) -> String {
        let plain = text.unicodeScalars.map { $0.isPlain ? $0 : " " }.reduce(into: "") { $0.unicodeScalars.append($1) }
        // The expression is costly, and names are seldom links.
        let linkless = plain.contains("://") ? plain.replacing(/https?:\/\//.ignoresCase(), with: "") : plain
        let words = linkless.split { $0.isWhitespace }
        let line = words.joined(separator: " ").precomposedStringWithCanonicalMapping
        guard line.unicodeScalars.count > Self.maximumNameLength else { return line.isEmpty ? "–" : line }
        return String(line.unicodeScalars.prefix(Self.maximumNameLength - 1)) + "…"
    }

    private static let maximumNameLength = 48
}
