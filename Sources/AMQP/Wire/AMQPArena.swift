internal import CRabbitMQ

/// Memory for the C structures of one call, given back all at once.
struct AMQPArena: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        self.pool = .allocate(capacity: 1)
        init_amqp_pool(self.pool, 4096)
    }

    deinit {
        empty_amqp_pool(self.pool)
        self.pool.deallocate()
    }

    /// Makes everything that was allocated invalid and the memory free again.
    func recycle() {
        recycle_amqp_pool(self.pool)
    }

    func bytes(_ string: String) -> amqp_bytes_t {
        var string = string
        return string.withUTF8 { self.copy(UnsafeRawBufferPointer($0)) }
    }

    func bytes(_ array: [UInt8]) -> amqp_bytes_t {
        array.withUnsafeBytes { self.copy($0) }
    }

    func table(_ table: AMQPTable) -> amqp_table_t {
        let entries: UnsafeMutablePointer<amqp_table_entry_t>? = self.allocate(table.entries.count)
        for (index, entry) in table.entries.enumerated() {
            entries?[index] = amqp_table_entry_t(key: self.bytes(entry.name), value: self.field(entry.value))
        }
        return amqp_table_t(num_entries: Int32(table.entries.count), entries: entries)
    }

    private func array(_ values: [AMQPValue]) -> amqp_array_t {
        let entries: UnsafeMutablePointer<amqp_field_value_t>? = self.allocate(values.count)
        for (index, value) in values.enumerated() { entries?[index] = self.field(value) }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func field(_ value: AMQPValue) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        let kind: amqp_field_value_kind_t
        switch value {
        case .bool(let value): (kind, field.value.boolean) = (AMQP_FIELD_KIND_BOOLEAN, value ? 1 : 0)
        case .int8(let value): (kind, field.value.i8) = (AMQP_FIELD_KIND_I8, value)
        case .uint8(let value): (kind, field.value.u8) = (AMQP_FIELD_KIND_U8, value)
        case .int16(let value): (kind, field.value.i16) = (AMQP_FIELD_KIND_I16, value)
        case .uint16(let value): (kind, field.value.u16) = (AMQP_FIELD_KIND_U16, value)
        case .int32(let value): (kind, field.value.i32) = (AMQP_FIELD_KIND_I32, value)
        case .uint32(let value): (kind, field.value.u32) = (AMQP_FIELD_KIND_U32, value)
        case .int64(let value): (kind, field.value.i64) = (AMQP_FIELD_KIND_I64, value)
        case .float(let value): (kind, field.value.f32) = (AMQP_FIELD_KIND_F32, value)
        case .double(let value): (kind, field.value.f64) = (AMQP_FIELD_KIND_F64, value)
        case .decimal(let decimals, let value):
            (kind, field.value.decimal) = (AMQP_FIELD_KIND_DECIMAL, amqp_decimal_t(decimals: decimals, value: value))
        case .string(let value): (kind, field.value.bytes) = (AMQP_FIELD_KIND_UTF8, self.bytes(value))
        case .longString(let value): (kind, field.value.bytes) = (AMQP_FIELD_KIND_UTF8, self.bytes(value))
        case .bytes(let value): (kind, field.value.bytes) = (AMQP_FIELD_KIND_BYTES, self.bytes(value))
        case .array(let values): (kind, field.value.array) = (AMQP_FIELD_KIND_ARRAY, self.array(values))
        case .timestamp(let value): (kind, field.value.u64) = (AMQP_FIELD_KIND_TIMESTAMP, value)
        case .table(let value): (kind, field.value.table) = (AMQP_FIELD_KIND_TABLE, self.table(value))
        case .void: kind = AMQP_FIELD_KIND_VOID
        }
        field.kind = UInt8(kind.rawValue)
        return field
    }

    private func copy(_ bytes: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return amqp_bytes_t(len: 0, bytes: nil) }
        let target = self.memory(bytes.count)
        target.copyMemory(from: source, byteCount: bytes.count)
        return amqp_bytes_t(len: bytes.count, bytes: target)
    }

    /// Memory for C structures, which need no initialisation.
    private func allocate<T>(_ count: Int) -> UnsafeMutablePointer<T>? {
        guard count > 0 else { return nil }
        return self.memory(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: count)
    }

    private func memory(_ byteCount: Int) -> UnsafeMutableRawPointer {
        guard let memory = amqp_pool_alloc(self.pool, byteCount) else {
            preconditionFailure("no memory for \(byteCount) bytes")  // as where the standard library runs out of it
        }
        return memory
    }
}
