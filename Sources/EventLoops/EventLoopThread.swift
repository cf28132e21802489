internal import CLinux
import Glibc

/// Starts a detached thread with a name and an explicit stack.
///
/// The stack is explicit because C libraries recurse over what a stranger sent: 5,000 nested header tables (35 kB on the
/// wire) overflow the half megabyte that some threads get by default.
func startThread(name: String, stackSize: Int, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let sized = pthread_attr_setstacksize(&attributes, stackSize)
    precondition(sized == 0, "a thread cannot have a stack of \(stackSize) bytes")

    var thread = pthread_t()
    let main = Unmanaged.passRetained(ThreadMain(name: name, body: body))
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            // The argument is what was passed below, retained once for exactly this call.
            let main = Unmanaged<ThreadMain>.fromOpaque(argument!).takeRetainedValue()
            linux_name_thread(main.name)
            main.body()
            return nil
        }, main.toOpaque())
    precondition(status == 0, "no thread could be started: \(String(cString: strerror(status)))")
}

private final class ThreadMain: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        self.body = body
    }
}
