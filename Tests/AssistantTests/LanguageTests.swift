import Testing

@testable import Assistant

@Suite struct LanguageTests {
    @Test(arguments: [
        ("en-US", "我的余额", Language.english), ("zh-Hans-CN", "my balance", .chinese), ("ZH_cn", "", .chinese),
        ("fr-FR", "我的余额是多少", .chinese), ("fr", "quel est mon solde", .english),
    ])
    func `a locale that is spoken decides, another does not`(locale: String, question: String, language: Language) {
        #expect(Language(locale: locale, question: question) == language)
    }

    @Test(arguments: [
        ("What is my balance?", Language.english), ("我在Netflix花了多少钱？", .chinese),
        ("show Starbucks 星巴克 payments please", .english),
        ("余额", .chinese), ("12345?!", .english), ("", .english), ("Netflix 上个月", .chinese),
    ])
    func `without a locale the letters decide`(question: String, language: Language) {
        #expect(Language(locale: nil, question: question) == language)
    }
}
