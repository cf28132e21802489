import Testing

@testable import AMQP

@Suite struct OutcomeTests {
    @Test(.timeLimit(.minutes(1))) func `everyone who waits gets the first value`() async {
        let outcome = Outcome<Int>()
        async let first = outcome.wait()
        async let second = outcome.wait()
        outcome.fulfil(1)
        outcome.fulfil(2)
        #expect(await [first, second, outcome.wait()] == [1, 1, 1])
    }

    @Test(.timeLimit(.minutes(1))) func `a cancelled task stops waiting`() async {
        let outcome = Outcome<Int>()
        let task = Task { await outcome.wait() }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test(.timeLimit(.minutes(1))) func `work is cancelled when the outcome comes`() async {
        let stop = Outcome<Void>()
        async let work: Void = stop.cancelling { _ = await Outcome<Int>().wait() }
        stop.fulfil(())
        await work
    }
}
