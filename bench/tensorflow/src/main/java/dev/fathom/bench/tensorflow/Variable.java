package dev.fathom.bench.tensorflow;

import org.tensorflow.Operand;
import org.tensorflow.op.core.ReadVariableOp;
import org.tensorflow.types.TFloat32;

/**
 * A weight.
 *
 * @param value what it is when a step begins
 */
record Variable(Operand<?> handle, ReadVariableOp<TFloat32> value) {}
