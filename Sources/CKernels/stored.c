// ggml's block formats: https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h. All begin with, or end in, a
// binary16 scale; the order of operations is that of its own reference.
#include "stored.h"

#include "numbers.h"
#include "packed.h"

// A half-precision number at any address.
static float half_at(const uint8_t *source) {
    uint16_t half;
    memcpy(&half, source, sizeof half);
    return kernels_f16_to_float(half);
}

// Q8_0: scale, 32 signed bytes.
static void decode_q8_0(const uint8_t *block, float *out) {
    float scale = half_at(block);
    for (int i = 0; i < 32; i++) out[i] = scale * (float)(int8_t)block[2 + i];
}

// Q4_0: scale, 16 bytes whose low nibbles are the first half of the block.
static void decode_q4_0(const uint8_t *block, float *out) {
    float scale = half_at(block);
    for (int i = 0; i < 16; i++) {
        out[i] = scale * (float)((block[2 + i] & 15) - 8);
        out[i + 16] = scale * (float)((block[2 + i] >> 4) - 8);
    }
}

// Q4_K: a scale of the scales and one of the minima, eight of each in 6 bits, 256 nibbles.
static void decode_q4_k(const uint8_t *block, float *out) {
    float scale = half_at(block), minimum_scale = half_at(block + 2);
    const uint8_t *packed = block + 4, *nibbles = block + 16;
    for (int part = 0; part < 8; part++, out += 32) {
        int low = part < 4 ? packed[part] & 63 : (packed[part + 4] & 15) | packed[part - 4] >> 6 << 4;
        int high = part < 4 ? packed[part + 4] & 63 : packed[part + 4] >> 4 | packed[part] >> 6 << 4;
        float factor = scale * (float)low, minimum = minimum_scale * (float)high;
        for (int i = 0; i < 32; i++) {
            int pair = nibbles[part / 2 * 32 + i];
            out[i] = factor * (float)(part % 2 == 0 ? pair & 15 : pair >> 4) - minimum;
        }
    }
}

// Q6_K: 256 integers of which 4 bits and 2 bits lie apart, sixteen signed scales, a scale of the scales.
static void decode_q6_k(const uint8_t *block, float *out) {
    float scale = half_at(block + 208);
    for (int i = 0; i < 256; i++) {
        int half = i / 128, part = i % 128 / 32, lane = i % 32;
        int low = block[64 * half + 32 * (part % 2) + lane] >> (part < 2 ? 0 : 4) & 15;
        int high = block[128 + 32 * half + lane] >> 2 * part & 3;
        out[i] = scale * (float)(int8_t)block[192 + i / 16] * (float)((low | high << 4) - 32);
    }
}

static void decode_blocks(const uint8_t *row, int32_t columns, int32_t length, size_t size,
                          void decode(const uint8_t *, float *), float *out) {
    for (int32_t column = 0; column < columns; column += length, row += size) decode(row, out + column);
}

static size_t plain_size(enum kernels_storage storage) { return storage == kernels_stored_f32 ? 4 : 2; }

static enum kernels_format plain_format(enum kernels_storage storage) {
    return storage == kernels_stored_f32 ? kernels_f32 : storage == kernels_stored_bf16 ? kernels_bf16 : kernels_f16;
}

static int32_t stored_row(const kernels_stored_matrix *source, int32_t row) {
    int32_t size = source->interleaved;
    if (size == 0) return row;
    int32_t head = row / size, index = row % size, half = index / (size / 2), pair = index % (size / 2);
    return head * size + 2 * pair + half;
}

void kernels_read_row(const kernels_stored_matrix *source, int32_t row, float *out) {
    if (source->storage == kernels_stored_q8 || source->storage == kernels_stored_q4) {
        kernels_matrix matrix = {.format = source->storage == kernels_stored_q8 ? kernels_q8 : kernels_q4,
                                 .weights = source->numbers, .scales = source->scales, .rows = source->rows,
                                 .columns = source->columns};
        kernels_unpack_row(&matrix, row, out);
        return;
    }
    const uint8_t *start = source->numbers;
    if (source->transposed) {
        kernels_transpose(plain_format(source->storage), start + (size_t)row * plain_size(source->storage),
                          source->stride / plain_size(source->storage), kernels_f32, out, 1, (size_t)source->columns);
        return;
    }
    start += (size_t)stored_row(source, row) * source->stride;
    switch (source->storage) {
    case kernels_stored_q8_0: decode_blocks(start, source->columns, 32, 34, decode_q8_0, out); break;
    case kernels_stored_q4_0: decode_blocks(start, source->columns, 32, 18, decode_q4_0, out); break;
    case kernels_stored_q4_k: decode_blocks(start, source->columns, 256, 144, decode_q4_k, out); break;
    case kernels_stored_q6_k: decode_blocks(start, source->columns, 256, 210, decode_q6_k, out); break;
    default:
        kernels_convert(plain_format(source->storage), start, kernels_f32, out, (size_t)source->columns);
    }
}

bool kernels_read_blocks(const kernels_stored_matrix *source, int32_t row, enum kernels_format to, int8_t *values,
                         uint16_t *scales) {
    bool is_q8 = source->storage == kernels_stored_q8_0, is_q4 = source->storage == kernels_stored_q4_0;
    if (!(is_q8 && to == kernels_q8) && !(is_q4 && kernels_is_packed(to))) return false;
    const uint8_t *block = (const uint8_t *)source->numbers + (size_t)stored_row(source, row) * source->stride;
    int32_t zero = to == kernels_q8 ? 8 : 0;
    for (int32_t i = 0; i < source->columns / block_columns; i++, values += block_columns) {
        memcpy(&scales[i], block, sizeof scales[i]);
        const uint8_t *numbers = block + 2;
        if (is_q8) {
            memcpy(values, numbers, block_columns);
            block += 34;
            continue;
        }
        for (int j = 0; j < 16; j++) {
            values[j] = (int8_t)((numbers[j] & 15) - zero);
            values[j + 16] = (int8_t)((numbers[j] >> 4) - zero);
        }
        block += 18;
    }
    return true;
}
