package dev.fathom.data.dataset;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;

/**
 * Batches prepared ahead of their use by a daemon thread, in the order in which they are used.
 *
 * <p>The thread knows the queue but not the iterator. When a loop is left early the iterator
 * becomes unreachable, the cleaner interrupts the thread, and nobody had to close anything.
 */
final class Prefetch implements Iterator<Batch> {
    private static final Cleaner CLEANER = Cleaner.create();

    /** What the thread hands over: a batch, or the reason why there is none. */
    private sealed interface Item {}

    private record Ready(Dataset.Gathered gathered) implements Item {}

    private record Failed(Throwable reason) implements Item {}

    private final Batches batches;
    private final BlockingQueue<Item> queue;
    private final Cleaner.Cleanable cleanable;
    private int next;

    Prefetch(Batches batches, int[] order, int epoch, int from) {
        this.batches = batches;
        this.next = from;
        var handover = new ArrayBlockingQueue<Item>(batches.ahead());
        this.queue = handover;
        var thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("fathom-prefetch")
                        .unstarted(() -> fill(batches, order, epoch, from, handover));
        this.cleanable = CLEANER.register(this, thread::interrupt);
        thread.start();
    }

    private static void fill(
            Batches batches, int[] order, int epoch, int from, BlockingQueue<Item> queue) {
        try {
            for (int i = from; i < batches.count(); i++) {
                Item item;
                try {
                    item = new Ready(batches.gather(order, epoch, i));
                } catch (RuntimeException | Error reason) {
                    item = new Failed(reason);
                }
                queue.put(item);
                if (item instanceof Failed) {
                    return;
                }
            }
        } catch (InterruptedException abandoned) {
            // Nobody will ask for the rest; the thread ends here.
        }
    }

    @Override
    public boolean hasNext() {
        return next < batches.count();
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the epoch has no more batches");
        }
        try {
            return switch (queue.take()) {
                case Ready ready -> {
                    next++;
                    yield ready.gathered().batch(batches.data());
                }
                case Failed failed -> {
                    next = batches.count();
                    cleanable.clean();
                    throw rethrown(failed.reason());
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            next = batches.count();
            cleanable.clean();
            throw new CancellationException("interrupted while waiting for a batch");
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static RuntimeException rethrown(Throwable reason) {
        if (reason instanceof Error error) {
            throw error;
        }
        return (RuntimeException) reason;
    }
}
