// The inner loops of a decoder-only transformer on CPUs.
//
// Every result is a fixed function of its operands: a dot product runs over its columns in eight interleaved partial
// sums that are added in one order, whatever the number of tokens, tiles or threads. Matrices are row-major.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How the numbers of a weight matrix are stored.
enum kernels_format {
    kernels_f32 = 0,
    kernels_bf16 = 1,
    kernels_f16 = 2,
    /// w = scale · q, q in -127…127; one scale for each 32 columns of a row. Packed, see below.
    kernels_q8 = 3,
    /// w = scale · (n - 8), n in 0…15; one scale for each 32 columns of a row. Packed, see below.
    kernels_q4 = 4,
};

// The packed formats lay eight rows beside each other: a panel. The last panel is filled up with rows of zeros, and the
// columns with zeros to a multiple of 32 (a block). A panel's weights are
//     q8: for each 2 columns c, 16 bytes: row 0 (c, c + 1), row 1 (c, c + 1), …
//     q4: for each 8 columns c, sixteen 16-bit words (little-endian); nibble j of word 2 · row + e is column c + 2j + e
// and its scales, apart from the weights, eight binary16 numbers for each block, one a row.
//
// Their products take the input as integers, so that the sum within a block is exact: for q8 of 16 bits with one scale a
// token; for q4, whose weights err far more, of 8 bits with one scale for each block, twice as many to an instruction. The
// blocks' sums, scaled, are added in order, one rounding each. The result is the same on every processor.

/// A matrix of weights, each row the weights of one output.
typedef struct {
    enum kernels_format format;
    const void *weights;
    /// Of the packed formats only.
    const uint16_t *scales;
    /// One number a row, or NULL.
    const float *bias;
    int32_t rows, columns;
} kernels_matrix;

/// Instruction sets, each with those before it.
enum kernels_instructions {
    /// What every processor has.
    kernels_portable = 0,
    /// AVX2, FMA and F16C.
    kernels_avx2 = 1,
    /// AVX-512 F, BW, VL and VNNI.
    kernels_avx512 = 2,
};

/// A set of worker threads and the instruction set they use.
typedef struct kernels_context kernels_context;

/// Creates a context with `threads` threads, the caller's included, that uses what the processor has of `instructions`.
/// Returns NULL when memory is short; fewer threads are used when the system grants fewer.
kernels_context *kernels_context_create(int32_t threads, enum kernels_instructions instructions);
void kernels_context_destroy(kernels_context *context);

/// The number of threads in use, the caller's included.
int32_t kernels_context_threads(const kernels_context *context);

/// The instruction set in use.
enum kernels_instructions kernels_context_instructions(const kernels_context *context);

/// y[m][t][r] = dot(matrices[m][r], x[t]) + bias[m][r] for `count` matrices of as many columns;
/// x (tokens × columns), y[m] (tokens × rows of m).
void kernels_multiply(kernels_context *context, const kernels_matrix *matrices, int32_t count, const float *x,
                      float *const *y, int32_t tokens);

/// Writes a row of a matrix as floats, without the bias.
void kernels_unpack_row(const kernels_matrix *matrix, int32_t row, float *out);

/// Bytes of a matrix's weights, and of its scales.
size_t kernels_weights_size(enum kernels_format format, int32_t rows, int32_t columns);
size_t kernels_scales_size(enum kernels_format format, int32_t rows, int32_t columns);

/// Rounds a row to a packed format: its integers, filled up to whole blocks, and its scales, one a block.
void kernels_quantize_row(enum kernels_format to, const float *row, int32_t columns, int8_t *values,
                          uint16_t *scales);

/// Lays out up to eight quantised rows as a panel; values (rows × columns in whole blocks), scales (rows × blocks).
void kernels_pack_panel(enum kernels_format to, const int8_t *values, const uint16_t *scales, int32_t rows,
                        int32_t columns, void *weights, uint16_t *panel_scales);

/// How a checkpoint stores numbers: one after the other, in ggml's blocks, or packed as above.
enum kernels_storage {
    kernels_stored_f32,
    kernels_stored_bf16,
    kernels_stored_f16,
    kernels_stored_q8_0,
    kernels_stored_q4_0,
    kernels_stored_q4_k,
    kernels_stored_q6_k,
    kernels_stored_q8,
    kernels_stored_q4,
};

/// A matrix as a checkpoint stores it.
typedef struct {
    enum kernels_storage storage;
    const void *numbers;
    /// Of the packed formats only.
    const uint16_t *scales;
    /// Bytes from one row to the next or, transposed (plain numbers only), from one column to the next.
    size_t stride;
    bool transposed;
    int32_t rows, columns;
    /// Rows of a head, where the rows of its two halves alternate and are to be put apart; 0 where they are in order.
    int32_t interleaved;
} kernels_stored_matrix;

