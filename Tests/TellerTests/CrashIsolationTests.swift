import EventLoops
import Testing

@testable import Teller

@Suite struct CrashIsolationTests {
    @Test(.timeLimit(.minutes(1))) func `who must be alone is, and nobody waits for ever`() async throws {
        let isolation = CrashIsolation()
        let inside = Locked((shared: 0, alone: 0, most: 0, breaches: 0))
        let body: @Sendable (Bool) async -> Void = { alone in
            inside.withLock {
                if alone { $0.alone += 1 } else { $0.shared += 1 }
                $0.most = max($0.most, $0.shared)
                if $0.alone > 1 || ($0.alone == 1 && $0.shared > 0) { $0.breaches += 1 }
            }
            try? await Task.sleep(for: .milliseconds(2))
            inside.withLock { if alone { $0.alone -= 1 } else { $0.shared -= 1 } }
        }
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<300 {
                group.addTask {
                    if number % 10 == 0 {
                        try await isolation.alone { await body(true) }
                    } else {
                        try await isolation.shared { await body(false) }
                    }
                }
            }
        }
        let result = inside.withLock { $0 }
        #expect(result.breaches == 0 && result.shared == 0 && result.alone == 0)
        #expect(result.most > 1)
    }
}
