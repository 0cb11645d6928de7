package dev.fathom.data.catalogue;

import dev.fathom.data.error.ChecksumException;
import dev.fathom.data.error.DataNotFoundException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The texts that ship with the library. */
public final class Texts {
    /**
     * What is known about a text.
     *
     * @param name what {@link #load} calls it
     * @param summary one line about it
     * @param bytes its length in UTF-8
     * @param licence under which terms it may be used
     * @param credit whom to name
     * @param sha256 of its bytes in UTF-8
     */
    public record Info(
            String name, String summary, int bytes, String licence, String credit, String sha256) {}

    private static final List<Info> ALL =
            List.of(
                    new Info(
                            "moby-dick",
                            "the 135 chapters of the novel",
                            1_192_885,
                            "public domain (PDDL 1.0, CC0 1.0)",
                            "H. Melville, Moby-Dick; or, The Whale, 1851",
                            "586125aa2212e14c8b671c18868bdb7692c188ecdcbb3ddfbfd54485e733321c"));

    private Texts() {}

    /** All texts. */
    public static List<Info> list() {
        return ALL;
    }

    /**
     * What is known about the text called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     */
    public static Info describe(String name) {
        return ALL.stream()
                .filter(info -> info.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new DataNotFoundException(
                                "there is no text called '"
                                        + name
                                        + "'; there are "
                                        + ALL.stream()
                                                .map(Info::name)
                                                .collect(Collectors.joining(", "))));
    }

    /**
     * The text called {@code name}.
     *
     * @throws DataNotFoundException if there is none of that name
     * @throws ChecksumException if this copy of the library is damaged
     */
    public static String load(String name) {
        var info = describe(name);
        var file = name + "/" + name + ".txt.gz";
        return new String(BuiltIn.bytes(file, info.sha256()), StandardCharsets.UTF_8);
    }
}
