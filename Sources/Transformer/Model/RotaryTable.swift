import Glibc

/// The cosines and sines of every position computed so far, (positions × headDimension / 2) each.
struct RotaryTable {
    private let frequencies: [Float]
    private(set) var cosines: [Float] = []
    private(set) var sines: [Float] = []

    /// - Parameter frequencies: Radians a position for each pair of a head.
    init(frequencies: [Float]) { self.frequencies = frequencies }

    /// Numbers of one position in each table.
    var rowSize: Int { self.frequencies.count }

    /// Extends the tables to at least `positions`.
    mutating func reserve(_ positions: Int) {
        for position in self.cosines.count / self.rowSize..<max(positions, self.cosines.count / self.rowSize) {
            for frequency in self.frequencies {
                let angle = Float(position) * frequency
                self.cosines.append(cosf(angle))
                self.sines.append(sinf(angle))
            }
        }
    }
}
