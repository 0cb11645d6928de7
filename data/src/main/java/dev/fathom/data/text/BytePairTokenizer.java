package dev.fathom.data.text;

import dev.fathom.data.error.MalformedDataException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Byte-pair encoding: R. Sennrich, B. Haddow and A. Birch, "Neural machine translation of rare
 * words with subword units", ACL 2016, algorithm 1, on the bytes of UTF-8 instead of characters, as
 * A. Radford et al., "Language models are unsupervised multitask learners", 2019, section 2.2, have
 * it. Tokens 0 to 255 are the bytes, so every text can be written; token {@code 256 + i} is what
 * merge {@code i} put together.
 *
 * <p>Nothing is merged across the border of a word. A word is a run of letters, of digits, or of
 * other signs, each with the space before it, or a run of white space. The paper has a sign for the
 * end of a word instead of the space at its beginning.
 *
 * @param merges the pairs of tokens that become one, in the order in which they were learned
 */
public record BytePairTokenizer(List<Merge> merges) implements Tokenizer {
    static final String KIND = "byte-pairs";

    private static final int BYTES = ByteTokenizer.BYTES;
    private static final Pattern WORD =
            Pattern.compile(" ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+");

    /** Two neighbouring tokens that become one. */
    public record Merge(int left, int right) {}

    /** Checks that each merge is of tokens that came before it. */
    public BytePairTokenizer {
        merges = List.copyOf(merges);
        for (int i = 0; i < merges.size(); i++) {
            var merge = merges.get(i);
            if (Math.min(merge.left, merge.right) < 0
                    || Math.max(merge.left, merge.right) >= BYTES + i) {
                throw new MalformedDataException(
                        "merge %d is of the tokens %d and %d, which are not both below %d"
                                .formatted(i, merge.left, merge.right, BYTES + i));
            }
        }
        if (merges.stream().distinct().count() != merges.size()) {
            throw new MalformedDataException("a pair is merged twice");
        }
    }

    /**
     * Learns the merges of a text: again and again the most frequent pair of neighbours becomes a
     * token, of equally frequent ones that with the smaller numbers. Ends early when no pair occurs
     * twice.
     *
     * @param size number of tokens wanted, at least 256
     */
    public static BytePairTokenizer train(String text, int size) {
        if (size < BYTES) {
            throw new MalformedDataException(
                    "byte-pair encoding begins with the 256 bytes; it cannot have "
                            + size
                            + " tokens");
        }
        var words = new ArrayList<Word>();
        count(text).forEach((word, times) -> words.add(new Word(bytes(word), times)));
        var pairs = new Pairs(words);
        var merges = new ArrayList<Merge>();
        while (BYTES + merges.size() < size) {
            var best = pairs.mostFrequent();
            if (pairs.count(best) < 2) {
                break;
            }
            pairs.merge(best, BYTES + merges.size());
            merges.add(best);
        }
        return new BytePairTokenizer(merges);
    }

    private static Map<String, Integer> count(String text) {
        Utf8.bytes(text); // refuses what is no text
        return WORD.matcher(text)
                .results()
                .collect(
                        Collectors.toMap(
                                result -> result.group(), _ -> 1, Integer::sum, HashMap::new));
    }

    private static int[] bytes(String word) {
        return new ByteTokenizer().encode(word);
    }

    /** A word of the text with how often it occurs. */
    private static final class Word {
        private final int times;
        private int[] ids;

        Word(int[] ids, int times) {
            this.ids = ids;
            this.times = times;
        }
    }

    /** How often each pair occurs, and in which words; kept up to date while words change. */
    private static final class Pairs {
        private static final Merge NONE = new Merge(0, 0);

        private final Map<Merge, Integer> counts = new HashMap<>();
        private final Map<Merge, List<Word>> where = new HashMap<>();

        Pairs(List<Word> words) {
            words.forEach(word -> count(word, word.times));
        }

        int count(Merge pair) {
            return counts.getOrDefault(pair, 0);
        }

