/// Runs tasks on an event loop's thread, whatever actor they belong to.
///
/// It is not the loop itself: to the runtime a thread that serves one actor and a place that tasks prefer are two things, and
/// a job of the one that is run as the other can be left hanging when it switches.
public final class EventLoopTaskExecutor: TaskExecutor {
    private let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // The body keeps the executor alive while its job runs.
        self.loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

extension EventLoop {
    /// Where tasks run that must go on while other code keeps every thread of the cooperative pool busy, as heartbeats must:
    /// `Task(executorPreference: loop.tasks)`. Without it the runtime passes through the pool when a task is resumed, even if
    /// its actor is pinned to the loop.
    public var tasks: EventLoopTaskExecutor { EventLoopTaskExecutor(self) }
}