/// Converts a matrix to a format on all threads; `scales` is written for the packed formats only. Integers and scales of
/// ggml's Q8_0 and Q4_0 are kept as they are where the format has the bits for them.
/// Returns false where a number is infinite or NaN, or becomes so.
bool kernels_load(kernels_context *context, const kernels_stored_matrix *source, enum kernels_format to,
                  void *weights, uint16_t *scales);

/// Positions of a page of keys and values.
enum { kernels_page_positions = 16 };

/// One sequence's part of a step: `tokens` rows from `row` on, at the positions from `position` on.
typedef struct {
    /// For each page of the sequence the start of its memory. A layer's part lies `layer_offset` numbers further on: for
    /// each key-value head the keys (dimension × positions), then the values (positions × dimension).
    void *const *pages;
    int32_t row, tokens, position;
} kernels_sequence;

/// Numbers of one layer in one page.
size_t kernels_page_layer_size(int32_t key_value_heads, int32_t dimension);

/// Writes the keys and values of the sequences' rows into their pages, whose numbers are f32 or f16; k and v
/// (rows × key_value_heads × dimension).
void kernels_store(enum kernels_format format, const kernels_sequence *sequences, int32_t count, const float *k,
                   const float *v, size_t layer_offset, int32_t key_value_heads, int32_t dimension);

/// Causal softmax attention of the sequences' rows over their pages, each token over its own and the `window - 1`
/// positions before it; 0 for all. The pages' numbers are f32 or f16, q and out (rows × heads × dimension).
void kernels_attend(kernels_context *context, enum kernels_format format, const kernels_sequence *sequences,
                    int32_t count, const float *q, float *out, size_t layer_offset, int32_t heads,
                    int32_t key_value_heads, int32_t dimension, int32_t window);

/// x[i] = x[i] / 2 * (1 + tanh(sqrt(2 / π) * (x[i] + 0.044715 * x[i]³))).
void kernels_gelu(float *x, size_t count);

/// gate[i] = silu(gate[i]) * up[i].
void kernels_swiglu(kernels_context *context, float *gate, const float *up, size_t count);

/// out[t] = x[t] / sqrt(mean(x[t]²) + epsilon) * weight; x and out (rows × columns), may be the same.
void kernels_rms_norm(const float *x, const float *weight, float *out, int32_t rows, int32_t columns, float epsilon);

/// out[t] = (x[t] - mean(x[t])) / sqrt(variance(x[t]) + epsilon) * weight + bias; x and out (rows × columns), may be the
/// same.
void kernels_layer_norm(const float *x, const float *weight, const float *bias, float *out, int32_t rows,
                        int32_t columns, float epsilon);

/// Rotates the pairs (i, i + dimension / 2) of each head of x (tokens × heads × dimension) by the angles whose cosines
/// and sines are given (tokens × dimension / 2).
void kernels_rope(float *x, const float *cosines, const float *sines, int32_t tokens, int32_t heads,
                  int32_t dimension);

/// x[i] += y[i].
void kernels_add(float *x, const float *y, size_t count);

/// Converts `count` numbers between formats; to a narrower one rounding to nearest, ties to even.
void kernels_convert(enum kernels_format from, const void *source, enum kernels_format to, void *destination,
                     size_t count);

/// destination[r][c] = source[c][r], converted; destination (rows × columns), source (columns × stride).
void kernels_transpose(enum kernels_format from, const void *source, size_t stride, enum kernels_format to,
                       void *destination, size_t rows, size_t columns);

/// Whether no number is infinite or NaN.
bool kernels_all_finite(enum kernels_format format, const void *numbers, size_t count);

/// The index of the largest value, the first of equals; NaN is never chosen unless all are NaN.
int32_t kernels_argmax(const float *x, int32_t count);

/// Writes the indices of the `k` largest values, largest first, the lower index first among equals. NaN counts as the
/// smallest. 1 ≤ k ≤ count.
void kernels_top(const float *x, int32_t count, int32_t k, int32_t *indices);

/// Bytes a second that all threads together read from memory of `size` bytes, which is to be larger than the caches; the
/// fastest of some rounds. 0 when there is no memory.
double kernels_read_bandwidth(kernels_context *context, size_t size, int32_t rounds);

/// Operations a second, two for each multiplication with its addition, that all threads together do in registers with the
/// instructions of a format's products: of floats, of 16-bit integers for q8, of bytes for q4. 0 for portable code.
double kernels_peak_rate(kernels_context *context, enum kernels_format format);
