import kafka.Kafka;
import kafka.tools.StorageTool;

/** Formats the log folder when it is new, then runs the broker: one JVM start instead of two. */
public final class KafkaLauncher {
    public static void main(String[] args) {
        String clusterId = args[0];
        String properties = args[1];
        String[] format = {"format", "--ignore-formatted", "-t", clusterId, "-c", properties};
        int status = StorageTool.execute(format, System.out);
        if (status != 0) System.exit(status);
        Kafka.main(new String[] {properties});
    }
}
