// Inputs of the packed formats as integers.
#pragma once

#include "context.h"
#include "packed.h"

/// Rounds x (tokens × columns) to integers in the context's scratch memory, for the packed formats among the matrices.
kernels_activations kernels_quantize_activations(kernels_context *context, const kernels_matrix *matrices,
                                                 int32_t count, const float *x, int32_t tokens);
