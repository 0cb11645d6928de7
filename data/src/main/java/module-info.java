/**
 * Examples to learn from: data sets in memory or on disk, the readers that make them, and the
 * batches a training loop takes.
 *
 * <p>{@code dataset} holds the values ({@link dev.fathom.data.dataset.Dataset}, {@link
 * dev.fathom.data.dataset.Batches}), {@code read} turns files into them, {@code catalogue} knows
 * the data sets that go by a name and where to find them, {@code text} turns texts into numbers.
 * Nothing here reaches the network except {@link dev.fathom.data.catalogue.DataFetcher}, and that
 * only when it is called.
 */
module dev.fathom.data {
    requires transitive dev.fathom.core;
    requires static org.jspecify;
    requires de.siegmar.fastcsv;
    requires java.desktop;
    requires java.net.http;

    exports dev.fathom.data.augment;
    exports dev.fathom.data.catalogue;
    exports dev.fathom.data.dataset;
    exports dev.fathom.data.error;
    exports dev.fathom.data.read;
    exports dev.fathom.data.series;
    exports dev.fathom.data.table;
    exports dev.fathom.data.text;
}
