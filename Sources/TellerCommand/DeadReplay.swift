import AMQP
import ArgumentParser
import DeadLetters
import Foundation
import Logging
import Teller
import UnixSignals

/// `teller dead replay`
struct DeadReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send the messages of a plan again, and see them settled.",
        discussion: """
            Goes by the plan's steps and rate, keeps the order within a conversation, and stops by itself when messages fail again or the \
            live queue gets slow. Run it again after a crash, a pause or Ctrl-C: it goes on where it was, and no message is replayed twice. \
            From another terminal:

              teller dead replay PLAN --pause           stop, to go on later
              teller dead replay PLAN --cancel          stop for good: what was not sent is open again; what was sent settles.
                                                        Once more: give up on what was sent, too
              teller dead replay PLAN --release-brake   go on although it was braked

            With --dry-run nothing is sent and nothing recorded: see teller dead what-if --help.

            Exit codes: 0 all were answered, 65 some failed again, 75 paused, braked, cancelled, or another process is at it.
            """)

    @Argument(help: "The plan's id; teller dead plan makes one.")
    var plan: UUID

    @Flag(help: "Stop the plan, to go on later.")
    var pause = false

    @Flag(help: "Stop the plan for good.")
    var cancel = false

    @Flag(help: "Go on with a plan that was braked.")
    var releaseBrake = false

    @Flag(help: "Send nothing: try the messages without consequences, and show what would be answered otherwise.")
    var dryRun = false

    @OptionGroup(title: "With --dry-run") var whatIf: DeadWhatIfOptions

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard [self.pause, self.cancel, self.releaseBrake, self.dryRun].count(where: { $0 }) <= 1 else {
            throw ValidationError("--pause, --cancel, --release-brake and --dry-run exclude each other")
        }
    }

    func run() async throws {
        if self.dryRun { return try await self.whatIf.tryOut(.plan(self.plan), self.options) }
        try await self.options.withOperator { database in
            let store = ReplayStore(database: database)
            if self.pause {
                try await store.pause(self.plan, why: "paused by an operator")
            } else if self.cancel {
                _ = try await store.cancel(self.plan, why: "cancelled by an operator")
            } else {
                return try await self.replay(store)
            }
            try await DeadPlanShow.show(try await store.plan(self.plan), in: store, items: false, after: 0, limit: 1, self.options)
        }
    }

    private func replay(_ store: ReplayStore) async throws {
        let settings = try await self.options.settings()
        let broker = try settings.amqp()
        let plan = try await store.plan(self.plan)
        let line = ReplayProgressLine()
        let publisher = AMQPPublisher(broker, logger: Logger(label: "teller"))
        let runner = ReplayRunner(store: store, publisher: publisher, broker: broker)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let end = try await withThrowingTaskGroup(of: ReplayPlan?.self) { group in
            group.addTask {
                await publisher.run()
                return nil
            }
            group.addTask {
                // The same as a pause from another terminal: what is being published is finished first.
                for await _ in signals { try? await store.pause(plan.id, why: "interrupted") }
                return nil
            }
            group.addTask {
                try await runner.run(plan, releasesBrake: self.releaseBrake) { line.show($0) }
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
        line.clear()
        try await DeadPlanShow.show(end, in: store, items: false, after: 0, limit: 1, self.options)
        if end.state != .finished { throw ExitStatus.temporary }
        if try await store.preview(of: end.id).states["failed"] != nil { throw ExitStatus.data }
    }
}
