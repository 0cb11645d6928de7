package dev.fathom.lab.run;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What stands in {@code env.json}: where and how long, and everything else that may differ between
 * two runs that give the same result.
 */
record Environment(
        String written,
        String fathom,
        double seconds,
        String java,
        String vendor,
        String system,
        int processors,
        long heapBytes) {

    /** Refuses what a damaged file may lack. */
    Environment {
        Session.present("written", written);
    }

    /** True if times measured there say something about this machine. */
    boolean isLikeHere() {
        var here = here(0);
        return processors == here.processors && here.system.equals(system);
    }

    static Environment here(double seconds) {
        var runtime = Runtime.getRuntime();
        return new Environment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                Bundle.here(),
                Math.round(seconds * 1000) / 1000.0,
                Runtime.version().toString(),
                System.getProperty("java.vendor", ""),
                System.getProperty("os.name", "") + " " + System.getProperty("os.arch", ""),
                runtime.availableProcessors(),
                runtime.maxMemory());
    }
}
