import java.io.InputStream;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * From Kafka to Kafka, exactly once: each record "key,number" goes out as "key,number,how many of this key there were".
 * CopierJob BROKER TOPIC_IN TOPIC_OUT NAME
 *
 * A jar that carries playground.properties with fail=true is a broken version: it fails before its first record.
 */
public final class CopierJob {
    public static void main(String[] args) throws Exception {
        boolean fails = false;
        try (InputStream in = CopierJob.class.getResourceAsStream("/playground.properties")) {
            Properties own = new Properties();
            if (in != null) {
                own.load(in);
            }
            fails = own.containsKey("fail");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setMaxParallelism(16);
        KafkaSource<String> in = KafkaSource.<String>builder()
                .setBootstrapServers(args[0]).setTopics(args[1]).setGroupId("copier")
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setValueOnlyDeserializer(new SimpleStringSchema()).build();
        KafkaSink<String> out = KafkaSink.<String>builder()
                .setBootstrapServers(args[0])
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE).setTransactionalIdPrefix("copier")
                .setProperty("transaction.timeout.ms", "600000")
                .setRecordSerializer(KafkaRecordSerializationSchema.<String>builder().setTopic(args[2])
                        .setValueSerializationSchema(new SimpleStringSchema()).build())
                .build();
        env.fromSource(in, WatermarkStrategy.noWatermarks(), "orders").uid("in")
                .keyBy(record -> record.substring(0, record.indexOf(',')), Types.STRING)
                .process(new Count(fails)).uid("count").name("count per key")
                .sinkTo(out).uid("out").name("counted orders");
        env.execute(args[3]);
    }

    private static final class Count extends KeyedProcessFunction<String, String, String> {
        private final boolean fails;
        private transient ValueState<Long> seen;

        Count(boolean fails) {
            this.fails = fails;
        }

        @Override
        public void open(OpenContext context) {
            if (fails) {
                throw new IllegalStateException("this version cannot count");
            }
            seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.LONG));
        }

        @Override
        public void processElement(String record, Context context, Collector<String> out) throws Exception {
            long now = 1 + (seen.value() == null ? 0 : seen.value());
            seen.update(now);
            out.collect(record + "," + now);
        }
    }
}
