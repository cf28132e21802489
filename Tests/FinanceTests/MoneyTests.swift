import Finance
import Foundation
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("0", "0.00", "0.00"), ("-0.5", "-0.50", "-0.50"), ("999", "999.00", "999.00"), ("1000", "1000.00", "1,000.00"),
        ("-1234567.8", "-1234567.80", "-1,234,567.80"), ("12345.6789", "12345.6789", "12,345.6789"),
    ])
    func `digits pad to the minor unit, group by thousands and hide nothing`(
        plain: String, digits: String, grouped: String
    ) throws {
        let money = Money(try #require(Decimal(exactly: plain)), .usd)
        #expect(money.digits(grouped: false) == digits)
        #expect(money.digits(grouped: true) == grouped)
    }

    @Test func `yen have no decimal places and dinars three`() throws {
        #expect(Money(1500, .jpy).digits(grouped: true) == "1,500")
        #expect(Money(1, try #require(Currency(code: "KWD"))).description == "1.000 KWD")
    }

    @Test(arguments: [
        ("2.345", "2.35"), ("-2.345", "-2.35"), ("2.3449", "2.34"), ("0.005", "0.01"), ("-0.0049", "0.00"),
    ])
    func `rounding takes halves away from zero`(plain: String, rounded: String) throws {
        #expect(Money(try #require(Decimal(exactly: plain)), .cny).rounded.digits(grouped: false) == rounded)
    }

    @Test func `sums are exact where binary floating point is not`() throws {
        let tenth = Money(try #require(Decimal(exactly: "0.1")), .usd)
        let fifth = Money(try #require(Decimal(exactly: "0.2")), .usd)
        #expect(try (tenth + fifth).description == "0.30 USD")
        #expect(try (tenth - fifth).description == "-0.10 USD")
    }

    @Test func `two currencies do not add up`() {
        #expect(throws: MixedCurrencies.self) { try Money(1, .usd) + Money(1, .cny) }
    }

    @Test(arguments: [
        "", "-", ".5", "5.", "1,000", "1e3", "+1", "１", "1.2.3", " 1", "12abc", String(repeating: "9", count: 39),
    ])
    func `anything but a plain decimal is refused`(text: String) {
        #expect(Decimal(exactly: text) == nil)
    }

    @Test(arguments: ["0", "-0.0001", "123456789012345.6789", "-99999999999999999999999999999999999999"])
    func `a plain decimal is read and written back digit by digit`(text: String) throws {
        #expect(try #require(Decimal(exactly: text)).digits() == text)
    }

    @Test(arguments: ["usd", "US", "USDT", "U$D", ""])
    func `a currency code is three capital letters`(code: String) {
        #expect(Currency(code: code) == nil)
    }
}
