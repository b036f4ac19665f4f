import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Jobs as SQL makes them, all with the name that it gives to an unnamed INSERT into one sink:
 *
 * SqlJobs join: two endless tables. SqlJobs mixed: one of them ends after 60 rows. SqlJobs filter: one table.
 * SqlJobs wide N: a chain of N operators, each a vertex of its own; this one is named "wide".
 */
public final class SqlJobs {
    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        if (args[0].equals("wide")) {
            env.disableOperatorChaining();
            DataStream<Long> numbers = env.fromSequence(0, Long.MAX_VALUE - 1);
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                numbers = numbers.map(x -> {
                    Thread.sleep(10);
                    return x;
                }).returns(Long.class).name("step " + i + " of a pipeline whose operators all have names that are much too long for a cell");
            }
            numbers.sinkTo(new DiscardingSink<>());
            env.execute("wide");
            return;
        }
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        String ends = args[0].equals("mixed") ? ", 'number-of-rows' = '60'" : "";
        tables.executeSql("CREATE TABLE orders (id BIGINT, customer BIGINT, amount DECIMAL(10, 2)) WITH ("
                + "'connector' = 'datagen', 'rows-per-second' = '20', "
                + "'fields.customer.min' = '1', 'fields.customer.max' = '50')");
        tables.executeSql("CREATE TABLE customers (id BIGINT, country STRING) WITH ("
                + "'connector' = 'datagen', 'rows-per-second' = '50', "
                + "'fields.id.min' = '1', 'fields.id.max' = '50'" + ends + ")");
        tables.executeSql("CREATE TABLE sink (country STRING, n BIGINT) WITH ('connector' = 'blackhole')");
        if (args[0].equals("filter")) {
            tables.executeSql("INSERT INTO sink SELECT country, id FROM customers WHERE id > 10");
        } else {
            tables.executeSql("INSERT INTO sink SELECT c.country, COUNT(*) FROM orders o JOIN customers c"
                    + " ON o.customer = c.id GROUP BY c.country");
        }
    }
}
