package dev.fathom.cpu.workers;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A small pool of daemon threads that runs the same task on a range of indices, with the caller as
 * one of the workers.
 *
 * <p>Indices are divided statically: with {@code t} participants, participant {@code p} starts with
 * the contiguous range {@code [p * tasks / t, (p + 1) * tasks / t)}, so that neighbouring work
 * stays in the cache of one core. Whoever is done takes indices from the far end of the others'
 * ranges, and a thread that has not woken up by the end is not waited for: on a machine with other
 * work, one slow thread does not hold up the rest. A waiting thread spins for a few tens of
 * microseconds and then parks, so an idle pool costs nothing and a busy one answers in less than a
 * microsecond.
 *
 * <p><b>Rules.</b>
 *
 * <ul>
 *   <li>A run inside a run, and a run while another thread uses the same pool, is carried out
 *       serially on the calling thread. Nothing waits for a busy pool, so nothing can deadlock.
 *   <li>If tasks throw, the exception of the lowest failing index is thrown by {@code run} when
 *       nothing is running any more. Indices above it may or may not have been run. The pool stays
 *       usable.
 *   <li>Everything a task wrote is visible to the caller when {@code run} returns.
 *   <li>Results must not depend on which thread ran an index. The {@code slot} given to a {@link
 *       SlotTask} is for scratch memory only.
 * </ul>
 *
 * <p>Callers may be platform or virtual threads. The threads of a pool that nobody refers to any
 * longer end by themselves; nothing has to be closed.
 */
public final class Workers {

    /** The body of a parallel loop that needs memory of its own per participant. */
    @FunctionalInterface
    public interface SlotTask {
        /**
         * Does the work of one index.
         *
         * @param index the index of the task
         * @param slot the participant, in {@code [0, threads())}; within one run no two tasks with
         *     the same slot run at the same time
         */
        void run(int index, int slot);
    }

    /** The body of a parallel loop. */
    @FunctionalInterface
    public interface Task extends SlotTask {
        /** Does the work of one index. */
        void run(int index);

        @Override
        default void run(int index, int slot) {
            run(index);
        }
    }

    /** The body of a parallel loop over chunks. */
    @FunctionalInterface
    public interface RangeTask {
        /** Does the work of {@code [from, to)}. */
        void run(int from, int to);
    }

    private static final String PROPERTY = "fathom.threads";
    private static final int MAX_THREADS = 1024;

    /** How long a waiting thread spins before it parks; about ten times a park and unpark. */
    private static final long SPIN_NANOS = 40_000;

    private static final Cleaner CLEANER = Cleaner.create();

    private final Ranges ranges;
    private final Helper[] helpers;
    private final AtomicBoolean busy = new AtomicBoolean();

    /** How many want to know what the threads do, and what they did meanwhile. */
    private final AtomicInteger watchers = new AtomicInteger();

    private final LongAdder gained = new LongAdder();

    private Workers(int threads) {
        ranges = new Ranges(threads);
        helpers = new Helper[threads - 1];
        for (int i = 0; i < helpers.length; i++) {
            helpers[i] = new Helper(i + 1, ranges);
        }
        // The helpers refer to no pool, so an unreachable pool is collected and its threads end.
        Helper[] ours = helpers;
        CLEANER.register(this, () -> stop(ours));
        for (Helper helper : helpers) {
            helper.thread.start();
        }
    }

    /**
     * A pool of its own.
     *
     * @param threads the number of participants including the caller, from 1 to 1024
     * @throws IllegalArgumentException if {@code threads} is out of range
     */
    public static Workers of(int threads) {
        if (threads < 1 || threads > MAX_THREADS) {
            throw new IllegalArgumentException(
                    "threads must be between 1 and " + MAX_THREADS + " but is " + threads);
        }
        return new Workers(threads);
    }

    /**
     * The pool of this process: {@code -Dfathom.threads} participants, by default one per available
     * processor.
     *
     * @throws IllegalArgumentException if the property is not a whole number from 1 to 1024
     */
    public static Workers shared() {
        return Shared.POOL;
    }

    /** The number of participants of a run, the caller included. */
    public int threads() {
        return helpers.length + 1;
    }

    /**
     * Begins or ends counting for {@link #gained}, which costs two readings of the clock a task;
     * while nobody watches nothing is counted.
     */
    public void watch(boolean on) {
        watchers.addAndGet(on ? 1 : -1);
    }

