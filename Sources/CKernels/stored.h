// How checkpoints store rows of numbers.
#pragma once

#include "CKernels.h"

/// Writes a row of a matrix as floats.
void kernels_read_row(const kernels_stored_matrix *source, int32_t row, float *out);

/// Writes the integers and scales of a row whose blocks are those of the packed format; false where they are not.
bool kernels_read_blocks(const kernels_stored_matrix *source, int32_t row, enum kernels_format to, int8_t *values,
                         uint16_t *scales);
