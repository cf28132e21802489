import Foundation
import Testing

@testable import Assistant

@Suite struct WrittenNumberTests {
    @Test(arguments: [
        ("15k", "15000"), ("$1,200", "1200"), ("$28,500", "28500"), ("10 grand", "10000"), ("450K", "450000"),
        ("$1.2M", "1200000"),
        ("2.5 million", "2500000"), ("399", "399"), ("79.99", "79.99"), ("$0.01", "0.01"), ("500 dollars", "500"),
        ("USD 500", "500"),
        ("1,234,567.89", "1234567.89"), ("３００", "300"), ("１，２００元", "1200"), ("￥200", "200"), ("0.1", "0.1"),
        ("3w", "30000"),
    ])
    func `digits are read exactly, with their scale and without their currency`(text: String, value: String) {
        #expect(WrittenNumber(text)?.value == Decimal(string: value))
    }

    @Test(arguments: [
        ("five", 5), ("twenty-five", 25), ("five thousand", 5000), ("ten grand", 10_000), ("a hundred", 100),
        ("a couple hundred", 200),
        ("one hundred and twenty", 120), ("two thousand five hundred", 2500), ("twelve hundred", 1200), ("a dozen", 12),
        ("three million", 3_000_000), ("fifty bucks", 50), ("nineteen hundred and four dollars", 1904),
    ])
    func `English words are read`(text: String, value: Int) {
        #expect(WrittenNumber(text)?.value == Decimal(value))
        #expect(WrittenNumber(text)?.integer == value)
    }

    @Test(arguments: [
        ("两千", 2000), ("五百", 500), ("1.5万", 15_000), ("20万", 200_000), ("五万", 50_000), ("三百万", 3_000_000),
        ("一万五", 15_000),
        ("一千", 1000), ("两千五", 2500), ("三百二", 320), ("三百零二", 302), ("十五", 15), ("五十", 50), ("一百零五块", 105),
        ("一千零五十元", 1050),
        ("一点五万", 15_000), ("二点二五万", 22_500), ("三千块钱", 3000), ("一二三", 123), ("十万", 100_000), ("两亿", 200_000_000),
        ("壹仟", 1000),
    ])
    func `Chinese numerals are read`(text: String, value: Int) { #expect(WrittenNumber(text)?.value == Decimal(value)) }

    @Test(arguments: [
        "", " ", "k", "-5", "1,2", "12,34", "1,2345", "1.2.3", "1e5", "five six", "twenty thirty", "netflix", "the",
        "a", "五六百七", "元",
        "$", "1 2", "half", "百五", "5 apples", "1234567890123456789", String(repeating: "9", count: 60), "٣", "½",
        "二百二百", "and",
    ])
    func `what is not one number is none`(text: String) { #expect(WrittenNumber(text) == nil) }

    @Test func `a fraction is no whole number`() { #expect(WrittenNumber("2.5")?.integer == nil) }
}
