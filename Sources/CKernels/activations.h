// Inputs of the packed formats as 16-bit integers.
#pragma once

#include "context.h"
#include "packed.h"

/// Rounds x (tokens × columns) to 16-bit integers in the context's scratch memory.
kernels_activations kernels_quantize_activations(kernels_context *context, const float *x, int32_t columns,
                                                 int32_t tokens);
