package dev.fathom.cli.machine;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * The cache of classes that the launcher gives to the JVM, so that it need not read and check them
 * again. A JVM that cannot use it starts without, to the same results, only later.
 */
public enum StartCache {
    /** The JVM was started with one and took it. */
    USED("in use"),

    /** The JVM was started with one that is not its own, or damaged. */
    REFUSED("refused by the JVM: delete target/app, and ./fathom makes it anew"),

    /** The JVM was started without. */
    NONE("none: ./fathom makes one after a build, if it can write to target/app");

    private final String words;

    StartCache(String words) {
        this.words = words;
    }

    /** That of this process. */
    public static StartCache current() {
        return of(
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                System.getProperty("java.vm.info", ""));
    }

    /**
     * What the JVM says of itself.
     *
     * @param options it was started with
     * @param info such as {@code mixed mode, sharing}: with a cache of which it made use
     */
    static StartCache of(List<String> options, String info) {
        if (options.stream().noneMatch(option -> option.startsWith("-XX:AOTCache="))) {
            return NONE;
        }
        return info.contains("sharing") ? USED : REFUSED;
    }

    /** What it is, and what to do about it. */
    @Override
    public String toString() {
        return words;
    }
}
