import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** Runs one OpenSearch node from plain jars: the distribution's own launcher is in no registry. */
public final class OpenSearchLauncher {
    private static final PluginInfo NETTY = new PluginInfo(
        "netty4", "HTTP and transport", "NA", Version.CURRENT, "21",
        "org.opensearch.transport.Netty4ModulePlugin", null, List.of(), false);

    /** The constructor that takes plugins is protected. */
    private static final class NettyNode extends Node {
        NettyNode(Environment environment) {
            super(environment, List.of(NETTY), false);
        }
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        Path config = Path.of(args[1]);
        Settings settings = Settings.builder().put("path.home", home.toString()).build();
        Environment environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "testkit");
        LogConfigurator.registerErrorListener();
        LogConfigurator.configure(environment);
        Node node = new NettyNode(environment);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, closed)));
        node.start();
        // The node's own threads are daemons; this one keeps the JVM alive.
        closed.await();
    }

    private static void close(Node node, CountDownLatch closed) {
        try {
            node.close();
        } catch (Exception error) {
            error.printStackTrace();
        } finally {
            closed.countDown();
        }
    }
}
