import EventLoops
import Testing

@testable import Postgres

@Suite struct PostgresMailboxTests {
    private final class Counter: Sendable {
        let value = Locked(0)
        func increment() { self.value.withLock { $0 += 1 } }
        var count: Int { self.value.withLock { $0 } }
    }

    @Test func `one wake-up serves all that has gathered`() {
        let (mailbox, wakeUps) = (PostgresMailbox(), Counter())
        mailbox.open { wakeUps.increment() }
        for id in 1...5 { mailbox.post(.cancel(UInt64(id))) }
        #expect(wakeUps.count == 1)
        #expect(mailbox.takeAll().count == 5)
        mailbox.post(.cancel(6))
        #expect(wakeUps.count == 2)
    }

    @Test func `what was posted before anyone listened is announced`() {
        let (mailbox, wakeUps) = (PostgresMailbox(), Counter())
        mailbox.post(.cancel(1))
        mailbox.open { wakeUps.increment() }
        #expect(wakeUps.count == 1)
    }

    @Test func `a closed mailbox takes nothing and gives back the rest`() {
        let mailbox = PostgresMailbox()
        mailbox.post(.cancel(1))
        #expect(mailbox.close().count == 1)
        #expect(!mailbox.post(.cancel(2)))
        #expect(mailbox.takeAll().isEmpty)
    }
}
