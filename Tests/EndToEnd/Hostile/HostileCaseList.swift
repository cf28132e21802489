/// Puts lists of cases, and cases that stand alone, together in one list.
@resultBuilder enum HostileCaseList {
    static func buildExpression(_ hostile: HostileCase) -> [HostileCase] { [hostile] }
    static func buildExpression(_ cases: [HostileCase]) -> [HostileCase] { cases }
    static func buildBlock(_ cases: [HostileCase]...) -> [HostileCase] { Array(cases.joined()) }
}
