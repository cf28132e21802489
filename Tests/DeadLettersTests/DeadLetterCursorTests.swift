import DeadLetters
import Testing

struct DeadLetterCursorTests {
    @Test func `a cursor is read as it was written`() throws {
        let text = "1790000000000001_0b9f7d0e-3f1c-4a57-9a55-9d0a8a3f0001"
        #expect(DeadLetterCursor(text).map { "\($0)" } == text)
    }

    @Test(arguments: ["", "_", "1", "1_", "x_0b9f7d0e-3f1c-4a57-9a55-9d0a8a3f0001", "1_0b9f7d0e"])
    func `what is no cursor is none`(_ text: String) {
        #expect(DeadLetterCursor(text) == nil)
    }

    @Test(arguments: ["", "0:00", "1:", "1:abcd", "x:" + String(repeating: "0", count: 64)])
    func `what is no head of a chain is none`(_ text: String) {
        #expect(AuditHead(text) == nil)
        let head = "17:" + String(repeating: "0f", count: 32)
        #expect(AuditHead(head).map { "\($0)" } == head)
    }
}