    /**
     * Nanoseconds of work that other threads than the caller did while somebody watched, less those
     * that callers waited for them at the ends of loops. Of a time t the threads have nothing to do
     * for {@code (threads - 1) t} less what is gained in it.
     */
    public long gained() {
        return gained.sum();
    }

    /**
     * Runs {@code task} for every index in {@code [0, tasks)} and returns when all are done.
     *
     * @param tasks the number of indices; zero or less does nothing
     */
    public void run(int tasks, Task task) {
        run(tasks, (SlotTask) task);
    }

    /**
     * Runs {@code task} for every index in {@code [0, tasks)}, telling it which participant it is
     * on, and returns when all are done. A serial run uses slot 0.
     *
     * @param tasks the number of indices; zero or less does nothing
     */
    public void run(int tasks, SlotTask task) {
        if (tasks == 1) {
            task.run(0, 0);
        } else if (tasks > 1) {
            if (helpers.length == 0 || !busy.compareAndSet(false, true)) {
                for (int i = 0; i < tasks; i++) {
                    task.run(i, 0);
                }
            } else {
                dispatch(tasks, task);
            }
        }
    }

    /**
     * Runs {@code task} on {@code [0, grain), [grain, 2 grain), ...} up to {@code n}. The chunks
     * depend on {@code n} and {@code grain} only, never on the number of threads.
     *
     * @param n the length of the range; zero or less does nothing
     * @param grain the length of a chunk, at least 1
     * @throws IllegalArgumentException if {@code grain} is less than 1
     */
    public void runRange(int n, int grain, RangeTask task) {
        if (grain < 1) {
            throw new IllegalArgumentException("grain must be at least 1 but is " + grain);
        }
        if (n <= 0) {
            return;
        }
        int chunks = (n - 1) / grain + 1;
        if (chunks == 1) {
            task.run(0, n);
        } else {
            run(
                    chunks,
                    index -> {
                        int from = index * grain;
                        task.run(from, Math.min(grain, n - from) + from);
                    });
        }
    }

    /** Called by the thread that set {@code busy}, which gives it back here. */
    private void dispatch(int tasks, SlotTask task) {
        int shares = Math.min(tasks, threads());
        boolean watched = watchers.get() > 0;
        SlotTask given = watched ? watched(task) : task;
        try {
            ranges.divide(tasks, shares);
            for (int p = 1; p < shares; p++) {
                helpers[p - 1].give(given);
            }
            ranges.work(given, 0);
            long start = watched ? System.nanoTime() : 0;
            for (int p = 1; p < shares; p++) {
                helpers[p - 1].takeBack();
            }
            if (watched) {
                gained.add(start - System.nanoTime());
            }
            Throwable failure = ranges.failure();
            if (failure != null) {
                throw Workers.<RuntimeException>asUnchecked(failure);
            }
        } finally {
            busy.set(false);
            Reference.reachabilityFence(this);
        }
    }

    /** The task, with the time that it takes on other threads than the caller's. */
    private SlotTask watched(SlotTask task) {
        return (index, slot) -> {
            long start = System.nanoTime();
            task.run(index, slot);
            gained.add(slot == 0 ? 0 : System.nanoTime() - start);
        };
    }

    /** A task declares no checked exception, so whatever it threw may be thrown on as it is. */
    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T asUnchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    private static void stop(Helper[] helpers) {
        for (Helper helper : helpers) {
            helper.stopped = true;
            LockSupport.unpark(helper.thread);
        }
    }

    private static int configuredThreads() {
        String value = System.getProperty(PROPERTY, "").strip();
        if (value.isEmpty()) {
            return Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
        }
        try {
            int threads = Integer.parseInt(value);
            if (threads >= 1 && threads <= MAX_THREADS) {
                return threads;
            }
        } catch (NumberFormatException _) {
            // The message below says what a good value is.
        }
        throw new IllegalArgumentException(
                "-D%s must be a whole number between 1 and %d but is \"%s\""
                        .formatted(PROPERTY, MAX_THREADS, value));
    }

    /** Started on first use only. */
    private static final class Shared {
        static final Workers POOL = of(configuredThreads());
    }

    /** What is left to do of one run: a range of indices per participant. */
    private static final class Ranges {
        /** Ranges are two cache lines apart, so that taking from one does not disturb the next. */
        private static final int STEP = 16;

        /** Element {@code p * STEP}: the next index in the upper half, the end in the lower. */
        private final AtomicLongArray ranges;

