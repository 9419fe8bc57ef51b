import kafka.Kafka;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kafka.tools.StorageTool;

/**
 * Formats the log folder when it is new, then runs the broker: one JVM start instead of two. What follows the cluster's
 * id and the properties is for the formatting, such as the first users.
 */
public final class KafkaLauncher {
    public static void main(String[] args) {
        String clusterId = args[0];
        String properties = args[1];
        List<String> format =
                new ArrayList<>(List.of("format", "--ignore-formatted", "-t", clusterId, "-c", properties));
        format.addAll(Arrays.asList(args).subList(2, args.length));
        int status = StorageTool.execute(format.toArray(new String[0]), System.out);
        if (status != 0) System.exit(status);
        Kafka.main(new String[] {properties});
    }
}
