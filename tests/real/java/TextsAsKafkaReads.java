import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.EpochEntry;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

/** Reads each file of a folder with Kafka's own class of its kind, and prints what came of it. */
public class TextsAsKafkaReads {
    interface Reader {
        Object read(File file) throws Exception;
    }

    static final Map<String, Reader> READERS = Map.of(
        "offsets", TextsAsKafkaReads::offsets,
        "epochs", TextsAsKafkaReads::epochs,
        "cache", TextsAsKafkaReads::cache,
        "metadata", TextsAsKafkaReads::metadata,
        "properties", file -> new TreeMap<>(PropertiesUtils.readPropertiesFile(file.getPath())),
        "meta", TextsAsKafkaReads::meta);

    /** Arguments: the folder; a file in it is named by its kind, a dot and a number. */
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        json.getFactory().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
        File[] files = new File(arguments[0]).listFiles();
        Arrays.sort(files);
        for (File file : files) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("file", file.getName());
            try {
                said.put("read", READERS.get(file.getName().split("\\.")[0]).read(file));
            } catch (Throwable refusal) {
                said.put("refused", refusal.getClass().getSimpleName());
            }
            System.out.println(json.writeValueAsString(said));
        }
        System.exit(0);
    }

    static Object offsets(File file) throws Exception {
        Map<String, Long> found = new TreeMap<>();
        Map<TopicPartition, Long> read =
            new OffsetCheckpointFile(file, new LogDirFailureChannel(5)).read();
        read.forEach((place, offset) -> found.put(place.topic() + " " + place.partition(), offset));
        return found;
    }

    static Object epochs(File file) throws Exception {
        return pairs(new LeaderEpochCheckpointFile(file, new LogDirFailureChannel(5)).read());
    }

    static Object cache(File file) throws Exception {
        LeaderEpochCheckpointFile checkpoint =
            new LeaderEpochCheckpointFile(file, new LogDirFailureChannel(5));
        return pairs(
            new LeaderEpochFileCache(new TopicPartition("t", 0), checkpoint, null).epochEntries());
    }

    static Object pairs(List<EpochEntry> entries) {
        List<List<Long>> pairs = new ArrayList<>();
        entries.forEach(entry -> pairs.add(List.of((long) entry.epoch(), entry.startOffset())));
        return pairs;
    }

    static Object metadata(File file) {
        return new PartitionMetadataFile(file, new LogDirFailureChannel(5)).read()
            .topicId().toString();
    }

    static Object meta(File file) throws Exception {
        Properties properties = PropertiesUtils.readPropertiesFile(file.getPath());
        return new MetaProperties.Builder(properties).build().toString();
    }
}
