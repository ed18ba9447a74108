import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;

/** Prints as JSON which settings this version of Kafka has, with type and default, and synonyms. */
public class ConfigsOfKafka {
    static final Map<String, List<String>> CLASSES = Map.of(
        "admin", List.of("org.apache.kafka.clients.admin.AdminClientConfig"),
        "producer", List.of("org.apache.kafka.clients.producer.ProducerConfig"),
        "consumer", List.of("org.apache.kafka.clients.consumer.ConsumerConfig"),
        "broker", List.of("kafka.server.KafkaConfig", "kafka.server.KafkaConfig$"),
        "topic", List.of(
            "org.apache.kafka.storage.internals.log.LogConfig",
            "kafka.log.LogConfig",
            "kafka.log.LogConfig$"));

    /** No arguments. */
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> said = new TreeMap<>();
        for (Map.Entry<String, List<String>> scope : CLASSES.entrySet()) {
            said.put(scope.getKey(), settings(scope.getValue()));
        }
        said.put("synonyms", synonyms());
        ObjectMapper json = new ObjectMapper();
        json.getFactory().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
        System.out.println(json.writeValueAsString(said));
        System.exit(0);
    }

    static Map<String, Object> settings(List<String> classes) throws Exception {
        Map<String, Object> settings = new TreeMap<>();
        for (String name : classes) {
            ConfigDef definition = definition(name);
            if (definition != null) {
                definition.configKeys().forEach((key, config) -> settings.put(key, List.of(
                    String.valueOf(config.type).toLowerCase(),
                    config.hasDefault() ? String.valueOf(config.defaultValue) : "(required)")));
                return settings;
            }
        }
        throw new IllegalStateException(classes.toString());
    }

    /** The definition of a class, by whatever name this version of Kafka keeps it. */
    static ConfigDef definition(String name) throws Exception {
        Class<?> type;
        try {
            type = Class.forName(name);
        } catch (ClassNotFoundException absent) {
            return null;
        }
        for (String wanted : List.of("configDefCopy", "configDef")) {
            for (Method method : type.getDeclaredMethods()) {
                boolean is = method.getName().endsWith(wanted) && method.getParameterCount() == 0;
                if (is && ConfigDef.class.isAssignableFrom(method.getReturnType())) {
                    method.setAccessible(true);
                    return (ConfigDef) method.invoke(module(type));
                }
            }
        }
        for (Field field : type.getDeclaredFields()) {
            if (ConfigDef.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                return (ConfigDef) field.get(module(type));
            }
        }
        return null;
    }

    /** The one object of a Scala `object`; null for a class of Java. */
    static Object module(Class<?> type) throws Exception {
        try {
            return type.getField("MODULE$").get(null);
        } catch (NoSuchFieldException java) {
            return null;
        }
    }

    /** By a topic's setting, those of a broker that stand in for it, the strongest first. */
    static Map<String, List<String>> synonyms() throws Exception {
        Map<String, List<String>> found = new TreeMap<>();
        Class<?> type;
        try {
            type = Class.forName("org.apache.kafka.server.config.ServerTopicConfigSynonyms");
        } catch (ClassNotFoundException absent) {
            return found;
        }
        Map<?, ?> all = (Map<?, ?>) type.getField("ALL_TOPIC_CONFIG_SYNONYMS").get(null);
        for (Map.Entry<?, ?> entry : all.entrySet()) {
            List<?> synonyms = (List<?>) entry.getValue();
            found.put((String) entry.getKey(), synonyms.stream().map(ConfigsOfKafka::name).toList());
        }
        return found;
    }

    static String name(Object synonym) {
        try {
            return (String) synonym.getClass().getMethod("name").invoke(synonym);
        } catch (ReflectiveOperationException fault) {
            throw new IllegalStateException(fault);
        }
    }
}
