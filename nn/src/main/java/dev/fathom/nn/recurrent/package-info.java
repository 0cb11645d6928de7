/**
 * Networks that read a sequence step by step: x(t + 1) = f(x(t)) with the same f at every step. A
 * {@link dev.fathom.nn.recurrent.Cell} is f; {@link dev.fathom.nn.recurrent.Recurrent} runs a stack
 * of them over (n, time, features) as one scan, and {@link dev.fathom.nn.recurrent.Bidirectional}
 * reads both ways. The gradient of a weight is the sum over the copies of the cell, one per step;
 * it is that of the scan and needs no code here.
 */
@NullMarked
package dev.fathom.nn.recurrent;

import org.jspecify.annotations.NullMarked;
