import EventLoops
import Foundation
import ServiceLifecycle

/// Tells the journal which answers the broker has confirmed, many in one statement.
///
/// An answer that is not marked is at worst sent once more, so nothing waits for the marks and they may come a moment later.
struct PublicationMarks: Service {
    /// How long marks are collected for one statement.
    private static let pause = Duration.milliseconds(10)

    private let journal: RequestJournal
    private let pending = Locked<[UUID]>([])
    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(journal: RequestJournal) {
        self.journal = journal
        (self.wakeups, self.wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Notes that the broker confirmed an answer.
    func note(_ answer: UUID) {
        let isFirst = self.pending.withLock { pending in
            pending.append(answer)
            return pending.count == 1
        }
        if isFirst { self.wake.yield() }
    }

    /// Writes marks until the service is shut down, then those that are left.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in self.wakeups {
                try? await Task.sleep(for: Self.pause)
                await self.write()
            }
            await self.write()
        } onGracefulShutdown: {
            self.wake.finish()
        }
    }

    /// Writes the marks that are collected.
    func write() async {
        let answers = self.pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        if !answers.isEmpty { try? await self.journal.markPublished(answers) }
    }
}