        private void count(Word word, int times) {
            for (int i = 0; i + 1 < word.ids.length; i++) {
                var pair = new Merge(word.ids[i], word.ids[i + 1]);
                counts.merge(pair, times, (a, b) -> a + b == 0 ? null : a + b);
                if (times > 0) {
                    var list = where.computeIfAbsent(pair, _ -> new ArrayList<>());
                    if (list.isEmpty() || list.getLast() != word) {
                        list.add(word);
                    }
                }
            }
        }

        Merge mostFrequent() {
            var best = NONE;
            int most = 0;
            for (var entry : counts.entrySet()) {
                int times = entry.getValue();
                if (times > most || times == most && isBefore(entry.getKey(), best)) {
                    best = entry.getKey();
                    most = times;
                }
            }
            return best;
        }

        private static boolean isBefore(Merge a, Merge b) {
            return a.left != b.left ? a.left < b.left : a.right < b.right;
        }

        void merge(Merge pair, int id) {
            // a word is listed once more for each time the pair came back to it: the second
            // visit finds nothing to do
            for (var word : where.getOrDefault(pair, List.of())) {
                count(word, -word.times);
                word.ids = merged(word.ids, pair, id);
                count(word, word.times);
            }
            where.remove(pair);
        }
    }

    private static int[] merged(int[] ids, Merge pair, int id) {
        var result = new int[ids.length];
        int n = 0;
        for (int i = 0; i < ids.length; i++) {
            boolean hit = i + 1 < ids.length && ids[i] == pair.left && ids[i + 1] == pair.right;
            result[n++] = hit ? id : ids[i];
            i += hit ? 1 : 0;
        }
        return Arrays.copyOf(result, n);
    }

    @Override
    public int size() {
        return BYTES + merges.size();
    }

    @Override
    public int[] encode(String text) {
        Utf8.bytes(text); // refuses what is no text
        var ranks = new HashMap<Merge, Integer>();
        for (int i = 0; i < merges.size(); i++) {
            ranks.put(merges.get(i), i);
        }
        var known = new HashMap<String, int[]>();
        var parts = new ArrayList<int[]>();
        WORD.matcher(text)
                .results()
                .forEach(word ->
                        parts.add(
                                known.computeIfAbsent(
                                        word.group(), letters -> encode(letters, ranks))));
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    private int[] encode(String word, Map<Merge, Integer> ranks) {
        var ids = bytes(word);
        while (true) {
            int first = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < ids.length; i++) {
                first =
                        Math.min(
                                first,
                                ranks.getOrDefault(
                                        new Merge(ids[i], ids[i + 1]), Integer.MAX_VALUE));
            }
            if (first == Integer.MAX_VALUE) {
                return ids;
            }
            ids = merged(ids, merges.get(first), BYTES + first);
        }
    }

    @Override
    public byte[] bytes(int id) {
        Tokenizer.checkToken(id, size());
        if (id < BYTES) {
            return new byte[] {(byte) id};
        }
        var merge = merges.get(id - BYTES);
        var left = bytes(merge.left);
        var right = bytes(merge.right);
        var both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }

    @Override
    public String name(int id) {
        return ByteTokenizer.name(bytes(id));
    }

    @Override
    public String saved() {
        return KIND
                + ":"
                + merges.stream()
                        .map(merge -> merge.left + " " + merge.right)
                        .collect(Collectors.joining(","));
    }

    static BytePairTokenizer parse(String pairs) {
        var merges = new ArrayList<Merge>();
        for (var pair : pairs.isEmpty() ? new String[0] : pairs.split(",", -1)) {
            var both = pair.split(" ", -1);
            if (both.length != 2 || !both[0].matches("\\d{1,6}") || !both[1].matches("\\d{1,6}")) {
                throw new MalformedDataException(
                        "'" + pair + "' is not a merge of a saved byte-pair tokenizer");
            }
            merges.add(new Merge(Integer.parseInt(both[0]), Integer.parseInt(both[1])));
        }
        return new BytePairTokenizer(merges);
    }
}