        private int shares;
        private int failedIndex;
        private @Nullable Throwable failure;

        Ranges(int participants) {
            ranges = new AtomicLongArray(participants * STEP);
        }

        void divide(int tasks, int shares) {
            this.shares = shares;
            failedIndex = Integer.MAX_VALUE;
            failure = null;
            for (int p = 0; p < shares; p++) {
                long next = (long) tasks * p / shares;
                long end = (long) tasks * (p + 1) / shares;
                ranges.set(p * STEP, next << 32 | end);
            }
        }

        /** Runs the indices of a participant, and then those that others have not begun. */
        void work(SlotTask task, int slot) {
            int index;
            while ((index = takeFirst(slot)) >= 0) {
                attempt(task, index, slot);
            }
            for (int i = 1; i < shares; i++) {
                int other = (slot + i) % shares;
                while ((index = takeLast(other)) >= 0) {
                    attempt(task, index, slot);
                }
            }
        }

        private void attempt(SlotTask task, int index, int slot) {
            try {
                task.run(index, slot);
            } catch (Throwable thrown) {
                failed(index, thrown);
            }
        }

        private int takeFirst(int participant) {
            while (true) {
                long range = ranges.get(participant * STEP);
                int next = (int) (range >>> 32);
                if (next >= (int) range) {
                    return -1;
                }
                if (ranges.compareAndSet(participant * STEP, range, range + (1L << 32))) {
                    return next;
                }
            }
        }

        private int takeLast(int participant) {
            while (true) {
                long range = ranges.get(participant * STEP);
                int end = (int) range;
                if ((int) (range >>> 32) >= end) {
                    return -1;
                }
                if (ranges.compareAndSet(participant * STEP, range, range - 1)) {
                    return end - 1;
                }
            }
        }

        private synchronized void failed(int index, Throwable thrown) {
            if (index < failedIndex) {
                failedIndex = index;
                failure = thrown;
            }
        }

        synchronized @Nullable Throwable failure() {
            Throwable result = failure;
            failure = null;
            return result;
        }
    }

    /** One thread of the pool. */
    private static final class Helper implements Runnable {
        private static final int IDLE = 0;
        private static final int GIVEN = 1;
        private static final int RUNNING = 2;

        private final int slot;
        private final Ranges ranges;
        private final Thread thread;

        /** Publishes the task to the thread, and what the thread did to the caller. */
        private final AtomicInteger state = new AtomicInteger(IDLE);

        private @Nullable SlotTask task;
        private volatile boolean parked;
        private volatile boolean stopped;
        private volatile @Nullable Thread waiter;

        Helper(int slot, Ranges ranges) {
            this.slot = slot;
            this.ranges = ranges;
            this.thread =
                    Thread.ofPlatform().daemon().name("fathom-worker-" + slot).unstarted(this);
        }

        void give(SlotTask task) {
            this.task = task;
            state.set(GIVEN);
            if (parked) {
                LockSupport.unpark(thread);
            }
        }

        /** Returns when this thread has no part in the run any more. */
        void takeBack() {
            if (!state.compareAndSet(GIVEN, IDLE) && !spin(IDLE)) {
                waiter = Thread.currentThread();
                while (state.get() != IDLE) {
                    LockSupport.park(this);
                    Thread.onSpinWait(); // an interrupted caller does not park
                }
                waiter = null;
            }
            task = null;
        }

        @Override
        public void run() {
            while (awaitTask()) {
                SlotTask current = task;
                if (current != null) {
                    ranges.work(current, slot);
                }
                state.set(IDLE);
                Thread caller = waiter;
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }

        /** True with a task that cannot be taken back any more, false when the pool is gone. */
        private boolean awaitTask() {
            while (!state.compareAndSet(GIVEN, RUNNING)) {
                if (!spin(GIVEN)) {
                    parked = true;
                    while (state.get() != GIVEN && !stopped) {
                        LockSupport.park(this);
                        Thread.interrupted(); // a task may have left the flag set
                    }
                    parked = false;
                    if (stopped) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** Waits briefly for a state; true if it was seen. */
        private boolean spin(int target) {
            long start = System.nanoTime();
            do {
                for (int i = 0; i < 32; i++) {
                    if (state.get() == target) {
                        return true;
                    }
                    Thread.onSpinWait();
                }
            } while (System.nanoTime() - start < SPIN_NANOS);
            return false;
        }
    }
}
