package dev.fathom.data.dataset;

import static dev.fathom.data.dataset.Examples.counting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fathom.core.random.Key;
import dev.fathom.core.tensor.Shape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

@Timeout(60)
class BatchesTest {
    private static List<Integer> visited(Iterable<Batch> batches) {
        var places = new ArrayList<Integer>();
        batches.forEach(batch -> Arrays.stream(Examples.places(batch)).forEach(places::add));
        return places;
    }

    @Test
    void batchesCoverTheDataInOrder() {
        var batches = counting(10, 3).batches(4);
        assertThat(batches.count()).isEqualTo(3);
        assertThat(visited(batches.epoch(0))).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        var last = batches.batch(0, 2);
        assertThat(last.size()).isEqualTo(2);
        assertThat(last.index()).isEqualTo(2);
        assertThat(last.features().shape()).isEqualTo(Shape.of(2, 2));
        assertThat(last.labels().toInts()).containsExactly(8 % 3, 9 % 3);
    }

    @Test
    void dropLastLeavesOutTheRest() {
        var batches = counting(10, 3).batches(4).dropLast();
        assertThat(batches.count()).isEqualTo(2);
        assertThat(visited(batches.epoch(0))).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(counting(8, 2).batches(4).dropLast().count()).isEqualTo(2);
        assertThatThrownBy(() -> counting(3, 2).batches(4).dropLast())
                .hasMessageContaining("leave nothing");
    }

    @Test
    void everyEpochHasItsOwnOrder() {
        var batches = counting(50, 3).batches(8).shuffled(9);
        var first = visited(batches.epoch(0));
        var second = visited(batches.epoch(1));
        assertThat(first)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 50).boxed().toList())
                .isNotEqualTo(second);
        assertThat(visited(batches.epoch(0))).isEqualTo(first);
        assertThat(visited(counting(50, 3).batches(5).shuffled(9).epoch(0))).isEqualTo(first);
        assertThat(visited(counting(50, 3).batches(8).shuffled(10).epoch(0))).isNotEqualTo(first);
        assertThat(first).isEqualTo(Arrays.stream(batches.order(0)).boxed().toList());
    }

    @Test
    void keysShuffle() {
        var data = counting(50, 3).batches(8);
        assertThat(visited(data.shuffled(Key.of(1)).epoch(0)))
                .isEqualTo(visited(data.shuffled(Key.of(1)).epoch(0)))
                .isNotEqualTo(visited(data.shuffled(Key.of(2)).epoch(0)));
    }

    @Test
    void anEpochCanGoOnInTheMiddle() {
        for (int ahead : new int[] {0, 2}) {
            var batches = counting(50, 3).batches(8).shuffled(9).prefetch(ahead);
            var all = visited(batches.epoch(3));
            assertThat(visited(batches.epoch(3, 4))).isEqualTo(all.subList(32, 50));
            assertThat(visited(batches.epoch(3, 7))).isEmpty();
            assertThat(batches.epoch(3, 4).iterator().next().index()).isEqualTo(4);
            assertThat(Examples.places(batches.batch(3, 1)))
                    .isEqualTo(all.subList(8, 16).stream().mapToInt(i -> i).toArray());
        }
    }

    @Test
    void prefetchingChangesNothing() {
        var data = counting(203, 7).map((v, from, n) -> v[from + 1] *= 0.5f);
        for (int ahead : new int[] {1, 3, 100}) {
            var plain = data.batches(16).shuffled(4).epoch(2).iterator();
            var prefetched = data.batches(16).shuffled(4).prefetch(ahead).epoch(2).iterator();
            while (plain.hasNext()) {
                var a = plain.next();
                var b = prefetched.next();
                assertThat(b.features().toFloats()).isEqualTo(a.features().toFloats());
                assertThat(b.labels().toInts()).isEqualTo(a.labels().toInts());
                assertThat(b.index()).isEqualTo(a.index());
            }
            assertThat(prefetched.hasNext()).isFalse();
            assertThatThrownBy(prefetched::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void anErrorArrivesWhereTheBatchWasExpected() {
        var data =
                counting(10, 2)
                        .map((v, from, n) -> {
                            if (v[from] == 5) {
                                throw new IllegalStateException("example 5 is bad");
                            }
                        });
        for (int ahead : new int[] {0, 3}) {
            var batches = data.batches(2).prefetch(ahead).epoch(0).iterator();
            assertThat(Examples.places(batches.next())).containsExactly(0, 1);
            assertThat(Examples.places(batches.next())).containsExactly(2, 3);
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("example 5 is bad");
        }
    }

    @Test
    void anAbandonedIteratorEndsItsThread() throws InterruptedException {
        var worker = new Thread[1];
        var started = new CountDownLatch(1);
        var data =
                counting(1000, 2)
                        .map((v, from, n) -> {
                            worker[0] = Thread.currentThread();
                            started.countDown();
                        });
        takeOne(data.batches(1).prefetch(2).epoch(0));
        started.await();
        assertThat(worker[0].isDaemon()).isTrue();
        while (worker[0].isAlive()) { // ends by the timeout of the class if it never does
            System.gc();
            worker[0].join(20);
        }
        assertThat(worker[0].isAlive()).isFalse();
    }

    /** In a method of its own, so that no local variable of the test keeps the iterator. */
    private static void takeOne(Iterable<Batch> batches) {
        for (var batch : batches) {
            assertThat(batch.size()).isEqualTo(1);
            break;
        }
    }

    @Test
    void theThreadWorksNoFurtherAheadThanAsked() throws InterruptedException {
        var prepared = new AtomicInteger();
        var batches =
                counting(100, 2)
                        .map((v, from, n) -> prepared.incrementAndGet())
                        .batches(1)
                        .prefetch(3);
        var iterator = batches.epoch(0).iterator();
        iterator.next();
        Thread.sleep(100);
        // One was taken, three wait, and one more may be in the thread's hands.
        assertThat(prepared.get()).isBetween(1, 5);
        assertThat(iterator.hasNext()).isTrue();
    }

    @Test
    void waitingCanBeInterrupted() {
        var never = new CountDownLatch(1);
        var data =
                counting(4, 2)
                        .map((v, from, n) -> {
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        var iterator = data.batches(2).prefetch(1).epoch(0).iterator();
        Thread.currentThread().interrupt();
        assertThatThrownBy(iterator::next).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(iterator.hasNext()).isFalse();
    }

    @Test
    void nonsenseIsRefused() {
        var data = counting(10, 2);
        assertThatThrownBy(() -> data.batches(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> data.batches(2).prefetch(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> data.batches(2).batch(0, 5)).hasMessageContaining("no batch 5");
        assertThatThrownBy(() -> data.batches(2).epoch(-1)).hasMessageContaining("epoch -1");
        assertThatThrownBy(() -> data.batches(2).epoch(0, 6)).hasMessageContaining("batch 6");
    }
}
