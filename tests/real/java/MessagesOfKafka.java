import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Turns messages as JSON into bytes and back into JSON, with Kafka's own generated classes. */
public class MessagesOfKafka {
    static final ObjectMapper JSON = new ObjectMapper();
    static final HexFormat HEX = HexFormat.of();

    /**
     * Argument: a file of lines of class, version, and either JSON or, behind "hex:", bytes.
     * Prints for each the bytes, a tab, and the JSON that Kafka makes of them; or "refused".
     */
    public static void main(String[] arguments) throws Exception {
        JSON.getFactory().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
        try (BufferedReader lines = Files.newBufferedReader(Path.of(arguments[0]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split("\t", 3);
                System.out.println(answer(words[0], Short.parseShort(words[1]), words[2]));
            }
        }
        System.exit(0);
    }

    static String answer(String name, short version, String given) throws Exception {
        try {
            byte[] data = given.startsWith("hex:")
                ? HEX.parseHex(given.substring(4))
                : bytes(fromJson(name, version, given), version);
            ByteBufferAccessor readable = new ByteBufferAccessor(ByteBuffer.wrap(data));
            Message message = (Message) Class.forName(name).getConstructor().newInstance();
            message.read(readable, version);
            return HEX.formatHex(data) + "\t" + readable.remaining() + "\t" + toJson(message, version);
        } catch (ReflectiveOperationException fault) {
            if (given.startsWith("hex:") && !(fault instanceof java.lang.reflect.InvocationTargetException)) throw fault;
            if (!given.startsWith("hex:")) throw fault;
            return "refused";
        } catch (RuntimeException refusal) {
            if (!given.startsWith("hex:")) throw refusal;
            return "refused";
        }
    }

    static byte[] bytes(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.array();
    }

    static Message fromJson(String name, short version, String json) throws Exception {
        Method read = Class.forName(name + "JsonConverter")
            .getMethod("read", JsonNode.class, short.class);
        return (Message) read.invoke(null, JSON.readTree(json), version);
    }

    static String toJson(Message message, short version) throws Exception {
        Class<?> type = message.getClass();
        Method write = Class.forName(type.getName() + "JsonConverter")
            .getMethod("write", type, short.class);
        return JSON.writeValueAsString(write.invoke(null, message, version));
    }
}
