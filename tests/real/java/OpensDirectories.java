import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.File;
import java.io.FileReader;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ScheduledFuture;
import java.util.zip.CRC32;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.FetchDataInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Opens every partition directory below a folder as a broker does at its start, reads it to its
 * end, closes it, and writes down what it found: one JSON object a line.
 *
 * A case is a folder with `case.properties` (what the checkpoints would say) and one partition
 * directory.
 */
public class OpensDirectories {
    /** Arguments: the folder of the cases, and the file for the answers. */
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        File[] cases = new File(arguments[0]).listFiles(File::isDirectory);
        Arrays.sort(cases);
        try (BufferedWriter answers = Files.newBufferedWriter(Path.of(arguments[1]))) {
            for (File folder : cases) {
                answers.write(json.writeValueAsString(answer(folder)));
                answers.newLine();
            }
        }
        System.exit(0); // whatever threads Kafka's metrics have begun
    }

    static Map<String, Object> answer(File folder) throws Exception {
        Properties said = new Properties();
        try (FileReader reader = new FileReader(new File(folder, "case.properties"))) {
            said.load(reader);
        }
        File directory = folder.listFiles(File::isDirectory)[0];
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("case", folder.getName());
        try {
            UnifiedLog log = open(directory, said);
            found.put("opens", true);
            describe(log, found);
            found.put("opened", files(directory));
            found.put("served", served(log));
            log.close();
            found.put("closed", files(directory));
        } catch (Throwable refusal) {
            found.putIfAbsent("opens", false);
            found.put("because", refusal.toString());
            found.put("refused", files(directory));
        }
        return found;
    }

    static UnifiedLog open(File directory, Properties said) throws Exception {
        Properties settings = new Properties();
        for (String name : said.stringPropertyNames())
            if (name.startsWith("log.")) settings.put(name.substring(4), said.get(name));
        long nowMs = Long.parseLong(said.getProperty("now_ms"));
        return UnifiedLog.create(
            directory,
            new LogConfig(settings),
            Long.parseLong(said.getProperty("log_start")),
            Long.parseLong(said.getProperty("recovery_point")),
            new AtOnce(),
            new BrokerTopicStats(),
            stoppedAt(nowMs),
            900000,
            new ProducerStateManagerConfig(86400000, false),
            600000,
            new LogDirFailureChannel(5),
            Boolean.parseBoolean(said.getProperty("after_clean_stop")),
            Optional.empty());
    }

    static void describe(UnifiedLog log, Map<String, Object> found) throws Exception {
        found.put("start", log.logStartOffset());
        found.put("end", log.logEndOffset());
        found.put("recovery_point", log.recoveryPoint());
        List<List<Long>> segments = new ArrayList<>();
        for (LogSegment segment : log.logSegments())
            segments.add(List.of(segment.baseOffset(), (long) segment.size()));
        found.put("segments", segments);
        List<List<Long>> epochs = new ArrayList<>();
        log.leaderEpochCache().epochEntries().forEach(
            entry -> epochs.add(List.of((long) entry.epoch(), entry.startOffset())));
        found.put("epochs", epochs);
        Map<Long, Object> producers = new TreeMap<>();
        log.producerStateManager().activeProducers().forEach(
            (id, entry) -> producers.put(id, producer(entry)));
        found.put("producers", producers);
    }

    static List<Object> producer(ProducerStateEntry entry) {
        List<List<Long>> batches = new ArrayList<>();
        for (BatchMetadata batch : entry.batchMetadata())
            batches.add(List.of(
                (long) batch.lastSeq(), batch.lastOffset(), (long) batch.offsetDelta(),
                batch.timestamp()));
        return List.of(
            entry.producerEpoch(), entry.coordinatorEpoch(), entry.lastTimestamp(),
            entry.currentTxnFirstOffset().orElse(-1), batches);
    }

    /** What fetches of one batch each are given up to the log end; they stop at a broken one. */
    static List<Object> served(UnifiedLog log) {
        List<Object> batches = new ArrayList<>();
        long offset = log.logStartOffset();
        try {
            while (offset < log.logEndOffset()) {
                FetchDataInfo fetched = log.read(offset, 1, FetchIsolation.LOG_END, true);
                long before = offset;
                if (fetched.records.sizeInBytes() == 0) {
                    batches.add("no further than " + before);
                    break;
                }
                for (RecordBatch batch : asSent((FileRecords) fetched.records).batches()) {
                    batch.ensureValid();
                    batches.add(List.of(batch.baseOffset(), batch.lastOffset(), digest(batch)));
                    offset = batch.nextOffset();
                }
                if (offset <= before) {
                    batches.add("no further than " + before);
                    break;
                }
            }
        } catch (Throwable broken) {
            batches.add("broken");
        }
        return batches;
    }

    /** The bytes as a consumer's socket gives them: there a batch of an unknown magic is refused. */
    static MemoryRecords asSent(FileRecords stored) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocate(stored.sizeInBytes());
        stored.readInto(bytes, 0);
        return MemoryRecords.readableRecords(bytes);
    }

    static long digest(RecordBatch batch) {
        CRC32 digest = new CRC32();
        for (Record record : batch) {
            digest.update((record.offset() + "@" + record.timestamp()).getBytes());
            if (record.key() != null) digest.update(record.key());
            if (record.value() != null) digest.update(record.value());
        }
        return digest.getValue();
    }

    /** Every file with a checksum of its content; indexes without the zeros that are room. */
    static Map<String, Long> files(File directory) throws Exception {
        Map<String, Long> found = new TreeMap<>();
        for (File file : directory.listFiles()) {
            boolean counts = file.isFile() && !file.getName().endsWith(".deleted");
            byte[] data = counts ? Files.readAllBytes(file.toPath()) : new byte[0];
            int length = data.length;
            if (file.getName().contains("index"))
                while (length > 0 && data[length - 1] == 0) length--;
            CRC32 digest = new CRC32();
            digest.update(data, 0, length);
            found.put(file.getName(), digest.getValue());
        }
        return found;
    }

    static Time stoppedAt(long nowMs) {
        return (Time) Proxy.newProxyInstance(
            OpensDirectories.class.getClassLoader(), new Class<?>[] {Time.class},
            (proxy, method, arguments) -> method.getName().equals("milliseconds")
                ? (Object) nowMs : method.invoke(Time.SYSTEM, arguments));
    }

    /** A scheduler that does what is due now at once, and nothing that is due later. */
    static class AtOnce implements Scheduler {
        @Override
        public void startup() {}

        @Override
        public void shutdown() {}

        @Override
        public ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long everyMs) {
            if (delayMs <= 0 && everyMs < 0) task.run();
            return (ScheduledFuture<?>) Proxy.newProxyInstance(
                OpensDirectories.class.getClassLoader(), new Class<?>[] {ScheduledFuture.class},
                (proxy, method, arguments) -> method.getReturnType() == boolean.class ? false : null);
        }

        @Override
        public void resizeThreadPool(int newSize) {}
    }
}
