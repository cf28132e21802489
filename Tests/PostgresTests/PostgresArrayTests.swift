import Foundation
import Testing

@testable import Postgres

@Suite struct PostgresArrayTests {
    private static let int8Array = PostgresType(oid: 1016)
    private static let textArray = PostgresType(oid: 1009)

    @Test(arguments: [
        [], [""], ["NULL"], ["null", "a,b"], ["{}", "\"", "\\", "a\\\"b"], [" lead", "trail "], ["ü\u{1F600}\n\t"],
    ])
    func `an array of strings comes back as it was sent`(value: [String]) throws {
        #expect(try value.roundTrip(as: Self.textArray) == value)
    }

    @Test func `NULL elements are read by an optional only`() throws {
        #expect([1, nil, 3].wireText == #"{"1",NULL,"3"}"#)
        #expect(try [Int?](postgresCell: PostgresCell("{1,NULL,3}", Self.int8Array)) == [1, nil, 3])
        #expect(throws: PostgresError.self) { try [Int](postgresCell: PostgresCell("{1,NULL,3}", Self.int8Array)) }
    }

    @Test func `every scalar has an array`() throws {
        let day = try #require(PostgresDay(year: 2026, month: 11, day: 25))
        #expect(try [true, false].roundTrip() == [true, false])
        #expect(try [Int16.min].roundTrip() == [Int16.min])
        #expect(try [Int32.max].roundTrip() == [Int32.max])
        #expect(try [1.5, -.infinity].roundTrip() == [1.5, -.infinity])
        let cents = Decimal(sign: .minus, exponent: -2, significand: 5)
        #expect(try [cents].roundTrip() == [cents])
        #expect(try [Date(timeIntervalSince1970: 1.5)].roundTrip() == [Date(timeIntervalSince1970: 1.5)])
        #expect(try [day].roundTrip() == [day])
        #expect(try [PostgresJSON(#"{"a":[1,"\"x"]}"#)].roundTrip() == [PostgresJSON(#"{"a":[1,"\"x"]}"#)])
        #expect(try [[UInt8]([0, 255]), []].roundTrip() == [[0, 255], []])
        let ids = [UUID(), UUID()]
        #expect(try ids.roundTrip() == ids)
    }

    @Test func `bytes are one bytea in hex`() throws {
        let bytes = [UInt8](0...255)
        #expect(type(of: bytes).postgresType == .bytea)
        #expect([UInt8]([0x5c, 0x78, 0xff]).wireText == #"\x5c78ff"#)
        #expect(try bytes.roundTrip() == bytes)
        #expect(try [UInt8]().roundTrip() == [])
    }

    @Test(arguments: [#"\x0"#, #"\xzz"#, "abc", #"a\000"#])
    func `bytes in another format are refused`(text: String) {
        #expect(throws: PostgresError.self) { try [UInt8](postgresCell: PostgresCell(text, .bytea)) }
    }

    @Test(arguments: ["{{1,2},{3,4}}", "{1,2", "1,2}", "", "{1,}", "{,1}", #"{"1}"#, #"{"1"2}"#, "{1}x", "[0:1]=", "{"])
    func `what is no array of one dimension is refused`(text: String) {
        #expect(throws: PostgresError.self) { try [Int](postgresCell: PostgresCell(text, Self.int8Array)) }
    }

    @Test func `an array with another lower bound is read`() throws {
        #expect(try [Int](postgresCell: PostgresCell("[0:2]={1,2,3}", Self.int8Array)) == [1, 2, 3])
    }

    @Test func `an array of a database's own type is read as strings`() throws {
        #expect(
            try [String](postgresCell: PostgresCell("{groceries,dining}", PostgresType(oid: 16_500))) == [
                "groceries", "dining",
            ])
        #expect(throws: PostgresError.self) { try [String](postgresCell: PostgresCell("{a}", .text)) }
    }

    @Test func `random arrays of strings come back as they were sent`() throws {
        var generator = SplitMix64(seed: 3)
        let alphabet: [Character] = ["a", "\"", "\\", ",", "{", "}", " ", "é", "\n", "N", "U", "L"]
        for _ in 0..<1_000 {
            let value: [String?] = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                let letters = (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                    alphabet.randomElement(using: &generator)
                }
                return Int.random(in: 0..<5, using: &generator) == 0 ? nil : String(letters)
            }
            #expect(try value.roundTrip(as: Self.textArray) == value)
        }
    }

    private enum Kind: String, PostgresEncodable, PostgresDecodable { case checking, savings }

    @Test func `an enum of strings is bound and read by its raw value`() throws {
        #expect(Kind.savings.wireText == "savings")
        #expect(try Kind(postgresCell: PostgresCell("checking", PostgresType(oid: 16_400))) == .checking)
        let error = #expect(throws: PostgresError.self) { try Kind(postgresCell: PostgresCell("brokerage", .text)) }
        #expect(error?.message == "column amount holds a value that Kind does not have")
    }
}
