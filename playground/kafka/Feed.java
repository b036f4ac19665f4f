import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Feed topics BROKER NAME... | Feed write BROKER TOPIC RATE | Feed check BROKER TOPIC COUNT
 *
 * `write` sends "k<n mod 50>,<n>" for n = 0, 1, ... until a line comes on its standard input, and prints "wrote <count>" once all of
 * them are acknowledged. `check` reads what is committed until nothing came for six seconds, and prints
 * "read <all>, missing <n>, twice <n>, counted twice <n>".
 */
public final class Feed {
    private static final String STRING = "org.apache.kafka.common.serialization.String";

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[1]);
        switch (args[0]) {
            case "topics":
                try (Admin admin = Admin.create(properties)) {
                    for (int i = 2; i < args.length; i++) {
                        admin.createTopics(List.of(new NewTopic(args[i], 2, (short) 1))).all().get();
                    }
                }
                break;
            case "write":
                System.out.println("wrote " + write(properties, args[2], Integer.parseInt(args[3])));
                break;
            default:
                check(properties, args[2], Long.parseLong(args[3]));
        }
    }

    private static long write(Properties properties, String topic, int rate) throws Exception {
        properties.put("key.serializer", STRING + "Serializer");
        properties.put("value.serializer", STRING + "Serializer");
        properties.put("acks", "all");
        long n = 0;
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
            while (System.in.available() == 0) {
                for (int i = 0; i < Math.max(1, rate / 20); i++, n++) {
                    String key = "k" + n % 50;
                    producer.send(new ProducerRecord<>(topic, key, key + "," + n), (meta, error) -> {
                        if (error != null) {
                            error.printStackTrace();
                            System.exit(1);
                        }
                    });
                }
                Thread.sleep(50);
            }
        }
        return n;
    }

    private static void check(Properties properties, String topic, long count) {
        properties.put("key.deserializer", STRING + "Deserializer");
        properties.put("value.deserializer", STRING + "Deserializer");
        properties.put("isolation.level", "read_committed");
        // each check reads from the beginning
        properties.put("group.id", "check" + System.nanoTime());
        properties.put("auto.offset.reset", "earliest");
        Map<Long, Integer> times = new HashMap<>();
        Map<String, Set<Long>> counts = new HashMap<>();
        long all = 0;
        long twice = 0;
        long countedTwice = 0;
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
            consumer.subscribe(List.of(topic));
            long last = System.currentTimeMillis();
            while (System.currentTimeMillis() - last < 6000) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(300))) {
                    last = System.currentTimeMillis();
                    all++;
                    String[] fields = record.value().split(",");
                    if (times.merge(Long.parseLong(fields[1]), 1, Integer::sum) > 1) {
                        twice++;
                    }
                    if (!counts.computeIfAbsent(fields[0], key -> new HashSet<>()).add(Long.parseLong(fields[2]))) {
                        countedTwice++;
                    }
                }
            }
        }
        long missing = 0;
        for (long n = 0; n < count; n++) {
            if (!times.containsKey(n)) {
                missing++;
            }
        }
        System.out.println(
                "read " + all + ", missing " + missing + ", twice " + twice + ", counted twice " + countedTwice);
    }
}
