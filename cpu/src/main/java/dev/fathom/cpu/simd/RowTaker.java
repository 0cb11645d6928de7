package dev.fathom.cpu.simd;

import dev.fathom.cpu.workers.Workers;

/**
 * Takes rows of what a kernel makes, while they are in the cache of the core that made them. They
 * come in parts, which the shapes alone divide, in any order and some of them at the same time.
 */
@FunctionalInterface
public interface RowTaker {
    /**
     * Takes elements {@code from} to {@code to}, numbered row by row.
     *
     * @param part the number of the part
     * @param rows an array that holds them from element 0 on; the kernel's again afterwards
     * @param slot the participant ({@link Workers.SlotTask})
     */
    void take(Object rows, int part, int from, int to, int slot);
}
