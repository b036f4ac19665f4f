import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.lib.util.IteratorSourceEnumerator;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.types.Value;
import org.apache.flink.util.Collector;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;

/**
 * A job whose behaviour is chosen by its arguments: events, a count per key, a sink; three vertices.
 *
 * --name orders --rate 20 --keys 100 --state-bytes 0 --snapshot-ms 0 --fail-snapshot --fail-record-every 0
 * --max-parallelism 128 --no-checkpoints --work-ms 0 --skew --uid-suffix "" --records 0 --batch
 * --pass --pass-chained --chained --no-uids --needs-env "" --swallow --count-type long
 *
 * With --pass a vertex without state is between the count and the sink, with --pass-chained it is in the chain of the
 * count. With --chained the sink is in that chain too. With --no-uids Flink makes the ids from the shape of the graph.
 * With --needs-env the program reads that environment variable, and throws where it is not set. With --swallow it
 * catches all that starting the job throws. With --count-type string the count is stored under the same uid and name as
 * text: Flink has an operator for the state, and cannot read it.
 *
 * With --records it ends after so many; with --batch, which needs them, its stages run one after the other.
 *
 * A jar may carry playground.properties with arguments of its own: that is how one version differs from the next.
 * With --keys 1 the metric `counted` of the vertex `count` is how many events there ever were, over all restarts, and
 * `misses`, at parallelism 1, how many of them were counted twice or not at all.
 */
public final class PlaygroundJob {
    public static void main(String[] args) throws Exception {
        Map<String, String> given = parse(args);
        ownArguments().forEach(given::putIfAbsent);
        long keys = number(given, "keys", 100);
        boolean skew = given.containsKey("skew");
        String suffix = given.getOrDefault("uid-suffix", "");

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMaxParallelism((int) number(given, "max-parallelism", 128));
        // a snapshot that fails is what some of these jobs are for; it must not restart them
        env.getCheckpointConfig().setTolerableCheckpointFailureNumber(Integer.MAX_VALUE);
        if (given.containsKey("no-checkpoints")) {
            env.getCheckpointConfig().disableCheckpointing();
        }

        GeneratorFunction<Long, Long> event = index -> index;
        if (given.containsKey("batch")) {
            env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        }
        Events events = new Events(event, number(given, "rate", 20), number(given, "records", Long.MAX_VALUE));
        needed(given.get("needs-env"));
        boolean uids = !given.containsKey("no-uids");
        SingleOutputStreamOperator<Long> source = env.fromSource(events, WatermarkStrategy.noWatermarks(), "events");
        SingleOutputStreamOperator<Long> count = (uids ? source.uid("events") : source)
                // nine of ten events have the same key
                .keyBy(index -> skew && index % 10 > 0 ? 0L : index % keys)
                .process(new Count(given)).name("count").returns(Types.LONG);
        DataStream<Long> counts = uids ? count.uid("count" + suffix) : count;
        if (given.containsKey("pass") || given.containsKey("pass-chained")) {
            DataStream<Long> before = given.containsKey("pass") ? counts.rebalance() : counts;
            SingleOutputStreamOperator<Long> pass = before.map(n -> n).name("pass").returns(Types.LONG);
            counts = uids ? pass.uid("pass") : pass;
        }
        DataStreamSink<Long> sink = (given.containsKey("chained") ? counts : counts.rebalance())
                .sinkTo(new DiscardingSink<>()).name("sink");
        if (uids) {
            sink.uid("sink");
        }
        try {
            env.execute(given.getOrDefault("name", "playground"));
        } catch (Throwable thrown) {
            if (!given.containsKey("swallow")) {
                throw thrown;
            }
        }
    }

    private static void needed(String variable) {
        if (variable != null && System.getenv(variable) == null) {
            throw new IllegalStateException("the environment variable " + variable + " is not set");
        }
    }

    /**
     * With as many splits as there can be readers: by itself it makes one per reader at the start, and a reader that comes
     * with a rescale finds none left and ends.
     */
    private static final class Events extends DataGeneratorSource<Long> {
        private static final int SPLITS = 128;

        private final long records;

        Events(GeneratorFunction<Long, Long> event, long rate, long records) {
            super(event, records, RateLimiterStrategy.perSecond(rate), Types.LONG);
            this.records = records;
        }

        @Override
        public SplitEnumerator<NumberSequenceSplit, Collection<NumberSequenceSplit>> createEnumerator(
                SplitEnumeratorContext<NumberSequenceSplit> context) {
            long length = records / SPLITS;
            List<NumberSequenceSplit> splits = new ArrayList<>();
            for (int i = 0; i < SPLITS; i++) {
                splits.add(new NumberSequenceSplit(String.valueOf(i), i * length, (i + 1) * length - 1));
            }
            return new IteratorSourceEnumerator<>(context, splits);
        }
    }

