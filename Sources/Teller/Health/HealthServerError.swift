/// The health server could not listen, or stopped.
struct HealthServerError: Error, CustomStringConvertible {
    let host: String
    let port: Int
    let cause: any Error

    var description: String {
        """
        health and metrics cannot be served on \(self.host):\(self.port) (\(self.cause)); \
        set TELLER_HTTP_HOST to an address of this machine and TELLER_HTTP_PORT to a free port, or to 0 for any
        """
    }
}
