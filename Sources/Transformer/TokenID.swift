/// A token's number in its model's vocabulary.
public typealias TokenID = Int32
