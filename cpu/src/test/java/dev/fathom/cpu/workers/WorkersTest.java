package dev.fathom.cpu.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

@Timeout(60)
class WorkersTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void runsEveryIndexOnce(int threads) {
        Workers workers = Workers.of(threads);
        assertThat(workers.threads()).isEqualTo(threads);
        for (int tasks : new int[] {0, 1, 2, 3, 5, 8, 100, 1001}) {
            for (int repeat = 0; repeat < 50; repeat++) {
                AtomicIntegerArray counts = new AtomicIntegerArray(tasks);
                workers.run(tasks, i -> counts.incrementAndGet(i));
                for (int i = 0; i < tasks; i++) {
                    assertThat(counts.get(i)).as("index %d of %d", i, tasks).isEqualTo(1);
                }
            }
        }
        workers.run(-3, _ -> assertThat(false).isTrue());
    }

    @Test
    void plainWritesAreVisibleToTheCallerAndTheNextRun() {
        Workers workers = Workers.of(4);
        int[] values = new int[64];
        for (int round = 0; round < 2000; round++) {
            int shift = round % 7; // another thread may own the element in the next round
            workers.run(64, i -> values[(i + 9 * shift) & 63]++);
        }
        assertThat(values).containsOnly(2000);
    }

    @Test
    void wakesParkedThreads() throws InterruptedException {
        Workers workers = Workers.of(3);
        AtomicInteger sum = new AtomicInteger();
        for (int round = 0; round < 20; round++) {
            Thread.sleep(2);
            workers.run(3, i -> sum.addAndGet(i));
        }
        assertThat(sum).hasValue(60);
    }

    @Test
    void slotsAreExclusive() {
        Workers workers = Workers.of(5);
        AtomicIntegerArray inUse = new AtomicIntegerArray(5);
        workers.run(
                500,
                (_, slot) -> {
                    assertThat(inUse.incrementAndGet(slot)).isEqualTo(1);
                    Thread.onSpinWait();
                    inUse.decrementAndGet(slot);
                });
        assertThat(inUse.toString()).isEqualTo("[0, 0, 0, 0, 0]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void chunksDoNotDependOnThreads(int threads) {
        Workers workers = Workers.of(threads);
        var chunks = new ConcurrentLinkedQueue<String>();
        workers.runRange(10, 4, (from, to) -> chunks.add(from + "-" + to));
        assertThat(chunks).containsExactlyInAnyOrder("0-4", "4-8", "8-10");
        chunks.clear();
        workers.runRange(3, 8, (from, to) -> chunks.add(from + "-" + to));
        assertThat(chunks).containsExactly("0-3");
        workers.runRange(0, 8, (_, _) -> assertThat(false).isTrue());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> workers.runRange(3, 0, (_, _) -> {}))
                .withMessageContaining("grain");
        var last = new ConcurrentLinkedQueue<Integer>();
        workers.runRange(Integer.MAX_VALUE, 1 << 30, (_, to) -> last.add(to));
        assertThat(last).containsExactlyInAnyOrder(1 << 30, Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void throwsTheFailureOfTheLowestIndexAndStaysUsable(int threads) {
        Workers workers = Workers.of(threads);
        for (int round = 0; round < 20; round++) {
            assertThatThrownBy(() ->
                            workers.run(
                                    40,
                                    i -> {
                                        if (i == 13 || i == 25 || i == 39) {
                                            throw new IllegalStateException("at " + i);
                                        }
                                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("at 13");
            AtomicInteger count = new AtomicInteger();
            workers.run(40, _ -> count.incrementAndGet());
            assertThat(count).hasValue(40);
        }
        assertThatThrownBy(() ->
                        workers.run(
                                8,
                                i -> {
                                    if (i == 7) {
                                        throw new AssertionError("an error too");
                                    }
                                }))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void nestedRunsAreSerial() {
        Workers workers = Workers.of(3);
        AtomicInteger count = new AtomicInteger();
        AtomicBoolean moved = new AtomicBoolean();
        workers.run(
                6,
                _ -> {
                    Thread outer = Thread.currentThread();
                    workers.run(
                            5,
                            (_, slot) -> {
                                count.incrementAndGet();
                                if (Thread.currentThread() != outer || slot != 0) {
                                    moved.set(true);
                                }
                            });
                });
        assertThat(count).hasValue(30);
        assertThat(moved).isFalse();
    }

    @Test
    void twoPoolsMayCallEachOther() {
        Workers a = Workers.of(3);
        Workers b = Workers.of(3);
        AtomicInteger count = new AtomicInteger();
        a.run(6, _ -> b.run(4, _ -> a.run(2, _ -> count.incrementAndGet())));
        assertThat(count).hasValue(48);
    }

    @Test
    void manyCallersAtOnce() throws Exception {
        Workers workers = Workers.of(3);
        for (boolean virtual : new boolean[] {false, true}) {
            try (var callers =
                    virtual
                            ? Executors.newVirtualThreadPerTaskExecutor()
                            : Executors.newFixedThreadPool(6)) {
                var results = new ArrayList<Future<Integer>>();
                for (int caller = 0; caller < 24; caller++) {
                    results.add(
                            callers.submit(() -> {
                                AtomicInteger sum = new AtomicInteger();
                                for (int round = 0; round < 100; round++) {
                                    workers.run(10, i -> sum.addAndGet(i));
                                }
                                return sum.get();
                            }));
                }
                for (Future<Integer> result : results) {
                    assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo(4500);
                }
            }
        }
    }

    @Test
    void usesSeveralThreads() throws InterruptedException {
        Workers workers = Workers.of(3);
        CountDownLatch together = new CountDownLatch(3);
        AtomicBoolean met = new AtomicBoolean(true);
        workers.run(
                3,
                _ -> {
                    together.countDown();
                    try {
                        if (!together.await(20, TimeUnit.SECONDS)) {
                            met.set(false);
                        }
                    } catch (InterruptedException _) {
                        met.set(false);
                    }
                });
        assertThat(met).isTrue();
    }

    @Test
    void anInterruptedCallerStillGetsItsResult() {
        Workers workers = Workers.of(3);
        AtomicInteger count = new AtomicInteger();
        Thread.currentThread().interrupt();
        workers.run(9, _ -> count.incrementAndGet());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(count).hasValue(9);
    }

    @Test
    void refusesImpossibleSizes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Workers.of(0))
                .withMessageContaining("between 1 and 1024");
        assertThatIllegalArgumentException().isThrownBy(() -> Workers.of(1025));
        assertThat(Workers.shared()).isSameAs(Workers.shared());
    }
}
