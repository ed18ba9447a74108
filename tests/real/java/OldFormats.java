import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.LegacyRecord;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Message sets of magic 0 and 1 as Kafka's own classes make and read them, one JSON object a line.
 *
 * <p>record: write every kind; read FILE...: what is in segments; open TIMES DIRECTORY...: what
 * becomes of partition directories that are opened after an unclean stop.
 */
public class OldFormats {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long T = 1700000000000L;
    static final long APPENDED = T + 9999;
    static final byte[][][] PAIRS = {
        {bytes("k"), bytes("v")}, {null, bytes("without a key")}, {bytes("k"), null}, {bytes(""), bytes("")}
    };
    static final CompressionType[] CODECS = {
        CompressionType.NONE, CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4
    };

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("record"))
            record();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[0].equals("read"))
                say(read(new File(arguments[i])));
            else if (arguments[0].equals("open") && i > 1)
                say(open(new File(arguments[i]), arguments[1]));
        }
        System.exit(0);
    }

    static void say(Object value) throws Exception {
        System.out.println(JSON.writeValueAsString(value));
    }

    static byte[] bytes(String text) {
        return text.getBytes();
    }

    /** Every format, codec, kind of timestamp, first offset and gap that there was. */
    static void record() throws Exception {
        for (CompressionType codec : CODECS) {
            kind((byte) 0, codec, TimestampType.NO_TIMESTAMP_TYPE);
            kind((byte) 1, codec, TimestampType.CREATE_TIME);
            kind((byte) 1, codec, TimestampType.LOG_APPEND_TIME);
            if (codec != CompressionType.NONE)
                mixed(codec);
        }
    }

    static void kind(byte magic, CompressionType codec, TimestampType type) throws Exception {
        String name = "magic " + magic + ", " + codec.name + ", " + type.name;
        written(name + ", from 0", builder(magic, codec, type, 0), 0, 1);
        written(name + ", from 100", builder(magic, codec, type, 100), 100, 1);
        written(name + ", with gaps", builder(magic, codec, type, 7), 7, 3);
    }

    static MemoryRecordsBuilder builder(byte magic, CompressionType codec, TimestampType type, long base) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        return MemoryRecords.builder(buffer, magic, Compression.of(codec).build(), type, base, APPENDED);
    }

    static void written(String name, MemoryRecordsBuilder builder, long base, int step) throws Exception {
        for (int i = 0; i < PAIRS.length; i++)
            builder.appendWithOffset(base + i * step, builder.magic() == 0 ? -1 : T + 1000 * i, PAIRS[i][0], PAIRS[i][1]);
        say(told(name, builder.build()));
    }

    /** A wrapper of magic 1 around a message of magic 0, as a bug of old brokers wrote them (KAFKA-4298). */
    static void mixed(CompressionType codec) throws Exception {
        MemoryRecordsBuilder builder = builder((byte) 1, codec, TimestampType.CREATE_TIME, 20);
        for (int i = 0; i < PAIRS.length; i++)
            builder.appendUncheckedWithOffset(20 + i, LegacyRecord.create((byte) (i % 2), T + 1000 * i, PAIRS[i][0], PAIRS[i][1]));
        say(told("magic 1, " + codec.name + ", around both formats", builder.build()));
    }

    static Map<String, Object> told(String name, MemoryRecords records) {
        Map<String, Object> said = new LinkedHashMap<>();
        ByteBuffer buffer = records.buffer();
        byte[] data = new byte[buffer.remaining()];
        buffer.get(data);
        said.put("name", name);
        said.put("hex", HexFormat.of().formatHex(data));
        said.put("batches", batches(records.batches()));
        return said;
    }

    static Map<String, Object> read(File file) throws Exception {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("name", file.getName());
        try (FileRecords records = FileRecords.open(file)) {
            said.put("batches", batches(records.batches()));
        }
        return said;
    }

    static List<Object> batches(Iterable<? extends RecordBatch> batches) {
        List<Object> found = new ArrayList<>();
        for (RecordBatch batch : batches)
            found.add(batch(batch));
        return found;
    }

    /** What a batch says of itself; its records, or only why there are none. */
    static Map<String, Object> batch(RecordBatch batch) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("magic", batch.magic());
        said.put("size", batch.sizeInBytes());
        said.put("crc", batch.checksum());
        said.put("valid", batch.isValid());
        said.put("last_offset", batch.lastOffset());
        said.put("max_timestamp", batch.maxTimestamp());
        said.put("timestamp_type", batch.timestampType().name);
        try {
            said.put("compression", batch.compressionType().name);
            said.put("records", records(batch));
            said.put("base_offset", batch.baseOffset());
        } catch (Throwable refusal) {
            said.put("refused", refusal.getClass().getSimpleName());
        }
        return said;
    }

    static List<Object> records(RecordBatch batch) {
        List<Object> found = new ArrayList<>();
        for (Record record : batch) {
            Map<String, Object> said = new LinkedHashMap<>();
            said.put("offset", record.offset());
            said.put("timestamp", record.timestamp());
            said.put("key_hex", hex(record.key()));
            said.put("value_hex", hex(record.value()));
            List<Object> headers = new ArrayList<>();
            for (Header header : record.headers())
                headers.add(Arrays.asList(header.key(), hex(header.value() == null ? null : ByteBuffer.wrap(header.value()))));
            if (!headers.isEmpty())
                said.put("headers", headers);
            found.add(said);
        }
        return found;
    }

    static String hex(ByteBuffer buffer) {
        if (buffer == null)
            return null;
        byte[] data = new byte[buffer.remaining()];
        buffer.duplicate().get(data);
        return HexFormat.of().formatHex(data);
    }

    static Map<String, Object> open(File directory, String times) throws Exception {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("name", directory.getParentFile().getName());
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        Properties settings = new Properties();
        settings.put("retention.ms", "-1");
        settings.put("index.interval.bytes", "60");
        UnifiedLog log = UnifiedLog.create(directory, new LogConfig(settings), 0L, 0L, scheduler, new BrokerTopicStats(), Time.SYSTEM, 900000, new ProducerStateManagerConfig(86400000, false), 600000, new LogDirFailureChannel(5), false, Optional.empty());
        said.put("start", log.logStartOffset());
        said.put("end", log.logEndOffset());
        said.put("offsets", offsets(log));
        said.put("times", times(log, times));
        log.close();
        scheduler.shutdown();
        return said;
    }

    static List<Long> offsets(UnifiedLog log) throws Exception {
        List<Long> found = new ArrayList<>();
        long at = log.logStartOffset();
        while (at < log.logEndOffset()) {
            long before = at;
            for (RecordBatch batch : log.read(at, 1 << 26, FetchIsolation.LOG_END, true).records.batches()) {
                for (Record record : batch)
                    found.add(record.offset());
                at = batch.nextOffset();
            }
            if (at == before)
                break;
        }
        return found;
    }

    static List<Object> times(UnifiedLog log, String times) {
        List<Object> found = new ArrayList<>();
        for (String time : times.split(",")) {
            var place = log.fetchOffsetByTimestamp(Long.parseLong(time), Optional.empty()).timestampAndOffsetOpt();
            found.add(place.isEmpty() ? null : List.of(place.get().timestamp, place.get().offset, place.get().leaderEpoch.orElse(-1)));
        }
        return found;
    }
}