    /** Counts per key; the count continues after a restart from a savepoint. */
    private static final class Count extends KeyedProcessFunction<Long, Long, Long> implements CheckpointedFunction {
        private final long snapshotMs;
        private final int stateBytes;
        private final boolean failSnapshot;
        private final long failRecordEvery;
        private final long workMs;
        private final boolean isText;
        private transient Cell count;
        private transient ValueState<byte[]> ballast;
        private transient long seen;
        private transient volatile long counted;
        private transient volatile long misses;

        Count(Map<String, String> given) {
            snapshotMs = number(given, "snapshot-ms", 0);
            stateBytes = (int) number(given, "state-bytes", 0);
            failSnapshot = given.containsKey("fail-snapshot");
            failRecordEvery = number(given, "fail-record-every", 0);
            workMs = number(given, "work-ms", 0);
            isText = given.getOrDefault("count-type", "long").equals("string");
        }

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().getMetricGroup().gauge("counted", (Gauge<Long>) () -> counted);
            getRuntimeContext().getMetricGroup().gauge("misses", (Gauge<Long>) () -> misses);
        }

        @Override
        public void processElement(Long index, Context context, Collector<Long> out) throws Exception {
            seen += 1;
            if (failRecordEvery > 0 && seen % failRecordEvery == 0) {
                throw new IllegalStateException("record " + seen + " cannot be counted");
            }
            long now = count.get() + 1;
            count.set(now);
            counted = Math.max(counted, now);
            if (now != index + 1) {
                misses += 1;
            }
            if (workMs > 0) {
                Thread.sleep(workMs);
            }
            if (stateBytes > 0 && ballast.value() == null) {
                ballast.update(new byte[stateBytes]);
            }
            out.collect(now);
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            if (snapshotMs > 0) {
                Thread.sleep(snapshotMs);
            }
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            KeyedStateStore keyed = context.getKeyedStateStore();
            count = isText ? Cell.ofText(keyed) : Cell.ofNumber(keyed);
            ballast = keyed.getState(new ValueStateDescriptor<>("ballast", byte[].class));
            ListState<Unwritable> unwritable = context.getOperatorStateStore()
                    .getListState(new ListStateDescriptor<>("unwritable", Types.VALUE(Unwritable.class)));
            unwritable.update(failSnapshot ? List.of(new Unwritable()) : List.of());
        }
    }

    /** The count of the current key; 0 before the first event. */
    private interface Cell {
        long get() throws Exception;

        void set(long count) throws Exception;

        static Cell ofNumber(KeyedStateStore store) {
            return of(store.getState(new ValueStateDescriptor<>("count", Types.LONG)), n -> n, n -> n);
        }

        static Cell ofText(KeyedStateStore store) {
            return of(store.getState(new ValueStateDescriptor<>("count", Types.STRING)), String::valueOf, Long::valueOf);
        }

        static <T> Cell of(ValueState<T> state, Function<Long, T> written, Function<T, Long> read) {
            return new Cell() {
                @Override
                public long get() throws Exception {
                    T stored = state.value();
                    return stored == null ? 0 : read.apply(stored);
                }

                @Override
                public void set(long count) throws Exception {
                    state.update(written.apply(count));
                }
            };
        }
    }

    /** Fails while a snapshot is written in the background: the snapshot is declined, the task continues. */
    public static final class Unwritable implements Value {
        @Override
        public void write(DataOutputView out) throws IOException {
            throw new IOException("the disk of this job is full");
        }

        @Override
        public void read(DataInputView in) {
        }
    }

    private static Map<String, String> ownArguments() throws IOException {
        Map<String, String> own = new HashMap<>();
        try (InputStream in = PlaygroundJob.class.getResourceAsStream("/playground.properties")) {
            if (in != null) {
                Properties properties = new Properties();
                properties.load(in);
                properties.forEach((key, value) -> own.put(String.valueOf(key), String.valueOf(value)));
            }
        }
        return own;
    }

    private static Map<String, String> parse(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            boolean flag = i + 1 == args.length || args[i + 1].startsWith("--");
            given.put(args[i].substring(2), flag ? "true" : args[++i]);
        }
        return given;
    }

    private static long number(Map<String, String> given, String key, long otherwise) {
        return Long.parseLong(given.getOrDefault(key, String.valueOf(otherwise)));
    }
}
