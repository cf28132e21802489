import Glibc

/// What is known of a path without opening it.
enum FileStatus {
    /// Whether anything is there.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a directory is there.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
