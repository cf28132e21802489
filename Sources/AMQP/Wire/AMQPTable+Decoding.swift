internal import CRabbitMQ

extension AMQPTable {
    /// Copies a table out of the library's memory.
    ///
    /// - Parameter isComplete: Set to false when something could not be read: a name that is not UTF-8 (it is then
    ///   repaired), or a value nested beyond ``maximumDepth`` (it is then ``AMQPValue/void``).
    init(_ table: amqp_table_t, depth: Int = 1, isComplete: inout Bool) {
        var entries: [Entry] = []
        entries.reserveCapacity(Int(table.num_entries))
        for entry in UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries)) {
            let name: String
            if let text = entry.key.text {
                name = text
            } else {
                name = String(decoding: entry.key.raw, as: UTF8.self)
                isComplete = false
            }
            entries.append(Entry(name, AMQPValue(entry.value, depth: depth, isComplete: &isComplete)))
        }
        self.init(entries)
    }
}

extension AMQPValue {
    fileprivate init(_ field: amqp_field_value_t, depth: Int, isComplete: inout Bool) {
        let value = field.value
        switch amqp_field_value_kind_t(UInt32(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int8(value.i8)
        case AMQP_FIELD_KIND_U8: self = .uint8(value.u8)
        case AMQP_FIELD_KIND_I16: self = .int16(value.i16)
        case AMQP_FIELD_KIND_U16: self = .uint16(value.u16)
        case AMQP_FIELD_KIND_I32: self = .int32(value.i32)
        case AMQP_FIELD_KIND_U32: self = .uint32(value.u32)
        case AMQP_FIELD_KIND_I64, AMQP_FIELD_KIND_U64: self = .int64(value.i64)  // RabbitMQ writes l only
        case AMQP_FIELD_KIND_F32: self = .float(value.f32)
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL: self = .decimal(decimals: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_UTF8: self = value.bytes.text.map(AMQPValue.string) ?? .longString(Array(value.bytes.raw))
        case AMQP_FIELD_KIND_BYTES: self = .bytes(Array(value.bytes.raw))
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(value.u64)
        case AMQP_FIELD_KIND_ARRAY where depth < AMQPTable.maximumDepth:
            var values: [AMQPValue] = []
            values.reserveCapacity(Int(value.array.num_entries))
            for field in UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries)) {
                values.append(AMQPValue(field, depth: depth + 1, isComplete: &isComplete))
            }
            self = .array(values)
        case AMQP_FIELD_KIND_TABLE where depth < AMQPTable.maximumDepth:
            self = .table(AMQPTable(value.table, depth: depth + 1, isComplete: &isComplete))
        case AMQP_FIELD_KIND_VOID:
            self = .void
        default:
            self = .void
            isComplete = false
        }
    }
}

extension amqp_bytes_t {
    /// The bytes where they lie, valid as long as the library's buffer.
    var raw: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.bytes, count: self.len)
    }

    /// The text, when it is UTF-8.
    var text: String? {
        String(validating: self.raw, as: UTF8.self)
    }

    /// The text as it can be sent again: repaired where it is not UTF-8, and cut to the 255 bytes of a name where that made
    /// it longer. Names are the broker's or, as routing keys, a stranger's.
    var repairedText: String {
        let text = String(decoding: self.raw, as: UTF8.self)
        guard text.utf8.count > 255 else { return text }
        let end = text.utf8.index(text.startIndex, offsetBy: 255)
        return String(text.unicodeScalars[..<end])  // an index within a character counts as the character's start
    }
}
