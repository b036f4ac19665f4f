import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;

import java.io.File;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HashMap;

/**
 * Lints a chart, renders it by Helm's own library, compares what it rendered with the types of Kubernetes' API, and serves that
 * API from memory until it is killed. Arguments: the chart, a JSON file with cases of `name`, `release` and `values` (a file).
 * Prints one line of JSON.
 */
public final class Chart {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final KubernetesSerialization KINDS = new KubernetesSerialization();

    /** fabric8's types keep fields that they do not know; without that place for them, each is an error with its path. */
    private static final ObjectMapper STRICT = new ObjectMapper()
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated any) {
                    return false;
                }
            });

    public static void main(String[] args) throws Exception {
        Helm chart = new Helm(Path.of(args[0]));
        ObjectNode out = JSON.createObjectNode();
        var lint = chart.lint().strict().call();
        out.putObject("lint").put("failed", lint.isFailed()).putPOJO("messages", lint.getMessages());
        ObjectNode rendered = out.putObject("rendered");
        for (JsonNode one : JSON.readTree(new File(args[1])))
            rendered.set(one.get("name").asText(), render(chart, one));
        out.put("api", serve());
        System.out.println(JSON.writeValueAsString(out));
        Thread.currentThread().join();
    }

    private static ObjectNode render(Helm chart, JsonNode one) throws Exception {
        ObjectNode result = JSON.createObjectNode();
        try {
            String yaml = chart.template().withName(one.get("release").asText()).withNamespace("flinkops").withKubeVersion("1.33.0")
                    .withValuesFile(Path.of(one.get("values").asText())).call();
            result.put("yaml", yaml);
            var unknown = result.putArray("unknown");
            try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(yaml)) {
                while (all.hasNext()) {
                    JsonNode manifest = all.next();
                    String problem = manifest.isEmpty() ? null : problemOf(manifest);
                    if (problem != null) unknown.add(problem);
                }
            }
        } catch (IllegalStateException refused) {
            result.put("refused", refused.getMessage());
        }
        return result;
    }

    /** Null where every field is known, or where the kind is somebody's own. */
    private static String problemOf(JsonNode manifest) throws Exception {
        var kind = KINDS.getRegisteredKubernetesResource(
                manifest.path("apiVersion").asText(), manifest.path("kind").asText());
        if (kind == null) return null;
        try {
            STRICT.treeToValue(manifest, kind);
            return null;
        } catch (com.fasterxml.jackson.core.JsonProcessingException wrong) {
            return manifest.path("kind").asText() + " " + manifest.at("/metadata/name").asText() + ": " + wrong.getMessage();
        }
    }

    private static String serve() throws Exception {
        var api = new KubernetesMockServer(
                new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
        api.init(InetAddress.getByName("127.0.0.1"), 0);
        return api.url("/");
    }
}
