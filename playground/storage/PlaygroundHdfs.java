import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * A name node and a data node on loopback: PlaygroundHdfs DIRECTORY NAME_NODE_PORT CONTROL_PORT. /user/flink belongs to the user
 * flink, /user/other to nobody that Flink may act for. The control port listens once all is ready, and takes
 * GET /safe-mode?on, /safe-mode?off, /name-node?down, /name-node?up and /files?path.
 */
public final class PlaygroundHdfs {
    private static MiniDFSCluster cluster;

    public static void main(String[] args) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set("dfs.replication", "1");
        configuration.set("dfs.namenode.rpc-bind-host", "127.0.0.1");
        configuration.setInt("dfs.namenode.fs-limits.min-block-size", 1024);
        cluster = new MiniDFSCluster.Builder(configuration, new File(args[0]))
                .nameNodePort(Integer.parseInt(args[1])).numDataNodes(1).build();
        cluster.waitActive();
        DistributedFileSystem files = cluster.getFileSystem();
        for (String name : new String[] {"", "/savepoints", "/checkpoints"}) {
            files.mkdirs(new Path("/user/flink" + name));
            files.setOwner(new Path("/user/flink" + name), "flink", "flink");
        }
        files.mkdirs(new Path("/user/other"));
        files.setPermission(new Path("/user/other"), new FsPermission((short) 0700));

        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[2]));
        HttpServer control = HttpServer.create(address, 0);
        control.createContext("/", exchange -> {
            String answer;
            int status = 200;
            try {
                answer = act(exchange.getRequestURI().getPath(), exchange.getRequestURI().getQuery());
            } catch (Exception e) {
                answer = e.toString();
                status = 500;
            }
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        control.start();
        Thread.currentThread().join();
    }

    private static String act(String what, String how) throws Exception {
        switch (what + " " + how) {
            case "/safe-mode on":
                return "" + cluster.getFileSystem().setSafeMode(SafeModeAction.ENTER);
            case "/safe-mode off":
                return "" + cluster.getFileSystem().setSafeMode(SafeModeAction.LEAVE);
            case "/name-node down":
                cluster.shutdownNameNode(0);
                return "";
            case "/name-node up":
                cluster.restartNameNode(0, true);
                return "";
            default:
                StringBuilder paths = new StringBuilder();
                RemoteIterator<LocatedFileStatus> found = cluster.getFileSystem().listFiles(new Path(how), true);
                while (found.hasNext()) {
                    paths.append(found.next().getPath()).append('\n');
                }
                return paths.toString();
        }
    }
}
